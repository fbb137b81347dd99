"""Pay-out: account, amount, the customer's PIN, a hold; then cash is paid or the hold released, and either is told.

Whatever is lost on the way, the terminal never guesses: an answer that did not come is voided, and a hold that a power
cut left open is put to the cashier as a question.
"""

from desk import texts
from desk.flows import entry, steps


def account_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "out_number" if entry.erase_digit(desk) else desk.home()


def account_ok(desk, event):  # noqa: ARG001
    """Go on to the amount."""
    if not entry.account_is_valid(desk):
        return "out_number"
    desk.tone("ok")
    desk.amount = 0
    return "out_amount"


def amount_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the account."""
    return "out_amount" if entry.erase_amount(desk) else "out_number"


def amount_ok(desk, event):  # noqa: ARG001
    """Hand the keypad to the customer; not while nobody could answer."""
    if not entry.amount_is_typed(desk):
        return "out_amount"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    if desk.proof:
        return _authorize(desk, None)
    desk.open_pin()
    return "out_pin"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the amount."""
    if entry.erase_pin(desk):
        return "out_pin"
    desk.close_pin()
    return "out_amount"


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and ask for the hold."""
    if not entry.pin_is_typed(desk):
        return "out_pin"
    if not desk.is_online():
        return desk.unreachable()
    return _authorize(desk, desk.hand_over_pin())


def _authorize(desk, pin):
    """Record the cash-out, then ask for the hold; without a PIN, the one-time code just used stands for it."""
    operation = desk.new_id()
    row = desk.record("cash_out", operation)
    row["account"] = desk.digits
    row["operator"] = desk.operator
    row["drawer"] = desk.drawer
    desk.store()
    body = {
        "operator": desk.operator,
        "account": desk.digits,
        "amount_minor": desk.amount,
        "currency": desk.currency,
    }
    if pin is None:
        body["identified"] = desk.proof
    desk.ask("cash_out.authorize", body, "Checking PIN and balance", id=operation, pin=pin, account=desk.digits)
    return "out_asking"


def approved(desk, event):
    """The hold stands: record it before the cashier is told to pay."""
    row = desk.op
    row["state"] = "held"
    row["code"] = event.body["authorisation_code"]
    row["holder"] = event.body["holder"]
    row["fee"] = event.body["fee_minor"]
    desk.store()
    desk.answer = event.body
    desk.deadline_ms = desk.now_ms + max(0, event.body["expires_at"] - event.time) * 1000
    desk.tone("pay_out")
    return "out_hold"


def refused(desk, event):
    """No hold, and why; with a wrong PIN, the tries that are left. A code that is not enough leads to the PIN."""
    if event.reason == "pin_needed" and desk.proof:
        desk.proof = ""
        steps.drop(desk)
        desk.tone("attention")
        desk.open_pin()
        return "out_pin"
    return desk.refused(event)


def authorize_unanswered(desk, event):
    """No cash was given: void it, and ask until the end is known."""
    if not event.sent:
        return desk.unreachable()
    void(desk, desk.op, "no_answer", "checking")
    return desk.outcome("unknown_checking", "NOT KNOWN YET", texts.CASH_OUT_UNKNOWN)


def void(desk, row, why, state="voided"):
    """Tell that no cash was paid for `row`. As "checking", its end is asked for once that is acked."""
    row["state"] = state
    desk.tell("cash_out.void", {"operation": row["operation"], "why": why}, row)


def paid(desk, event):  # noqa: ARG001
    """Cash is out of the drawer: told to the journal first, shown after."""
    tell_paid(desk, desk.op)
    desk.since_ms = desk.now_ms
    desk.tone("ok")
    return "out_done"


def tell_paid(desk, row):
    """Tell that the cash of `row` was paid."""
    row["state"] = "paid_out"
    body = {
        "operation": row["operation"],
        "operator": row["operator"],
        "account": row["account"],
        "amount_minor": row["amount"],
        "currency": row["currency"],
        "authorisation_code": row["code"],
        "drawer": row["drawer"],
    }
    desk.tell("cash_out.paid", body, row)
    if row["drawer"] == desk.drawer:
        desk.drawer_minor -= row["amount"]


def not_paid(desk, event):  # noqa: ARG001
    """The cashier did not pay: release the hold."""
    return _release(desk, "cancelled", texts.RELEASED)


def hold_countdown(desk, event):  # noqa: ARG001
    """Count down; at the end the hold is released."""
    if desk.now_ms < desk.deadline_ms:
        return "out_hold"
    return _release(desk, "timeout", texts.RELEASED_BY_TIME)


def _release(desk, why, text):
    """Release the hold on the screen."""
    void(desk, desk.op, why)
    return desk.outcome("voided", "DO NOT PAY", text)


def reopen(desk, row):
    """The journal did not take what was said of `row`: the question is open again."""
    if row["state"] == "paid_out" and row["drawer"] == desk.drawer:
        desk.drawer_minor += row["amount"]
    row["state"] = "held" if row["holder"] else "asked"  # without a holder nothing was approved
