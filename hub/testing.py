"""Stand-ins for the hub's neighbours, shipped and tested: a spool in memory, a backend over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hub.core.events import SpoolRow
from hub.spool.port import (
    QUARANTINE_ROWS,
    QUARANTINE_ROWS_PER_TERMINAL,
    QuarantineRow,
    SpoolFullError,
    SpoolUnavailableError,
    digest,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    from hub.core.commands import Changes, NewTell

    #: (terminal, digest), and (tell, reason, times)
    Quarantine = tuple[tuple[str, bytes], tuple[NewTell, str, int]]


def _newest_of_each(rows: list[Quarantine]) -> list[Quarantine]:
    """The rows, oldest first, less what one terminal has beyond its share."""
    seen: Counter[str] = Counter()
    kept: list[Quarantine] = []
    for row in reversed(rows):
        terminal = row[0][0]
        seen[terminal] += 1
        if seen[terminal] <= QUARANTINE_ROWS_PER_TERMINAL:
            kept.append(row)
    return kept[::-1]


class MemorySpool:
    """A spool without a disk: what it holds is gone with the process."""

    def __init__(self, max_pending: int) -> None:
        self._max_pending = max_pending
        self._tells: dict[int, NewTell] = {}
        self._quarantine: dict[tuple[str, bytes], tuple[NewTell, str, int]] = {}
        self._cursor = ""
        self._next = 1
        self._closed = False

    def write(self, changes: Changes) -> list[int | None]:
        """Apply all of `changes`, or nothing."""
        if self._closed:
            raise SpoolUnavailableError("the spool is closed")
        tells, quarantine = dict(self._tells), dict(self._quarantine)
        for item in changes.quarantine:
            tell = tells.pop(item.seq, None)
            if tell is not None:
                name = (tell.terminal, digest(tell.jws))
                times = quarantine[name][2] + 1 if name in quarantine else 1
                quarantine[name] = (tell, item.reason, times)
        for seq in changes.remove:
            tells.pop(seq, None)
        appended = [self._append(tells, tell) for tell in changes.append]
        if len(tells) > self._max_pending and changes.append:
            raise SpoolFullError(f"the spool is full: {self._max_pending} tells pending")
        self._next += len(appended)
        self._tells = tells
        self._quarantine = dict(_newest_of_each(list(quarantine.items()))[-QUARANTINE_ROWS:])
        self._cursor = self._cursor if changes.cursor is None else changes.cursor
        return appended

    def _append(self, tells: dict[int, NewTell], tell: NewTell) -> int | None:
        if any(one.terminal == tell.terminal and one.jws == tell.jws for one in tells.values()):
            return None
        seq = max(self._next, max(tells, default=0) + 1)
        tells[seq] = tell
        return seq

    def pending(self) -> list[SpoolRow]:
        """All pending tells in order, without content."""
        return [SpoolRow(seq, one.terminal, one.received_at_ms, len(one.jws)) for seq, one in self._tells.items()]

    def read(self, seqs: Iterable[int]) -> dict[int, str]:
        """The envelopes of these pending tells."""
        return {seq: self._tells[seq].jws for seq in seqs if seq in self._tells}

    def cursor(self) -> str:
        """The stored outbox cursor, empty at first."""
        return self._cursor

    def quarantined(self) -> list[QuarantineRow]:
        """The quarantine, oldest first."""
        return [
            QuarantineRow(tell.terminal, tell.received_at_ms, len(tell.jws), reason, times)
            for tell, reason, times in self._quarantine.values()
        ]

    def close(self) -> None:
        """Refuse further writes."""
        self._closed = True


@dataclass
class FakeBackend:
    """A backend that books tells by their bytes and answers asks with an echo; its moods are plain attributes.

    Attributes:
        mood: "" well, or one of MOODS: how it treats every batch.
        refuse: (terminal, envelope) -> (error, transient) for single items, or None.
        delay_s: how long each batch takes.
        booked: (terminal, envelope) -> how many times it was told.
        order: the first telling of each, in order.
    """

    credential: str = "hub-credential"
    mood: str = ""
    delay_s: float = 0.0
    refuse: Callable[[str, str], tuple[str, bool] | None] = lambda _terminal, _jws: None
    booked: Counter[tuple[str, str]] = field(default_factory=Counter)
    order: list[tuple[str, str]] = field(default_factory=list)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    batches: list[tuple[str, int]] = field(default_factory=list)
    news: list[tuple[str, str]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    _runner: web.AppRunner | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on a free port, or on the same one again."""
        application = web.Application(client_max_size=2_000_000)
        application.add_routes(
            [
                web.post("/v1/hub/asks", self._asks),
                web.post("/v1/hub/tells", self._tells),
                web.get("/v1/hub/outbox", self._outbox),
                web.get("/v1/hub/health", self._health),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.tls)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and cut all connections; what was booked stays."""
        runner, self._runner = self._runner, None
        self._notify()
        if runner is not None:
            await runner.cleanup()

    def tell_news(self, terminal: str, jws: str) -> None:
        """Put an item into the outbox."""
        self.news.append((terminal, jws))
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _asks(self, request: web.Request) -> web.StreamResponse:
        return await self._batch("asks", request, self._ask)

    async def _tells(self, request: web.Request) -> web.StreamResponse:
        return await self._batch("tells", request, self._tell)

    async def _batch(
        self, kind: str, request: web.Request, serve: Callable[[str, str], dict[str, Any]]
    ) -> web.StreamResponse:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if request.headers.get("Authorization") != f"Bearer {self.credential}" or self.mood == "401":
            return web.json_response({"error": "unauthorized", "what_to_do": "give a credential"}, status=401)
        items = (await request.json())["items"]
        self.batches.append((kind, len(items)))
        if self.mood in {"413", "422", "500", "503"}:
            return web.json_response({"error": "mood", "what_to_do": "wait"}, status=int(self.mood))
        answers = [serve(item["terminal"], item["jws"]) for item in items]
        spoil = SPOILERS.get(self.mood)
        return spoil({"items": answers}) if spoil else web.json_response({"items": answers})

    def _ask(self, terminal: str, jws: str) -> dict[str, Any]:
        self.asked[terminal, jws] += 1
        return self._answer(terminal, jws, "answer")

    def _tell(self, terminal: str, jws: str) -> dict[str, Any]:
        refused = self.refuse(terminal, jws)
        if refused is None:
            if (terminal, jws) not in self.booked:
                self.order.append((terminal, jws))
            self.booked[terminal, jws] += 1
        return self._answer(terminal, jws, "ack")

    def _answer(self, terminal: str, jws: str, kind: str) -> dict[str, Any]:
        refused = self.refuse(terminal, jws)
        if refused is not None:
            return {"terminal": terminal, "error": refused[0], "transient": refused[1]}
        return {"terminal": terminal, "jws": f"{kind}:{jws}"}

    async def _health(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.credential}" or self.mood == "401":
            return web.json_response({"error": "unauthorized"}, status=401)
        return web.json_response({"up": True}, status=503 if self.mood == "503" else 200)

    async def _outbox(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.credential}" or self.mood == "401":
            return web.json_response({"error": "unauthorized"}, status=401)
        self.after.append(request.query.get("after", ""))
        position = int(request.query.get("after") or 0)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await self._stream(response, position)
        return response

    async def _stream(self, response: web.StreamResponse, position: int) -> None:
        runner = self._runner
        while self._runner is runner:
            changed = self._changed
            for number, (terminal, jws) in enumerate(self.news[position:], position + 1):
                data = f'id: {number}\ndata: {{"terminal": "{terminal}", "jws": "{jws}"}}\n\n'
                await response.write(data.encode())
                position = number
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), 1.0)
                continue
            await response.write(b": heartbeat\n\n")


def _not_json(_body: dict[str, Any]) -> web.Response:
    return web.Response(text="<html>It works!</html>", content_type="text/html")


def _too_few(body: dict[str, Any]) -> web.Response:
    return web.json_response({"items": body["items"][:-1]})


def _wrong_terminal(body: dict[str, Any]) -> web.Response:
    return web.json_response({"items": [{**item, "terminal": "XXXX"} for item in body["items"]]})


def _too_long(_body: dict[str, Any]) -> web.Response:
    return web.Response(body=b"[" * 3_000_000, content_type="application/json")


#: mood -> how an answered batch is spoiled
SPOILERS: dict[str, Callable[[dict[str, Any]], web.Response]] = {
    "not_json": _not_json,
    "too_few": _too_few,
    "wrong_terminal": _wrong_terminal,
    "too_long": _too_long,
}

MOODS = ("401", "413", "422", "500", "503", *SPOILERS)
