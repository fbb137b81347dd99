"""Load on a running chain: connect a fleet, sign it on, work a mix of operations, and measure every answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulators.fleet.light_terminal import FleetError, LightTerminal
from simulators.fleet.mqtt import FleetMqttError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from simulators.fleet.light_terminal import Answer, Identity

_CONNECT_AT_ONCE = 64  # more would wait in the broker's accept queue and time out there
_AMOUNT_MINOR = 500
_FLOAT_MINOR = 2_000  # 256 drawers of 20.00 fit into the demo branch's vault


@dataclass
class Measured:
    """Latencies of answers in seconds, by message type, and what was refused or lost."""

    took_s: list[float] = field(default_factory=list)
    by_type: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answered messages a second."""
        return len(self.took_s) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        """The latency below which this share of the answers came, in milliseconds."""
        if not self.took_s:
            return float("nan")
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def note(self, name: str, answer: Answer) -> Answer:
        """Count one answer."""
        self.took_s.append(answer.took_s)
        self.by_type[name] += 1
        if answer.refused:
            self.refused[answer.refused] += 1
        return answer


class Fleet:
    """The terminals of one load run."""

    def __init__(self, identities: Sequence[Identity], wallets: Sequence[str], pin: bytes, operator: str) -> None:
        self.terminals = [LightTerminal(identity) for identity in identities]
        self._wallets = wallets
        self.pin = pin
        self.operator = operator
        self.currency = "AZN"

    def part(self, count: int) -> Fleet:
        """A fleet of the first `count` of the same terminals: their keys go on where they are."""
        fleet = Fleet([], self._wallets, self.pin, self.operator)
        fleet.terminals = self.terminals[:count]
        return fleet

    async def connect(self, host: str, port: int) -> float:
        """Connect all; returns how long it took in seconds."""
        began = time.perf_counter()
        gate = asyncio.Semaphore(_CONNECT_AT_ONCE)

        async def one(terminal: LightTerminal) -> None:
            async with gate:
                await terminal.connect(host, port)

        await asyncio.gather(*(one(terminal) for terminal in self.terminals))
        return time.perf_counter() - began

    async def sign_on(self, operator_pin: bytes) -> None:
        """Sign every terminal on and open its drawer."""
        gate = asyncio.Semaphore(_CONNECT_AT_ONCE)

        async def one(terminal: LightTerminal) -> None:
            async with gate:
                await terminal.sign_on(self.operator, operator_pin, _FLOAT_MINOR, self.currency)

        await asyncio.gather(*(one(terminal) for terminal in self.terminals))

    def close(self) -> None:
        """Disconnect all."""
        for terminal in self.terminals:
            terminal.close()

    async def idle(self, count: int) -> Measured:
        """One ask at a time on the first terminal: what a cashier waits for on a quiet afternoon."""
        measured, terminal = Measured(), self.terminals[0]
        began = time.perf_counter()
        for _ in range(count):
            measured.note("sale.open", await self._sale(terminal))
        measured.seconds = time.perf_counter() - began
        return measured

    async def load(self, seconds: float, *, per_second: float = 0.0, hot: int = 8) -> Measured:
        """Work the mix for some seconds.

        Each terminal has one message on its way; the first has `hot` flows at once on its one till. With `per_second`
        the fleet sends at that rate together; without, each sends as soon as it is answered.
        """
        measured = Measured()
        until = time.perf_counter() + seconds
        workers = [self.terminals[0]] * hot + self.terminals[1:]
        gap_s = len(workers) / per_second if per_second else 0.0
        flows = [
            self._work(
                terminal, self._wallets[place % len(self._wallets)], measured, until, _Pace(gap_s, place, len(workers))
            )
            for place, terminal in enumerate(workers)
        ]
        began = time.perf_counter()
        await asyncio.gather(*flows)
        measured.seconds = time.perf_counter() - began
        return measured

    async def _work(self, terminal: LightTerminal, wallet: str, measured: Measured, until: float, pace: _Pace) -> None:
        flow = _Flow(self, terminal, wallet, measured, pace)
        for step in itertools.cycle((flow.sale, flow.cash_in, flow.cash_out, flow.balance)):
            if time.perf_counter() >= until:
                return
            try:
                await step()
            except (FleetError, FleetMqttError):
                measured.lost += 1

    async def _sale(self, terminal: LightTerminal) -> Answer:
        body = {"operator": self.operator, "amount_minor": 1250, "currency": self.currency}
        return await terminal.ask("sale.open", body)


class _Pace:
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


class _Flow:
    """The operations of one cashier with one customer's wallet. Money comes in before it goes out: balances stay."""

    def __init__(self, fleet: Fleet, terminal: LightTerminal, wallet: str, measured: Measured, pace: _Pace) -> None:
        self._fleet = fleet
        self._terminal = terminal
        self._wallet = wallet
        self._measured = measured
        self._pace = pace

    def _money(self) -> dict[str, object]:
        return {
            "operator": self._fleet.operator,
            "account": self._wallet,
            "amount_minor": _AMOUNT_MINOR,
            "currency": self._fleet.currency,
        }

    async def _measure(self, name: str, send: Callable[[], Awaitable[Answer]]) -> Answer:
        await self._pace.wait()
        return self._measured.note(name, await send())

    async def sale(self) -> None:
        """Open a sale and ask for its state."""
        money = self._money()
        del money["account"]
        opened = await self._measure("sale.open", lambda: self._terminal.ask("sale.open", money))
        if not opened.refused:
            await self._measure("sale.status", lambda: self._terminal.ask("sale.status", {"sale": opened.id}))

    async def cash_in(self) -> None:
        """Quote, then taken."""
        money = self._money()
        quote = await self._measure("cash_in.quote", lambda: self._terminal.ask("cash_in.quote", money))
        if quote.refused:
            return
        taken = {**money, "operation": quote.id, "fee_minor": quote.body["fee_minor"], "drawer": self._terminal.drawer}
        await self._measure("cash_in.taken", lambda: self._terminal.tell("cash_in.taken", taken))

    async def cash_out(self) -> None:
        """Authorize by PIN, then paid."""
        money, pin = self._money(), self._fleet.pin
        held = await self._measure(
            "cash_out.authorize",
            lambda: self._terminal.ask("cash_out.authorize", money, pin=pin, account=self._wallet),
        )
        if held.refused:
            return
        code = held.body["authorisation_code"]
        paid = {**money, "operation": held.id, "authorisation_code": code, "drawer": self._terminal.drawer}
        await self._measure("cash_out.paid", lambda: self._terminal.tell("cash_out.paid", paid))

    async def balance(self) -> None:
        """A balance by PIN."""
        body, pin = {"operator": self._fleet.operator, "account": self._wallet}, self._fleet.pin
        await self._measure("balance", lambda: self._terminal.ask("balance", body, pin=pin, account=self._wallet))
