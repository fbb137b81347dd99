"""drawer.count and drawer.close: the blind count is sealed; the difference is explained, the cash bagged, Z written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import approval, checks, codes, drawers
from backend.operations.decision import Decision, Effect, answer, refuse
from backend.operations.drawer_drop import fill, needs_bag, number_is_taken
from backend.operations.drawer_entities import Drawer, ZReport
from backend.operations.drawer_report import late_items, lines
from backend.operations.entities import Approval, Audit
from backend.operations.failures import LedgerRefusedError
from deskwire.denominations import faces, total_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.drawer_entities import CashBag
    from backend.operations.entities import Terminal
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: Late items that one report shows in full: a page. The others' sums are in its line, all of them are marked.
MAX_LATE_SHOWN = 100


def needs_count(command: Command, keys: Keys) -> None:
    """The operator, the drawer, the till."""
    checks.needs_operator(command, keys)
    keys.accounts.add(f"till:{command.terminal}")
    keys.reports.add(command.terminal)


def decide_count(state: State, command: Command) -> Decision:
    """Seal the count, and only then tell what the books say. What is told of this drawer from now on is late."""
    body, terminal = command.body, checks.terminal_of(state, command)
    if refused := _own_drawer(state, command):
        return refused
    now = state.terminal_state(terminal.id)
    if now.drawer_counted >= 0:
        return refuse("drawer_counted")
    if body["currency"] != terminal.currency:
        return refuse("currency_mismatch", {"currency": terminal.currency})
    pieces = [(piece["face_minor"], piece["count"]) for piece in body["pieces"]]
    named = [face for face, _ in pieces]
    known = set(named) <= set(faces(terminal.currency)) and len(set(named)) == len(named)
    if not known or total_minor(pieces) != body["counted_minor"]:
        return refuse("amount_invalid")
    if refused := drawers.is_quiet(state, terminal):
        return refused
    expected_minor = drawers.cash_minor(state, terminal)
    sealed = state.loaded.drawers[now.drawer]._replace(
        state="counted",
        counted_minor=body["counted_minor"],
        expected_minor=expected_minor,
        pieces=json.dumps(pieces),
        counted_at=command.at,
    )
    said = {
        "drawer": now.drawer,
        "counted_minor": body["counted_minor"],
        "expected_minor": expected_minor,
        "currency": terminal.currency,
    }
    return answer(said, sealed, now._replace(drawer_counted=body["counted_minor"]))


def _own_drawer(state: State, command: Command) -> Decision | None:
    """A drawer is open, and it is this operator's; a supervisor may count and close for one who is away."""
    if refused := checks.signed_on(state, command):
        return refused
    now, operator = state.terminal_state(command.terminal), state.operator(command.body["operator"])
    if not now.drawer or now.drawer not in state.loaded.drawers:
        return refuse("drawer_closed")
    if operator is None or (operator.role != "supervisor" and operator.number != now.drawer_operator):
        return refuse("drawer_not_yours", {"operator": now.drawer_operator})
    return None


def needs_close(command: Command, keys: Keys) -> None:
    """What counting needs, the bag, over/short, and the approval of a difference."""
    needs_count(command, keys)
    needs_bag(command, keys)
    keys.branch_accounts.add(("over_short", command.terminal))
    approval.needs_use(command, keys)


def decide_close(state: State, command: Command) -> Decision:
    """A difference needs a reason and a supervisor. Over/short takes it, a bag the cash, and the till is empty."""
    terminal, body = checks.terminal_of(state, command), command.body
    if refused := _own_drawer(state, command):
        return refused
    now = state.terminal_state(terminal.id)
    drawer = state.loaded.drawers[now.drawer]
    if now.drawer_counted < 0 or drawer.id != body["drawer"]:
        return refuse("drawer_closed")
    if number_is_taken(state, command):
        return refuse("busy")
    variance_minor = drawer.counted_minor - drawer.expected_minor
    approved = _explained(state, command, drawer, variance_minor)
    if isinstance(approved, Decision):
        return approved
    transfers, bag = _moves(state, command, terminal, drawer)
    if (result := state.try_transfers(transfers)) is not Result.OK:
        raise LedgerRefusedError(result)
    items = late_items(state, terminal.id)
    closed = now._replace(drawer="", drawer_operator="", drawer_counted=-1, z_number=now.z_number + 1)
    details = {
        "z": closed.z_number,
        "terminal": terminal.id,
        "variance_minor": variance_minor,
        "currency": drawer.currency,
    }
    effects: list[Effect] = [
        *transfers,
        *((bag,) if bag else ()),
        drawer._replace(state="closed", closed_at=command.at),
        closed,
        _z_report(state, command, drawer, approved, bag),
        *(item._replace(z_number=closed.z_number) for item in items),
        Audit(f"o:{body['operator']}", "drawer.closed", f"drawer:{drawer.id}", details, command.at),
        *((approved,) if approved else ()),
    ]
    said = {
        "number": closed.z_number,
        "counted_minor": drawer.counted_minor,
        "expected_minor": drawer.expected_minor,
        "currency": drawer.currency,
        **({"bag": bag.bag} if bag else {}),
    }
    return answer(said, *effects)


def _explained(state: State, command: Command, drawer: Drawer, variance_minor: int) -> Decision | Approval | None:
    """The approval of the difference, nothing where there is none, or the refusal."""
    if not variance_minor:
        return None
    if not command.body.get("reason"):
        return refuse("reason_needed")
    return approval.use(state, command, "variance", operation=drawer.id, amount_minor=abs(variance_minor))


def _moves(
    state: State, command: Command, terminal: Terminal, drawer: Drawer
) -> tuple[tuple[Transfer, ...], CashBag | None]:
    """The difference to over/short, then what was counted into a bag."""
    transfers: list[Transfer] = []
    variance_minor = drawer.counted_minor - drawer.expected_minor
    if variance_minor:
        over_short = f"over_short:{terminal.branch}"
        debit, credit = (terminal.till, over_short) if variance_minor > 0 else (over_short, terminal.till)
        transfers.append(
            Transfer(
                f"{command.id}:variance",
                PLAIN,
                debit,
                credit,
                abs(variance_minor),
                drawer.currency,
                codes.OVER_SHORT,
                "",
                drawer.id,
                command.at,
            )
        )
    if not drawer.counted_minor:
        return tuple(transfers), None
    move, bag = fill(state, command, drawer.id, drawer.counted_minor, "closing")
    return (*transfers, move), bag


def _z_report(
    state: State, command: Command, drawer: Drawer, approved: Approval | None, bag: CashBag | None
) -> ZReport:
    """The report as it will always read."""
    terminal = checks.terminal_of(state, command)
    body: dict[str, Any] = {
        "lines": lines(state, terminal.id, drawer.id),
        "pieces": json.loads(drawer.pieces),
        "bag": bag.bag if bag else "",
        "opened_by": drawer.operator,
        "late": [
            {
                "drawer": item.drawer,
                "operation": item.operation,
                "line": item.line,
                "in_minor": item.in_minor,
                "out_minor": item.out_minor,
                "at": item.at,
            }
            for item in late_items(state, terminal.id)[:MAX_LATE_SHOWN]
        ],
    }
    return ZReport(
        id=command.id,
        terminal=terminal.id,
        number=state.terminal_state(terminal.id).z_number + 1,
        branch=terminal.branch,
        drawer=drawer.id,
        operator=command.body["operator"],
        supervisor=approved.supervisor if approved else "",
        reason=command.body.get("reason", "") if approved else "",
        currency=drawer.currency,
        float_minor=drawer.float_minor,
        counted_minor=drawer.counted_minor,
        expected_minor=drawer.expected_minor,
        opened_at=drawer.opened_at,
        closed_at=command.at,
        body=json.dumps(body),
    )
