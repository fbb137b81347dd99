"""rail.heard, rail.top_up and bill.returned: a rail's word on an order, money it brings, cash given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backend.ledger import HELD, PLAIN, POST, VOID, Result, Transfer
from backend.operations import checks, codes
from backend.operations.decision import Decision, Effect, ack, answer, refuse
from backend.operations.entities import Alarm, News, Notice, Operation
from backend.operations.failures import LedgerRefusedError
from backend.operations.rail_entities import CASH, RailOrder, cash_account, rail_account
from backend.operations.rail_pay import FEE
from backend.operations.rail_quote import TYPES
from backend.operations.rail_states import DONE, FAILED, OPEN, after
from deskwire.money import MAX_AMOUNT_MINOR, format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: What closing does to the holds.
RESOLVED: Final = {DONE: POST, FAILED: VOID}


def needs_heard(command: Command, keys: Keys) -> None:
    """The order, its operation, its holds and their accounts."""
    keys.operations.add(command.body["order"])
    keys.rail_orders.add(command.body["order"])


def decide_heard(state: State, command: Command) -> Decision:
    """Follow the table. A word that the table does not know of changes nothing, and goes to staff."""
    body = command.body
    order, known = state.rail_order(body["order"]), state.operation(body["order"])
    if order is None or known is None or order.rail != body["rail"]:
        return refuse("operation_unknown", None, Alarm("rail_order_unknown", dict(body)))
    following = after(order.state, body["event"])
    if following is None:
        return answer({"state": order.state}, Alarm("rail_contradiction", dict(body) | {"was": order.state}))
    if order.state not in OPEN:
        return answer({"state": order.state})
    heard = order._replace(state=following, rail_reference=body.get("rail_reference") or order.rail_reference)
    if following in OPEN:
        return answer({"state": following}, heard)
    heard = heard._replace(receipt=body.get("receipt", ""), reason=body.get("reason", ""), closed_at=command.at)
    return answer({"state": following}, *_close(state, command, known, heard))


def _close(state: State, command: Command, known: Operation, order: RailOrder) -> tuple[Effect, ...]:
    """The rail's last word: post or void the holds, and tell whoever waits."""
    found = []
    for suffix in ("", FEE):
        pending = state.pending(known.id + suffix)
        if pending is not None and pending.state == HELD:
            transfer_id = f"{known.id}:{order.state}{suffix}"
            found.append(pending.resolve(RESOLVED[order.state], transfer_id, command.at))
    if not found:
        raise LookupError(f"order {order.id} is open, but has no hold")
    if (result := state.try_transfers(found)) is not Result.OK:
        raise LedgerRefusedError(result)
    closed = known._replace(state=order.state, closed_at=command.at)
    return (*found, closed, order, *_told(state, command, closed, order))


def _told(state: State, command: Command, known: Operation, order: RailOrder) -> tuple[Effect, ...]:
    """News for the terminal, a notice for the holder."""
    effects: list[Effect] = []
    money = {"amount_minor": known.amount_minor, "currency": known.currency}
    if known.terminal:
        said: dict[str, Any] = {"operation": known.id, "name": order.name, **money}
        if order.state == DONE:
            said["receipt"] = order.receipt
        else:
            returned_minor = known.amount_minor + known.fee_minor if order.source == CASH else 0
            said |= {"why": order.reason or "declined", "return_minor": returned_minor}
        name = "bill.done" if order.state == DONE else "bill.failed"
        effects.append(News(known.terminal, name, said, command.at, command.at + state.policy.news_ttl_s))
    if known.account:
        effects.append(_notice(command, known, order))
    return tuple(effects)


def _notice(command: Command, known: Operation, order: RailOrder) -> Notice:
    amount = f"{format_minor(known.amount_minor, known.currency)} {known.currency}"
    if order.state == DONE:
        text, moved_minor = f"{order.name} {order.shown}: paid {amount}", -known.amount_minor - known.fee_minor
    else:
        text, moved_minor = f"{order.name} {order.shown}: {amount} not paid, your money is free again", 0
    told = {"text": text, "amount_minor": moved_minor, "currency": known.currency, "at": command.at}
    return Notice(known.account, f"{known.type}.{order.state}", told, command.at)


def needs_returned(command: Command, keys: Keys) -> None:
    """The failed order, where its cash waits, the till, and where it is booked that should not have been given."""
    body, currency = command.body, command.body["currency"]
    keys.operations.add(body["operation"])
    keys.rail_orders.add(body["operation"])
    keys.accounts.update((f"till:{command.terminal}", cash_account(currency), f"suspense:{currency}"))
    keys.branch_accounts.add(("over_short", command.terminal))


def decide_returned(state: State, command: Command) -> Decision:
    """The customer has the cash of a failed order back. Cash given back without such an order is suspense."""
    body, terminal = command.body, checks.terminal_of(state, command)
    if body["currency"] != terminal.currency:
        return ack("remembered", Alarm("bill_return_other_currency", dict(body)))
    known, order = state.operation(body["operation"]), state.rail_order(body["operation"])
    if known is not None and known.terminal == terminal.id and known.state == "returned":
        return ack("nothing_to_do", Alarm("bill_returned_twice", dict(body)))
    owed = (
        known is not None
        and order is not None
        and known.terminal == terminal.id
        and known.type in TYPES
        and (known.state, order.state, order.source) == (FAILED, FAILED, CASH)
        and known.amount_minor + known.fee_minor == body["amount_minor"]
    )
    till = state.account(terminal.till)
    covered = till is not None and till.debit_available >= body["amount_minor"]
    transfer = Transfer(
        command.id,
        PLAIN,
        cash_account(body["currency"]) if owed else f"suspense:{body['currency']}",
        terminal.till if covered else f"over_short:{terminal.branch}",
        body["amount_minor"],
        body["currency"],
        codes.RAIL_RETURN if owed else codes.SUSPENSE,
        "",
        body["operation"],
        command.at,
    )
    if (result := state.try_transfers((transfer,))) is not Result.OK:
        raise LedgerRefusedError(result)
    if known is None or not owed:
        was = known.state if known is not None else "unknown"
        return ack("suspense", transfer, Alarm("bill_return_in_suspense", dict(body) | {"was": was}))
    return ack("as_told", transfer, known._replace(state="returned", closed_at=command.at))


def needs_top_up(command: Command, keys: Keys) -> None:
    """The wallet, the rail's account, and suspense."""
    body = command.body
    checks.needs_wallet(body["wallet"], keys)
    keys.accounts.update((rail_account(body["rail"], body["currency"]), f"suspense:{body['currency']}"))
    keys.operations.add(command.fresh)


def decide_top_up(state: State, command: Command) -> Decision:
    """Money came in from outside: to the wallet, or to suspense when the wallet cannot take it."""
    body = command.body
    if state.account(rail_account(body["rail"], body["currency"])) is None:
        return refuse("currency_mismatch", None, Alarm("top_up_refused", dict(body)))
    if not 0 < body["amount_minor"] <= MAX_AMOUNT_MINOR:
        return refuse("amount_invalid", None, Alarm("top_up_refused", dict(body)))
    problem = checks.wallet(state.wallet(body["wallet"]), body["currency"])
    why = problem.refused[0] if problem is not None and problem.refused is not None else ""
    credit = f"suspense:{body['currency']}" if why else f"wallet:{body['wallet']}"
    transfer = Transfer(
        f"{command.origin}:{command.id}",
        PLAIN,
        rail_account(body["rail"], body["currency"]),
        credit,
        body["amount_minor"],
        body["currency"],
        codes.SUSPENSE if why else codes.RAIL_IN,
        "",
        command.fresh,
        command.at,
    )
    if (result := state.try_transfers((transfer,))) is not Result.OK:
        raise LedgerRefusedError(result)
    booked = _top_up_operation(command, transfer, "suspense" if why else "done")
    if why:
        return answer({"booked": "suspense"}, transfer, booked, Alarm("top_up_in_suspense", dict(body) | {"why": why}))
    text = f"Top-up from {body['from']}: {format_minor(body['amount_minor'], body['currency'])} {body['currency']}"
    told = {"text": text, "amount_minor": body["amount_minor"], "currency": body["currency"], "at": command.at}
    return answer({"booked": "as_told"}, transfer, booked, Notice(body["wallet"], "top_up.done", told, command.at))


def _top_up_operation(command: Command, transfer: Transfer, state: str) -> Operation:
    """The record of a top-up; its reference is the rail's own id."""
    body = command.body
    return Operation(
        id=command.fresh,
        terminal="",
        type="top_up",
        state=state,
        debit=transfer.debit,
        credit=transfer.credit,
        account=body["wallet"],
        amount_minor=body["amount_minor"],
        fee_minor=0,
        currency=body["currency"],
        operator="",
        drawer="",
        code="",
        reference=command.id,
        party=body["from"],
        opened_at=command.at,
        expires_at=0,
        closed_at=command.at,
    )
