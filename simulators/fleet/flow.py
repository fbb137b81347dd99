"""One cashier's work with one customer's wallet: seven messages over and over, signed ahead where that is possible."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from simulators.fleet.light_terminal import FleetError, Prepared
from simulators.fleet.mqtt import FleetMqttError

if TYPE_CHECKING:
    from deskwire.dukpt_registers import Transaction
    from simulators.fleet.light_terminal import Answer, LightTerminal
    from simulators.fleet.load import Fleet, Measured

_AMOUNT_MINOR = 500
_ROUND = ("sale.open", "sale.status", "cash_in.quote", "cash_in.taken", "cash_out.authorize", "balance")
_PER_ROUND = len(_ROUND) + 1  # cash_out.paid follows its authorize


class Pace:
    """When the next message may go: at even distances from a start of its own, or at once."""

    def __init__(self, gap_s: float, place: int, count: int) -> None:
        self._gap_s = gap_s
        self._next = time.perf_counter() + gap_s * place / count

    async def wait(self) -> None:
        """Wait for the turn; whoever is late goes at once and is not let off the missed ones."""
        if not self._gap_s:
            return
        delay = self._next - time.perf_counter()
        self._next += self._gap_s
        if delay > 0:
            await asyncio.sleep(delay)


class Flow:
    """Sale and its state, cash in, cash out, balance. Money comes in before it goes out: balances stay as they are."""

    def __init__(self, fleet: Fleet, terminal: LightTerminal, wallet: str, measured: Measured) -> None:
        self._fleet = fleet
        self._terminal = terminal
        self._wallet = wallet
        self._measured = measured
        self._rounds: deque[tuple[list[Prepared], Transaction]] = deque()
        self._known: dict[str, str] = {}

    def prepare(self, per_second: float, seconds: float, flows: int) -> None:
        """Sign as many rounds as this flow can need."""
        for _ in range(int(per_second * seconds / flows / _PER_ROUND) + 1):
            self._rounds.append(self._round())

    async def run(self, until: float, pace: Pace) -> None:
        """Work until the time is over."""
        while time.perf_counter() < until:
            try:
                await self._work(self._rounds.popleft() if self._rounds else None, until, pace)
            except (FleetError, FleetMqttError):
                self._measured.lost += 1

    async def _work(self, prepared: tuple[list[Prepared], Transaction] | None, until: float, pace: Pace) -> None:
        """One round. Without prepared messages each is signed when its turn comes."""
        made, reserved = (iter(prepared[0]), prepared[1]) if prepared else (None, None)
        for name in _ROUND:
            if time.perf_counter() >= until:
                return
            await pace.wait()
            message = next(made) if made else self._sign(name, self._known)
            answer = self._measured.note(name, await self._terminal.send(message))
            self._known[name] = message.id
            if answer.refused:
                return
            if name == "cash_out.authorize":
                await pace.wait()
                self._measured.note("cash_out.paid", await self._terminal.send(self._paid(answer, reserved)))

    def _round(self) -> tuple[list[Prepared], Transaction]:
        """All messages of a round; for cash_out.paid, which names a code not known yet, only its keys."""
        known: dict[str, str] = {}
        made = []
        for name in _ROUND:
            message = self._sign(name, known)
            known[name] = message.id
            made.append(message)
            if name == "cash_out.authorize":
                reserved = self._terminal.registers.advance()
        return made, reserved

    def _sign(self, name: str, known: dict[str, str]) -> Prepared:
        """Sign one message of the round; `known` has the ids of the earlier ones."""
        fleet, terminal = self._fleet, self._terminal
        operator = {"operator": fleet.operator}
        money: dict[str, Any] = {**operator, "amount_minor": _AMOUNT_MINOR, "currency": fleet.currency}
        account = {"account": self._wallet}
        if name == "sale.open":
            return terminal.prepare("ask", name, money)
        if name == "sale.status":
            return terminal.prepare("ask", name, {"sale": known["sale.open"]})
        if name == "cash_in.quote":
            return terminal.prepare("ask", name, money | account)
        if name == "cash_in.taken":
            taken = {"operation": known["cash_in.quote"], "fee_minor": 0, "drawer": terminal.drawer}
            return terminal.prepare("tell", name, money | account | taken)
        body = money | account if name == "cash_out.authorize" else operator | account
        return terminal.prepare("ask", name, body, pin=fleet.pin, account=self._wallet)

    def _paid(self, held: Answer, reserved: Transaction | None) -> Prepared:
        body = {
            "operation": held.id,
            "operator": self._fleet.operator,
            "account": self._wallet,
            "amount_minor": _AMOUNT_MINOR,
            "currency": self._fleet.currency,
            "authorisation_code": held.body["authorisation_code"],
            "drawer": self._terminal.drawer,
        }
        return self._terminal.prepare("tell", "cash_out.paid", body, transaction=reserved)
