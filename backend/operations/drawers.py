"""The open drawer of a terminal: as answers show it, and which account cash belongs to that is told of late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.operations import checks
from backend.operations.decision import Decision, refuse
from backend.operations.drawer_entities import LateItem
from backend.operations.entities import Alarm

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.decision import Effect
    from backend.operations.entities import Terminal
    from backend.operations.keys import Keys
    from backend.operations.state import State


def shown(state: State, terminal: Terminal) -> dict[str, Any] | None:
    """The open drawer with the cash that must be in it, or None. The cash is a ledger balance, never a query."""
    now = state.terminal_state(terminal.id)
    if not now.drawer:
        return None
    counted = {} if now.drawer_counted < 0 else {"counted_minor": now.drawer_counted}
    return {
        "drawer": now.drawer,
        "state": "counted" if counted else "open",
        "operator": now.drawer_operator,
        "cash_minor": cash_minor(state, terminal),
        **counted,
        **limits(terminal),
    }


def cash_minor(state: State, terminal: Terminal) -> int:
    """What the books say is in the drawer."""
    till = state.account(terminal.till)
    return 0 if till is None else till.debit_balance


def limits(terminal: Terminal) -> dict[str, int]:
    """Below and above which the terminal marks its drawer, where the branch has set such limits."""
    found = {"low_minor": terminal.till_low_minor, "high_minor": terminal.till_high_minor}
    return {name: limit for name, limit in found.items() if limit}


def is_quiet(state: State, terminal: Terminal) -> Decision | None:
    """No pay-out is between its approval and its end: only then can the drawer's cash be counted."""
    till = state.account(terminal.till)
    return refuse("drawer_busy") if till is not None and till.credits_pending else None


def needs_cash(command: Command, keys: Keys) -> None:
    """What `cash_account` reads: the till, and the branch's over/short for what comes late."""
    keys.accounts.add(f"till:{command.terminal}")
    keys.branch_accounts.add(("over_short", command.terminal))


def is_late(state: State, command: Command) -> bool:
    """Whether a tell's drawer has been counted since: its cash was in that count, or was missing from it."""
    now = state.terminal_state(command.terminal)
    return bool(command.body["drawer"] != now.drawer or now.drawer_counted >= 0)


def cash_account(state: State, command: Command) -> str:
    """Where a tell's cash is booked: the till, or over/short, which the count of its drawer has moved by just that."""
    terminal = checks.terminal_of(state, command)
    return f"over_short:{terminal.branch}" if is_late(state, command) else terminal.till


def late(
    state: State, command: Command, operation: str, line: str, *, in_minor: int = 0, out_minor: int = 0
) -> tuple[Effect, ...]:
    """The record of a late tell, for its drawer and the next Z report, with an alarm; nothing for one in time."""
    if not is_late(state, command):
        return ()
    terminal, drawer = checks.terminal_of(state, command), command.body["drawer"]
    item = LateItem(
        command.id, terminal.id, drawer, operation, line, in_minor, out_minor, terminal.currency, command.at
    )
    details = {"drawer": drawer, "operation": operation, "line": line, "in_minor": in_minor, "out_minor": out_minor}
    return item, Alarm("late_item", details)
