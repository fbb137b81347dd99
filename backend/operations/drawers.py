"""The open drawer of a terminal, as answers show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.operations.entities import Terminal
    from backend.operations.state import State


def shown(state: State, terminal: Terminal) -> dict[str, Any] | None:
    """The open drawer with the cash that must be in it, or None. The cash is a ledger balance, never a query."""
    now = state.terminal_state(terminal.id)
    if not now.drawer:
        return None
    till = state.account(terminal.till)
    return {
        "drawer": now.drawer,
        "state": "open",
        "operator": now.drawer_operator,
        "cash_minor": 0 if till is None else till.debit_balance,
    }
