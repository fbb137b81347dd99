"""The drawer's records: its life, its report lines, bags, late items, Z reports; in the order of their columns."""

from __future__ import annotations

from typing import NamedTuple


class Drawer(NamedTuple):
    """A drawer's life: open, counted, closed. `operator` opened it; `pieces` are the count as JSON [[face, count]]."""

    id: str
    terminal: str
    operator: str
    currency: str
    float_minor: int
    opened_at: int
    state: str = "open"
    counted_minor: int = 0
    expected_minor: int = 0
    pieces: str = "[]"
    counted_at: int = 0
    closed_at: int = 0


class DrawerEntry(NamedTuple):
    """What happened in a drawer, by line: so many times, so much in, so much out. Entries of a line add up."""

    drawer: str
    line: str
    times: int
    in_minor: int
    out_minor: int


class CashBag(NamedTuple):
    """Cash on its way from a drawer to the branch's vault, in a sealed bag; state transit or received."""

    id: str
    branch: str
    bag: str
    terminal: str
    drawer: str
    operator: str
    kind: str
    amount_minor: int
    currency: str
    state: str
    dropped_at: int
    received_by: str
    received_at: int


class LateItem(NamedTuple):
    """Cash told of after its drawer was counted. `z_number` is the report that shows it, 0 until then."""

    id: str
    terminal: str
    drawer: str
    operation: str
    line: str
    in_minor: int
    out_minor: int
    currency: str
    at: int
    z_number: int = 0


class ZReport(NamedTuple):
    """A closed drawer's report: numbered without gaps at its terminal, never changed. `body` is JSON."""

    id: str
    terminal: str
    number: int
    branch: str
    drawer: str
    operator: str
    supervisor: str
    reason: str
    currency: str
    float_minor: int
    counted_minor: int
    expected_minor: int
    opened_at: int
    closed_at: int
    body: str
