"""A TCP proxy for one link, with switches: cut, stall (half-open), delay, and every MQTT message twice."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.links.mqtt_duplicator import Duplicator

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.links.mqtt_stream import Publish

_CHUNK_BYTES = 64 * 1024
_CONNECT_TIMEOUT_S = 5.0  # the far side is on loopback: longer means it is not there


@dataclass
class Switches:
    """The state of a link's faults."""

    cut: bool = False
    stalled: bool = False
    delay_ms: int = 0
    duplicate: bool = False


@dataclass(eq=False)
class _Pair:
    """The two sockets of one connection through the proxy."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    duplicator: Duplicator

    def close(self) -> None:
        """End both sides after what is already on its way."""
        for writer in (self.near, self.far):
            writer.close()

    def abort(self) -> None:
        """Tear both sides down at once, as a cable does."""
        for writer in (self.near, self.far):
            writer.transport.abort()


class LinkProxy:
    """Listens on a free loopback port (or the one given) and passes every connection to the target."""

    def __init__(self, name: str, target: Callable[[], tuple[str, int]], *, mqtt: bool = False) -> None:
        self.name = name
        self.switches = Switches()
        self.port = 0
        self.connections = 0
        self._target = target
        self._mqtt = mqtt
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._duplicated = 0
        #: Called with "up" or "down" and every PUBLISH that passes.
        self.tap: Callable[[str, Publish], None] | None = None

    async def start(self, port: int = 0) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._flowing.set()
        self._drop_all()
        await asyncio.sleep(0)

    @property
    def duplicated(self) -> int:
        """How many PUBLISH packets have been sent twice."""
        return self._duplicated + sum(pair.duplicator.duplicated for pair in self._pairs)

    def cut(self, *, on: bool) -> None:
        """Close what is open and refuse what comes, or accept again."""
        self.switches.cut = on
        if on:
            self._drop_all()

    def stall(self, *, on: bool) -> None:
        """Half-open: connections stay up and nothing moves, as behind a dead access point."""
        self.switches.stalled = on
        if on:
            self._flowing.clear()
        else:
            self._flowing.set()

    def delay(self, delay_ms: int) -> None:
        """Hold every chunk for this long."""
        self.switches.delay_ms = delay_ms

    def duplicate_messages(self, *, on: bool) -> None:
        """Send every QoS 1 message twice, both ways."""
        if not self._mqtt:
            raise ValueError(f"link {self.name} does not carry MQTT: only MQTT messages can be duplicated")
        self.switches.duplicate = on
        for pair in self._pairs:
            pair.duplicator.enabled = on

    def _drop_all(self) -> None:
        for pair in list(self._pairs):
            pair.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.switches.cut:
            writer.transport.abort()
            return
        host, port = self._target()
        try:
            far_reader, far_writer = await asyncio.wait_for(asyncio.open_connection(host, port), _CONNECT_TIMEOUT_S)
        except (OSError, TimeoutError):
            writer.transport.abort()
            return
        pair = _Pair(writer, far_writer, Duplicator(self.tap))
        pair.duplicator.enabled = self.switches.duplicate
        for one in (writer, far_writer):
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pairs.add(pair)
        self.connections += 1
        try:
            await asyncio.gather(
                self._pump("up", reader, far_writer, pair), self._pump("down", far_reader, writer, pair)
            )
        finally:
            self._pairs.discard(pair)
            self._duplicated += pair.duplicator.duplicated
            pair.close()

    async def _pump(
        self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pair: _Pair
    ) -> None:
        try:
            while data := await reader.read(_CHUNK_BYTES):
                if self.switches.delay_ms:
                    await asyncio.sleep(self.switches.delay_ms / 1000)
                await self._flowing.wait()
                writer.write(pair.duplicator.feed(direction, data) if self._mqtt else data)
                await writer.drain()
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                pair.close()
