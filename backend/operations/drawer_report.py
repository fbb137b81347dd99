"""drawer.report: the X report, what happened in the open drawer so far. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.operations import checks, drawers
from backend.operations.decision import Decision, answer, refuse
from backend.operations.drawer_entities import DrawerEntry

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.drawer_entities import LateItem
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "drawer"


def needs(command: Command, keys: Keys) -> None:
    """The operator, the till, and what the drawer's report is made of."""
    checks.needs_operator(command, keys)
    keys.accounts.add(f"till:{command.terminal}")
    keys.reports.add(command.terminal)


def lines(state: State, terminal: str, drawer: str) -> list[dict[str, Any]]:
    """The drawer's lines, by name; last what came late for earlier drawers of this terminal."""
    found = [entry for entry in state.loaded.entries.values() if entry.drawer == drawer]
    if (sales := state.loaded.sales.get(drawer)) is not None:
        found.append(sales)
    made = [_line(entry) for entry in sorted(found, key=lambda entry: entry.line)]
    if items := late_items(state, terminal):
        ins, outs = sum(item.in_minor for item in items), sum(item.out_minor for item in items)
        made.append(_line(DrawerEntry(drawer, "late", len(items), ins, outs)))
    return made


def late_items(state: State, terminal: str) -> list[LateItem]:
    """What came late at this terminal and no report has shown yet, oldest first."""
    items = [item for item in state.loaded.late.values() if item.terminal == terminal and not item.z_number]
    return sorted(items, key=lambda item: (item.at, item.id))


def _line(entry: DrawerEntry) -> dict[str, Any]:
    return {"line": entry.line, "count": entry.times, "in_minor": entry.in_minor, "out_minor": entry.out_minor}


def decide(state: State, command: Command) -> Decision:
    """The lines; the sum that must be in the drawer only for a supervisor, so that a cashier counts blind."""
    if refused := checks.service(state, command, SERVICE):
        return refused
    terminal = checks.terminal_of(state, command)
    now = state.terminal_state(terminal.id)
    operator = state.operator(command.body["operator"])
    drawer = state.loaded.drawers.get(now.drawer)
    if not now.drawer or drawer is None or operator is None:
        return refuse("drawer_closed")
    if operator.role != "supervisor" and operator.number != now.drawer_operator:
        return refuse("drawer_not_yours", {"operator": now.drawer_operator})
    said = {
        "drawer": drawer.id,
        "opened_at": drawer.opened_at,
        "float_minor": drawer.float_minor,
        "currency": drawer.currency,
        "lines": lines(state, terminal.id, drawer.id),
    }
    if operator.role == "supervisor":
        said["cash_minor"] = drawers.cash_minor(state, terminal)
    return answer(said)
