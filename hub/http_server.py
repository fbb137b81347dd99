"""The hub's own HTTP port: /health, /metrics and /spool, for operators and the counter page. Never content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from hub.metrics import oldest_tell_s

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hub.core.machine import Hub
    from hub.metrics import Metrics
    from hub.spool.port import QuarantineRow

#: pending tells listed by /spool: what a person or a page can use
LISTED = 200


class ListenError(Exception):
    """The address cannot be listened on: another process has it, or it is not ours."""


class HubServer:
    """Serves what the hub knows about itself."""

    def __init__(
        self,
        hub: Hub,
        metrics: Metrics,
        epoch_ms: Callable[[], int],
        links: Callable[[], dict[str, str]],
        quarantined: Callable[[], Awaitable[list[QuarantineRow]]],
    ) -> None:
        self._hub = hub
        self._metrics = metrics
        self._epoch_ms = epoch_ms
        self._links = links
        self._quarantined = quarantined
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port. Raises ListenError when it is taken."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/health", self._health),
                web.get("/metrics", self._show_metrics),
                web.get("/spool", self._spool),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as problem:
            await self.stop()
            raise ListenError(f"cannot listen on {host}:{port}: {problem.strerror}") from problem
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        hub, links = self._hub, self._links()
        spool_well = not hub.spooling.failing and not hub.spooling.full
        well = not any(links.values()) and spool_well and not hub.draining
        body = {
            "up": well,
            "backend": hub.backend.up,
            "backend_outcome": "" if hub.backend.up else hub.backend.outcome,
            "broker": {name: {"up": not error, "error": error} for name, error in links.items()},
            "spool": {"writable": not hub.spooling.failing, "full": hub.spooling.full},
            "asks_waiting": len(hub.asks),
            "tells_waiting": len(hub.tells) + hub.spooling.inbox,
            "oldest_tell_s": oldest_tell_s(hub, self._epoch_ms()),
            "draining": hub.draining,
        }
        return web.json_response(body=orjson.dumps(body), status=200 if well else 503)

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _spool(self, _request: web.Request) -> web.Response:
        entries = self._hub.tells.entries.values()
        listed = [
            {
                "seq": entry.seq,
                "terminal": entry.terminal,
                "received_at": entry.received_at_ms,
                "size": entry.size,
                "attempts": entry.attempts,
            }
            for entry, _ in zip(entries, range(LISTED), strict=False)
        ]
        quarantine = [row._asdict() for row in (await self._quarantined())[-LISTED:]]
        body = {"pending": len(entries), "tells": listed, "quarantine": quarantine}
        return web.json_response(body=orjson.dumps(body))
