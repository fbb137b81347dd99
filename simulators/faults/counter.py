"""The people at the counter: cashiers who press keys by what the screen says, and payers who pay what they scan.

Cash is physical here. A cashier counts it at the screen that asks for it, and lets it stay or takes it back by what the
terminal says in the end: at once, or after a power cut. What the people then believe is compared with the books.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deskwire import emvco, ids
from simulators.faults import people

if TYPE_CHECKING:
    from simulators.faults.machine import Machine
    from simulators.faults.plan import Job
    from simulators.faults.world import World

#: A payer's phone tries this often, this far apart.
TRIES, RETRY_MS = 30, 2_500
#: A cashier looks up at least this often.
IDLE_MS = 1_000
WORKING = ("amount_entry", "account_entry", "pin_entry")
KEY_OF = {"sale": "A", "in": "B", "out": "C", "balance": "0"}


@dataclass
class Fact:
    """Cash that changed hands, or may have: `kept` is None while the cashier does not know yet."""

    kind: str
    terminal: str
    operation: str
    amount_minor: int
    kept: bool | None = None


@dataclass
class Payment:
    """A payer's try: `said` is the backend's word, empty while none came."""

    id: str
    sale: str
    wallet: str
    amount_minor: int
    said: str = ""


class Cashier:
    """One cashier at one terminal."""

    def __init__(self, world: World, machine: Machine, jobs: list[Job]) -> None:
        self.world = world
        self.machine = machine
        self.jobs = deque(jobs)
        self.job: Job | None = None
        self.pending: Fact | None = None
        self._random = world.random_for(f"cashier {machine.name}")
        self._operator = people.operator_of(machine.number)
        self._seen_ms = 0.0
        self._slips = 2

    @property
    def is_done(self) -> bool:
        """Nothing left to do or to find out."""
        return self.job is None and not self.jobs and self.pending is None

    def work(self) -> None:
        """Look at the screen, do something, come back."""
        machine = self.machine
        wait_ms = float(self.job.think_ms if self.job is not None else IDLE_MS)
        if machine.alive and machine.view is not None:
            screen, fields = machine.view
            if self.pending is not None:
                self._find_out(screen, fields)
            act = getattr(self, f"_on_{screen}", None)
            if act is not None:
                act(fields)
        self.world.loop.after(self._random.uniform(0.5, 1.5) * wait_ms, self.work)

    def _press(self, keys: str) -> None:
        self.machine.press(keys)

    # -- cash -------------------------------------------------------------------------------------------------------

    def _count(self, kind: str, amount_minor: int) -> None:
        """Cash changes hands now; whether it stays so, the terminal says."""
        operation = self.machine.operation
        if operation:
            fact = Fact(kind, self.machine.name, operation, amount_minor)
            self.world.facts.setdefault(operation, fact)
            self.pending = self.world.facts[operation]

    def _find_out(self, screen: str, fields: dict[str, Any]) -> None:
        """What became of the cash that was counted last."""
        fact = self.pending
        if fact is None:
            return
        mine = self.machine.operation == fact.operation
        done = "cash_in_done" if fact.kind == "in" else "cash_out_done"
        if screen == done and mine:
            self._conclude(fact, kept=True)
        elif screen == "fault" and fact.kind == "in" and fields["text"].startswith("NOT BOOKED"):
            self._conclude(fact, kept=False)
        elif not screen.startswith("confirm_") and screen not in {"boot", "fault", "cash_question"}:
            self._look_up(fact)

    def _look_up(self, fact: Fact) -> None:
        """Key D: what the terminal knows of the operation."""
        row = next((row for row in self.machine.desk.rows if row["operation"] == fact.operation), None)
        state = row["state"] if row is not None else ""
        if state in {"taken", "paid_out", "suspense"}:
            self._conclude(fact, kept=True)
        elif state not in {"held", "checking", "asked"}:
            self._conclude(fact, kept=False)

    def _conclude(self, fact: Fact, *, kept: bool) -> None:
        fact.kept = kept
        self.pending = None
        self.world.note(self.machine.name, f"cash {fact.kind} {'stays' if kept else 'goes back'}: {fact.operation}")

    # -- one method a screen ----------------------------------------------------------------------------------------

    def _on_operator_number(self, fields: dict[str, Any]) -> None:
        if fields["digits"]:
            self._press("*" * len(fields["digits"]))
        else:
            self._press(self._operator + "#")

    def _on_operator_pin(self, fields: dict[str, Any]) -> None:
        slips = self._slips > 0 and self._random.random() < 0.08
        self._slips -= slips
        self._press("*" * fields["stars"] + (people.WRONG_PIN if slips else people.OPERATOR_PIN) + "#")

    def _on_drawer_float(self, fields: dict[str, Any]) -> None:
        self._press("*" * len(str(fields["amount"] or "")) + f"{people.FLOAT_MINOR}#")

    def _on_menu(self, _fields: dict[str, Any]) -> None:
        self.job = None
        if self.pending is not None or self.world.is_closing or not self.jobs:
            if self.world.is_closing:
                self.jobs.clear()
            return
        self.job = self.jobs.popleft()
        self._seen_ms = 0.0
        if self.job.kind == "sign_off":
            self._press("**")
            self.job = None
        else:
            self._press(KEY_OF[self.job.kind])

    def _on_amount_entry(self, fields: dict[str, Any]) -> None:
        if self.job is None:
            self._press("*" * 12)
        elif fields["amount"]:
            self._press("#")
        else:
            self._press(f"{self.job.amount_minor}#")

    def _on_account_entry(self, fields: dict[str, Any]) -> None:
        if self.job is None:
            self._press("*" * 17)
        elif len(fields["digits"]) == 16:
            self._press("#")
        else:
            self._press("*" * len(fields["digits"]) + people.WALLETS[self.job.wallet] + "#")

    def _on_pin_entry(self, fields: dict[str, Any]) -> None:
        if self.job is None:
            self._press("*" * 20)
        else:
            pin = people.WRONG_PIN if self.job.is_pin_wrong else people.HOLDER_PIN
            self._press("*" * fields["stars"] + pin + "#")

    def _on_waiting(self, _fields: dict[str, Any]) -> None:
        if self._random.random() < 0.03:
            self._press("*")

    def _on_sale_qr(self, _fields: dict[str, Any]) -> None:
        job = self.job
        if job is None or job.end == "back":
            self._seen_ms = self._seen_ms or self.world.loop.now_ms
            if self.world.loop.now_ms - self._seen_ms > 2_500:
                self._press("*")

    def _on_confirm_cash_in(self, fields: dict[str, Any]) -> None:
        if self.pending is not None:
            self._press("#")  # the key was lost
        elif self._ends_with("ok"):
            self._count("in", fields["total"])
            self._press("#")
        else:
            self._press("*")

    def _on_confirm_cash_out(self, fields: dict[str, Any]) -> None:
        if self.pending is not None:
            self._press("#")
        elif self._ends_with("ok"):
            self._count("out", fields["amount"])
            self._press("#")
        elif not self._ends_with("wait"):
            self._press("*")

    def _ends_with(self, end: str) -> bool:
        return (self.job.end if self.job is not None else "back") == end

    def _on_cash_question(self, _fields: dict[str, Any]) -> None:
        fact = self.world.facts.get(self.machine.operation)
        was_paid = fact is not None and fact.kept is not False
        self._press("#" if was_paid else "*")
        if fact is not None and was_paid:
            self._conclude(fact, kept=True)  # the customer has left with it while the terminal was away

    def _on_fault(self, _fields: dict[str, Any]) -> None:
        self._press("#")

    def _on_outcome(self, fields: dict[str, Any]) -> None:
        self._seen_ms = self._seen_ms or self.world.loop.now_ms
        patience_ms = 20_000 if fields["kind"] == "unknown_checking" else 0
        if self.world.loop.now_ms - self._seen_ms >= patience_ms:
            self._seen_ms = 0.0
            self._press("*")

    def _on_paid(self, _fields: dict[str, Any]) -> None:
        self._press("#")

    _on_cash_in_done = _on_cash_out_done = _on_balance_shown = _on_paid

    def _on_recent(self, _fields: dict[str, Any]) -> None:
        self._press("*")


class Payers:
    """Everybody with a phone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.payments: list[Payment] = []
        self._random = world.random_for("payers")
        self._seen: set[str] = set()

    @property
    def is_done(self) -> bool:
        """Every payment that was begun was answered."""
        return all(payment.said for payment in self.payments)

    def scan(self, cashier: Cashier, text: str) -> None:
        """A code is on the screen: those who want to pay it take out their phones."""
        parsed = emvco.parse(text)
        sale = emvco.sale_id_of(parsed)
        if sale is None or sale in self._seen or cashier.job is None:
            return
        self._seen.add(sale)
        for delay_ms in cashier.job.payers:
            wallet = people.WALLETS[self._random.choice((0, 0, 0, 1, 2))]
            payment = Payment(ids.make(self._random.randbytes(16)), sale, wallet, cashier.job.amount_minor)
            self.world.loop.after(delay_ms, self._begin, payment)

    def _begin(self, payment: Payment) -> None:
        if not self.world.is_closing:
            self.payments.append(payment)
            self._try(payment, TRIES)

    def _try(self, payment: Payment, left: int) -> None:
        if payment.said or not left:
            return
        link, backend = self.world.links["phone"], self.world.backend

        def heard(said: str) -> None:
            if not payment.said:
                payment.said = said
                self.world.note("payer", f"{payment.sale} {said}")

        def arrive() -> None:
            if backend.up:
                backend.pay(
                    payment.wallet,
                    payment.id,
                    payment.sale,
                    payment.amount_minor,
                    lambda said: link.carry("down", heard, said),
                )

        link.carry("up", arrive)
        self.world.loop.after(RETRY_MS, self._try, payment, left - 1)
