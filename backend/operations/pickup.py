"""pickup.quote, .secret, .fund, .taken, wallet.pickup: money is sent to whoever knows a code and a secret.

Each pickup's money waits in a ledger account of its own that can never be overdrawn. So it cannot be both paid out and
returned, whatever any other part of this code believes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from backend.ledger import DEBITS_MUST_NOT_EXCEED_CREDITS, PLAIN, Result, Transfer
from backend.operations import checks, codes
from backend.operations.decision import Decision, Effect, ack, answer, refuse
from backend.operations.entities import Alarm, Notice, OpenAccount, Operation, Pickup
from backend.operations.failures import LedgerRefusedError
from backend.operations.sale import tombstone
from deskwire.accounts import mask_name, pickup_account, pickup_code
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.entities import Wallet
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "pickup"


def code_from(fresh: str) -> str:
    """A pickup's code out of a fresh random id."""
    number = int.from_bytes(hashlib.sha256(b"kassa pickup" + fresh.encode()).digest()[:8], "big")
    return pickup_code(f"{number % 10**11:011d}")


def needs_quote(command: Command, keys: Keys) -> None:
    """The operator, the tariff, the sender's wallet if there is one, and whether the fresh code is free."""
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    if account := command.body.get("account"):
        checks.needs_wallet(account, keys)
        checks.needs_limits(account, SERVICE, command.body["currency"], keys)
    keys.operations.add(command.id)
    keys.pickups.add(code_from(command.fresh))


def decide_quote(state: State, command: Command) -> Decision:
    """What sending costs, and under which code. Nothing moves."""
    body = command.body
    sender = state.wallet(body["account"]) if "account" in body else None
    refused = (
        checks.service(state, command, SERVICE)
        or checks.drawer(state, command)
        or checks.money(state, command, SERVICE)
        or (checks.wallet(sender, body["currency"]) if "account" in body else None)
        or checks.limits(state, command, sender, SERVICE, body["amount_minor"])
    )
    if refused is not None:
        return refused
    code = code_from(command.fresh)
    if state.pickup(code) is not None:
        return refuse("busy")._replace(is_kept=False)
    fee_minor = checks.fee_minor(state, SERVICE, body)
    quoted = Pickup(
        code=code,
        operation=command.id,
        terminal=command.terminal,
        state="quoted",
        amount_minor=body["amount_minor"],
        fee_minor=fee_minor,
        currency=body["currency"],
        wallet=body.get("account", ""),
        verifier=b"",
        tries=0,
        opened_at=command.at,
        expires_at=command.at + state.policy.pickup_ttl_s,
        closed_at=0,
    )
    record = _record(command, quoted, "quoted", body["operator"])
    total_minor = quoted.amount_minor + fee_minor
    said = {"code": code, "fee_minor": fee_minor, "total_minor": total_minor, "expires_at": quoted.expires_at}
    return answer(said, quoted, record)


def _record(command: Command, pickup: Pickup, state: str, operator: str) -> Operation:
    """The operation's record, as lists of operations show it."""
    return Operation(
        id=pickup.operation,
        terminal=pickup.terminal,
        type=SERVICE,
        state=state,
        debit="",
        credit="",
        account=pickup.wallet,
        amount_minor=pickup.amount_minor,
        fee_minor=pickup.fee_minor,
        currency=pickup.currency,
        operator=operator,
        drawer="",
        code="",
        reference=pickup.code,
        party="",
        opened_at=command.at,
        expires_at=0,
        closed_at=0 if state == "quoted" else command.at,
    )


def needs_secret(command: Command, keys: Keys) -> None:
    """The operator and the pickup."""
    checks.needs_operator(command, keys)
    keys.pickups.add(command.body["code"])


def decide_secret(state: State, command: Command) -> Decision:
    """Keep what the sender's secret is checked by. Once the money is in, it cannot be changed."""
    if refused := checks.service(state, command, SERVICE):
        return refused
    pickup = state.pickup(command.body["code"])
    if pickup is None or not _is_of(command, pickup):
        return refuse("pickup_unknown")
    if pickup.state != "quoted":
        return refuse("pickup_closed")
    verifier = state.make_verifier(command, pickup_account(pickup.code))
    if not verifier:
        return refuse("malformed")
    return answer({"code": pickup.code}, pickup._replace(verifier=verifier))


def _is_of(command: Command, pickup: Pickup) -> bool:
    """Whether the message continues the quote of this pickup at this terminal."""
    return (pickup.terminal, pickup.operation) == (command.terminal, command.body["operation"])


def needs_fund(command: Command, keys: Keys) -> None:
    """The operator, the pickup with its record, the wallet (locked: a PIN try is counted), the fees."""
    checks.needs_operator(command, keys)
    checks.needs_authorised(command, keys)
    keys.pickups.add(command.body["code"])
    keys.operations.add(command.body["operation"])
    keys.accounts.add(f"fees:{command.body['currency']}")
    checks.needs_limits(command.body["account"], SERVICE, command.body["currency"], keys)


def decide_fund(state: State, command: Command) -> Decision:
    """Take the money from the sender's wallet, once the sender has authorised it."""
    body = command.body
    pickup, record = state.pickup(body["code"]), state.operation(body["operation"])
    if refused := checks.service(state, command, SERVICE):
        return refused
    if pickup is None or record is None or not _is_of(command, pickup) or pickup.wallet != body["account"]:
        return refuse("pickup_unknown")
    if record.state == "voided":
        return refuse("operation_voided")
    if pickup.state != "quoted" or not pickup.verifier:
        return refuse("pickup_closed")
    wallet = state.wallet(pickup.wallet)
    refused = checks.wallet(wallet, pickup.currency)
    refused = refused or checks.limits(state, command, wallet, SERVICE, pickup.amount_minor)
    if refused or wallet is None:
        return refused or refuse("account_unknown")
    proved = checks.authorised(state, command, wallet)
    if isinstance(proved, Decision):
        return proved
    if not _covers(state, wallet, pickup):
        return refuse("insufficient_funds", None, *proved)
    effects = _funded(command, pickup, wallet.account)
    done = record._replace(
        state="done",
        debit=wallet.account,
        credit=pickup.account,
        code=command.fresh_code,
        party=mask_name(wallet.holder),
        closed_at=command.at,
    )
    said = {"authorisation_code": command.fresh_code, "holder": done.party}
    used = checks.counted(state, wallet.number, SERVICE, pickup.amount_minor)
    return answer(said, *effects, done, used, _sent(command, pickup), *proved)


def needs_wallet_pickup(command: Command, keys: Keys) -> None:
    """The sender's wallet, the tariff, and whether the code is free."""
    checks.needs_service(command, keys, SERVICE)
    checks.needs_wallet(command.origin[2:], keys)
    keys.operations.add(command.id)
    keys.pickups.add(command.body["code"])
    keys.accounts.add(f"fees:{command.body['currency']}")
    checks.needs_limits(command.origin[2:], SERVICE, command.body["currency"], keys)


def decide_wallet_pickup(state: State, command: Command) -> Decision:
    """The same from the holder's phone: code and verifier were made at the edge."""
    body = command.body
    wallet = state.wallet(command.origin[2:])
    refused = checks.wallet(wallet, body["currency"])
    refused = refused or checks.limits(state, command, wallet, SERVICE, body["amount_minor"])
    if refused or wallet is None:
        return refused or refuse("account_unknown")
    tariff = state.tariff(SERVICE, body["currency"])
    if tariff is not None and body["amount_minor"] > tariff.max_amount_minor:
        return refuse("amount_over_limit", {"limit_minor": tariff.max_amount_minor, "currency": body["currency"]})
    if state.operation(command.id) is not None:
        return refuse("id_reused")
    if state.pickup(body["code"]) is not None:
        return refuse("busy")._replace(is_kept=False)
    pickup = Pickup(
        code=body["code"],
        operation=command.id,
        terminal="",
        state="quoted",
        amount_minor=body["amount_minor"],
        fee_minor=checks.fee_minor(state, SERVICE, body),
        currency=body["currency"],
        wallet=wallet.number,
        verifier=bytes.fromhex(body["verifier"]),
        tries=0,
        opened_at=command.at,
        expires_at=command.at + state.policy.pickup_ttl_s,
        closed_at=0,
    )
    if not _covers(state, wallet, pickup):
        return refuse("insufficient_funds")
    effects = _funded(command, pickup, wallet.account)
    done = _record(command, pickup, "done", "")._replace(debit=wallet.account, credit=pickup.account)
    said = {"code": pickup.code, "fee_minor": pickup.fee_minor, "expires_at": pickup.expires_at}
    used = checks.counted(state, wallet.number, SERVICE, pickup.amount_minor)
    return answer(said, *effects, done, used, _sent(command, pickup))


def _covers(state: State, wallet: Wallet, pickup: Pickup) -> bool:
    """Whether the wallet has the amount and the fee. Asked first: the pickup's account does not exist yet."""
    account = state.account(wallet.account)
    return account is not None and account.credit_available >= pickup.amount_minor + pickup.fee_minor


def _funded(command: Command, pickup: Pickup, source: str) -> tuple[Effect, ...]:
    """The pickup's account, the money into it, and the fee."""
    moved = Transfer(
        command.id,
        PLAIN,
        source,
        pickup.account,
        pickup.amount_minor,
        pickup.currency,
        codes.PICKUP,
        "",
        pickup.operation,
        command.at,
    )
    fee = moved._replace(
        id=command.id + ":fee",
        credit=f"fees:{pickup.currency}",
        amount_minor=pickup.fee_minor,
        code=codes.PICKUP_FEE,
    )
    opened = OpenAccount(pickup.account, pickup.currency, DEBITS_MUST_NOT_EXCEED_CREDITS)
    waiting = pickup._replace(state="waiting")
    return (opened, moved, fee, waiting) if pickup.fee_minor else (opened, moved, waiting)


def _sent(command: Command, pickup: Pickup) -> Notice:
    """Tell the sender."""
    text = f"Sent {format_minor(pickup.amount_minor, pickup.currency)} {pickup.currency} for pickup"
    amount_minor = -pickup.amount_minor - pickup.fee_minor
    told = {"text": text, "amount_minor": amount_minor, "currency": pickup.currency, "at": command.at}
    return Notice(pickup.wallet, "pickup.sent", told, command.at)


def needs_taken(command: Command, keys: Keys) -> None:
    """The pickup with its record, the till, and where cash goes that cannot be booked as told."""
    body, currency = command.body, command.body["currency"]
    keys.pickups.add(body["code"])
    keys.operations.add(body["operation"])
    keys.accounts.update((f"till:{command.terminal}", f"fees:{currency}", f"suspense:{currency}"))


def decide_taken(state: State, command: Command) -> Decision:
    """The sender's cash is in the drawer: book it to the pickup as quoted, or else to suspense."""
    body, terminal = command.body, checks.terminal_of(state, command)
    if body["currency"] != terminal.currency:
        return ack("remembered", Alarm("pickup_other_currency", dict(body)))
    pickup, record = state.pickup(body["code"]), state.operation(body["operation"])
    if record is not None and record.terminal == terminal.id and record.state in {"done", "suspense"}:
        return ack("nothing_to_do", Alarm("pickup_told_twice", dict(body)))
    if pickup is None or record is None or not _fits(command, pickup):
        return _to_suspense(state, command, record)
    done = record._replace(
        state="done", debit=terminal.till, credit=pickup.account, drawer=body["drawer"], closed_at=command.at
    )
    return ack("as_told", *_funded(command, pickup, terminal.till), done)


def _fits(command: Command, pickup: Pickup) -> bool:
    """Whether the tell is what was quoted, to a cash sender, whose secret is set."""
    body = command.body
    told = (body["amount_minor"], body["fee_minor"], body["currency"])
    quoted = (pickup.amount_minor, pickup.fee_minor, pickup.currency)
    is_ready = pickup.state == "quoted" and bool(pickup.verifier) and not pickup.wallet
    return _is_of(command, pickup) and is_ready and told == quoted


def _to_suspense(state: State, command: Command, record: Operation | None) -> Decision:
    """Book the counted cash to suspense, and tell staff."""
    body, terminal = command.body, checks.terminal_of(state, command)
    kept = Transfer(
        command.id,
        PLAIN,
        terminal.till,
        f"suspense:{body['currency']}",
        body["amount_minor"] + body["fee_minor"],
        body["currency"],
        codes.SUSPENSE,
        "",
        body["operation"],
        command.at,
    )
    if (result := state.try_transfers((kept,))) is not Result.OK:
        raise LedgerRefusedError(result)
    alarm = Alarm("pickup_in_suspense", dict(body))
    if record is not None and (record.terminal, record.type) != (terminal.id, SERVICE):
        return ack("suspense", kept, alarm)
    base = record or tombstone(body["operation"], command, SERVICE, "")
    return ack("suspense", kept, base._replace(state="suspense", closed_at=command.at), alarm)
