"""What a spool promises, and how it fails."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.core.commands import Changes
    from hub.core.events import SpoolRow


class SpoolError(Exception):
    """Base of the spool's errors. Nothing of the failed commit is stored."""


class SpoolFullError(SpoolError):
    """The commit would exceed the spool's bound: leave the tells with the broker and the terminals."""


class SpoolUnavailableError(SpoolError):
    """The file cannot be opened or written now (permissions, disk full): repair that; the content may be sound."""


class SpoolBrokenError(SpoolError):
    """The file is not a sound spool: set it aside and start a new one. Terminals repeat what was in it."""


class QuarantineRow(NamedTuple):
    """A tell the backend refused for good, without its content."""

    terminal: str
    received_at_ms: int
    size: int
    reason: str
    times: int


class Spool(Protocol):
    """Tells until the backend's own ack, the quarantine, and the outbox cursor. Calls block; use one thread."""

    def write(self, changes: Changes) -> list[int | None]:
        """Commit all of `changes` durably, or nothing.

        Returns for each appended tell its number (rising), or None when the same bytes of that terminal are
        pending already. Raises SpoolFullError, SpoolUnavailableError, SpoolBrokenError.
        """

    def pending(self) -> list[SpoolRow]:
        """All pending tells in order, without content."""

    def read(self, seqs: Iterable[int]) -> dict[int, str]:
        """The envelopes of these pending tells; missing ones are left out."""

    def cursor(self) -> str:
        """The stored outbox cursor, empty at first."""

    def quarantined(self) -> list[QuarantineRow]:
        """The quarantine, oldest first."""

    def close(self) -> None:
        """Release the file."""


#: quarantined tells kept; beyond it the oldest go: the terminal still holds the true ones
QUARANTINE_ROWS = 10_000

#: of one terminal: a faulty or hostile one must not push out what was refused to its neighbours
QUARANTINE_ROWS_PER_TERMINAL = 200


def digest(jws: str) -> bytes:
    """What makes two tells of one terminal the same."""
    return hashlib.sha256(jws.encode()).digest()
