"""customer_pin.set and customer_pin.change: a holder's new PIN, at a branch under supervision, or from the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import approval, checks
from backend.operations.decision import Decision, Effect, answer, refuse
from backend.operations.entities import Audit, Notice
from deskwire.accounts import mask_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.operations.command import Command
    from backend.operations.entities import Wallet
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "customer_pin"


def needs_set(command: Command, keys: Keys) -> None:
    """The operator, the supervisor's approval, and the wallet, locked."""
    checks.needs_operator(command, keys)
    approval.needs_use(command, keys)
    keys.locked_wallets.add(command.body["account"])


def decide_set(state: State, command: Command) -> Decision:
    """Two equal entries of a PIN that is not too easy replace the old one; wrong tries are forgotten.

    Two that differ do not use the approval up: the customer is still there and types again.
    """
    if refused := checks.service(state, command, SERVICE):
        return refused
    wallet = state.wallet(command.body["account"])
    if wallet is None:
        return refuse("account_unknown")
    if wallet.status in checks.CLOSED_WALLETS:
        return refuse(checks.CLOSED_WALLETS[wallet.status])
    approved = approval.use(state, command, "pin_reset")
    if isinstance(approved, Decision):
        return approved
    verifier = state.new_pin(command.pin, command.pin_again, wallet.number)
    if isinstance(verifier, str):
        return refuse(verifier)
    about = {"approval": approved.id, "supervisor": approved.supervisor, "was": wallet.status}
    effects = _replaced(command, wallet, verifier, checks.who(command), about)
    return answer({"holder": mask_name(wallet.holder)}, approved, *effects)


def needs_change(command: Command, keys: Keys) -> None:
    """The holder's own wallet, locked: a PIN try is counted."""
    keys.locked_wallets.add(command.origin[2:])


def decide_change(state: State, command: Command) -> Decision:
    """The old PIN (a try is counted) allows a new one. The app has checked its password before."""
    wallet = state.wallet(command.origin[2:])
    if wallet is None:
        return refuse("account_unknown")
    if wallet.status in checks.CLOSED_WALLETS:
        return refuse(checks.CLOSED_WALLETS[wallet.status])
    proved = checks.holder_pin(state, command, wallet)
    if isinstance(proved, Decision):
        return proved
    verifier = state.new_pin(command.pin_again, command.pin_again, wallet.number)
    if isinstance(verifier, str):
        return refuse("pin_weak", None, *((proved,) if wallet.tries else ()))
    return answer({"changed_at": command.at}, *_replaced(command, proved, verifier, command.origin, {}))


def _replaced(
    command: Command, wallet: Wallet, verifier: bytes, who: str, about: Mapping[str, object]
) -> tuple[Effect, ...]:
    """The wallet with its new verifier, the audit row, and the notice to the holder."""
    status = "active" if wallet.status == "pin_blocked" else wallet.status
    text = "Your PIN was changed. If it was not you, call us at once."
    notice = {"text": text, "amount_minor": 0, "currency": wallet.currency, "at": command.at}
    return (
        wallet._replace(verifier=verifier, tries=0, status=status),
        Audit(who, "pin_set", f"w:{wallet.number}", about, command.at),
        Notice(wallet.number, "pin.changed", notice, command.at),
    )
