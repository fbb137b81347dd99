"""One connection that listens for the database's notifications and wakes whoever waits in this process."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import asyncpg
import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

OUTBOX = "kassa_outbox"
ACCESS = "kassa_access"
#: How often a broken listening connection is made anew; the readers poll meanwhile.
RECONNECT_S = 1.0


class Wake:
    """A broadcast: every waiter sees every ring that comes after it looked."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake all waiters."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    def ticket(self) -> asyncio.Event:
        """What to wait on; take it before looking at the data, so that no ring falls between."""
        return self._event


async def wait(ticket: asyncio.Event, timeout_s: float) -> bool:
    """Wait for the ticket's ring, at most `timeout_s`; whether it rang."""
    try:
        async with asyncio.timeout(timeout_s):
            await ticket.wait()
    except TimeoutError:
        return False
    return True


class Listener:
    """LISTEN on one connection of its own; on a broken one, everybody is woken and it connects again."""

    def __init__(self, database_url: str, channels: dict[str, Callable[[], None]]) -> None:
        self._url = database_url
        self._channels = channels
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._run(), name="kassa-listener")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("listener_lost", kind=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url)
        closed = asyncio.Event()
        connection.add_termination_listener(lambda _: closed.set())
        try:
            for channel, ring in self._channels.items():
                await connection.add_listener(channel, lambda *_, ring=ring: ring())
            for ring in self._channels.values():
                ring()
            await closed.wait()
        finally:
            connection.terminate()
