"""The hub's routes, parsed by hand: a batch of 200 goes through without a model per item."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from starlette.responses import StreamingResponse
from starlette.routing import Route

from backend.web.bodies import read_object
from backend.web.health import check_database
from backend.web.problems import Problem
from backend.web.responses import JsonResponse
from backend.web.sessions import bearer

if TYPE_CHECKING:
    import asyncpg
    from starlette.requests import Request
    from starlette.responses import Response

    from backend.hub_api.access import Hub, HubAccess
    from backend.hub_api.exchange import Exchange
    from backend.outbox.stream import NewsStream
    from backend.web.metrics import Metrics

MAX_ITEMS = 200
MAX_BODY_BYTES = 1 << 20

tracer = trace.get_tracer("kassa.backend.hub_api")


class HubApi:
    """Endpoints under /v1/hub; every one needs a hub's credential."""

    def __init__(
        self, access: HubAccess, exchange: Exchange, news: NewsStream, metrics: Metrics, pool: asyncpg.Pool
    ) -> None:
        self._access = access
        self._exchange = exchange
        self._news = news
        self._metrics = metrics
        self._pool = pool

    async def post(self, request: Request, kind: str) -> Response:
        """POST /v1/hub/asks and /v1/hub/tells."""
        hub = await self._authenticate(request)
        body, _ = await read_object(request, MAX_BODY_BYTES)
        started = time.perf_counter()
        items = _items(body)
        with tracer.start_as_current_span(f"hub.{kind}s", attributes={"kassa.hub": hub.hub, "kassa.items": len(items)}):
            answers = await self._exchange.run(kind, hub, items)
        self._metrics.hub_batch.labels(kind).observe(len(items))
        self._metrics.hub_latency.labels(kind).observe(time.perf_counter() - started)
        return JsonResponse({"items": answers})

    async def outbox(self, request: Request) -> Response:
        """GET /v1/hub/outbox: the stream of signed news for the hub's branch."""
        hub = await self._authenticate(request)
        after = request.query_params.get("after") or request.headers.get("last-event-id") or ""
        stream = self._news.events(hub.branch, after, lambda: self._still_valid(request))
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def health(self, request: Request) -> Response:
        """GET /v1/hub/health: 200 when the database answers."""
        hub = await self._authenticate(request)
        await check_database(self._pool)
        return JsonResponse({"hub": hub.hub, "branch": hub.branch, "database": "ok"})

    async def _authenticate(self, request: Request) -> Hub:
        return await self._access.find(bearer(request.headers.get("authorization")))

    async def _still_valid(self, request: Request) -> bool:
        """Whether the credential a stream was opened with still holds."""
        try:
            await self._authenticate(request)
        except Problem:
            return False
        return True


def _items(body: dict[str, Any]) -> list[object]:
    items = body.get("items")
    if not isinstance(items, list):
        raise Problem("invalid", "items: a list is required.", field="items")
    if len(items) > MAX_ITEMS:
        raise Problem("too_large", f"items: {len(items)} were sent, at most {MAX_ITEMS} are taken.")
    return items


def routes() -> list[Route]:
    """The routes; the HubApi itself is found in the lifespan's state."""

    async def asks(request: Request) -> Response:
        return await _api(request).post(request, "ask")

    async def tells(request: Request) -> Response:
        return await _api(request).post(request, "tell")

    async def outbox(request: Request) -> Response:
        return await _api(request).outbox(request)

    async def health(request: Request) -> Response:
        return await _api(request).health(request)

    return [
        Route("/v1/hub/asks", asks, methods=["POST"]),
        Route("/v1/hub/tells", tells, methods=["POST"]),
        Route("/v1/hub/outbox", outbox, methods=["GET"]),
        Route("/v1/hub/health", health, methods=["GET"]),
    ]


def _api(request: Request) -> HubApi:
    api: HubApi = request.state.backend.hub_api
    return api
