"""The drawer's rows of the store in memory: what a load picks, what a commit writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.operations.drawer_entities import DrawerEntry
from backend.store.port import ConflictError

if TYPE_CHECKING:
    from backend.operations.keys import Keys
    from backend.operations.loaded import Changes
    from backend.store.memory import Tables


def load(tables: Tables, keys: Keys) -> dict[str, Any]:
    """The open drawers of the terminals to be reported with entries, sales and late items; bags by number."""
    rows = tables.rows
    opened = {rows.terminal_states[name].drawer for name in keys.reports if name in rows.terminal_states} - {""}
    wanted = {(rows.terminals[name].branch, bag) for name, bag in keys.bags if name in rows.terminals}
    return {
        "drawers": {name: rows.drawers[name] for name in opened},
        "entries": {key: entry for key, entry in rows.entries.items() if key[0] in opened},
        "sales": {name: entry for name in opened if (entry := _sales(tables, name)).times},
        "bags": {key: bag for key in wanted if (bag := rows.bags.get(key)) is not None and bag.state == "transit"},
        "late": {i: one for i, one in rows.late.items() if one.terminal in keys.reports and not one.z_number},
    }


def _sales(tables: Tables, drawer: str) -> DrawerEntry:
    """The paid sales of a drawer, as one entry."""
    paid = [
        operation.amount_minor
        for operation in tables.rows.operations.values()
        if operation.drawer == drawer and operation.type == "sale" and operation.state == "paid"
    ]
    return DrawerEntry(drawer, "sale", len(paid), sum(paid), 0)


def commit(tables: Tables, changes: Changes) -> None:
    """Write the drawer's rows; the checks that PostgreSQL makes with constraints come first."""
    rows = tables.rows
    numbers = {(report.terminal, report.number) for report in tables.z_reports}
    if any((report.terminal, report.number) in numbers for report in changes.z_reports):
        raise ConflictError("z_report")
    rows.drawers |= changes.new_drawers | changes.drawers
    for key, entry in changes.entries.items():
        known = rows.entries.get(key, DrawerEntry(*key, 0, 0, 0))
        rows.entries[key] = DrawerEntry(*key, *(a + b for a, b in zip(known[2:], entry[2:], strict=True)))
    for bag in (*changes.new_bags.values(), *changes.bags.values()):
        rows.bags[bag.branch, bag.bag] = bag
    rows.late |= changes.new_late | changes.late
    tables.z_reports += changes.z_reports
