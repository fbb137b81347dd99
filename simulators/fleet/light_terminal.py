"""One light terminal: its keys, its asks and tells, and the answers that come for them."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import dataclass
from typing import Any

import orjson

from deskwire import envelope, ids, messages, pinblock, topics
from deskwire.dukpt_registers import Registers, Transaction
from simulators.fleet.mqtt import Client
from simulators.waiting import SimulatorError

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


@dataclass(slots=True)
class _Waiting:
    """An answer that is waited for, the key that must have signed it, and when its message left."""

    future: asyncio.Future[Answer]
    down_key: bytes
    began: float


def _payload(jws: bytes) -> bytes:
    """The payload of an envelope that is not checked."""
    middle = jws[jws.index(b".") + 1 : jws.rindex(b".")]
    return base64.urlsafe_b64decode(middle + b"=" * (-len(middle) % 4))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message signed before it is needed: what a terminal's own processor would do while a person types."""

    id: str
    name: str
    kind: str
    jws: bytes
    down_key: bytes

    def __repr__(self) -> str:
        return f"Prepared({self.name} {self.id})"


class LightTerminal:
    """Speaks the wire for one terminal. Answers are checked against the request's own key, as the firmware does.

    Under load only one answer in `check_every` is: checking costs the generator more than the chain spends on it.
    """

    def __init__(self, identity: Identity) -> None:
        self.name = identity.terminal
        self.registers = Registers.load(identity.initial_key, identity.ikid)
        self.drawer = ""
        self.news = 0
        self.check_every = 1
        self._answers = 0
        self._waiting: dict[str, _Waiting] = {}
        self._topics = {"ask": topics.ask(self.name), "tell": topics.tell(self.name)}
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
        for waiting in self._waiting.values():
            waiting.future.cancel()

    def prepare(
        self,
        kind: str,
        name: str,
        body: dict[str, Any],
        *,
        pin: bytes = b"",
        account: str = "",
        transaction: Transaction | None = None,
    ) -> Prepared:
        """Sign an ask or a tell, with keys set aside earlier or the next ones. A PIN's block goes into the body."""
        identifier = ids.make(os.urandom(16))
        transaction = transaction or self.registers.advance()
        if pin:
            block = pinblock.encode(bytearray(pin), account, os.urandom(8), transaction.pin_key)
            body = {**body, "pin_block": block.hex().upper()}
        build = messages.build_ask if kind == "ask" else messages.build_tell
        payload = build(name, identifier, self.name, int(time.time()), True, body)  # noqa: FBT003
        jws = envelope.seal(payload, transaction.ksn, transaction.mac_up_key, envelope.UP_LIMIT)
        return Prepared(identifier, name, kind, jws, transaction.mac_down_key)

    async def ask(self, name: str, body: dict[str, Any], *, pin: bytes = b"", account: str = "") -> Answer:
        """Send an ask and wait for its answer."""
        return await self.send(self.prepare("ask", name, body, pin=pin, account=account))

    async def tell(self, name: str, body: dict[str, Any]) -> Answer:
        """Send a tell and wait for its ack."""
        return await self.send(self.prepare("tell", name, body))

    async def send(self, message: Prepared) -> Answer:
        """Publish and wait; FleetError when nothing came before the deadline."""
        now = time.perf_counter()
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[message.id] = _Waiting(future, message.down_key, now)
        self._client.publish(self._topics[message.kind], message.jws)
        try:
            return await future
        finally:
            self._waiting.pop(message.id, None)

    def give_up_late(self) -> None:
        """Fail what has waited beyond the deadline; called about once a second."""
        now = time.perf_counter()
        for identifier, waiting in self._waiting.items():
            if now - waiting.began > ANSWER_TIMEOUT_S and not waiting.future.done():
                text = f"{self.name}: no answer to {identifier} in {ANSWER_TIMEOUT_S:.0f} s"
                waiting.future.set_exception(FleetError(text))

    def _message(self, topic: str, payload: bytes) -> None:
        if topic.endswith("/news"):
            self.news += 1
            return
        self._answers += 1
        checked = self._answers % self.check_every == 0
        parts = envelope.split(payload) if checked else None
        down = orjson.loads(parts.payload if parts else _payload(payload))
        found = self._waiting.get(down["to"])
        if found is None or found.future.done():
            return
        if parts is not None and not envelope.verify(parts, found.down_key):
            found.future.set_exception(FleetError(f"{self.name}: the answer to {down['to']} is not authentic"))
            return
        refused = down.get("refused")
        took_s = time.perf_counter() - found.began
        found.future.set_result(
            Answer(down["to"], down.get("body") or {}, refused["reason"] if refused else "", took_s)
        )

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
