"""Serving: uvicorn on uvloop, ended in the order that lets open streams go."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

import uvicorn

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from backend.settings import Settings

#: Requests under way get this long to finish; a commit takes milliseconds.
GRACE_S = 5
#: Connections that wait to be accepted: a fleet's phones after an outage.
BACKLOG = 2048
#: Idle keep-alive connections of hubs are kept this long.
KEEP_ALIVE_S = 75


#: A batch makes some 10,000 objects, hardly any in a cycle: the default, 700, looks for cycles a dozen times in each.
GC_THRESHOLD: Final = 20_000


class Server(uvicorn.Server):
    """uvicorn waits for open responses before it ends the lifespan: event streams must be told to end first."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._kassa = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; an address that cannot be had is told to whoever asked for it."""
        try:
            await super().startup(sockets)
        except SystemExit:  # uvicorn's way out when the application or the binding fails
            if not hasattr(self._kassa.state, "cannot_start"):  # else the application itself could not start
                where = f"{self.config.host}:{self.config.port}"
                self._kassa.state.cannot_start = (
                    f"cannot listen on {where}: stop what listens there, or give another --port"
                )
            raise
        # what lives as long as the process (modules, routes, statements) is not looked at again
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        backend = getattr(self._kassa.state, "backend", None)
        if backend is not None:
            backend.begin_stop()
        await super().shutdown(sockets)


def make_server(app: FastAPI, settings: Settings) -> Server:
    """A server for the app on the settings' address. TCP_NODELAY is on by default (asyncio and uvloop set it)."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="on",
    )
    return Server(config, app)
