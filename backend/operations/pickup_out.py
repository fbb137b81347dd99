"""pickup.redeem and pickup.expire: a pickup's money is paid out in cash, or goes back when its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PENDING, PLAIN, Result, Transfer
from backend.operations import checks, codes
from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import Alarm, Notice, Operation
from backend.operations.failures import LedgerRefusedError
from backend.operations.pickup import SERVICE
from backend.operations.sale import refuse_known
from deskwire.accounts import pickup_account
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.entities import Pickup
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: The payout of a pickup: told by cash_out.paid and cash_out.void like any other hold of cash.
PAYOUT = "pickup_out"
CLOSED = {"quoted": "pickup_unknown", "blocked": "pickup_blocked"}


def needs_redeem(command: Command, keys: Keys) -> None:
    """The operator, the pickup with its account, the till."""
    checks.needs_operator(command, keys)
    keys.pickups.add(command.body["code"])
    keys.operations.add(command.id)
    keys.accounts.add(f"till:{command.terminal}")


def decide_redeem(state: State, command: Command) -> Decision:
    """Hold the money for a payout, once the drawer has the cash and the secret is right."""
    pickup = state.pickup(command.body["code"])
    refused = (
        checks.service(state, command, SERVICE)
        or checks.drawer(state, command)
        or refuse_known(state, command, "operation_voided")
        or _closed(state, command, pickup)
    )
    if refused or pickup is None:
        return refused or refuse("pickup_unknown")
    till = state.account(f"till:{command.terminal}")
    if till is None or till.debit_available < pickup.amount_minor:
        return refuse("drawer_short")
    if not state.pin_matches(command, pickup_account(pickup.code), pickup.verifier):
        return _wrong(state, pickup)
    return _held(state, command, pickup)


def _closed(state: State, command: Command, pickup: Pickup | None) -> Decision | None:
    """The pickup waits for whoever knows its secret, in this terminal's currency."""
    if pickup is None:
        return refuse("pickup_unknown")
    if pickup.state != "waiting":
        return refuse(CLOSED.get(pickup.state, "pickup_closed"))
    if pickup.expires_at <= command.at:
        return refuse("pickup_expired")
    currency = checks.terminal_of(state, command).currency
    return refuse("currency_mismatch", {"currency": currency}) if pickup.currency != currency else None


def _wrong(state: State, pickup: Pickup) -> Decision:
    """Count the try; after the last one the pickup is blocked, and its money goes back when it expires."""
    tries = pickup.tries + 1
    if tries >= state.policy.secret_tries:
        return refuse("pickup_blocked", None, pickup._replace(tries=tries, state="blocked"))
    return refuse("secret_wrong", {"tries_left": state.policy.secret_tries - tries}, pickup._replace(tries=tries))


def _held(state: State, command: Command, pickup: Pickup) -> Decision:
    """The hold on the pickup's account and on the till."""
    terminal = checks.terminal_of(state, command)
    expires_at = command.at + state.policy.hold_ttl_s
    hold = Transfer(
        command.id,
        PENDING,
        pickup.account,
        terminal.till,
        pickup.amount_minor,
        pickup.currency,
        codes.PICKUP_PAID,
        "",
        command.id,
        command.at,
        expires_at,
    )
    result = state.try_transfers((hold,))
    if result is Result.EXCEEDS_CREDITS:
        return refuse("pickup_closed")
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    account = pickup_account(pickup.code)
    held = Operation(
        id=command.id,
        terminal=terminal.id,
        type=PAYOUT,
        state="held",
        debit=pickup.account,
        credit=terminal.till,
        account=account,
        amount_minor=pickup.amount_minor,
        fee_minor=0,
        currency=pickup.currency,
        operator=command.body["operator"],
        drawer=state.terminal_state(terminal.id).drawer,
        code=command.fresh_code,
        reference=pickup.code,
        party="",
        opened_at=command.at,
        expires_at=expires_at,
        closed_at=0,
    )
    said = {
        "account": account,
        "amount_minor": pickup.amount_minor,
        "currency": pickup.currency,
        "authorisation_code": command.fresh_code,
        "expires_at": expires_at,
    }
    return answer(said, hold, held, pickup._replace(tries=0))


def needs_expire(command: Command, keys: Keys) -> None:
    """The pickup; its account and both places its money can go back to come with it."""
    keys.pickups.add(command.body["code"])


def decide_expire(state: State, command: Command) -> Decision:
    """Give the amount back to the sender's wallet, or keep it for a sender who paid in cash. The fee was earned."""
    pickup = state.pickup(command.body["code"])
    account = state.account(f"pickup:{command.body['code']}")
    due = pickup is not None and pickup.state in {"waiting", "blocked"} and pickup.expires_at <= command.at
    if not due or pickup is None or account is None or account.credit_available < pickup.amount_minor:
        # being paid out at this moment, or over: asked again with the next turn
        return answer({"expired": False})._replace(is_kept=False)
    target = f"wallet:{pickup.wallet}" if pickup.wallet else f"suspense:{pickup.currency}"
    back = Transfer(
        command.id,
        PLAIN,
        pickup.account,
        target,
        pickup.amount_minor,
        pickup.currency,
        codes.PICKUP_RETURN,
        "",
        pickup.operation,
        command.at,
    )
    if (result := state.try_transfers((back,))) is not Result.OK:
        raise LedgerRefusedError(result)
    ended = pickup._replace(state="returned" if pickup.wallet else "claim", closed_at=command.at)
    if pickup.wallet:
        return answer({"expired": True}, back, ended, _notice(command, pickup, "returned"))
    claim = {"code": pickup.code, "operation": pickup.operation, "amount_minor": pickup.amount_minor}
    return answer({"expired": True}, back, ended, Alarm("pickup_claim", claim))


def _notice(command: Command, pickup: Pickup, what: str) -> Notice:
    """Tell the sender what became of the money."""
    text = f"Pickup {format_minor(pickup.amount_minor, pickup.currency)} {pickup.currency} {what}"
    amount_minor = pickup.amount_minor if what == "returned" else 0
    told = {"text": text, "amount_minor": amount_minor, "currency": pickup.currency, "at": command.at}
    return Notice(pickup.wallet, "pickup." + what.replace(" ", "_"), told, command.at)


def paid(command: Command, pickup: Pickup) -> tuple[Pickup | Notice, ...]:
    """The cash of a pickup is out: its end, and the sender's notice."""
    ended = pickup._replace(state="paid", closed_at=command.at)
    return (ended, _notice(command, pickup, "paid out")) if pickup.wallet else (ended,)
