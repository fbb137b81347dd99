"""Pay-in: account, amount, the masked holder, cash counted; then it is told, never asked."""

from desk import rows
from desk.flows import entry


def account_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "in_number" if entry.erase_digit(desk) else desk.home()


def account_ok(desk, event):  # noqa: ARG001
    """Go on to the amount."""
    if not entry.account_is_valid(desk):
        return "in_number"
    desk.tone("ok")
    desk.amount = 0
    return "in_amount"


def amount_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the account."""
    return "in_amount" if entry.erase_amount(desk) else "in_number"


def amount_ok(desk, event):  # noqa: ARG001
    """Ask for the holder and the fee. A quote moves nothing, so nothing is recorded yet."""
    if not entry.amount_is_typed(desk):
        return "in_amount"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    body = {
        "operator": desk.operator,
        "account": desk.digits,
        "amount_minor": desk.amount,
        "currency": desk.currency,
    }
    desk.ask("cash_in.quote", body, "Looking up the account")
    return "in_asking"


def quoted(desk, event):
    """Show whose account it is and what to count."""
    desk.answer = event.body
    desk.op = rows.new(event.id, "cash_in", desk.amount, desk.currency, desk.epoch_s)
    desk.tone("pay_in")
    return "in_confirm"


def refused(desk, event):
    """No quote, and why."""
    return desk.refused(event)


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered the quote; nothing was moved."""
    return desk.unreachable()


def cancel(desk, event):  # noqa: ARG001
    """The cash was not taken."""
    return desk.outcome("cancelled", "CANCELLED", "Give the cash back. Nothing was booked.")


def counted(desk, event):  # noqa: ARG001
    """Cash is in the drawer: told to the journal first, shown after."""
    taken = desk.op
    taken["state"] = "taken"
    taken["holder"] = desk.answer["holder"]
    taken["account"] = desk.digits
    taken["fee"] = desk.answer["fee_minor"]
    rows.add(desk.rows, taken)
    body = {
        "operation": taken["operation"],
        "operator": desk.operator,
        "account": desk.digits,
        "amount_minor": taken["amount"],
        "currency": taken["currency"],
        "fee_minor": desk.answer["fee_minor"],
        "drawer": desk.drawer,
    }
    desk.tell("cash_in.taken", body, taken)
    desk.drawer_minor += desk.answer["total_minor"]
    desk.since_ms = desk.now_ms
    desk.tone("ok")
    return "in_done"
