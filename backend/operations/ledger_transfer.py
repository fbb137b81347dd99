"""ledger.transfer: a plain transfer between two accounts, for seeding, staff and settlement. Never from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import codes
from backend.operations.decision import Decision, answer, refuse
from backend.operations.failures import LedgerRefusedError

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

REASONS = {
    Result.AMOUNT_MUST_BE_POSITIVE: "amount_invalid",
    Result.AMOUNT_OVER_BOUND: "amount_invalid",
    Result.ACCOUNTS_MUST_BE_DIFFERENT: "account_unknown",
    Result.DEBIT_ACCOUNT_NOT_FOUND: "account_unknown",
    Result.CREDIT_ACCOUNT_NOT_FOUND: "account_unknown",
    Result.ACCOUNTS_MUST_HAVE_THE_TRANSFERS_CURRENCY: "currency_mismatch",
    Result.EXCEEDS_CREDITS: "insufficient_funds",
    Result.EXCEEDS_DEBITS: "vault_short",
}


def needs(command: Command, keys: Keys) -> None:
    """Both accounts."""
    keys.accounts.add(command.body["debit"])
    keys.accounts.add(command.body["credit"])


def decide(state: State, command: Command) -> Decision:
    """Book it, or say which rule it breaks."""
    body = command.body
    transfer = Transfer(
        command.id,
        PLAIN,
        body["debit"],
        body["credit"],
        body["amount_minor"],
        body["currency"],
        body.get("code", codes.TRANSFER),
        "",
        command.id,
        command.at,
    )
    result = state.try_transfers((transfer,))
    if result is Result.OK:
        return answer({"transfer": command.id}, transfer)
    if result not in REASONS:
        raise LedgerRefusedError(result)
    return refuse(REASONS[result])
