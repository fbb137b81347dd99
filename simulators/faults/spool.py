"""The hub's spool on a simulated disk: what is committed survives, and the disk can be full, broken or replaced."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from hub.spool.port import SpoolFullError, SpoolUnavailableError
from hub.testing import MemorySpool

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.core.commands import Changes
    from hub.core.events import SpoolRow

#: The bound of pending tells: small, so that schedules meet it.
MAX_PENDING = 40


class Disk:
    """The one disk of a hub, and the spool on it."""

    def __init__(self) -> None:
        self.spool = MemorySpool(MAX_PENDING)
        self.is_full = False
        #: Every envelope that ever was on the disk.
        self.seen: set[str] = set()
        self._older: MemorySpool | None = None

    def write(self, changes: Changes) -> list[int | None]:
        """Commit, or raise as the real spool does when its disk is full."""
        if self.is_full:
            raise SpoolUnavailableError("no space left on the disk")
        self.seen.update(tell.jws for tell in changes.append)
        return self.spool.write(changes)

    def read(self, seqs: Iterable[int]) -> dict[int, str]:
        """The envelopes of these pending tells."""
        return self.spool.read(seqs)

    def pending(self) -> list[SpoolRow]:
        """All pending tells."""
        return self.spool.pending()

    def holds(self) -> set[tuple[str, str]]:
        """(terminal, envelope) of everything pending or set apart."""
        rows = self.spool.pending()
        texts = self.spool.read([row.seq for row in rows])
        found = {(row.terminal, texts[row.seq]) for row in rows}
        return found | {(tell.terminal, tell.jws) for tell, _, _ in self.spool._quarantine.values()}  # noqa: SLF001

    def cursor(self) -> str:
        """The stored outbox cursor."""
        return self.spool.cursor()

    def remember(self) -> None:
        """Take a copy that a later replacement brings back."""
        self._older = copy.deepcopy(self.spool)

    def replace(self, *, by_older: bool) -> None:
        """Another disk: the copy taken before, or an empty one."""
        older, self._older = self._older, None
        self.spool = older if by_older and older is not None else MemorySpool(MAX_PENDING)


__all__ = ["Disk", "SpoolFullError", "SpoolUnavailableError"]
