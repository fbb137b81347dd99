"""The broker link on paho-mqtt, driven by asyncio: the only file that imports paho."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from hub.broker_port import (
    KEEPALIVE_S,
    OPEN_TIMEOUT_S,
    BrokerRefusedError,
    BrokerUnreachableError,
    LinkOptions,
    OnMessage,
    refusal_text,
    subscription_text,
    unreachable_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

#: packets read in one turn of the event loop, so that one busy connection does not starve the rest
READS_PER_TURN = 100

#: 3.1.1 has no flow control of its own: what a broker surely takes without dropping
WINDOW = 500

#: how often paho looks at its keep-alive
MISC_INTERVAL_S = 1.0


class _Client(paho.Client):
    """Paho, but a socket whose TLS handshake fails is closed and not left to the garbage collector."""

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        if self._ssl_context is None:
            raise ValueError("TLS is wanted without a context")
        secure = self._ssl_context.wrap_socket(tcp_sock, server_hostname=self.host, do_handshake_on_connect=False)
        try:
            secure.settimeout(self.connect_timeout)
            secure.do_handshake()
        except BaseException:
            secure.close()
            raise
        return secure


class PahoLink:
    """One connection of a paho client, without its thread: the event loop watches the socket."""

    def __init__(self, options: LinkOptions, on_message: OnMessage, on_published: Callable[[int], None]) -> None:
        self._options = options
        self._on_message = on_message
        self._on_published = on_published
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[str] = self._loop.create_future()
        self._subscribed: asyncio.Future[str] = self._loop.create_future()
        self._closed: asyncio.Future[str] = self._loop.create_future()
        self._tokens: dict[int, int] = {}
        self._socket: socket.socket | None = None
        self._handled = 0
        self._misc: asyncio.TimerHandle | None = None
        self._client = self._make_client()

    def _make_client(self) -> paho.Client:
        options = self._options
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=options.client_id,
            clean_session=options.clean,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=options.manual_ack,
        )
        if options.username is not None:
            client.username_pw_set(options.username, options.password)
        if options.tls is not None:
            client.tls_set_context(options.tls)
        if options.will is not None:
            client.will_set(options.will.topic, options.will.payload, qos=1, retain=True)
        client.max_inflight_messages_set(0)
        client.connect_timeout = OPEN_TIMEOUT_S / 2
        client.on_connect = self._connack
        client.on_subscribe = self._suback
        client.on_message = self._message
        client.on_publish = self._puback
        client.on_disconnect = self._disconnected
        client.on_socket_open = self._socket_open
        client.on_socket_close = self._socket_close
        client.on_socket_register_write = self._want_write
        client.on_socket_unregister_write = self._unwant_write
        return client

    async def open(self) -> int:
        """Connect and subscribe."""
        try:
            await asyncio.wait_for(self._open(), OPEN_TIMEOUT_S)
        except (OSError, ValueError, TimeoutError) as problem:
            await self.close()
            raise BrokerUnreachableError(unreachable_text(self._options, problem or "no answer in time")) from problem
        except BaseException:
            await self.close()
            raise
        return WINDOW

    async def _open(self) -> None:
        options = self._options
        self._client.connect_async(options.host, options.port, KEEPALIVE_S)
        await asyncio.to_thread(self._client.reconnect)
        self._attach()
        done, _ = await asyncio.wait((self._connected, self._closed), return_when=asyncio.FIRST_COMPLETED)
        if self._connected not in done:
            raise ConnectionError(self._closed.result())
        if self._connected.result():
            raise BrokerRefusedError(refusal_text(options, self._connected.result()))
        if not options.subscriptions:
            return
        self._client.subscribe([(topic, 1) for topic in options.subscriptions])
        done, _ = await asyncio.wait((self._subscribed, self._closed), return_when=asyncio.FIRST_COMPLETED)
        if self._subscribed not in done:
            raise ConnectionError(self._closed.result())
        if self._subscribed.result():
            raise BrokerRefusedError(subscription_text(options))

    def publish(self, token: int, topic: str, payload: bytes, *, retain: bool) -> None:
        """Publish at QoS 1."""
        if self._socket is not None:
            self._tokens[self._client.publish(topic, payload, 1, retain).mid] = token

    def acknowledge(self, mid: int) -> None:
        """Send the PUBACK of a message received on this link."""
        if self._socket is not None:
            self._client.ack(mid, 1)

    async def wait_closed(self) -> str:
        """Wait until the connection is gone."""
        return await asyncio.shield(self._closed)

    async def close(self) -> None:
        """Disconnect in order, and let go of the socket whatever happens."""
        if self._socket is not None:
            self._client.disconnect()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._closed), 1.0)
        left: Any = self._client.socket()
        self._detach()
        if left is not None:
            left.close()
        self._ended("closed")

    # -- the socket, watched by the event loop --

    def _attach(self) -> None:
        found: Any = self._client.socket()
        if found is None:
            raise ConnectionError("the connection was closed at once")
        self._socket = found
        self._loop.add_reader(found, self._readable)
        self._loop.add_writer(found, self._writable)
        self._keep_alive()

    def _detach(self) -> None:
        if self._misc is not None:
            self._misc.cancel()
            self._misc = None
        if self._socket is not None and self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._socket = None

    def _readable(self) -> None:
        for _ in range(READS_PER_TURN):
            before = self._handled
            outcome = self._client.loop_read()
            if outcome != MQTTErrorCode.MQTT_ERR_SUCCESS or self._handled == before:
                break
        else:
            self._loop.call_soon(self._readable_again)

    def _readable_again(self) -> None:
        if self._socket is not None:
            self._readable()

    def _writable(self) -> None:
        self._client.loop_write()

    def _keep_alive(self) -> None:
        self._misc = self._loop.call_later(MISC_INTERVAL_S, self._keep_alive)
        self._client.loop_misc()

    def _ended(self, reason: str) -> None:
        if not self._closed.done():
            self._closed.set_result(reason)

    # -- paho's callbacks --

    @staticmethod
    def _socket_open(_client: paho.Client, _data: object, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _socket_close(self, _client: paho.Client, _data: object, _sock: object) -> None:
        self._detach()

    def _want_write(self, _client: paho.Client, _data: object, sock: Any) -> None:
        if self._socket is not None:
            self._loop.add_writer(sock, self._writable)

    def _unwant_write(self, _client: paho.Client, _data: object, sock: Any) -> None:
        if self._socket is not None:
            self._loop.remove_writer(sock)

    def _connack(self, _client: paho.Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self._handled += 1
        if not self._connected.done():
            self._connected.set_result(str(reason) if reason.is_failure else "")

    def _suback(self, _client: paho.Client, _data: object, _mid: int, reasons: list[Any], _properties: object) -> None:
        self._handled += 1
        if not self._subscribed.done():
            denied = any(reason.is_failure for reason in reasons)
            self._subscribed.set_result("denied" if denied else "")

    def _message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._handled += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        owed = message.mid if message.qos and self._options.manual_ack else None
        self._on_message(topic, bytes(message.payload), owed, retained=message.retain)

    def _puback(self, _client: paho.Client, _data: object, mid: int, _reason: object, _properties: object) -> None:
        self._handled += 1
        token = self._tokens.pop(mid, None)
        if token is not None:
            self._on_published(token)

    def _disconnected(
        self, _client: paho.Client, _data: object, _flags: object, reason: object, _properties: object
    ) -> None:
        self._detach()
        self._ended(str(reason))


def tls_context(ca: str | None, *, insecure: bool = False) -> ssl.SSLContext:
    """A client's TLS context: the given authority, or the system's; `insecure` turns verification off (tests only)."""
    context = ssl.create_default_context(cafile=ca)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
