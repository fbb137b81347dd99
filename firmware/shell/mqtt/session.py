"""One connection to the broker, from CONNECT to the first failure: a reader, one writer, a watcher of silence."""

import asyncio
import time
from typing import TYPE_CHECKING

from shell.mqtt import codec
from shell.mqtt.errors import VERSION_CODES, LinkDownError, RefusedError
from shell.mqtt.outbox import MAX_IN_FLIGHT
from shell.mqtt.transport import open_stream

#: From the first SYN to the last SUBACK. A TLS handshake on an ESP32 takes up to two seconds.
OPEN_TIMEOUT_MS = 5000
#: A broker that says nothing this long after a ping is gone: the link is half open.
PING_TIMEOUT_MS = 3000
#: A publish unacknowledged this long, on a silent link, is reason to ping before the keep-alive says so.
SUSPECT_MS = 1500
#: A broker that answers pings but does not acknowledge a publish for this long has lost it.
ACK_TIMEOUT_MS = 10000
#: How often silence is measured.
WATCH_MS = 200
#: Short packets that may wait for the socket before reading stops: 64 PUBACKs, eight times what an MQTT 5 broker may
#: have in flight. A broker that sends without reading is then silent to us, and the ping finds it out.
MAX_CONTROL_BYTES = 256

if TYPE_CHECKING:
    from typing import Any

_SERVER_KEEP_ALIVE = 0x13
_RECEIVE_MAXIMUM = 0x21


class Session:
    """Made for one connection and thrown away with it."""

    def __init__(self, client, outbox, decoder, version) -> None:
        self.version = version
        self.greeted = False
        self._connected = False
        self.up_ms: Any = None
        self._client = client
        self._outbox = outbox
        self._decoder = decoder
        self._stream: Any = None
        self._socket: Any = None
        self._control = bytearray()
        self._wake = asyncio.Event()
        self._broken = asyncio.Event()
        self._error: Exception = LinkDownError("the session ended")
        self._failed = False
        self._in_flight = MAX_IN_FLIGHT
        self._keepalive_ms = client.keepalive_s * 1000
        self._heard_ms = self._spoke_ms = self._pinged_ms = time.ticks_ms()
        self._pinged = False
        self._resumed = False

    def wake(self) -> None:
        """Something new is in the outbox."""
        self._wake.set()

    async def open(self) -> None:
        """Connect, introduce ourselves, subscribe. Raises OSError, LinkDownError, RefusedError or CodecError."""
        client = self._client
        self._decoder.reset(self.version)
        self._stream, self._socket = await open_stream(client.host, client.port, client.tls, client.server_name)
        self._connected = True
        await self._send(
            codec.encode_connect(
                client.client_id,
                client.keepalive_s,
                self.version,
                clean=client.clean,
                user=client.user,
                password=client.password,
                will=client.will,
                expiry_s=0 if client.clean else client.session_expiry_s,
            )
        )
        self._welcome(await self._packet())
        if client.subscriptions:
            await self._subscribe(client.subscriptions)

    async def serve(self) -> None:
        """Carry messages until something breaks, then raise what broke."""
        self.up_ms = time.ticks_ms()
        tasks = [asyncio.create_task(self._guard(part)) for part in (self._read(), self._write(), self._watch())]
        try:
            await self._broken.wait()
        finally:
            for task in tasks:
                task.cancel()
        raise self._error

    async def leave(self) -> None:
        """Say a clean goodbye, so that the broker drops the will."""
        self._control += codec.DISCONNECT
        self._wake.set()
        while self._control and not self._broken.is_set():
            await asyncio.sleep_ms(5)

    def puzzled(self, error) -> bool:
        """Did the broker perhaps not understand our version? It said so, or hung up or kept silent on our CONNECT."""
        if isinstance(error, RefusedError):
            return error.code in VERSION_CODES
        return isinstance(error, LinkDownError) and self._connected and not self.greeted

    def close(self) -> None:
        """Give the socket back; safe at any moment."""
        if self._socket is not None:
            try:
                self._socket.close()
            except OSError:
                pass
            self._socket = None

    async def _guard(self, part) -> None:
        """Run one part; its failure ends the session. A handler's mistake ends the link, not the terminal."""
        try:
            await part
        except Exception as error:  # noqa: BLE001
            if not self._failed:
                self._failed = True
                self._error = error
            self._broken.set()

    def _welcome(self, packet) -> None:
        """Check the CONNACK and take over the limits a broker may set."""
        if not isinstance(packet, codec.Connack):
            raise LinkDownError("the broker answered CONNECT with something else")
        self.greeted = True
        if packet.code:
            raise RefusedError("the broker refused the connection", packet.code)
        self._resumed = packet.session_present
        limit = packet.properties.get(_RECEIVE_MAXIMUM, MAX_IN_FLIGHT)
        self._in_flight = max(1, min(limit, MAX_IN_FLIGHT))
        keepalive_s = packet.properties.get(_SERVER_KEEP_ALIVE, 0)
        if keepalive_s:
            self._keepalive_ms = min(self._keepalive_ms, keepalive_s * 1000)

    async def _subscribe(self, filters) -> None:
        """Subscribe and wait for the verdict. Messages that come before it (retained ones) are handled."""
        await self._send(codec.encode_subscribe(1, filters, self.version))
        while True:
            packet = await self._packet()
            if isinstance(packet, codec.Suback):
                break
            self._handle(packet)
            if self._control:
                await self._send(self._take_control())
        if len(packet.codes) != len(filters):
            raise LinkDownError("SUBACK answers %d filters, %d were asked" % (len(packet.codes), len(filters)))
        for name, code in zip(filters, packet.codes):
            if code >= 0x80:
                raise RefusedError("the broker refused the subscription to " + name, code)

    async def _send(self, data) -> None:
        """Write to the socket. Only one task may be in here at a time: the opening one, later the writer."""
        self._stream.write(data)
        await self._stream.drain()
        self._spoke_ms = time.ticks_ms()

    async def _packet(self):
        """The next packet; reads as much as has come, into the decoder's own buffer."""
        while True:
            packet = self._decoder.next_packet()
            if packet is not None:
                return packet
            count = await self._stream.readinto(self._decoder.space())
            if count is None:
                continue
            if not count:
                self._decoder.finish()
                raise LinkDownError("the broker closed the connection")
            self._decoder.filled(count)
            self._heard_ms = time.ticks_ms()
            self._pinged = False

    async def _read(self) -> None:
        """Handle packets for ever, no faster than the acknowledgements leave."""
        while True:
            self._handle(await self._packet())
            while len(self._control) >= MAX_CONTROL_BYTES:
                await asyncio.sleep_ms(1)

    def _handle(self, packet) -> None:
        """One packet. A message is acknowledged after its handler has returned: kept first, acknowledged second."""
        if isinstance(packet, codec.Publish):
            self._client.deliver(packet.topic, packet.payload)
            if packet.qos:
                self._reply(codec.encode_puback(packet.packet_id))
        elif isinstance(packet, codec.Puback):
            self._outbox.acknowledge(packet.packet_id, packet.code)
            self._wake.set()
        elif isinstance(packet, codec.Disconnect):
            raise RefusedError("the broker ended the connection", packet.code)
        elif not isinstance(packet, codec.Pingresp):
            raise LinkDownError("the broker sent a packet that nothing asked for")

    def _reply(self, data) -> None:
        """Hand a short packet to the writer; it goes before any publish."""
        self._control += data
        self._wake.set()

    def _take_control(self) -> bytes:
        """The waiting short packets, which are then the caller's to send."""
        data = bytes(self._control)
        self._control = bytearray()
        return data

    async def _write(self) -> None:
        """Send short packets, then publishes while the in-flight limit allows, for ever."""
        while True:
            if self._control:
                await self._send(self._take_control())
                continue
            pending = self._outbox.take(self._in_flight)
            if pending is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            again = pending.again and self._resumed
            await self._send(
                codec.encode_publish(
                    pending.topic, pending.payload, pending.packet_id, self.version, retain=pending.retain, dup=again
                )
            )

    async def _watch(self) -> None:
        """Ping when it is time; give up on a broker that no longer answers."""
        while True:
            await asyncio.sleep_ms(WATCH_MS)
            now = time.ticks_ms()
            silent_ms = time.ticks_diff(now, self._heard_ms)
            waiting_ms = self._outbox.oldest_ms(now)
            if waiting_ms >= ACK_TIMEOUT_MS:
                raise LinkDownError("the broker did not acknowledge a publish")
            if self._pinged:
                if time.ticks_diff(now, self._pinged_ms) >= PING_TIMEOUT_MS:
                    raise LinkDownError("the broker did not answer a ping")
                continue
            idle_ms = max(silent_ms, time.ticks_diff(now, self._spoke_ms))
            if idle_ms >= self._keepalive_ms or min(silent_ms, waiting_ms) >= SUSPECT_MS:
                self._pinged = True
                self._pinged_ms = now
                self._reply(codec.PINGREQ)
