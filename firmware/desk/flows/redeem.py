"""Paying out a code: code and secret, then the same hold, payment and telling as any other pay-out."""

from desk.flows import cash_out, entry
from deskwire import accounts, scan


def start(desk, event):  # noqa: ARG001
    """Begin with the code."""
    desk.flow = "cash_out"
    desk.digits = ""
    desk.page = {
        "title": "Pay out a code",
        "flow": "cash_out",
        "label": "Transfer code",
        "max_digits": accounts.PICKUP_LENGTH,
        "hint": "12 digits, as the sender got them",
    }
    return "rd_code"


def code_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "rd_code" if entry.erase_digit(desk) else desk.home()


def scanned(desk, event):
    """The code from the sender's message."""
    kind, code = scan.parse(event.text)
    if kind != "pickup":
        desk.tone("warn")
        desk.say("Not a transfer code")
        return "rd_code"
    desk.digits = code
    return code_ok(desk, event)


def code_ok(desk, event):  # noqa: ARG001
    """Hand the keypad to the customer, for the secret; not while nobody could answer."""
    if not accounts.is_pickup_code(desk.digits):
        desk.tone("warn")
        desk.say("Wrong digit: compare code")
        return "rd_code"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.flow = "secret"
    desk.open_pin()
    return "rd_secret"


def secret_back(desk, event):  # noqa: ARG001
    """Take back a digit of the secret, or go back to the code."""
    if entry.erase_pin(desk):
        return "rd_secret"
    desk.close_pin()
    desk.flow = "cash_out"
    return "rd_code"


def secret_ok(desk, event):  # noqa: ARG001
    """Record the payout, seal the secret, ask for the hold."""
    if not entry.pin_is_typed(desk):
        return "rd_secret"
    if not desk.is_online():
        return desk.unreachable()
    desk.flow = "cash_out"
    code, account = desk.digits, accounts.pickup_account(desk.digits)
    operation = desk.new_id()
    row = desk.record("cash_out", operation)
    row["account"] = account
    row["operator"] = desk.operator
    row["drawer"] = desk.drawer
    desk.store()
    body = {"operator": desk.operator, "code": code}
    pin = desk.hand_over_pin()
    desk.ask("pickup.redeem", body, "Checking the code", id=operation, pin=pin, account=account)
    return "rd_asking"


def approved(desk, event):
    """The hold stands; from here it is a pay-out like any other."""
    desk.op["amount"] = event.body["amount_minor"]
    event.body["holder"] = "Code .. " + desk.digits[-4:]
    event.body["fee_minor"] = 0
    return cash_out.approved(desk, event)
