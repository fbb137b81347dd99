"""A refund: which sale, how much of it, a supervisor's approval where it is large; always to the one who paid."""

from desk import texts
from desk.flows import approval, entry, steps
from deskwire import scan

CODE_DIGITS = 6


def start(desk, event):  # noqa: ARG001
    """Begin with the sale's authorisation code."""
    desk.flow = "refund"
    desk.digits = ""
    desk.page = {
        "title": "Refund",
        "flow": "refund",
        "label": "Authorisation code",
        "max_digits": CODE_DIGITS,
        "hint": "The 6 digits of the payment, or scan the payer's receipt",
    }
    return "rf_code"


def code_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "rf_code" if entry.erase_digit(desk) else desk.home()


def code_ok(desk, event):  # noqa: ARG001
    """Look for the sale."""
    if len(desk.digits) < CODE_DIGITS:
        desk.tone("warn")
        desk.say("6 digits needed")
        return "rf_code"
    return _find(desk, {"operator": desk.operator, "code": desk.digits})


def scanned(desk, event):
    """The payer's receipt names the sale."""
    kind, sale = scan.parse(event.text)
    if kind != "sale":
        desk.tone("warn")
        desk.say("Not a receipt of a sale")
        return "rf_code"
    return _find(desk, {"operator": desk.operator, "sale": sale})


def _find(desk, body):
    """Ask for the sale."""
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.ask("refund.find", body, "Looking for the sale")
    return "rf_finding"


def found(desk, event):
    """One sale is taken at once; of several, the cashier chooses."""
    sales = event.body["sales"]
    if len(sales) == 1:
        return _take(desk, sales[0])
    desk.work["sales"] = sales
    lines = [
        (str(i + 1), texts.money(sales[i]["amount_minor"], sales[i]["currency"]), texts.clock(sales[i]["paid_at"]))
        for i in range(len(sales))
    ]
    desk.page = {"title": "Which sale?", "flow": "refund", "rows": tuple(lines), "page": ""}
    desk.tone("ok")
    return "rf_choice"


def choose(desk, event):
    """The sale of that digit."""
    place = int(event.key) - 1
    if 0 <= place < len(desk.work["sales"]):
        return _take(desk, desk.work["sales"][place])
    desk.tone("warn")
    return "rf_choice"


def leave(desk, event):  # noqa: ARG001
    """Nothing was refunded."""
    desk.tone("key")
    return desk.home()


def _take(desk, sale):
    """How much: all that is left, unless the cashier types less."""
    left = sale["amount_minor"] - sale["refunded_minor"]
    if left <= 0:
        return desk.outcome("refused", "REFUNDED", "All of this sale has been given back already.")
    desk.work["sale"] = sale
    desk.amount = left
    desk.tone("ok")
    return "rf_amount"


def amount_back(desk, event):
    """Take back a digit, or begin again."""
    return "rf_amount" if entry.erase_amount(desk) else start(desk, event)


def amount_ok(desk, event):  # noqa: ARG001
    """Show to whom it goes."""
    if not entry.amount_is_typed(desk):
        return "rf_amount"
    sale = desk.work["sale"]
    left = sale["amount_minor"] - sale["refunded_minor"]
    if desk.amount > left:
        desk.tone("warn")
        desk.say("At most " + texts.money(left, sale["currency"]))
        return "rf_amount"
    desk.tone("ok")
    return _confirm(desk)


def _confirm(desk):
    """The refund before it is made."""
    sale = desk.work["sale"]
    desk.page = {
        "title": "Refund",
        "flow": "refund",
        "big": desk.amount,
        "currency": sale["currency"],
        "rows": (
            ("To", sale["payer"]),
            ("Sale", texts.money(sale["amount_minor"], sale["currency"])),
            ("Refunded before", texts.money(sale["refunded_minor"], sale["currency"])),
        ),
        "ok": "Refund",
        "back": "Back",
    }
    return "rf_confirm"


def confirm_ok(desk, event):  # noqa: ARG001
    """Make it."""
    desk.tone("ok")
    return _make(desk, "")


def confirm_back(desk, event):  # noqa: ARG001
    """Back to the amount."""
    desk.tone("key")
    return "rf_amount"


def _make(desk, approved):
    """Record the refund, then ask for it."""
    if not desk.is_online():
        return desk.unreachable()
    operation = steps.begin(desk, "refund")
    body = {
        "operator": desk.operator,
        "sale": desk.work["sale"]["sale"],
        "amount_minor": desk.amount,
        "currency": desk.work["sale"]["currency"],
    }
    if approved:
        body["approval"] = approved
    desk.ask("refund.make", body, "Refunding", id=operation)
    return "rf_making"


def refused(desk, event):
    """A large one goes on to the supervisor; anything else is the end."""
    if event.reason != "approval_needed":
        return desk.refused(event)
    steps.drop(desk)
    desk.tone("attention")
    text = "Refund of " + texts.money(desk.amount, desk.currency)
    sale = desk.work["sale"]["sale"]
    return approval.begin(desk, "refund", text, _make, _confirm, operation=sale, amount=desk.amount)


def made(desk, event):
    """Given back."""
    steps.finished(desk, event)
    lines = (("To", event.body["holder"]), ("Authorisation", event.body["authorisation_code"]))
    return steps.done(desk, "Refund", "refund", lines, "Given back to the payer's wallet.")
