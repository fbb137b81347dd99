"""Serves the counter page from the supervisor's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from nicegui import ui

from simulators.counter import device, page
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.run.world import World

_START_TIMEOUT_S = 15.0


class _QuietServer(uvicorn.Server):
    """A server that leaves the signals to the supervisor."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield


class CounterServer:
    """The page on loopback."""

    def __init__(self, world: World, port: int) -> None:
        self.port = port
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        device.serve(app, world.terminals)

        @ui.page("/", title="Kassa virtual counter")
        def counter(terminal: str = "") -> None:
            page.build(world, terminal if terminal in world.terminals else next(iter(world.terminals)))

        ui.run_with(app, title="Kassa virtual counter", show_welcome_message=False)
        config = uvicorn.Config(
            app, host="127.0.0.1", port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
        self._server = _QuietServer(config)
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Listen; returns when the page answers."""
        self._task = asyncio.ensure_future(self._server.serve())
        async with asyncio.timeout(_START_TIMEOUT_S):
            while not self._server.started:
                if self._task.done():
                    raise SimulatorError(f"the counter page could not listen on port {self.port}")
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Close the page's connections and end."""
        self._server.should_exit = True
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(self._task, 5)
