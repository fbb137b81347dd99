"""What the outbox needs besides its readers: news again after a hello, and pruning."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import asyncpg
import structlog

if TYPE_CHECKING:
    from backend.outbox.rows import Outbox
    from backend.web.clock import Clock

log = structlog.get_logger(__name__)

#: The commit of a hello puts the terminal's unseen news again. They and the hello's answer, without which the terminal
#: cannot check them, travel by two ways: for the case that the news were faster, they follow again after each delay,
#: the last time when the terminal no longer waits for the answer (10 s).
AFTER_HELLO_S = (0.5, 5.0, 6.0)
#: Terminals waiting for their second round at one time: a whole fleet after an outage; further ones get theirs at the
#: next hello.
MAX_WAITING = 20_000
PRUNE_PERIOD_S = 60.0


class Upkeep:
    """Background work on the outbox."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._again: dict[str, asyncio.Task[None]] = {}
        self._pruning: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin pruning."""
        self._pruning = asyncio.create_task(self._prune(), name="kassa-outbox-prune")

    async def stop(self) -> None:
        """End all background work; what was not put again waits for the next hello."""
        tasks = [*self._again.values(), *([self._pruning] if self._pruning else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def after_hello(self, terminal: str) -> None:
        """A terminal opened a session: put its unseen news again, soon."""
        earlier = self._again.pop(terminal, None)
        if earlier is not None:
            earlier.cancel()
        if len(self._again) < MAX_WAITING:
            task = asyncio.create_task(self._put_again(terminal), name=f"kassa-news-again-{terminal}")
            self._again[terminal] = task
            task.add_done_callback(lambda done: self._forget(terminal, done))

    def _forget(self, terminal: str, done: asyncio.Task[None]) -> None:
        if self._again.get(terminal) is done:
            del self._again[terminal]

    async def _put_again(self, terminal: str) -> None:
        for delay_s in AFTER_HELLO_S:
            await asyncio.sleep(delay_s)
            try:
                await self._outbox.put_again(terminal, self._clock())
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("news_not_put_again", terminal=terminal, kind=type(error).__name__)

    async def _prune(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._outbox.prune(self._clock())
            await asyncio.sleep(PRUNE_PERIOD_S)
