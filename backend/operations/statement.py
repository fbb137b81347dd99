"""statement: a holder's latest movements, shown at the desk against the PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import checks, codes
from backend.operations.decision import Decision, answer, refuse
from deskwire.accounts import mask_name

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State


def needs(command: Command, keys: Keys) -> None:
    """The operator, the wallet (locked: a PIN try is counted) and its movements."""
    checks.needs_operator(command, keys)
    checks.needs_authorised(command, keys)
    keys.statements.add(f"wallet:{command.body['account']}")


def decide(state: State, command: Command) -> Decision:
    """Check the PIN, then tell. A frozen wallet's holder may still see its movements."""
    if refused := checks.service(state, command, "statement"):
        return refused
    wallet = state.wallet(command.body["account"])
    account = state.account(f"wallet:{command.body['account']}")
    if wallet is None or account is None:
        return refuse("account_unknown")
    if wallet.status == "blocked":
        return refuse("account_blocked")
    proved = checks.authorised(state, command, wallet)
    if isinstance(proved, Decision):
        return proved
    rows = [
        {"at": moved.at, "type": codes.NAMES.get(moved.code, "other"), "amount_minor": moved.amount_minor}
        for moved in state.movements(wallet.account)
    ]
    said = {
        "holder": mask_name(wallet.holder),
        "available_minor": account.credit_available,
        "currency": account.currency,
        "rows": rows,
    }
    return answer(said, *proved)
