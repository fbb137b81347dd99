"""refund.find, refund.make: a paid sale is given back, whole or in part, to the wallet that paid it and to no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import approval, checks, codes
from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import Notice, Operation
from backend.operations.failures import LedgerRefusedError
from backend.operations.sale import refuse_known
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "refund"
DAY_S: Final = 86_400


def needs_find(command: Command, keys: Keys) -> None:
    """The operator, and the sale: by its authorisation code, or by its own id from a scanned code."""
    checks.needs_operator(command, keys)
    if code := command.body.get("code"):
        keys.sales_by_code.add((command.terminal, code))
    if sale := command.body.get("sale"):
        keys.operations.add(sale)


def decide_find(state: State, command: Command) -> Decision:
    """The sales of this terminal's merchant that fit, with what is left of each."""
    if refused := checks.service(state, command, SERVICE):
        return refused
    merchant = checks.terminal_of(state, command).merchant_account
    found = list(state.sales_of(merchant, command.body.get("code", "")))
    known = state.operation(command.body.get("sale", ""))
    if known is not None and _problem(state, command, known) is None:
        found.append(known)
    shown = [_shown(sale) for sale in found if _problem(state, command, sale) is None]
    return answer({"sales": shown}) if shown else refuse("sale_unknown")


def _shown(sale: Operation) -> dict[str, object]:
    """A sale as the cashier sees it."""
    return {
        "sale": sale.id,
        "amount_minor": sale.amount_minor,
        "refunded_minor": sale.refunded_minor,
        "currency": sale.currency,
        "paid_at": sale.closed_at,
        "payer": sale.party,
    }


def needs_make(command: Command, keys: Keys) -> None:
    """The operator, the sale (locked, with the accounts it names), the tariff, and whether this id is known."""
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    approval.needs_use(command, keys)
    keys.operations.update((command.id, command.body["sale"]))


def decide_make(state: State, command: Command) -> Decision:
    """Debit the merchant, credit the payer; all refunds of a sale together never exceed what was paid."""
    body = command.body
    sale = state.operation(body["sale"])
    refused = (
        checks.service(state, command, SERVICE)
        or checks.money(state, command, SERVICE)
        or refuse_known(state, command, "operation_voided")
        or _problem(state, command, sale)
    )
    if refused or sale is None:
        return refused or refuse("sale_unknown")
    total_minor = sale.refunded_minor + body["amount_minor"]
    if total_minor > sale.amount_minor:
        left_minor = sale.amount_minor - sale.refunded_minor
        return refuse("refund_too_much", {"limit_minor": left_minor, "currency": sale.currency})
    if total_minor <= state.policy.refund_limit_minor:
        return _made(state, command, sale, total_minor)
    used = approval.use(state, command, "refund", operation=sale.id, amount_minor=body["amount_minor"])
    return used if isinstance(used, Decision) else _made(state, command, sale, total_minor).with_effects(used)


def _problem(state: State, command: Command, sale: Operation | None) -> Decision | None:
    """The sale is one of this merchant, paid from a wallet, and not too long ago."""
    merchant = checks.terminal_of(state, command).merchant_account
    if sale is None or sale.type != "sale" or sale.credit != merchant or sale.state != "paid" or not sale.account:
        return refuse("sale_unknown")
    too_old = sale.closed_at + state.policy.refund_days * DAY_S <= command.at
    return refuse("sale_expired") if too_old else None


def _made(state: State, command: Command, sale: Operation, total_minor: int) -> Decision:
    """The transfer, the refund's record, the sale's new total, and the payer's notice."""
    amount_minor, currency = command.body["amount_minor"], sale.currency
    back = Transfer(
        command.id, PLAIN, sale.credit, sale.debit, amount_minor, currency, codes.REFUND, "", command.id, command.at
    )
    if (result := state.try_transfers((back,))) is not Result.OK:
        raise LedgerRefusedError(result)
    made = Operation(
        id=command.id,
        terminal=command.terminal,
        type=SERVICE,
        state="done",
        debit=sale.credit,
        credit=sale.debit,
        account=sale.account,
        amount_minor=amount_minor,
        fee_minor=0,
        currency=currency,
        operator=command.body["operator"],
        drawer="",
        code=command.fresh_code,
        reference=sale.id,
        party=sale.party,
        opened_at=command.at,
        expires_at=0,
        closed_at=command.at,
    )
    merchant = checks.terminal_of(state, command).merchant_name
    text = f"Refund {format_minor(amount_minor, currency)} {currency} from {merchant}"
    notice = {"text": text, "amount_minor": amount_minor, "currency": currency, "at": command.at}
    return answer(
        {"authorisation_code": command.fresh_code, "holder": sale.party},
        back,
        made,
        sale._replace(refunded_minor=total_minor),
        Notice(sale.account, "refund", notice, command.at),
    )
