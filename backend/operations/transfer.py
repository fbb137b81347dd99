"""transfer.quote, transfer.make, wallet.transfer: from one wallet to another, at the counter and from the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import checks, codes
from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import Notice, Operation, Wallet
from backend.operations.failures import LedgerRefusedError
from backend.operations.sale import refuse_known
from deskwire.accounts import mask_name
from deskwire.money import MAX_AMOUNT_MINOR, format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "transfer"


def needs_quote(command: Command, keys: Keys) -> None:
    """The operator, the tariff, both wallets."""
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    checks.needs_wallet(command.body["account"], keys)
    checks.needs_wallet(command.body["to"], keys)
    checks.needs_limits(command.body["account"], SERVICE, command.body["currency"], keys)


def decide_quote(state: State, command: Command) -> Decision:
    """Who would be paid, and what the payer would be debited. Nothing moves."""
    refused = checks.service(state, command, SERVICE) or checks.money(state, command, SERVICE)
    found = refused or _parties(state, command.body["account"], command)
    if isinstance(found, Decision):
        return found
    fee_minor = checks.fee_minor(state, SERVICE, command.body)
    return answer(
        {
            "holder": mask_name(found[1].holder),
            "fee_minor": fee_minor,
            "total_minor": command.body["amount_minor"] + fee_minor,
        }
    )


def needs_make(command: Command, keys: Keys) -> None:
    """The operator, the tariff, both wallets (the payer's locked: a PIN try is counted)."""
    needs_quote(command, keys)
    checks.needs_authorised(command, keys)
    keys.operations.add(command.id)
    keys.accounts.add(f"fees:{command.body['currency']}")


def decide_make(state: State, command: Command) -> Decision:
    """Move the money, once the payer has authorised it. The fee must still be the one that was shown."""
    refused = (
        checks.service(state, command, SERVICE)
        or checks.money(state, command, SERVICE)
        or refuse_known(state, command, "operation_voided")
    )
    found = refused or _parties(state, command.body["account"], command)
    if isinstance(found, Decision):
        return found
    if command.body["fee_minor"] != checks.fee_minor(state, SERVICE, command.body):
        return refuse("amount_invalid")
    proved = checks.authorised(state, command, found[0])
    if isinstance(proved, Decision):
        return proved
    return _made(state, command, *found).with_effects(*proved)


def needs_wallet_transfer(command: Command, keys: Keys) -> None:
    """Both wallets and the tariff."""
    checks.needs_service(command, keys, SERVICE)
    checks.needs_wallet(command.origin[2:], keys)
    checks.needs_wallet(command.body["to"], keys)
    checks.needs_limits(command.origin[2:], SERVICE, command.body["currency"], keys)
    keys.operations.add(command.id)
    keys.accounts.add(f"fees:{command.body['currency']}")


def decide_wallet_transfer(state: State, command: Command) -> Decision:
    """The same from the holder's phone. With `quote` set, only say what it would cost."""
    body = command.body
    found = _parties(state, command.origin[2:], command)
    if isinstance(found, Decision):
        return found
    if not 0 < body["amount_minor"] <= MAX_AMOUNT_MINOR:
        return refuse("amount_invalid")
    tariff = state.tariff(SERVICE, body["currency"])
    if tariff is not None and body["amount_minor"] > tariff.max_amount_minor:
        return refuse("amount_over_limit", {"limit_minor": tariff.max_amount_minor, "currency": body["currency"]})
    if body.get("quote"):
        fee_minor = checks.fee_minor(state, SERVICE, body)
        total_minor = body["amount_minor"] + fee_minor
        said = {"holder": mask_name(found[1].holder), "fee_minor": fee_minor, "total_minor": total_minor}
        return answer(said)._replace(is_kept=False)
    if state.operation(command.id) is not None:
        return refuse("id_reused")
    return _made(state, command, *found)


def _parties(state: State, payer: str, command: Command) -> Decision | tuple[Wallet, Wallet]:
    """Payer and payee, both known, different, and free to move money in this currency."""
    currency = command.body["currency"]
    source, target = state.wallet(payer), state.wallet(command.body["to"])
    if refused := checks.wallet(source, currency) or checks.wallet(target, currency):
        return refused
    if source is None or target is None:
        return refuse("account_unknown")
    if source.number == target.number:
        return refuse("same_account")
    over = checks.limits(state, command, source, SERVICE, command.body["amount_minor"])
    return over or (source, target)


def _made(state: State, command: Command, source: Wallet, target: Wallet) -> Decision:
    """The transfers, the operation's record, and whom to tell."""
    body = command.body
    fee_minor = checks.fee_minor(state, SERVICE, body)
    amount_minor, currency = body["amount_minor"], body["currency"]
    moved = Transfer(
        command.id,
        PLAIN,
        source.account,
        target.account,
        amount_minor,
        currency,
        codes.WALLET_TRANSFER,
        "",
        command.id,
        command.at,
    )
    fee = moved._replace(
        id=command.id + ":fee", credit=f"fees:{currency}", amount_minor=fee_minor, code=codes.WALLET_TRANSFER_FEE
    )
    transfers = (moved, fee) if fee_minor else (moved,)
    result = state.try_transfers(transfers)
    if result is Result.EXCEEDS_CREDITS:
        return refuse("insufficient_funds")
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    made = Operation(
        id=command.id,
        terminal=command.terminal,
        type=SERVICE,
        state="done",
        debit=source.account,
        credit=target.account,
        account=source.number,
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        currency=currency,
        operator=body.get("operator", ""),
        drawer="",
        code=command.fresh_code,
        reference="",
        party=mask_name(target.holder),
        opened_at=command.at,
        expires_at=0,
        closed_at=command.at,
    )
    said = {"authorisation_code": command.fresh_code, "holder": made.party}
    used = checks.counted(state, source.number, SERVICE, amount_minor)
    return answer(said, *transfers, made, used, *_notices(command, source, target, fee_minor))


def _notices(command: Command, source: Wallet, target: Wallet, fee_minor: int) -> tuple[Notice, Notice]:
    """Tell both holders."""
    amount_minor, currency = command.body["amount_minor"], command.body["currency"]
    shown = f"{format_minor(amount_minor, currency)} {currency}"
    base = {"currency": currency, "at": command.at}
    sent = base | {"text": f"Sent {shown} to {mask_name(target.holder)}", "amount_minor": -amount_minor - fee_minor}
    got = base | {"text": f"Received {shown} from {mask_name(source.holder)}", "amount_minor": amount_minor}
    return (
        Notice(source.number, "transfer.sent", sent, command.at),
        Notice(target.number, "transfer.received", got, command.at),
    )
