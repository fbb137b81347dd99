"""Keeps two connections to the broker: a clean one for asks and all publishing, a persistent one for tells."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

import structlog

from hub.broker_port import BrokerError, BrokerRefusedError, LinkOptions
from hub.core.events import Message
from hub.core.retry import delay_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.broker_port import Link, MakeLink

log = structlog.get_logger("hub.broker")


class Handle(NamedTuple):
    """Names a message on the connection it came by: a packet id means nothing on another."""

    link: Link
    mid: int


class Receiver(Protocol):
    """Who is told what the connections see."""

    def arrived(self, message: Message) -> None:
        """A message came."""

    def published(self, token: int) -> None:
        """The broker has this publish."""

    def up(self, name: str, window: int) -> None:
        """A connection stands."""

    def down(self, name: str, reason: str) -> None:
        """A connection is gone."""


class Keeper:
    """One connection kept up for ever, with bounded, jittered pauses between attempts."""

    def __init__(
        self, name: str, make: MakeLink, options: LinkOptions, receiver: Receiver, jitter: Callable[[], float]
    ) -> None:
        self._name = name
        self._make = make
        self._options = options
        self._receiver = receiver
        self._jitter = jitter
        self._link: Link | None = None
        self.last_error = "not connected yet"

    @property
    def link(self) -> Link | None:
        """The open connection."""
        return self._link

    async def run(self) -> None:
        """Connect, wait, connect again, until cancelled."""
        attempt = 0
        while True:
            attempt = await self._once(attempt)
            await asyncio.sleep(delay_ms("unreachable", attempt, self._jitter()) / 1000)

    async def _once(self, attempt: int) -> int:
        link = self._make_link()
        try:
            window = await link.open()
        except BrokerError as problem:
            if str(problem) != self.last_error:
                kind = "broker_refused" if isinstance(problem, BrokerRefusedError) else "broker_unreachable"
                log.error(kind, connection=self._name, what_to_do=str(problem))  # noqa: TRY400  (no traceback)
            self.last_error = str(problem)
            return attempt + 1
        self._link, self.last_error = link, ""
        log.info("broker_up", connection=self._name)
        self._receiver.up(self._name, window)
        try:
            reason = await link.wait_closed()
        finally:
            self._link = None
            with contextlib.suppress(BrokerError):
                await asyncio.shield(link.close())
            self.last_error = "the connection was lost"
            self._receiver.down(self._name, self.last_error)
        log.warning("broker_down", connection=self._name, reason=reason)
        return 1

    def _make_link(self) -> Link:
        link: Link

        def take(topic: str, payload: bytes, mid: int | None, *, retained: bool) -> None:
            handle = None if mid is None else Handle(link, mid)
            self._receiver.arrived(Message(topic, payload, handle, retained))

        link = self._make(self._options, take, self._receiver.published)
        return link
