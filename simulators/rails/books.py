"""What the simulated rails know: customers and their debts, orders by id, and which faults are switched on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from deskwire.accounts import luhn_digit

if TYPE_CHECKING:
    from collections.abc import Mapping

RAILS: Final = ("billers", "cards", "wallets", "international")
#: slow: answers take seconds. lost: the order is accepted, and neither answer nor callback comes. late: the order is
#: closed only after seconds. duplicate: a callback comes three times. decline: orders fail. away: nothing is answered.
FAULTS: Final = ("slow", "lost", "late", "duplicate", "decline", "away")
#: References that begin so are known to no provider.
UNKNOWN_PREFIX: Final = "000"
#: Services without a debt: any amount may be paid.
OPEN_AMOUNT: Final = frozenset({"mobile", "card", "ewallet", "abroad"})
#: Orders that are kept: a simulator runs for an afternoon.
MAX_ORDERS: Final = 10_000


@dataclass(slots=True)
class SimOrder:
    """One order at a rail."""

    rail: str
    asked: dict[str, Any]
    state: str = "pending"
    receipt: str = ""
    reason: str = ""
    #: How often it was really carried out: more than once would be a bug of the simulator, never of its caller.
    paid: int = 0
    callbacks: int = 0

    @property
    def reference(self) -> str:
        """The rail's own number of it."""
        return f"{self.rail[:2].upper()}-{_number(self.asked['id'])}"

    def shown(self) -> dict[str, Any]:
        """The order as the rail answers it."""
        said = {"state": self.state, "reference": self.reference, "receipt": self.receipt, "reason": self.reason}
        return {name: value for name, value in said.items() if value}


@dataclass(slots=True)
class RailBooks:
    """All rails' state. Pure: no clock, no network."""

    orders: dict[str, SimOrder] = field(default_factory=dict)
    faults: dict[str, set[str]] = field(default_factory=lambda: {rail: set() for rail in RAILS})

    def switch(self, rail: str, fault: str, *, on: bool) -> None:
        """Switch a fault of one rail, or of all with "*".

        Raises:
            ValueError: there is no such rail or fault.
        """
        names = RAILS if rail == "*" else (rail,)
        if fault not in FAULTS or any(name not in RAILS for name in names):
            raise ValueError(f"there are the rails {', '.join(RAILS)} and the faults {', '.join(FAULTS)}")
        for name in names:
            (self.faults[name].add if on else self.faults[name].discard)(fault)

    def has(self, rail: str, fault: str) -> bool:
        """Whether a fault of a rail is switched on."""
        return fault in self.faults[rail]

    def lookup(self, rail: str, service: str, reference: str) -> dict[str, Any] | None:
        """Who is behind a reference; None: nobody."""
        if not reference.isdigit() or reference.startswith(UNKNOWN_PREFIX):
            return None
        if service == "card" and luhn_digit(reference[:-1]) != reference[-1]:
            return None
        debt_minor = 0 if service in OPEN_AMOUNT else 1_000 + int(reference[-4:]) % 9_000
        token = f"{service}-{hashlib.sha256(f'{rail}:{reference}'.encode()).hexdigest()[:24]}"
        return {"token": token, "shown": f"**** {reference[-4:]}", "debt_minor": debt_minor}

    def accept(self, rail: str, asked: Mapping[str, Any]) -> tuple[SimOrder, bool]:
        """The order, and whether it is new. The same id is the same order."""
        known = self.orders.get(str(asked["id"]))
        if known is not None:
            return known, False
        while len(self.orders) >= MAX_ORDERS:
            del self.orders[next(iter(self.orders))]
        made = self.orders[str(asked["id"])] = SimOrder(rail, dict(asked))
        if self.has(rail, "decline"):
            made.state, made.reason = "failed", "declined by the provider"
        return made, True

    def close(self, order_id: str) -> SimOrder:
        """Carry a pending order out, once."""
        order = self.orders[order_id]
        if order.state == "pending":
            order.state, order.receipt = "done", f"R{_number(order_id + 'receipt')}"
            order.paid += 1
        return order


def _number(text: str) -> str:
    """Eight digits from any text, the same each time."""
    return f"{int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) % 100_000_000:08}"
