"""All operations in one table: what each needs, and how each decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from backend.operations import (
    approval,
    balance,
    cash_in,
    cash_out,
    customer,
    customer_pin,
    device,
    drawer_close,
    drawer_drop,
    drawer_handover,
    drawer_open,
    drawer_report,
    hello,
    ledger_transfer,
    operation_status,
    operation_void,
    operator_sign_on,
    outlet,
    pickup,
    pickup_out,
    rail_heard,
    rail_pay,
    rail_quote,
    refund,
    sale,
    statement,
    transfer,
    wallet_pay,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.operations.command import Command
    from backend.operations.decision import Decision
    from backend.operations.keys import Keys
    from backend.operations.state import State


class Rule(NamedTuple):
    """One operation."""

    needs: Callable[[Command, Keys], None]
    decide: Callable[[State, Command], Decision]


def _nothing(command: Command, keys: Keys) -> None:
    """An operation that needs no more than admission has asked for."""


OPERATIONS: Final[dict[str, Rule]] = {
    "hello": Rule(hello.needs, hello.decide),
    "operator.sign_on": Rule(operator_sign_on.needs, operator_sign_on.decide),
    "approval.grant": Rule(approval.needs, approval.decide),
    "drawer.open": Rule(drawer_open.needs, drawer_open.decide),
    "drawer.drop": Rule(drawer_drop.needs_drop, drawer_drop.decide_drop),
    "drawer.receive": Rule(drawer_drop.needs_receive, drawer_drop.decide_receive),
    "drawer.handover": Rule(drawer_handover.needs, drawer_handover.decide),
    "drawer.report": Rule(drawer_report.needs, drawer_report.decide),
    "drawer.count": Rule(drawer_close.needs_count, drawer_close.decide_count),
    "drawer.close": Rule(drawer_close.needs_close, drawer_close.decide_close),
    "sale.open": Rule(sale.needs_open, sale.decide_open),
    "sale.status": Rule(sale.needs_status, sale.decide_status),
    "sale.cancel": Rule(sale.needs_status, sale.decide_cancel),
    "sale.expire": Rule(sale.needs_status, sale.decide_expire),
    "wallet.pay": Rule(wallet_pay.needs, wallet_pay.decide),
    "cash_in.quote": Rule(cash_in.needs_quote, cash_in.decide_quote),
    "cash_in.taken": Rule(cash_in.needs_taken, cash_in.decide_taken),
    "cash_out.authorize": Rule(cash_out.needs_authorize, cash_out.decide_authorize),
    "cash_out.paid": Rule(cash_out.needs_paid, cash_out.decide_paid),
    "cash_out.void": Rule(cash_out.needs_void, cash_out.decide_void),
    "hold.expire": Rule(cash_out.needs_expire, cash_out.decide_expire),
    "customer_pin.set": Rule(customer_pin.needs_set, customer_pin.decide_set),
    "customer_pin.change": Rule(customer_pin.needs_change, customer_pin.decide_change),
    "balance": Rule(balance.needs, balance.decide),
    "code.issue": Rule(customer.needs_issue, customer.decide_issue),
    "code.prefer": Rule(customer.needs_prefer, customer.decide_prefer),
    "customer.identify": Rule(customer.needs_identify, customer.decide_identify),
    "statement": Rule(statement.needs, statement.decide),
    "transfer.quote": Rule(transfer.needs_quote, transfer.decide_quote),
    "transfer.make": Rule(transfer.needs_make, transfer.decide_make),
    "wallet.transfer": Rule(transfer.needs_wallet_transfer, transfer.decide_wallet_transfer),
    "refund.find": Rule(refund.needs_find, refund.decide_find),
    "refund.make": Rule(refund.needs_make, refund.decide_make),
    "pickup.quote": Rule(pickup.needs_quote, pickup.decide_quote),
    "pickup.secret": Rule(pickup.needs_secret, pickup.decide_secret),
    "pickup.fund": Rule(pickup.needs_fund, pickup.decide_fund),
    "pickup.taken": Rule(pickup.needs_taken, pickup.decide_taken),
    "wallet.pickup": Rule(pickup.needs_wallet_pickup, pickup.decide_wallet_pickup),
    "pickup.redeem": Rule(pickup_out.needs_redeem, pickup_out.decide_redeem),
    "pickup.expire": Rule(pickup_out.needs_expire, pickup_out.decide_expire),
    "operation.void": Rule(operation_void.needs, operation_void.decide),
    "operation.status": Rule(operation_status.needs, operation_status.decide),
    "news.seen": Rule(_nothing, device.decide_news_seen),
    "health": Rule(_nothing, device.decide_report),
    "tamper": Rule(_nothing, device.decide_alarming_report),
    "journal.gap": Rule(_nothing, device.decide_alarming_report),
    "outlet.services": Rule(outlet.needs, outlet.decide),
    "bill.catalogue": Rule(rail_quote.needs_catalogue, rail_quote.decide_catalogue),
    "bill.lookup": Rule(rail_quote.needs_lookup, rail_quote.decide_lookup),
    "bill.taken": Rule(rail_pay.needs_taken, rail_pay.decide_taken),
    "bill.pay": Rule(rail_pay.needs_pay, rail_pay.decide_pay),
    "bill.void": Rule(rail_pay.needs_void, rail_pay.decide_void),
    "bill.returned": Rule(rail_heard.needs_returned, rail_heard.decide_returned),
    "rail.quote": Rule(rail_quote.needs_quote, rail_quote.decide_quote),
    "rail.pay": Rule(rail_pay.needs_wallet_pay, rail_pay.decide_wallet_pay),
    "rail.heard": Rule(rail_heard.needs_heard, rail_heard.decide_heard),
    "rail.top_up": Rule(rail_heard.needs_top_up, rail_heard.decide_top_up),
    "ledger.transfer": Rule(ledger_transfer.needs, ledger_transfer.decide),
}
