"""Event streams over the outbox: woken by the database's notification, with a poll behind it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import asyncpg
import orjson
import structlog

from backend.outbox.cursor import parse
from backend.web.problems import Problem
from backend.web.wakes import wait
from deskwire import messages
from deskwire.errors import WireError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from backend.outbox.rows import Outbox, Page, Row
    from backend.vault.port import Vault
    from backend.web.clock import Clock
    from backend.web.metrics import Metrics
    from backend.web.traffic import Traffic
    from backend.web.wakes import Wake

log = structlog.get_logger(__name__)

#: A notification may be lost with its connection; then rows are found by this poll.
POLL_S = 1.0
#: Committed rows behind a running transaction become readable when it ends: a few milliseconds.
HELD_BACK_POLL_S = 0.004
#: A reader that hears nothing for longer than this may hold the connection for dead.
HEARTBEAT_S = 5.0
#: Phones' streams of one process; each costs a task, a few kilobytes, and a look at the database each second.
MAX_PHONES = 5_000
#: Streams of one wallet: its phones, and one whose end nobody has noticed yet. Hubs' streams are not counted: nobody
#: who can open a stream for a wallet may be able to keep a branch from its news.
MAX_PHONES_OF_WALLET = 4


class Streams:
    """Runs event streams and ends them all when the process stops."""

    def __init__(self, outbox: Outbox, wake: Wake, clock: Clock, metrics: Metrics) -> None:
        self.outbox = outbox
        self.clock = clock
        self._wake = wake
        self._metrics = metrics
        self._stopping = False

    def stop(self) -> None:
        """End every stream at its next look; readers go on from their cursors elsewhere."""
        self._stopping = True
        self._wake.ring()

    async def run(
        self,
        name: str,
        after: str,
        read: Callable[[int, int], Awaitable[Page]],
        encode: Callable[[Row, int], bytes],
        still_valid: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[bytes]:
        """The events later than `after`, for as long as the reader may see them and the database answers."""
        self._metrics.streams.labels(name).inc()
        try:
            async for chunk in self._run(after, read, encode, still_valid):
                yield chunk
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("stream_ended", stream=name, kind=type(error).__name__)
        finally:
            self._metrics.streams.labels(name).dec()

    async def _run(
        self,
        after: str,
        read: Callable[[int, int], Awaitable[Page]],
        encode: Callable[[Row, int], bytes],
        still_valid: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[bytes]:
        cursor = await self.outbox.sound(parse(after))
        yield b": open\n\n"
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + HEARTBEAT_S
        while not self._stopping:
            ticket = self._wake.ticket()
            page = await read(cursor, self.clock())
            for row in page.rows:
                cursor = row.seq
                data = encode(row, self.clock())
                if data:
                    yield b"id: %d\ndata: %b\n\n" % (cursor, data)
            if not page.rows:
                await wait(ticket, HELD_BACK_POLL_S if page.held_back else POLL_S)
            if loop.time() >= beat_at:
                if not await still_valid():
                    return
                beat_at = loop.time() + HEARTBEAT_S
                yield b": beat\n\n"


class NewsStream:
    """Signed news for a branch's terminals, each under its terminal's session key."""

    def __init__(self, streams: Streams, vault: Vault, metrics: Metrics, traffic: Traffic) -> None:
        self._streams = streams
        self._vault = vault
        self._metrics = metrics
        self._traffic = traffic

    def events(self, branch: str, after: str, still_valid: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """The stream of one hub."""

        async def read(cursor: int, now: int) -> Page:
            return await self._streams.outbox.news(branch, cursor, now)

        parse(after)
        return self._streams.run("news", after, read, self._sign, still_valid)

    def _sign(self, row: Row, now: int) -> bytes:
        try:
            payload = messages.build_news(row.number, row.target, now, row.expires_at, row.name, row.payload)
            jws = self._vault.seal(payload, row.session_ksn)
        except WireError as error:
            log.error("news_unsendable", terminal=row.target, news=row.name, number=row.number, text=error.text)  # noqa: TRY400  (the text names the field; a trace would hold the body)
            return b""
        self._metrics.news_sent.labels(row.name).inc()
        self._traffic.record(
            at_ms=now * 1000,
            direction="down",
            terminal=row.target,
            kind="news",
            type=row.name,
            id=str(row.number),
            outcome="sent",
        )
        return orjson.dumps({"terminal": row.target, "jws": jws.decode()})


class NoticeStream:
    """Notices for one wallet's holder."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._open: Counter[str] = Counter()

    def events(self, wallet: str, after: str, still_valid: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """The stream of one phone. Raises Problem 429 when its wallet, or this process, has too many."""
        parse(after)
        if self._is_full(wallet):
            raise Problem("too_many_attempts", "Too many streams of notices are open.")
        return self._counted(wallet, after, still_valid)

    def _is_full(self, wallet: str) -> bool:
        return self._open[wallet] >= MAX_PHONES_OF_WALLET or self._open.total() >= MAX_PHONES

    async def _counted(
        self, wallet: str, after: str, still_valid: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        async def read(cursor: int, now: int) -> Page:
            return await self._streams.outbox.notices(wallet, cursor, now)

        if self._is_full(wallet):
            return
        self._open[wallet] += 1
        try:
            async for chunk in self._streams.run("notices", after, read, _notice, still_valid):
                yield chunk
        finally:
            self._open[wallet] -= 1
            if not self._open[wallet]:
                del self._open[wallet]


def _notice(row: Row, _now: int) -> bytes:
    return orjson.dumps({"name": row.name, "at": row.created_at, **row.payload})
