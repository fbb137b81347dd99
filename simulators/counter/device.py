"""The device on the page: a Vue component, and the WebSocket that carries its pixels, views, tones and keys."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import TYPE_CHECKING, Any

from fastapi import WebSocket, WebSocketDisconnect
from nicegui.element import Element

from simulators.counter import tunes
from simulators.terminal.process import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI

    from simulators.terminal.process import Terminal

_MAX_TOLD = 64  # views and tones a slow browser may lag behind; older ones are dropped, the newest frame never is


class Device(Element, component="static/device.js"):
    """One terminal drawn as a device."""

    def __init__(self, terminal: str) -> None:
        super().__init__()
        self._props["terminal"] = terminal
        self._props["tunes"] = tunes.load()


def serve(app: FastAPI, terminals: Mapping[str, Terminal]) -> None:
    """Add the WebSocket of the devices to the page's application."""

    @app.websocket("/counter/terminal/{name}")
    async def device(socket: WebSocket, name: str) -> None:
        terminal = terminals.get(name)
        if terminal is None or not _same_origin(socket):
            await socket.close(code=1008)
            return
        await socket.accept()
        viewer = _Viewer(socket, terminal)
        stop = terminal.listen(viewer.told)
        sending = asyncio.ensure_future(viewer.send_all())
        try:
            await _take_keys(socket, terminal.key)
        finally:
            stop()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sending


def _same_origin(socket: WebSocket) -> bool:
    """Another site's page must not press keys: its Origin differs from the host it talks to."""
    origin = socket.headers.get("origin", "")
    return not origin or origin.partition("://")[2] == socket.headers.get("host", "")


async def _take_keys(socket: WebSocket, press: Callable[[str], None]) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            key = await socket.receive_text()
            if len(key) == 1 and key in KEYS:
                press(key)


class _Viewer:
    """One browser that looks at one terminal: the newest frame and what was told since."""

    def __init__(self, socket: WebSocket, terminal: Terminal) -> None:
        self._socket = socket
        self._terminal = terminal
        self._told: deque[dict[str, Any]] = deque(maxlen=_MAX_TOLD)
        self._told.append({"powered": terminal.powered, "view": terminal.view})
        self._frame_due = True
        self._wake = asyncio.Event()
        self._wake.set()

    def told(self, event: tuple[str, Any]) -> None:
        """Take an event of the terminal."""
        kind, value = event
        if kind == "frame":
            self._frame_due = True
        elif kind == "view":
            self._told.append({"view": value})
        elif kind == "tone":
            self._told.append({"tone": value})
        elif kind == "power":
            self._told.append({"powered": value == "on", "view": self._terminal.view})
            self._frame_due = True
        else:
            return
        self._wake.set()

    async def send_all(self) -> None:
        """Send for ever; frames that come faster than the browser takes them are skipped."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._frame_due:
                self._frame_due = False
                await self._socket.send_bytes(self._terminal.screen.pixels)
            while self._told:
                await self._socket.send_text(json.dumps(self._told.popleft()))
