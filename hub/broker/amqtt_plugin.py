"""Accounts and ACL for the embedded amqtt broker, and repairs of what amqtt 0.12.1 lets pass.

amqtt forgets an existing session before it knows who asks, does not hold wills to the ACL, and gives every new
connection all retained messages that anyone subscribed to. asyncio itself sets TCP_NODELAY on what it accepts.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import amqtt.broker
from amqtt.adapters import BufferReader
from amqtt.contexts import Action
from amqtt.errors import MQTTError
from amqtt.mqtt.connack import NOT_AUTHORIZED, UNACCEPTABLE_PROTOCOL_VERSION, ConnackPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin

from hub.broker.accounts import Access, Accounts

if TYPE_CHECKING:
    from amqtt.session import Session

#: A connection that has not said CONNECT by then is closed.
CONNECT_TIMEOUT_S = 5.0
#: A CONNECT holds names, a password and a will of at most 256 bytes.
MAX_CONNECT_BYTES = 1024
#: MQTT 3.1.1, the only version amqtt speaks; it would wait for ever for the rest of an MQTT 5 CONNECT.
PROTOCOL_LEVEL = 4


@dataclass
class AccountsConfig:
    """The plugin's settings: where the account list is."""

    accounts_file: str = ""


def may_connect(accounts: Accounts, session: Session) -> bool:
    """Right password, and a will that the account may publish."""
    if not accounts.check(session.username, session.password):
        return False
    return not session.will_flag or accounts.allows(session.username, "write", session.will_topic or "")


class AccountsPlugin(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]
    """Checks users, subscriptions, publishes and deliveries against the account list."""

    Config = AccountsConfig

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._accounts = Accounts.from_file(Path(self.config.accounts_file))

    async def authenticate(self, *, session: Session) -> bool:
        """Is this user known, with this password?"""
        return may_connect(self._accounts, session)

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """May this user publish to, subscribe to, or receive from this topic?"""
        if session is None or not topic:
            return False
        access: Access = "write" if action == Action.PUBLISH else "read"
        return self._accounts.allows(session.username, access, topic)


class GuardedHandler(BrokerProtocolHandler):  # type: ignore[misc]
    """Checks the account before the broker looks at its sessions, so that a stranger cannot end one."""

    accounts = Accounts()

    @classmethod
    async def init_from_connect(cls, reader: Any, writer: Any, plugins_manager: Any, loop: Any = None) -> Any:
        """Read CONNECT within a time limit; refuse and close at once what may not connect."""
        try:
            packet = await asyncio.wait_for(_whole_connect(reader, writer), CONNECT_TIMEOUT_S)
            made = await super().init_from_connect(BufferReader(packet), writer, plugins_manager, loop)
        except Exception as error:
            await _hang_up(writer)
            raise MQTTError(f"no CONNECT that can be answered: {error or type(error).__name__}") from error
        if not may_connect(cls.accounts, made[1]):
            await ConnackPacket.build(0, NOT_AUTHORIZED).to_stream(writer)
            await _hang_up(writer)
            raise MQTTError("user, password or will refused")
        return made


async def _whole_connect(reader: Any, writer: Any) -> bytes:
    """The first packet, which must be a short CONNECT of "MQTT"; another version of it is told so."""
    head = b""
    while len(head) < 2 or head[-1] & 0x80:
        byte = await reader.read(1)
        if not byte or len(head) > 2:
            raise MQTTError("its header is broken")
        head += byte
    length = head[1] & 0x7F | (head[2] << 7 if len(head) > 2 else 0)
    body = b""
    while length <= MAX_CONNECT_BYTES and len(body) < length:
        piece = await reader.read(length - len(body))
        if not piece:
            break
        body += piece
    if head[0] != 0x10 or not body.startswith(b"\x00\x04MQTT") or len(body) != length or length < 10:
        raise MQTTError("the first packet is something else, or too long")
    if body[6] != PROTOCOL_LEVEL:
        await ConnackPacket.build(0, UNACCEPTABLE_PROTOCOL_VERSION).to_stream(writer)
        raise MQTTError(f"protocol level {body[6]}")
    return head + body


async def _hang_up(writer: Any) -> None:
    """Close a connection that the other side may have left already."""
    with contextlib.suppress(OSError):
        await writer.close()


class GuardedBroker(amqtt.broker.Broker):  # type: ignore[misc]
    """amqtt's broker that gives retained messages only to those who subscribed to them."""

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """A new connection is offered every filter of everyone; only its own pass."""
        holders = self._subscriptions.get(subscription[0], [])
        if any(holder.client_id == session.client_id for holder, _ in holders):
            await super()._publish_retained_messages_for_subscription(subscription, session)


def make_broker(bind: str, accounts_file: Path, certificates: Path | None = None) -> GuardedBroker:
    """A broker on `bind` (address:port), with TLS if there is a folder of certificates. Call inside a running loop."""
    GuardedHandler.accounts = Accounts.from_file(accounts_file)
    amqtt.broker.BrokerProtocolHandler = GuardedHandler
    listener: dict[str, Any] = {"type": "tcp", "bind": bind}
    if certificates is not None:
        listener |= {
            "ssl": True,
            "certfile": str(certificates / "server.pem"),
            "keyfile": str(certificates / "server.key"),
        }
    plugin = f"{AccountsPlugin.__module__}.{AccountsPlugin.__qualname__}"
    return GuardedBroker(
        {"listeners": {"default": listener}, "plugins": {plugin: {"accounts_file": str(accounts_file)}}}
    )
