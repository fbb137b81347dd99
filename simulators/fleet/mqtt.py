"""A small MQTT 3.1.1 client on an asyncio protocol: what a light terminal needs, and cheap enough for a thousand."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from simulators.links import mqtt_stream
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Callable

_CONNACK, _SUBACK = 2, 9
_CLEAN_SESSION, _PASSWORD, _USER = 0x02, 0x40, 0x80
_KEEPALIVE_S = 60
_CONNECT_TIMEOUT_S = 20.0  # a thousand clients come back to a small broker at once
_DISCONNECT = b"\xe0\x00"
_PING = b"\xc0\x00"


class FleetMqttError(SimulatorError):
    """The broker refused, or the connection was lost."""


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(first: int, body: bytes) -> bytes:
    length, out = len(body), bytearray((first,))
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out) + body


class Client(asyncio.Protocol):
    """One connection. Messages come to `on_message(topic, payload)`; losing it calls `on_lost` once."""

    def __init__(self, user: str, password: str, topics: list[str]) -> None:
        self.on_message: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self.on_lost: Callable[[], None] = lambda: None
        self._user = user
        self._password = password
        self._topics = topics
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[None] | None = None
        self._next_id = 1
        self._ping: asyncio.TimerHandle | None = None
        #: Acknowledgements that wait for the next message, so that both leave in one system call.
        self._acks = b""

    async def connect(self, host: str, port: int) -> None:
        """Connect and subscribe; raises FleetMqttError when refused or too slow."""
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        self._buffer.clear()
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                await loop.create_connection(lambda: self, host, port)
                await self._ready
        except (OSError, TimeoutError) as error:
            raise FleetMqttError(f"{self._user} could not connect to {host}:{port}: {error!r}") from None

    @property
    def connected(self) -> bool:
        """Whether the connection stands and the subscriptions hold."""
        return self._transport is not None and self._ready is not None and self._ready.done()

    def publish(self, topic: str, payload: bytes) -> None:
        """Send with QoS 1. Nobody waits for the PUBACK: the answer tells more, and its absence is measured."""
        if self._transport is None:
            raise FleetMqttError(f"{self._user} is not connected")
        number = self._next_id
        self._next_id = number % 65535 + 1
        acks, self._acks = self._acks, b""
        self._transport.write(acks + _packet(0x32, _text(topic) + number.to_bytes(2, "big") + payload))

    def close(self) -> None:
        """Say goodbye."""
        if self._transport is not None:
            self._transport.write(_DISCONNECT)
            self._transport.close()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send CONNECT."""
        self._transport = transport  # type: ignore[assignment]  # create_connection gives a Transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        flags = _CLEAN_SESSION | _PASSWORD | _USER
        body = _text("MQTT") + bytes((4, flags)) + _KEEPALIVE_S.to_bytes(2, "big") + _text(self._user)
        self._write(_packet(0x10, body + _text(self._user) + _text(self._password)))
        self._ping = asyncio.get_running_loop().call_later(_KEEPALIVE_S / 2, self._schedule_ping)

    def data_received(self, data: bytes) -> None:
        """Take whole packets."""
        self._buffer += data
        for packet in mqtt_stream.take_packets(self._buffer):
            self._take(packet)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Tell whoever waits."""
        self._transport = None
        if self._ping is not None:
            self._ping.cancel()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(FleetMqttError(f"{self._user}: the broker closed the connection"))
        else:
            self.on_lost()

    def _take(self, packet: bytes) -> None:
        kind = packet[0] >> 4
        if kind == mqtt_stream.PUBLISH:
            self._take_publish(packet)
        elif kind == _CONNACK:
            self._connected(packet[3])
        elif kind == _SUBACK and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def _connected(self, code: int) -> None:
        if code:
            if self._ready is not None and not self._ready.done():
                self._ready.set_exception(FleetMqttError(f"{self._user}: the broker refused, code {code}"))
            return
        self._write(_packet(0x82, b"\x00\x01" + b"".join(_text(topic) + b"\x01" for topic in self._topics)))

    def _take_publish(self, packet: bytes) -> None:
        seen = mqtt_stream.read_publish(packet, 4)
        if seen is None:
            return
        if seen.qos:
            self._acks += b"\x40\x02" + seen.packet_id.to_bytes(2, "big")
        self.on_message(seen.topic, seen.payload)
        if self._acks:
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Send acknowledgements that no message has taken along."""
        acks, self._acks = self._acks, b""
        if acks:
            self._write(acks)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _schedule_ping(self) -> None:
        self._write(_PING)
        self._ping = asyncio.get_running_loop().call_later(_KEEPALIVE_S / 2, self._schedule_ping)
