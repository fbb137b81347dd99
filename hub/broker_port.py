"""What the hub asks of an MQTT client library: one connection at a time, PUBACKs by hand, no promises of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

#: seconds from the start of a connection to its subscriptions' acknowledgement
OPEN_TIMEOUT_S = 10.0

#: a dead connection is noticed within twice this; the terminals' deadline for an ask is 10 s
KEEPALIVE_S = 8


class BrokerError(Exception):
    """Base of the broker link's errors."""


class BrokerUnreachableError(BrokerError):
    """Nobody answers there, or it is not a broker."""


class BrokerRefusedError(BrokerError):
    """The broker answered and said no: credentials, client id or access list."""


class Will(NamedTuple):
    """What the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """One connection's settings.

    Attributes:
        clean: the broker keeps nothing for us between connections.
        manual_ack: messages are acknowledged by `acknowledge`, not on receipt.
        subscriptions: topic filters, subscribed at QoS 1 before the link counts as open.
    """

    host: str
    port: int
    client_id: str
    username: str | None
    password: str | None = field(repr=False)
    tls: ssl.SSLContext | None
    clean: bool
    manual_ack: bool
    subscriptions: tuple[str, ...]
    will: Will | None = None


class Link(Protocol):
    """One connection, from open to closed; a new one is made for the next. All calls are from the event loop."""

    async def open(self) -> int:
        """Connect and subscribe. Returns how many publishes may be unacknowledged.

        Raises BrokerUnreachableError or BrokerRefusedError with a text that says what to do.
        """

    def publish(self, token: int, topic: str, payload: bytes, *, retain: bool) -> None:
        """Publish at QoS 1; on_published(token) follows, unless the link closes first."""

    def acknowledge(self, mid: int) -> None:
        """Send the PUBACK of a message received on this link; nothing happens when it is closed."""

    async def wait_closed(self) -> str:
        """Wait until the connection is gone; returns why."""

    async def close(self) -> None:
        """Disconnect in order: the broker does not publish the will."""


class OnMessage(Protocol):
    """Called for each message: its packet id is None when no PUBACK is owed."""

    def __call__(self, topic: str, payload: bytes, mid: int | None, *, retained: bool) -> None:
        """Take the message."""


class MakeLink(Protocol):
    """Constructor of an adapter."""

    def __call__(self, options: LinkOptions, on_message: OnMessage, on_published: Callable[[int], None]) -> Link:
        """Make a link that is not open yet."""


def refusal_text(options: LinkOptions, reason: str) -> str:
    """What to say when the broker refuses the connection."""
    return (
        f"the broker at {options.host}:{options.port} refuses client {options.client_id!r}: {reason}. "
        "Check KASSA_HUB_BROKER_USER and KASSA_HUB_BROKER_PASSWORD against the broker's accounts "
        "(`kassa broker config` writes them)"
    )


def unreachable_text(options: LinkOptions, reason: object) -> str:
    """What to say when there is no connection."""
    return f"no broker at {options.host}:{options.port}: {reason}. Start it, or check KASSA_HUB_BROKER_URL" + (
        " and KASSA_HUB_BROKER_CA" if options.tls else ""
    )


def subscription_text(options: LinkOptions) -> str:
    """What to say when the access list denies a subscription."""
    return (
        f"the broker at {options.host}:{options.port} denies {options.client_id!r} a subscription of "
        f"{', '.join(options.subscriptions)}: let the hub's account read kassa/1/+/ask and kassa/1/+/tell"
    )
