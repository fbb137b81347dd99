"""The drawer's part of a load: open drawers with entries, sales and late items; bags on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend.operations.drawer_entities import CashBag, Drawer, DrawerEntry, LateItem
from backend.store.load_part import FOUND, Part, columns_of, rows_of, taker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.operations.loaded import Loaded
    from backend.store.load_part import Row


def _take_bags(loaded: Loaded, rows: Sequence[Row]) -> None:
    for row in rows:
        bag = CashBag(*row)
        loaded.bags[bag.branch, bag.bag] = bag


#: Each part's terminals have their states locked by now.
PARTS: Final[dict[str, Part]] = {
    "bags": Part(
        rows_of(
            columns_of(CashBag, FOUND),
            "SELECT p.* FROM cash_bag p JOIN unnest({0}, {1}) AS wanted (terminal, bag) ON p.bag = wanted.bag"
            " JOIN terminal t ON t.id = wanted.terminal AND t.branch = p.branch WHERE p.state = 'transit'"
            " ORDER BY p.id FOR NO KEY UPDATE OF p",
        ),
        _take_bags,
    ),
    "drawers": Part(
        rows_of(
            columns_of(Drawer, FOUND),
            "SELECT d.* FROM terminal_state s JOIN drawer d ON d.id = s.drawer WHERE s.terminal = ANY({0})",
        ),
        taker("drawers", Drawer),
    ),
    "entries": Part(
        rows_of(
            columns_of(DrawerEntry, FOUND),
            "SELECT e.* FROM terminal_state s JOIN drawer_entry e ON e.drawer = s.drawer WHERE s.terminal = ANY({0})",
        ),
        taker("entries", DrawerEntry, 2),
    ),
    "sales": Part(
        rows_of(
            columns_of(DrawerEntry, FOUND),
            "SELECT d.id AS drawer, 'sale' AS line, count(*) AS times, sum(o.amount_minor)::bigint AS in_minor,"
            " 0::bigint AS out_minor FROM terminal_state s JOIN drawer d ON d.id = s.drawer JOIN operation o"
            " ON o.terminal = s.terminal AND o.opened_at >= d.opened_at AND o.drawer = d.id AND o.type = 'sale'"
            " AND o.state = 'paid' WHERE s.terminal = ANY({0}) GROUP BY d.id",
        ),
        taker("sales", DrawerEntry),
    ),
    "late": Part(
        rows_of(
            columns_of(LateItem, FOUND),
            "SELECT * FROM late_item WHERE terminal = ANY({0}) AND z_number = 0 ORDER BY id FOR NO KEY UPDATE",
        ),
        taker("late", LateItem),
    ),
}
