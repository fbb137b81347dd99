"""What a seed stands for: who does what, and which faults strike when. A plan is data, so that it can be cut down."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from simulators.faults.links import MOODS

#: How long people work and faults strike.
BUSY_MS = 45_000
MAX_TERMINALS = 3
WALLETS = 3
HUB_STEPS = (
    "before commit",
    "after commit",
    "before puback",
    "after puback",
    "before post",
    "after answer",
    "before publish",
    "after publish",
)


class Fault(NamedTuple):
    """One fault. `number` counts steps, messages or seconds, by its kind; `share` is between 0 and 1."""

    at_ms: int
    kind: str
    target: str = ""
    for_ms: int = 0
    share: float = 0.0
    number: int = 0

    def __str__(self) -> str:
        parts = [f"{self.at_ms / 1000:7.2f} s  {self.kind} {self.target}".rstrip()]
        parts += [f"for {self.for_ms / 1000:.1f} s"] if self.for_ms else []
        parts += [f"share {self.share:.2f}"] if self.share else []
        parts += [f"number {self.number}"] if self.number else []
        return "  ".join(parts)


class Job(NamedTuple):
    """One thing a cashier does. `end`: ok, back or wait; `payers` are the delays after which somebody pays the code."""

    terminal: str
    kind: str
    amount_minor: int = 0
    wallet: int = 0
    is_pin_wrong: bool = False
    end: str = "ok"
    payers: tuple[int, ...] = ()
    think_ms: int = 500

    def __str__(self) -> str:
        parts = [f"{self.terminal} {self.kind}"]
        parts += [f"{self.amount_minor / 100:.2f}"] if self.amount_minor else []
        parts += [f"wallet {self.wallet}"] if self.kind in {"in", "out", "balance"} else []
        parts += ["wrong PIN"] if self.is_pin_wrong else []
        parts += [f"then {self.end}"] if self.end != "ok" else []
        parts += [f"payers after {', '.join(f'{one / 1000:.1f}' for one in self.payers)} s"] if self.payers else []
        return "  ".join(parts)


class Plan(NamedTuple):
    """A whole schedule."""

    seed: int
    terminals: tuple[str, ...]
    fee_minor: int
    faults: tuple[Fault, ...]
    jobs: tuple[Job, ...]

    def script(self) -> str:
        """The plan as text."""
        head = f"seed {self.seed}: {len(self.terminals)} terminals, fee {self.fee_minor}"
        lines = [head, "people:", *(f"  {job}" for job in self.jobs), "faults:", *(f"  {one}" for one in self.faults)]
        return "\n".join(lines)


def make_plan(seed: int, faults: int = 20) -> Plan:
    """The plan of a seed."""
    random = Random(f"plan {seed}")
    count = random.choice((1, 2, 2, 3))
    terminals = tuple(f"T{number:07}" for number in range(1, count + 1))
    jobs = tuple(_job(random, name) for name in terminals for _ in range(random.randint(3, 6)))
    struck = tuple(sorted(_fault(random, terminals) for _ in range(faults)))
    return Plan(seed, terminals, random.choice((0, 0, 50)), struck, jobs)


def _job(random: Random, terminal: str) -> Job:
    kind = random.choice(("sale", "sale", "sale", "in", "in", "in", "out", "out", "out", "balance", "sign_off"))
    payers = tuple(
        int(random.choice((random.uniform(300, 4_000), random.uniform(300, 26_000))))
        for _ in range(random.choice((0, 1, 1, 1, 2)))
    )
    return Job(
        terminal,
        kind,
        random.choice((1, 99, 100, random.randint(1, 9_999), random.randint(1, 9_999), 60_000)),
        random.randrange(WALLETS),
        random.random() < 0.12,
        random.choices(("ok", "back", "wait"), (8, 1, 1))[0],
        payers if kind == "sale" else (),
        int(random.choice((150, 400, 1_200))),
    )


def _fault(random: Random, terminals: tuple[str, ...]) -> Fault:
    """One fault somewhere in the busy time. The first seconds are spared, so that most desks open."""
    at_ms = int(random.triangular(1_500, BUSY_MS, 12_000))
    make = random.choices(_MAKERS, _WEIGHTS)[0]
    return make(random, at_ms, random.choice(terminals))


def _on_link(random: Random, at_ms: int, terminal: str) -> Fault:
    mood = random.choice(MOODS)
    longest = 9_000 if mood == "cut" else 12_000
    target = random.choice((terminal, terminal, "hub", "web", "phone"))
    return Fault(at_ms, f"link.{mood}", target, random.randint(200, longest), round(random.uniform(0.1, 0.9), 2))


def _on_flash(random: Random, at_ms: int, terminal: str) -> Fault:
    what = random.choice(("flash.cut", "flash.cut", "flash.error"))
    share = random.choice((0.0, 1.0, round(random.random(), 2)))
    return Fault(at_ms, what, terminal, random.randint(300, 6_000), share, random.randint(1, 12))


def _on_terminal(random: Random, at_ms: int, terminal: str) -> Fault:
    kind = random.choice(("terminal.power", "terminal.power", "terminal.radio", "terminal.clock"))
    for_ms = random.randint(300, random.choice((9_000, 9_000, 25_000)))
    return Fault(at_ms, kind, terminal, for_ms, 0.0, random.choice((-40, 15, 90, 4_000_000)))


def _on_hub(random: Random, at_ms: int, _terminal: str) -> Fault:
    kind = random.choice(
        (
            "hub.crash",
            "hub.step",
            "hub.step",
            "hub.disk_full",
            "hub.replaced",
            "hub.copied",
            "hub.restored",
            "hub.clock",
        )
    )
    target = random.choice(HUB_STEPS) if kind == "hub.step" else ""
    return Fault(at_ms, kind, target, random.randint(300, 8_000), 0.0, random.choice((-3_600, -20, 20, 3_600)))


def _on_broker(random: Random, at_ms: int, terminal: str) -> Fault:
    kind = random.choice(
        (
            "broker.crash",
            "broker.forgets",
            "broker.corrupts",
            "broker.replays",
            "broker.replays",
            "broker.holds",
            "broker.holds",
            "broker.forges",
        )
    )
    return Fault(at_ms, kind, terminal, random.randint(300, 8_000), 0.0, random.randint(1, 5))


def _on_backend(random: Random, at_ms: int, _terminal: str) -> Fault:
    kind = random.choice(
        (
            "backend.crash",
            "backend.commit_fails",
            "backend.commit_unheard",
            "backend.commit_conflicts",
            "backend.database_down",
            "backend.answer_lost",
            "backend.answer_lost",
            "backend.answer_spoiled",
            "backend.busy",
            "backend.garbage",
            "backend.clock",
            "backend.freezes",
        )
    )
    return Fault(at_ms, kind, "", random.randint(300, 6_000), 0.0, random.randint(1, 3))


_MAKERS = (_on_link, _on_flash, _on_terminal, _on_hub, _on_broker, _on_backend)
_WEIGHTS = (5, 3, 3, 3, 2, 5)
