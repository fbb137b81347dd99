"""The broker link on gmqtt: about half of paho's work a message. The only file that imports gmqtt.

gmqtt acknowledges by itself under MQTT 3.1.1 and hides packet ids, so this adapter takes inbound QoS 1 packets from
its packet handler directly, and learns of PUBACKs from its storage hook. The version is locked, and the contract test
runs against real brokers. Each connection is a new client: gmqtt's own reconnection is never used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from gmqtt import Client, Message, Subscription
from gmqtt.mqtt.constants import MQTTCommands, MQTTv311
from gmqtt.mqtt.handler import MQTTConnectError
from gmqtt.storage import PersistentStorage

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

#: as in the paho adapter: 3.1.1 has no flow control of its own
WINDOW = 500

#: gmqtt formats its debug lines (with payloads) for this logger: it must stay silent
SILENT = logging.getLogger("hub.gmqtt")
SILENT.setLevel(logging.CRITICAL + 1)
logging.getLogger("gmqtt").setLevel(logging.CRITICAL + 1)


class _Hook(PersistentStorage):  # type: ignore[misc]  # gmqtt has no types
    """Keeps nothing: tells which packet id a publish got, and when its PUBACK came."""

    def __init__(self, acknowledged: Callable[[int], None]) -> None:
        super().__init__()
        self._acknowledged = acknowledged
        self.last_mid = 0

    def push_message(self, mid: int, _raw_package: bytes) -> None:
        """A publish went out: remember the packet id."""
        self.last_mid = mid

    def remove_message_by_mid(self, mid: int) -> None:
        """A PUBACK came."""
        self._acknowledged(mid)


class GmqttLink:
    """One connection of a gmqtt client."""

    def __init__(self, options: LinkOptions, on_message: OnMessage, on_published: Callable[[int], None]) -> None:
        self._options = options
        self._on_message = on_message
        self._on_published = on_published
        loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[str] = loop.create_future()
        self._subscribed: asyncio.Future[bool] = loop.create_future()
        self._tokens: dict[int, int] = {}
        self._open = False
        self._hook = _Hook(self._puback)
        self._client: Any = self._make_client()

    def _make_client(self) -> Any:
        options = self._options
        will = options.will
        client = Client(
            options.client_id,
            clean_session=options.clean,
            will_message=Message(will.topic, will.payload, qos=1, retain=True) if will else None,
            persistent_storage=self._hook,
            logger=SILENT,
        )
        client.set_config({"reconnect_retries": 0, "reconnect_delay": 0})
        if options.username is not None:
            client.set_auth_credentials(options.username, options.password)
        client.on_subscribe = self._suback
        client.on_disconnect = self._disconnected
        handler = client._package_handler  # noqa: SLF001  (see the module's docstring)
        handler._handle_qos_1_publish_packet = self._message  # noqa: SLF001
        client.on_message = self._message_qos_0
        return client

    async def open(self) -> int:
        """Connect and subscribe."""
        options = self._options
        try:
            await asyncio.wait_for(self._connect(), OPEN_TIMEOUT_S)
        except MQTTConnectError as problem:
            await self.close()
            raise BrokerRefusedError(refusal_text(options, str(problem))) from problem
        except (OSError, TimeoutError) as problem:
            await self.close()
            raise BrokerUnreachableError(unreachable_text(options, problem or "no answer in time")) from problem
        except BaseException:
            await self.close()
            raise
        return WINDOW

    async def _connect(self) -> None:
        options = self._options
        self._open = True
        connecting = asyncio.ensure_future(
            self._client.connect(
                options.host, options.port, ssl=options.tls or False, keepalive=KEEPALIVE_S, version=MQTTv311
            )
        )
        await self._or_closed(connecting)
        if not options.subscriptions:
            return
        self._client.subscribe([Subscription(topic, qos=1) for topic in options.subscriptions])
        await self._or_closed(self._subscribed)
        if not self._subscribed.result():
            raise BrokerRefusedError(subscription_text(options))

    async def _or_closed(self, wanted: asyncio.Future[Any]) -> None:
        try:
            await asyncio.wait((wanted, self._closed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not wanted.done():
                wanted.cancel()
        if wanted.cancelled() or not wanted.done():
            raise ConnectionError("the broker closed the connection")
        wanted.result()

    def publish(self, token: int, topic: str, payload: bytes, *, retain: bool) -> None:
        """Publish at QoS 1."""
        if self._open:
            self._client.publish(topic, payload, qos=1, retain=retain)
            self._tokens[self._hook.last_mid] = token

    def acknowledge(self, mid: int) -> None:
        """Send the PUBACK of a message received on this link."""
        if self._open:
            self._client._send_command_with_mid(MQTTCommands.PUBACK, mid, False)  # noqa: FBT003, SLF001

    async def wait_closed(self) -> str:
        """Wait until the connection is gone."""
        return await asyncio.shield(self._closed)

    async def close(self) -> None:
        """Disconnect in order."""
        if self._open:
            self._open = False
            with contextlib.suppress(Exception):  # whatever the library meets: the link is given up
                await asyncio.wait_for(self._client.disconnect(), 1.0)
        self._disconnected(self._client, b"", None)

    def _message(self, mid: int, payload: bytes, topic: str | bytes, properties: dict[str, Any]) -> None:
        manual = self._options.manual_ack
        if not manual:
            self.acknowledge(mid)
        name = topic if isinstance(topic, str) else ""
        self._on_message(name, bytes(payload), mid if manual else None, retained=bool(properties.get("retain")))

    def _message_qos_0(self, _client: Any, topic: str | bytes, payload: bytes, _qos: int, properties: Any) -> None:
        name = topic if isinstance(topic, str) else ""
        self._on_message(name, bytes(payload), None, retained=bool(properties.get("retain")))

    def _puback(self, mid: int) -> None:
        token = self._tokens.pop(mid, None)
        if token is not None:
            self._on_published(token)

    def _suback(self, _client: Any, _mid: int, granted: tuple[int, ...], _properties: Any) -> None:
        if not self._subscribed.done():
            self._subscribed.set_result(all(qos < 128 for qos in granted))

    def _disconnected(self, _client: Any, _packet: Any, _error: Any = None) -> None:
        self._open = False
        self._client._is_active = False  # noqa: SLF001  (no reconnection of its own)
        if not self._closed.done():
            self._closed.set_result("the connection ended")
