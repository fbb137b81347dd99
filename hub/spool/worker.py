"""The spool on its own thread, so that a slow disk never holds up the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from hub.core.events import SpoolOpened
from hub.spool.port import SpoolUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hub.core.commands import Changes
    from hub.spool.port import QuarantineRow, Spool

Result = TypeVar("Result")


class SpoolWorker:
    """Runs one spool's blocking calls in order on one thread.

    Args:
        open_spool: opens the spool, setting a broken one aside; returns it and a note about what was set aside.
        say: called with that note.
    """

    def __init__(self, open_spool: Callable[[], tuple[Spool, str]], say: Callable[[str], None]) -> None:
        self._open_spool = open_spool
        self._say = say
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        self._spool: Spool | None = None

    async def open(self) -> SpoolOpened:
        """Open, or after damage open anew. Raises SpoolUnavailableError."""
        opened, note = await self._run(self._open)
        if note:
            self._say(note)
        return opened

    async def write(self, changes: Changes) -> tuple[int | None, ...]:
        """Commit. Raises SpoolError."""
        return await self._run(lambda: tuple(self._opened().write(changes)))

    async def read(self, seqs: Sequence[int]) -> dict[int, str]:
        """The envelopes of these tells. Raises SpoolError."""
        return await self._run(lambda: self._opened().read(seqs))

    async def quarantined(self) -> list[QuarantineRow]:
        """The quarantine. Raises SpoolError."""
        return await self._run(lambda: self._opened().quarantined())

    async def close(self) -> None:
        """Close the file and end the thread."""
        await self._run(self._close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> tuple[SpoolOpened, str]:
        self._close()
        spool, note = self._open_spool()
        self._spool = spool
        return SpoolOpened(tuple(spool.pending()), spool.cursor()), note

    def _opened(self) -> Spool:
        if self._spool is None:
            raise SpoolUnavailableError("the spool is not open")
        return self._spool

    def _close(self) -> None:
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.close()
