"""balance: what a holder can spend, shown at the desk against the PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import checks
from backend.operations.decision import Decision, answer, refuse
from deskwire.accounts import mask_name

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State


def needs(command: Command, keys: Keys) -> None:
    """The operator and the wallet (locked: a PIN try is counted)."""
    checks.needs_operator(command, keys)
    checks.needs_authorised(command, keys)


def decide(state: State, command: Command) -> Decision:
    """Check the PIN, then tell. A frozen wallet's holder may still see the balance."""
    if refused := checks.service(state, command, "balance"):
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
    said = {
        "holder": mask_name(wallet.holder),
        "available_minor": account.credit_available,
        "held_minor": account.debits_pending,
        "currency": account.currency,
    }
    return answer(said, *proved)
