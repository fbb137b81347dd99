"""bill.taken, bill.pay, rail.pay and bill.void: the money of an order is taken or held, and the worker may send it.

Cash is posted to the till at once, because it lies in the drawer; it waits in `order_cash`, held there for the rail.
A wallet's money is held in the wallet itself. Posting or giving back waits for the rail's last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend.ledger import PENDING, PLAIN, Result, Transfer
from backend.operations import checks, codes
from backend.operations.decision import Decision, Effect, ack, answer, refuse
from backend.operations.entities import Alarm, Operation, Wallet
from backend.operations.failures import LedgerRefusedError
from backend.operations.rail_entities import CASH, WALLET, RailOrder, cash_account
from backend.operations.rail_quote import SERVICES, TYPES
from backend.operations.rail_states import QUOTED, after
from backend.operations.sale import tombstone

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: The fee's hold is named after the operation's, with this behind it.
FEE: Final = ":fee"
#: How long a quote may be paid: debts and fees change, and a customer at a counter does not wait longer.
QUOTE_TTL_S: Final = 900


def needs_taken(command: Command, keys: Keys) -> None:
    """The quote with its order, the till, where the cash waits, and where it goes that cannot be booked as told."""
    body, currency = command.body, command.body["currency"]
    _needs_order(body["operation"], keys)
    keys.accounts.update(
        (f"till:{command.terminal}", cash_account(currency), f"fees:{currency}", f"suspense:{currency}")
    )


def _needs_order(name: str, keys: Keys) -> None:
    keys.operations.add(name)
    keys.rail_orders.add(name)


def decide_taken(state: State, command: Command) -> Decision:
    """The cash is in the drawer: hold it for the rail as quoted, or else book it to suspense."""
    body, terminal = command.body, checks.terminal_of(state, command)
    if body["currency"] != terminal.currency:
        return ack("remembered", Alarm("bill_other_currency", dict(body)))
    known, order = state.operation(body["operation"]), state.rail_order(body["operation"])
    if known is not None and known.terminal == terminal.id and known.state not in {"quoted", "voided"}:
        return ack("nothing_to_do", Alarm("bill_told_twice", dict(body)))
    fits = known is not None and order is not None and _fits(command, known, order)
    if known is None or order is None or not fits:
        return _to_suspense(state, command, known)
    cash = cash_account(known.currency)
    total_minor = known.amount_minor + known.fee_minor
    taken = Transfer(
        command.id,
        PLAIN,
        terminal.till,
        cash,
        total_minor,
        known.currency,
        codes.RAIL_CASH,
        "",
        known.id,
        command.at,
    )
    transfers = (taken, *_holds(command, known, cash))
    if (result := state.try_transfers(transfers)) is not Result.OK:
        raise LedgerRefusedError(result)
    started = known._replace(state="pending", debit=cash, drawer=body["drawer"])
    return ack("as_told", *transfers, started, _started(order, CASH, command))


def _fits(command: Command, known: Operation, order: RailOrder) -> bool:
    """Whether the tell is the quote's."""
    body = command.body
    told = (command.terminal, body["amount_minor"], body["fee_minor"], body["currency"])
    quoted = (known.terminal, known.amount_minor, known.fee_minor, known.currency)
    return known.type in TYPES and known.state == "quoted" and order.state == QUOTED and told == quoted


def _holds(command: Command, known: Operation, debit: str) -> tuple[Transfer, ...]:
    """The hold for the rail, named by the operation, and that of the fee, if any."""
    held = Transfer(
        known.id,
        PENDING,
        debit,
        known.credit,
        known.amount_minor,
        known.currency,
        codes.RAIL_OUT,
        "",
        known.id,
        command.at,
    )
    if not known.fee_minor:
        return (held,)
    fees = f"fees:{known.currency}"
    return (
        held,
        held._replace(id=known.id + FEE, credit=fees, amount_minor=known.fee_minor, code=codes.RAIL_FEE),
    )


def _started(order: RailOrder, source: str, command: Command) -> RailOrder:
    """The order, due for the worker now."""
    following = after(order.state, "start")
    if following is None:
        raise LookupError(f"order {order.id} is {order.state} and cannot be started")
    return order._replace(state=following, source=source, next_at=command.at)


def _to_suspense(state: State, command: Command, known: Operation | None) -> Decision:
    """Book the counted cash to suspense, and tell staff; the provider is not paid."""
    body, terminal = command.body, checks.terminal_of(state, command)
    transfer = Transfer(
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
    if (result := state.try_transfers((transfer,))) is not Result.OK:
        raise LedgerRefusedError(result)
    alarm = Alarm("bill_in_suspense", dict(body) | {"was": known.state if known is not None else "unknown"})
    effects: tuple[Effect, ...] = (transfer, alarm)
    if known is None:
        heard = tombstone(body["operation"], command, "bill", "suspense")
        money = {"amount_minor": body["amount_minor"], "fee_minor": body["fee_minor"], "currency": body["currency"]}
        effects = (*effects, heard._replace(operator=body["operator"], drawer=body["drawer"], **money))
    elif known.terminal == terminal.id and known.type in TYPES:
        effects = (*effects, known._replace(state="suspense", closed_at=command.at))
    return ack("suspense", *effects)


def needs_pay(command: Command, keys: Keys) -> None:
    """At a desk: the operator, the wallet (locked: a PIN try is counted), the quote with its order."""
    checks.needs_operator(command, keys)
    checks.needs_authorised(command, keys)
    _needs_order(command.body["operation"], keys)
    keys.accounts.add(f"fees:{command.body['currency']}")


def decide_pay(state: State, command: Command) -> Decision:
    """Hold the holder's money for the order, once the PIN or the one-time code is right."""
    body = command.body
    wallet, known = state.wallet(body["account"]), state.operation(body["operation"])
    group = "bills" if known is None or known.type == "bill" else "transfers"
    refused = (
        checks.service(state, command, SERVICES[group])
        or _payable(state, command, command.terminal)
        or checks.wallet(wallet, body["currency"])
    )
    if refused or wallet is None:
        return refused or refuse("account_unknown")
    proved = checks.authorised(state, command, wallet)
    return proved if isinstance(proved, Decision) else _pay(state, command, wallet, proved)


def needs_wallet_pay(command: Command, keys: Keys) -> None:
    """By the wallet API: the holder's wallet, the quote with its order."""
    checks.needs_wallet(command.origin[2:], keys)
    _needs_order(command.body["operation"], keys)
    keys.accounts.add(f"fees:{command.body['currency']}")


def decide_wallet_pay(state: State, command: Command) -> Decision:
    """The holder confirms a quote of his own."""
    wallet = state.wallet(command.origin[2:])
    refused = _payable(state, command, "") or checks.wallet(wallet, command.body["currency"])
    if refused or wallet is None:
        return refused or refuse("account_unknown")
    return _pay(state, command, wallet, ())


def _payable(state: State, command: Command, terminal: str) -> Decision | None:
    """The quote is this origin's, fresh, for this amount, and not paid yet."""
    body = command.body
    known, order = state.operation(body["operation"]), state.rail_order(body["operation"])
    if known is not None and known.terminal == terminal and known.state == "voided":
        return refuse("operation_voided")
    if known is None or order is None or known.terminal != terminal or order.origin != command.origin:
        return refuse("operation_unknown")
    if order.state != QUOTED:
        return refuse("operation_paid")
    if known.opened_at + QUOTE_TTL_S < command.at:
        return refuse("operation_expired")
    told = (body["amount_minor"], body["fee_minor"], body["currency"])
    return None if told == (known.amount_minor, known.fee_minor, known.currency) else refuse("amount_invalid")


def _pay(state: State, command: Command, wallet: Wallet, proof: tuple[Effect, ...]) -> Decision:
    """Hold amount and fee on the wallet; the order may go. `proof` goes with the holder's authorisation."""
    known, order = state.operation(command.body["operation"]), state.rail_order(command.body["operation"])
    if known is None or order is None:
        raise LookupError("a payable order is always known")
    holds = _holds(command, known, wallet.account)
    result = state.try_transfers(holds)
    if result is Result.EXCEEDS_CREDITS:
        return refuse("insufficient_funds", None, *proof)
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    started = known._replace(state="pending", debit=wallet.account, account=wallet.number)
    return answer(
        {"operation": known.id, "state": "pending"}, *holds, started, _started(order, WALLET, command), *proof
    )


def needs_void(command: Command, keys: Keys) -> None:
    """The quote, and the answer its ask got."""
    _needs_order(command.body["operation"], keys)
    keys.answers.add((command.origin, command.body["operation"]))


def decide_void(state: State, command: Command) -> Decision:
    """Give a quote up, so that a payment of it that is still under way is refused. One that was paid goes on."""
    name = command.body["operation"]
    known = state.operation(name)
    if known is None:
        asked = state.answered_to(command.origin, name)
        if asked is not None:
            return ack("nothing_to_do")
        return ack("remembered", tombstone(name, command, "bill", "voided"))
    if known.terminal != command.terminal or known.type not in TYPES:
        return ack("nothing_to_do", Alarm("foreign_operation", {"operation": name, "of": known.terminal}))
    if known.state != "quoted":
        return ack("nothing_to_do")
    return ack("as_told", known._replace(state="voided", closed_at=command.at))
