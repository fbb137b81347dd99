"""One schedule: all parts together on one virtual clock, struck by the plan's faults, left in peace, then judged."""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from simulators.faults import checks, people, strikes
from simulators.faults.backend import BackendPart
from simulators.faults.broker import Broker
from simulators.faults.counter import Cashier, Payers
from simulators.faults.hub import HubPart
from simulators.faults.links import Link
from simulators.faults.loop import make_loop
from simulators.faults.machine import Machine
from simulators.faults.plan import BUSY_MS

if TYPE_CHECKING:
    from backend.operations.loaded import Changes
    from simulators.faults.counter import Fact
    from simulators.faults.plan import Plan

#: After the faults end, everything must have come to rest within this (the slowest backoff is a minute, twice).
PEACE_MS = 240_000
#: How often rest is looked for.
LOOK_MS = 2_500


class Claim(NamedTuple):
    """What a screen said about an operation."""

    at_ms: int
    terminal: str
    screen: str
    fields: dict[str, Any]
    operation: str


class Result(NamedTuple):
    """What came of a schedule."""

    seed: int
    trace_hash: str
    problems: tuple[str, ...]
    struck: int
    bookings: int
    virtual_s: int
    trace: tuple[str, ...] = ()


class World:
    """Everything of one schedule."""

    def __init__(self, plan: Plan, *, tracing: bool = False) -> None:
        self.plan = plan
        self.loop = make_loop()
        self.terminals = plan.terminals
        self.problems: list[str] = []
        self.claims: list[Claim] = []
        self.facts: dict[str, Fact] = {}
        #: Operations for which a screen called the supervisor: people settle them by the books.
        self.called: set[str] = set()
        #: Operations whose record could not be written, and that may be asked about again after a power cut.
        self.unrecorded: set[str] = set()
        #: How far each clock stands from the truth, in seconds.
        self.skew_s: dict[str, int] = {}
        self.is_quiet = False
        self.is_closing = False
        self.struck = 0
        #: id of a void that was told -> its operation; and the operations whose void is acknowledged
        self.voids: dict[str, str] = {}
        self.voided: set[str] = set()
        self._trace: list[str] = []
        self._tracing = tracing
        self._digest = hashlib.blake2b(digest_size=8)
        self.links = {name: Link(name, self.loop, self.random_for(f"link {name}")) for name in self._link_names()}
        self.broker = Broker(self.loop, self.random_for("broker"))
        self.backend = BackendPart(self, people.make_tables(plan))
        self.hub = HubPart(self)
        self.machines = {name: Machine(self, number, name) for number, name in enumerate(plan.terminals)}
        self.cashiers = {
            name: Cashier(self, machine, [job for job in plan.jobs if job.terminal == name])
            for name, machine in self.machines.items()
        }
        self.payers = Payers(self)

    def _link_names(self) -> tuple[str, ...]:
        return (*self.plan.terminals, "hub", "web", "phone")

    def random_for(self, part: str) -> Random:
        """A stream of chance of its own for each part, so that cutting one fault away leaves the others alone."""
        return Random(f"{self.plan.seed} {part}")

    def epoch_ms(self, clock: str) -> int:
        """What that clock says."""
        return int(self.loop.now_ms) + (people.EPOCH_S + self.skew_s.get(clock, 0)) * 1000

    # -- running ----------------------------------------------------------------------------------------------------

    def run(self) -> Result:
        """Run the schedule to its end and judge it."""
        self.backend.start()
        self.hub.start()
        for number, machine in enumerate(self.machines.values()):
            self.loop.after(50 + 130 * number, machine.boot)
        for cashier in self.cashiers.values():
            self.loop.after(900, cashier.work)
        for fault in self.plan.faults:
            self.loop.after(fault.at_ms, strikes.strike, self, fault)
        self.loop.run_until(BUSY_MS)
        self.is_closing = True
        strikes.heal(self)
        self.loop.run_until(BUSY_MS + 3_000)
        self.is_quiet = True
        self._rest()
        self.problems += checks.judge(self)
        self.problems += [f"a task failed: {fault}" for fault in self.loop.faults]
        self.problems += self.backend.objections
        return self._result()

    def _rest(self) -> None:
        end_ms = self.loop.now_ms + PEACE_MS
        while self.loop.now_ms < end_ms:
            self.loop.run_until(self.loop.now_ms + LOOK_MS)
            if not checks.unrest(self):
                return
        self.problems += [f"no rest after {PEACE_MS // 1000} s of peace: {what}" for what in checks.unrest(self)]

    def _result(self) -> Result:
        problems = tuple(dict.fromkeys(self.problems))
        return Result(
            self.plan.seed,
            self._digest.hexdigest(),
            problems,
            self.struck,
            len(self.backend.tables.transfers),
            int(self.loop.now_ms / 1000),
            tuple(self._trace),
        )

    # -- what the parts report --------------------------------------------------------------------------------------

    def note(self, who: str, what: str) -> None:
        """A line of the trace."""
        line = f"{self.loop.now_ms / 1000:9.3f}  {who:<9} {what}"
        self._digest.update(line.encode())
        if self._tracing:
            self._trace.append(line)

    def object(self, problem: str) -> None:
        """Something that must not happen, happened."""
        self.note("PROBLEM", problem)
        self.problems.append(problem)

    def screen(self, machine: Machine, view: tuple[str, dict[str, Any]]) -> None:
        """A terminal shows something else."""
        screen, fields = view
        about = fields.get("title") or fields.get("amount") or fields.get("text") or ""
        self.note(machine.name, f"shows {screen} {about} {machine.operation}".rstrip())
        if screen in checks.CLAIMING:
            self.claims.append(Claim(int(self.loop.now_ms), machine.name, screen, fields, machine.operation))
        if screen == "fault" and "Call the supervisor" in fields["text"] and "NOT BOOKED" not in fields["text"]:
            self.called.add(machine.operation)
        if screen == "sale_qr":
            self.payers.scan(self.cashiers[machine.name], fields["qr"])

    def committed(self, changes: Changes) -> None:
        """The backend committed."""
        for stored in changes.answers:
            said = stored.refused or stored.body
            self.note("backend", f"{stored.origin} {stored.operation} {stored.id[:8]} {said[:60]}")
        checks.after_commit(self, changes)

    def check_custody(self) -> None:
        """What the hub has acknowledged and the backend has not answered lies on the hub's disk."""
        missing = self.hub.custody - self.hub.disk.holds()
        for terminal, jws in sorted(missing):
            self.object(f"the hub acknowledged a tell of {terminal} and does not hold it: {checks.name_of(jws)}")
            self.hub.custody.discard((terminal, jws))

    def check_cursor(self, cursor: str, unpublished: list[str]) -> None:
        """The hub's stored place in the outbox does not lie beyond what the broker has not acknowledged."""
        if any(int(waiting) <= int(cursor) for waiting in unpublished):
            self.object(f"the hub stored the outbox cursor {cursor} before the broker had the news up to it")
