"""drawer.open: an operator takes a float from the branch's vault into the till."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import checks, codes, drawers
from backend.operations.decision import Decision, answer, refuse
from backend.operations.drawer_entities import Drawer
from backend.operations.failures import LedgerRefusedError
from deskwire.money import MAX_AMOUNT_MINOR

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State


def needs(command: Command, keys: Keys) -> None:
    """The operator, the till, and the vault of the terminal's branch."""
    checks.needs_operator(command, keys)
    keys.accounts.add(f"till:{command.terminal}")
    keys.branch_accounts.add(("branch_vault", command.terminal))


def decide(state: State, command: Command) -> Decision:
    """Move the float, if any, and open the drawer."""
    if refused := checks.signed_on(state, command):
        return refused
    terminal, body = checks.terminal_of(state, command), command.body
    now = state.terminal_state(terminal.id)
    if now.drawer:
        return refuse("drawer_already_open", {"operator": now.drawer_operator})
    if body["currency"] != terminal.currency:
        return refuse("currency_mismatch", {"currency": terminal.currency})
    float_minor = body["float_minor"]
    if not 0 <= float_minor <= MAX_AMOUNT_MINOR:
        return refuse("amount_invalid")
    effects = (
        Drawer(command.id, terminal.id, body["operator"], terminal.currency, float_minor, command.at),
        now._replace(drawer=command.id, drawer_operator=body["operator"]),
    )
    cash_minor = drawers.cash_minor(state, terminal) + float_minor
    said = {"drawer": command.id, "cash_minor": cash_minor, **drawers.limits(terminal)}
    if not float_minor:
        return answer(said, *effects)
    move = Transfer(
        command.id,
        PLAIN,
        terminal.till,
        f"branch_vault:{terminal.branch}",
        float_minor,
        terminal.currency,
        codes.DRAWER_FLOAT,
        "",
        command.id,
        command.at,
    )
    result = state.try_transfers((move,))
    if result is Result.EXCEEDS_DEBITS:
        return refuse("vault_short")
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    return answer(said, move, *effects)
