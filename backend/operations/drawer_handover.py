"""drawer.handover: the drawer's operator counts, and another operator confirms that sum and takes the drawer over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import checks, drawers
from backend.operations.decision import Decision, answer, refuse
from backend.operations.drawer_entities import DrawerEntry
from backend.operations.entities import Alarm, Audit

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "drawer"


def needs(command: Command, keys: Keys) -> None:
    """Both operators, the one who takes over locked: a try is counted; the till."""
    checks.needs_operator(command, keys)
    keys.locked_operators.add(command.body["to"])
    keys.accounts.add(f"till:{command.terminal}")


def decide(state: State, command: Command) -> Decision:
    """The sum both confirm must be what the books say; which sum that is, nobody is told."""
    body, terminal = command.body, checks.terminal_of(state, command)
    refused = (
        checks.service(state, command, SERVICE) or checks.drawer(state, command) or drawers.is_quiet(state, terminal)
    )
    if refused:
        return refused
    if body["currency"] != terminal.currency:
        return refuse("currency_mismatch", {"currency": terminal.currency})
    taker = state.operator(body["to"])
    if taker is None or taker.branch != terminal.branch:
        return refuse("operator_unknown")
    if taker.number == body["operator"]:
        return refuse("second_person")
    proved = checks.operator_pin(state, command, taker)
    if isinstance(proved, Decision):
        return proved
    now = state.terminal_state(terminal.id)
    what = {"from": body["operator"], "to": taker.number, "counted_minor": body["counted_minor"]}
    expected_minor = drawers.cash_minor(state, terminal)
    if body["counted_minor"] != expected_minor:
        details = {**what, "drawer": now.drawer, "expected_minor": expected_minor}
        return refuse("count_differs", None, Alarm("handover_differs", details))
    effects = (
        now._replace(operator=taker.number, drawer_operator=taker.number),
        DrawerEntry(now.drawer, "handover", 1, 0, 0),
        Audit(f"o:{body['operator']}", "drawer.handover", f"drawer:{now.drawer}", what, command.at),
        *((proved,) if taker.tries else ()),
    )
    drawer = drawers.shown(state, terminal)
    shown = {} if drawer is None else drawer | {"operator": taker.number}
    return answer({"operator": taker.number, "name": taker.name, "role": taker.role, "drawer": shown}, *effects)
