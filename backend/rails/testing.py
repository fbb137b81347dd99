"""A rail in memory with the faults of real ones, and orders claimed from the store in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations.rail_states import OPEN
from backend.rails.port import Found, Order, Report
from backend.rails.retry import delay_s

if TYPE_CHECKING:
    from backend.operations.rail_entities import RailOrder
    from backend.store.memory import MemoryStore

#: A reference that no provider knows.
UNKNOWN_REFERENCE = "000000"
DEBT_MINOR = 4_250


class FakeRail:
    """Takes orders by id, once each. Every switch is a fault that a real rail has shown to somebody."""

    def __init__(self) -> None:
        #: id -> (order, state)
        self.orders: dict[str, tuple[Order, str]] = {}
        #: How often each order was really paid out: more than once would be our money.
        self.paid: dict[str, int] = {}
        self.is_away = False
        #: It takes the order, and the answer is lost.
        self.loses_answers = False
        #: It takes the order, and closes it only later.
        self.is_late = False
        self.declines = False

    async def lookup(self, service: str, reference: str, currency: str) -> Found:  # noqa: ARG002  (the port's shape)
        """Everybody owes the same."""
        if self.is_away:
            return Found("away")
        if reference == UNKNOWN_REFERENCE:
            return Found("unknown")
        return Found("found", f"token-{reference}", f"Customer {reference[-4:]}", DEBT_MINOR)

    async def submit(self, order: Order) -> Report:
        """Take the order."""
        if self.is_away:
            return Report("not_sent")
        if order.id not in self.orders:
            self.orders[order.id] = (order, "pending")
            if not self.is_late:
                self.close(order.id)
        return Report("no_answer") if self.loses_answers else await self.status(order.id)

    async def status(self, order_id: str) -> Report:
        """What became of it."""
        if self.is_away or self.loses_answers:
            return Report("no_answer")
        return self.word(order_id)

    def close(self, order_id: str) -> None:
        """Pay an order out, or decline it; a closed one stays as it is."""
        order, state = self.orders[order_id]
        if state != "pending":
            return
        if not self.declines:
            self.paid[order_id] = self.paid.get(order_id, 0) + 1
        self.orders[order_id] = (order, "failed" if self.declines else "done")

    def word(self, order_id: str) -> Report:
        """What a callback would say now."""
        state = self.orders[order_id][1] if order_id in self.orders else ""
        if state == "done":
            return Report("done", f"F-{order_id[:8]}", f"R-{order_id[:8]}")
        if state == "failed":
            return Report("failed", f"F-{order_id[:8]}", "", "declined")
        return Report("accepted", f"F-{order_id[:8]}") if state else Report("not_known")


class MemoryClaims:
    """Claims of due orders from the store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def claim(self, now: int, limit: int) -> list[RailOrder]:
        """As the claims from PostgreSQL."""
        rows = self._store.tables.rows.rail_orders
        due = [order for order in rows.values() if order.state in OPEN and order.next_at <= now][:limit]
        for place, order in enumerate(due):
            attempts = order.attempts + 1
            next_at = now + delay_s(attempts, now - order.opened_at)
            due[place] = rows[order.id] = order._replace(attempts=attempts, next_at=next_at)
        return due
