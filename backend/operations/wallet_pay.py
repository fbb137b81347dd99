"""wallet.pay: a holder pays an open sale; the terminal hears of it, and the holder too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import checks, codes
from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import News, Notice
from backend.operations.failures import LedgerRefusedError
from backend.operations.sale import SERVICE, state_at
from deskwire.accounts import mask_name
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.entities import Operation, Wallet
    from backend.operations.keys import Keys
    from backend.operations.state import State

CLOSED_SALES = {"paid": "sale_paid", "expired": "sale_expired", "cancelled": "sale_cancelled"}


def needs(command: Command, keys: Keys) -> None:
    """The payer's wallet with its limits, the fee, and the sale; the sale names the merchant's account."""
    body, payer = command.body, command.origin[2:]
    checks.needs_wallet(payer, keys)
    checks.needs_limits(payer, SERVICE, body["currency"], keys)
    checks.needs_service(command, keys, SERVICE)
    keys.accounts.add(f"fees:{body['currency']}")
    keys.operations.add(body["sale"])


def decide(state: State, command: Command) -> Decision:
    """Pay once, the exact amount, before the sale expires."""
    body = command.body
    payer = state.wallet(command.origin[2:])
    if (refused := checks.wallet(payer, body["currency"])) or payer is None:
        return refused or refuse("account_unknown")
    sale = state.operation(body["sale"])
    if sale is None or sale.type != SERVICE:
        return refuse("sale_unknown")
    if (now := state_at(sale, command.at)) != "open":
        return refuse(CLOSED_SALES[now])
    if sale.currency != body["currency"]:
        return refuse("currency_mismatch", {"currency": sale.currency})
    if sale.amount_minor != body["amount_minor"]:
        return refuse("amount_invalid")
    if over := checks.limits(state, command, payer, SERVICE, sale.amount_minor):
        return over
    pay = Transfer(
        command.id,
        PLAIN,
        payer.account,
        sale.credit,
        sale.amount_minor,
        sale.currency,
        codes.SALE,
        "",
        sale.id,
        command.at,
    )
    transfers = (pay, *_fee(state, sale, pay))
    result = state.try_transfers(transfers)
    if result is Result.EXCEEDS_CREDITS:
        return refuse("insufficient_funds")
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    return _paid(state, command, sale, payer, transfers)


def _fee(state: State, sale: Operation, pay: Transfer) -> tuple[Transfer, ...]:
    """What the merchant pays for the sale, if anything."""
    fee_minor = checks.merchant_fee_minor(state, SERVICE, sale.currency, sale.amount_minor)
    if not fee_minor:
        return ()
    taken = pay._replace(id=pay.id + ":fee", debit=sale.credit, credit=f"fees:{sale.currency}", code=codes.SALE_FEE)
    return (taken._replace(amount_minor=fee_minor),)


def _paid(state: State, command: Command, sale: Operation, payer: Wallet, transfers: tuple[Transfer, ...]) -> Decision:
    """The sale is paid: the transfers, the sale's new state, the payer's usage, and whom to tell."""
    masked = mask_name(payer.holder)
    paid = sale._replace(
        state="paid",
        debit=payer.account,
        account=payer.number,
        code=command.fresh_code,
        party=masked,
        closed_at=command.at,
    )
    news = {
        "sale": sale.id,
        "amount_minor": sale.amount_minor,
        "currency": sale.currency,
        "authorisation_code": command.fresh_code,
        "paid_at": command.at,
        "payer": masked,
    }
    text = f"Paid {format_minor(sale.amount_minor, sale.currency)} {sale.currency}"
    notice = {"text": text, "amount_minor": -sale.amount_minor, "currency": sale.currency, "at": command.at}
    return answer(
        {"state": "paid", "authorisation_code": command.fresh_code, "paid_at": command.at},
        *transfers,
        paid,
        checks.counted(state, payer.number, SERVICE, sale.amount_minor),
        News(sale.terminal, "sale.paid", news, command.at, command.at + state.policy.news_ttl_s),
        Notice(payer.number, "sale.paid", notice, command.at),
    )
