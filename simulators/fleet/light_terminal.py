"""One light terminal: its keys, its asks and tells, and the answers that come for them."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from deskwire import envelope, ids, messages, pinblock, topics
from deskwire.dukpt_registers import Registers
from simulators.fleet.mqtt import Client
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_TIMEOUT_S = 10.0  # the wire's deadline of an ask


class FleetError(SimulatorError):
    """An answer did not come, or was not authentic."""


@dataclass(frozen=True)
class Identity:
    """What provisioning gives a terminal."""

    terminal: str
    ikid: bytes
    initial_key: bytes
    broker_password: str

    def __repr__(self) -> str:
        return f"Identity({self.terminal})"


@dataclass(frozen=True)
class Answer:
    """What came back: a body or a refusal, and after how long."""

    id: str
    body: dict[str, Any]
    refused: str
    took_s: float


class LightTerminal:
    """Speaks the wire for one terminal. Answers are checked against the request's own key, as the firmware does."""

    def __init__(self, identity: Identity, *, check: bool = True) -> None:
        self.name = identity.terminal
        self.registers = Registers.load(identity.initial_key, identity.ikid)
        self.drawer = ""
        self.news = 0
        self.on_answer: Callable[[float], None] = lambda _took_s: None
        self._check = check
        self._waiting: dict[str, tuple[asyncio.Future[Answer], bytes, float]] = {}
        self._topic_ask, self._topic_tell = topics.ask(self.name), topics.tell(self.name)
        self._client = Client(self.name, identity.broker_password, [topics.answer(self.name), topics.news(self.name)])
        self._client.on_message = self._message

    @property
    def connected(self) -> bool:
        """Whether the broker has us."""
        return self._client.connected

    async def connect(self, host: str, port: int) -> None:
        """Connect and subscribe."""
        await self._client.connect(host, port)

    def close(self) -> None:
        """Disconnect; whoever waits for an answer is told."""
        self._client.close()
        for waiting, _, _ in self._waiting.values():
            waiting.cancel()

    async def ask(self, name: str, body: dict[str, Any], *, pin: bytes = b"", account: str = "") -> Answer:
        """Send an ask and wait for its answer. With a PIN, its block for the account is put into the body."""
        identifier = ids.make(os.urandom(16))
        transaction = self.registers.advance()
        if pin:
            block = pinblock.encode(bytearray(pin), account, os.urandom(8), transaction.pin_key)
            body = {**body, "pin_block": block.hex().upper()}
        payload = messages.build_ask(name, identifier, self.name, int(time.time()), True, body)  # noqa: FBT003
        return await self._send(self._topic_ask, identifier, payload, transaction)

    async def tell(self, name: str, body: dict[str, Any]) -> Answer:
        """Send a tell and wait for its ack."""
        identifier = ids.make(os.urandom(16))
        payload = messages.build_tell(name, identifier, self.name, int(time.time()), True, body)  # noqa: FBT003
        return await self._send(self._topic_tell, identifier, payload, self.registers.advance())

    async def _send(self, topic: str, identifier: str, payload: bytes, transaction: Any) -> Answer:
        jws = envelope.seal(payload, transaction.ksn, transaction.mac_up_key, envelope.UP_LIMIT)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Answer] = loop.create_future()
        self._waiting[identifier] = (waiting, transaction.mac_down_key, time.perf_counter())
        self._client.publish(topic, jws)
        late = loop.call_later(ANSWER_TIMEOUT_S, self._give_up, identifier)
        try:
            return await waiting
        finally:
            late.cancel()
            self._waiting.pop(identifier, None)

    def _give_up(self, identifier: str) -> None:
        waiting, _, _ = self._waiting[identifier]
        if not waiting.done():
            waiting.set_exception(FleetError(f"{self.name}: no answer to {identifier} in {ANSWER_TIMEOUT_S:.0f} s"))

    def _message(self, _topic: str, payload: bytes) -> None:
        parts = envelope.split(payload)
        down = orjson.loads(parts.payload)
        if down["kind"] == "news":
            self.news += 1
            return
        found = self._waiting.get(down["to"])
        if found is None or found[0].done():
            return
        waiting, key, began = found
        took_s = time.perf_counter() - began
        if self._check and not envelope.verify(parts, key):
            waiting.set_exception(FleetError(f"{self.name}: the answer to {down['to']} is not authentic"))
            return
        refused = down.get("refused")
        self.on_answer(took_s)
        waiting.set_result(Answer(down["to"], down.get("body") or {}, refused["reason"] if refused else "", took_s))

    # -- a day's work

    async def sign_on(self, operator: str, pin: bytes, float_minor: int, currency: str) -> None:
        """Hello, sign on, open the drawer unless it is open."""
        from deskwire.accounts import operator_account  # noqa: PLC0415  (once a day)

        hello = {
            "firmware": "fleet",
            "config_version": 0,
            "waiting_tells": 0,
            "boot_reason": "power_on",
            "news_seen": 0,
        }
        self._must(await self.ask("hello", hello))
        signed = await self.ask("operator.sign_on", {"operator": operator}, pin=pin, account=operator_account(operator))
        drawer = self._must(signed).get("drawer")
        if drawer is None:
            body = {"operator": operator, "float_minor": float_minor, "currency": currency}
            drawer = self._must(await self.ask("drawer.open", body))
        self.drawer = str(drawer["drawer"])

    def _must(self, answer: Answer) -> dict[str, Any]:
        if answer.refused:
            raise FleetError(f"{self.name} was refused: {answer.refused}")
        return answer.body
