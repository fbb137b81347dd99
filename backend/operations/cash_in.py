"""cash_in.quote and cash_in.taken: cash over the counter into a wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import checks, codes, drawers
from backend.operations.decision import Decision, ack, answer, refuse
from backend.operations.entities import Alarm, Notice, Operation
from backend.operations.failures import LedgerRefusedError
from backend.operations.sale import refuse_known
from deskwire.accounts import mask_name
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "cash_in"


def needs_quote(command: Command, keys: Keys) -> None:
    """The operator, the tariff, the wallet."""
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    checks.needs_wallet(command.body["account"], keys)
    checks.needs_limits(command.body["account"], SERVICE, command.body["currency"], keys)
    keys.operations.add(command.id)


def decide_quote(state: State, command: Command) -> Decision:
    """Whose wallet it is, and what the customer has to hand over."""
    body = command.body
    refused = (
        checks.service(state, command, SERVICE)
        or checks.drawer(state, command)
        or checks.money(state, command, SERVICE)
        or checks.wallet(state.wallet(body["account"]), body["currency"])
        or checks.limits(state, command, state.wallet(body["account"]), SERVICE, body["amount_minor"])
        or refuse_known(state, command, "operation_voided")
    )
    wallet = state.wallet(body["account"])
    if refused or wallet is None:
        return refused or refuse("account_unknown")
    terminal, fee_minor = checks.terminal_of(state, command), checks.fee_minor(state, SERVICE, body)
    holder = mask_name(wallet.holder)
    quoted = Operation(
        id=command.id,
        terminal=terminal.id,
        type=SERVICE,
        state="quoted",
        debit=terminal.till,
        credit=wallet.account,
        account=wallet.number,
        amount_minor=body["amount_minor"],
        fee_minor=fee_minor,
        currency=body["currency"],
        operator=body["operator"],
        drawer=state.terminal_state(terminal.id).drawer,
        code="",
        reference="",
        party=holder,
        opened_at=command.at,
        expires_at=0,
        closed_at=0,
    )
    total_minor = body["amount_minor"] + fee_minor
    return answer({"holder": holder, "fee_minor": fee_minor, "total_minor": total_minor}, quoted)


def needs_taken(command: Command, keys: Keys) -> None:
    """The quote, the wallet, and where cash goes that cannot be booked as told."""
    body = command.body
    checks.needs_wallet(body["account"], keys)
    keys.operations.add(body["operation"])
    currency = body["currency"]
    checks.needs_limits(body["account"], SERVICE, currency, keys)
    drawers.needs_cash(command, keys)
    keys.accounts.update((f"fees:{currency}", f"suspense:{currency}"))


def decide_taken(state: State, command: Command) -> Decision:
    """The cash is in the drawer: book it to the wallet as quoted, or else to suspense.

    Limits were checked when it was quoted. Cash that other operations have since left no room for was promised and
    counted: it is booked as told, and staff hear of it.
    """
    body, terminal = command.body, checks.terminal_of(state, command)
    if body["currency"] != terminal.currency:
        return ack("remembered", Alarm("cash_in_other_currency", _details(command)))
    known = state.operation(body["operation"])
    ours = known is not None and known.terminal == terminal.id and known.type == SERVICE
    if known is not None and ours and known.state in {"taken", "suspense"}:
        return ack("nothing_to_do", Alarm("cash_in_told_twice", _details(command)))
    problem = _mismatch(command, known) or _unbookable(state, command)
    if problem:
        return _to_suspense(state, command, known, problem)
    if known is None:
        raise LookupError("a matching quote is always known")
    transfers = _transfers(command, drawers.cash_account(state, command), known.credit)
    if (result := state.try_transfers(transfers)) is not Result.OK:
        raise LedgerRefusedError(result)
    text = f"Cash in {format_minor(body['amount_minor'], body['currency'])} {body['currency']}"
    notice = {"text": text, "amount_minor": body["amount_minor"], "currency": body["currency"], "at": command.at}
    wallet, amount_minor = body["account"], body["amount_minor"]
    over = checks.limits(state, command, state.wallet(wallet), SERVICE, amount_minor)
    return ack(
        "as_told",
        *transfers,
        known._replace(state="taken", drawer=body["drawer"], closed_at=command.at),
        *drawers.late(state, command, known.id, SERVICE, in_minor=body["amount_minor"] + body["fee_minor"]),
        checks.counted(state, wallet, SERVICE, amount_minor),
        Notice(wallet, "cash_in.taken", notice, command.at),
        *((Alarm("cash_in_over_limit", _details(command)),) if over else ()),
    )


def _transfers(command: Command, till: str, credit: str) -> tuple[Transfer, ...]:
    """Amount to the wallet, and the fee, if any, to fees."""
    body = command.body
    name, currency, fee_minor = body["operation"], body["currency"], body["fee_minor"]
    amount = Transfer(
        command.id, PLAIN, till, credit, body["amount_minor"], currency, codes.CASH_IN, "", name, command.at
    )
    if not fee_minor:
        return (amount,)
    fee_id, fees = f"{command.id}:fee", f"fees:{currency}"
    return (amount, Transfer(fee_id, PLAIN, till, fees, fee_minor, currency, codes.CASH_IN_FEE, "", name, command.at))


def _mismatch(command: Command, known: Operation | None) -> str:
    """Why the tell does not fit its quote; empty when it does."""
    body = command.body
    if known is None or known.type != SERVICE or known.terminal != command.terminal or known.state != "quoted":
        return "no_such_quote"
    quoted = (known.account, known.amount_minor, known.fee_minor, known.currency)
    told = (body["account"], body["amount_minor"], body["fee_minor"], body["currency"])
    return "" if quoted == told else "differs_from_quote"


def _unbookable(state: State, command: Command) -> str:
    """Why the wallet cannot take the money now; empty when it can."""
    refused = checks.wallet(state.wallet(command.body["account"]), command.body["currency"])
    return refused.refused[0] if refused is not None and refused.refused is not None else ""


def _to_suspense(state: State, command: Command, known: Operation | None, problem: str) -> Decision:
    """Book the counted cash to suspense, and tell staff why."""
    body, terminal = command.body, checks.terminal_of(state, command)
    transfer = Transfer(
        command.id,
        PLAIN,
        drawers.cash_account(state, command),
        f"suspense:{body['currency']}",
        body["amount_minor"] + body["fee_minor"],
        body["currency"],
        codes.SUSPENSE,
        "",
        body["operation"],
        command.at,
    )
    if (result := state.try_transfers((transfer,))) is not Result.OK:
        raise LedgerRefusedError(result)
    alarm = Alarm("cash_in_in_suspense", _details(command) | {"why": problem})
    late = drawers.late(state, command, body["operation"], "suspense", in_minor=transfer.amount_minor)
    ours = known is not None and known.terminal == terminal.id and known.type == SERVICE
    if known is not None and not ours:
        return ack("suspense", transfer, alarm, *late)
    base = known or Operation(
        body["operation"],
        terminal.id,
        SERVICE,
        "",
        terminal.till,
        transfer.credit,
        body["account"],
        body["amount_minor"],
        body["fee_minor"],
        body["currency"],
        body["operator"],
        body["drawer"],
        "",
        "",
        "",
        command.at,
        0,
        command.at,
    )
    return ack("suspense", transfer, base._replace(state="suspense", closed_at=command.at), alarm, *late)


def _details(command: Command) -> dict[str, object]:
    """What staff need to find the case: the tell itself (it holds no secret)."""
    return dict(command.body)
