"""Load on a running chain: connect a fleet, sign it on, work a mix of operations, and measure every answer."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulators.fleet.flow import Flow, Pace
from simulators.fleet.light_terminal import LightTerminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.fleet.light_terminal import Answer, Identity

#: Messages are signed before the clock starts; this many a second at most, the rest as they go.
MOST_PER_SECOND = 6_000.0
#: Under load one answer in this many has its signature checked.
CHECK_EVERY = 16
_CONNECT_AT_ONCE = 64  # more would wait in the broker's accept queue and time out there
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

    def plan(self, seconds: float, *, per_second: float = 0.0, hot: int = 8) -> Load:
        """Sign the messages of a load of some seconds; `run` of what comes back works it.

        Each terminal has one message on its way; the first has `hot` flows at once on its one till. With `per_second`
        the fleet sends at that rate together; without, each sends as soon as it is answered.
        """
        measured = Measured()
        workers = [self.terminals[0]] * hot + self.terminals[1:]
        flows = []
        for place, terminal in enumerate(workers):
            flow = Flow(self, terminal, self._wallets[place % len(self._wallets)], measured)
            if place >= hot:  # the flows of one till overtake each other: theirs are signed as they go, in order
                flow.prepare(per_second or MOST_PER_SECOND, seconds, len(workers))
            flows.append(flow)
        return Load(self.terminals, flows, measured, seconds, per_second)

    async def load(self, seconds: float, *, per_second: float = 0.0, hot: int = 8) -> Measured:
        """Plan and run."""
        return await self.plan(seconds, per_second=per_second, hot=hot).run()

    async def _sale(self, terminal: LightTerminal) -> Answer:
        body = {"operator": self.operator, "amount_minor": 1250, "currency": self.currency}
        return await terminal.ask("sale.open", body)


class Load:
    """Flows that are ready to go."""

    def __init__(
        self,
        terminals: Sequence[LightTerminal],
        flows: Sequence[Flow],
        measured: Measured,
        seconds: float,
        per_second: float,
    ) -> None:
        self._terminals = terminals
        self._flows = flows
        self._measured = measured
        self._seconds = seconds
        self._per_second = per_second

    async def run(self) -> Measured:
        """Work until the time is over."""
        gc.collect()
        gc.freeze()
        count = len(self._flows)
        gap_s = count / self._per_second if self._per_second else 0.0
        sweeper = asyncio.ensure_future(self._sweep())
        began = time.perf_counter()
        try:
            until = began + self._seconds
            works = [flow.run(until, Pace(gap_s, place, count)) for place, flow in enumerate(self._flows)]
            await asyncio.gather(*works)
        finally:
            self._measured.seconds = time.perf_counter() - began
            sweeper.cancel()
            gc.unfreeze()
        return self._measured

    async def _sweep(self) -> None:
        """Fail what is overdue, and check only some answers meanwhile."""
        for terminal in self._terminals:
            terminal.check_every = CHECK_EVERY
        try:
            while True:
                await asyncio.sleep(1)
                for terminal in self._terminals:
                    terminal.give_up_late()
        finally:
            for terminal in self._terminals:
                terminal.check_every = 1
