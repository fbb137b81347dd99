"""The rails' HTTP server: the port that the backend calls, callbacks and top-ups to it, and switches for faults.

POST /<rail>/lookup, POST /<rail>/orders, GET /<rail>/orders/<id>: the port, signed. GET /control, POST /control/faults
{rail, fault, on}, POST /control/top-ups {rail, wallet, amount_minor, currency, source, id?}: for people and tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from typing import Any, Final

import aiohttp
from aiohttp import web

from backend.rails.signing import HEADER, Said, is_signed, sign
from simulators.rails.books import RAILS, RailBooks, SimOrder

#: A rail that answers at once, one with the fault `slow`, and an order that is closed late.
USUAL_S: Final = 0.15
SLOW_S: Final = 3.0
LATE_S: Final = 4.0
#: A callback is tried so often, a second apart: longer than the backend takes to come back.
CALLBACK_TRIES: Final = 20
MAX_BODY_BYTES: Final = 16_384
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


class RailsServer:
    """All simulated rails on one port."""

    def __init__(self, backend_url: str, secret: str) -> None:
        self.books = RailBooks()
        self.backend_url = backend_url.rstrip("/")
        self._secret = secret.encode()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.add_routes(
            [
                web.post("/{rail}/lookup", self._lookup),
                web.post("/{rail}/orders", self._order),
                web.get("/{rail}/orders/{id}", self._status),
                web.get("/control", self._control),
                web.post("/control/faults", self._fault),
                web.post("/control/top-ups", self._top_up),
            ]
        )
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening, forget callbacks under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    # -- the port

    async def _read(self, request: web.Request) -> tuple[str, dict[str, Any]]:
        """The rail and the signed body; slow and away rails show it here."""
        rail, raw = request.match_info["rail"], await request.read()
        if rail not in RAILS:
            raise web.HTTPNotFound
        said = Said(request.method, request.path, raw)
        if not is_signed(self._secret, request.headers.get(HEADER, ""), said, int(time.time())):
            raise web.HTTPUnauthorized
        if self.books.has(rail, "away"):
            await asyncio.sleep(SLOW_S)
            raise web.HTTPBadGateway
        if self.books.has(rail, "slow"):
            await asyncio.sleep(SLOW_S)
        return rail, json.loads(raw) if raw else {}

    async def _lookup(self, request: web.Request) -> web.Response:
        rail, asked = await self._read(request)
        found = self.books.lookup(rail, asked["service"], asked["reference"])
        if found is None:
            return web.json_response({"error": "reference_unknown"}, status=404)
        return web.json_response(found)

    async def _order(self, request: web.Request) -> web.Response:
        rail, asked = await self._read(request)
        order, is_new = self.books.accept(rail, asked)
        lost = self.books.has(rail, "lost")
        if is_new:
            self._later(self._carry_out(order, silent=lost))
        if lost:
            if request.transport is not None:
                request.transport.close()
            raise web.HTTPInternalServerError
        return web.json_response(order.shown(), status=202 if order.state == "pending" else 200)

    async def _status(self, request: web.Request) -> web.Response:
        rail, _ = await self._read(request)
        if self.books.has(rail, "lost"):
            raise web.HTTPBadGateway
        order = self.books.orders.get(request.match_info["id"])
        if order is None or order.rail != rail:
            return web.json_response({"error": "order_unknown"}, status=404)
        return web.json_response(order.shown())

    async def _carry_out(self, order: SimOrder, *, silent: bool) -> None:
        """Close the order after a while, and call back unless its answers are lost."""
        await asyncio.sleep(LATE_S if self.books.has(order.rail, "late") else USUAL_S)
        self.books.close(order.asked["id"])
        for _ in range(0 if silent else 3 if self.books.has(order.rail, "duplicate") else 1):
            await self._call_back(order)

    async def _call_back(self, order: SimOrder) -> None:
        """Tell the backend, until it has heard."""
        for _ in range(CALLBACK_TRIES):
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                status, _ = await self._post(
                    f"/v1/rails/{order.rail}/callbacks", {"order": order.asked["id"]} | order.shown()
                )
                if status < 500:
                    order.callbacks += 1
                    return
            await asyncio.sleep(1.0)

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """A signed request to the backend."""
        raw = json.dumps(body).encode()
        signature = sign(self._secret, int(time.time()), Said("POST", path, raw))
        headers = {HEADER: signature, "Content-Type": "application/json"}
        if self._session is None:
            raise OSError("the rails are not started")
        async with self._session.post(self.backend_url + path, data=raw, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- switches

    async def _control(self, _request: web.Request) -> web.Response:
        orders = [
            {"id": name, "rail": order.rail, "amount_minor": order.asked["amount_minor"], "paid": order.paid}
            | {"callbacks": order.callbacks}
            | order.shown()
            for name, order in self.books.orders.items()
        ]
        faults = {rail: sorted(on) for rail, on in self.books.faults.items()}
        return web.json_response({"faults": faults, "orders": orders})

    async def _fault(self, request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            self.books.switch(str(asked["rail"]), str(asked["fault"]), on=bool(asked["on"]))
        except (ValueError, KeyError) as error:
            return web.json_response({"error": "invalid", "text": str(error)}, status=422)
        return await self._control(request)

    async def _top_up(self, request: web.Request) -> web.Response:
        asked = await request.json()
        rail = str(asked.pop("rail", "wallets"))
        body = {"id": secrets.token_hex(8), "currency": "AZN", "source": "Kiosk 12", **asked}
        try:
            status, said = await self._post(f"/v1/rails/{rail}/top-ups", body)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return web.json_response({"error": "unreachable", "text": type(error).__name__}, status=502)
        return web.json_response(said, status=status)
