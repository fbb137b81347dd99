"""A transfer between two wallets: payer, payee, amount, what it costs, the payer's PIN or one-time code."""

from desk import texts
from desk.flows import entry, steps


def start(desk, event):  # noqa: ARG001
    """Begin with the payer."""
    desk.flow = "transfer"
    return "tr_from"


def from_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "tr_from" if entry.erase_digit(desk) else desk.home()


def from_ok(desk, event):  # noqa: ARG001
    """Go on to the payee."""
    if not entry.account_is_valid(desk):
        return "tr_from"
    desk.tone("ok")
    desk.work["payer"] = desk.digits
    desk.digits = ""
    desk.flow = "payee"
    return "tr_to"


def to_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the payer."""
    if entry.erase_digit(desk):
        return "tr_to"
    desk.proof = ""
    desk.digits = desk.work["payer"]
    desk.flow = "transfer"
    return "tr_from"


def to_ok(desk, event):  # noqa: ARG001
    """Go on to the amount."""
    if not entry.account_is_valid(desk):
        return "tr_to"
    if desk.digits == desk.work["payer"]:
        desk.tone("warn")
        desk.say("This is the payer's account")
        return "tr_to"
    desk.tone("ok")
    desk.work["to"] = desk.digits
    desk.amount = 0
    desk.flow = "transfer"
    return "tr_amount"


def amount_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the payee."""
    if entry.erase_amount(desk):
        return "tr_amount"
    desk.flow = "payee"
    return "tr_to"


def _body(desk):
    """What both asks carry."""
    return {
        "operator": desk.operator,
        "account": desk.work["payer"],
        "to": desk.work["to"],
        "amount_minor": desk.amount,
        "currency": desk.currency,
    }


def amount_ok(desk, event):  # noqa: ARG001
    """Ask who would be paid and what it costs."""
    if not entry.amount_is_typed(desk):
        return "tr_amount"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.ask("transfer.quote", _body(desk), "Looking up the account")
    return "tr_asking"


def quoted(desk, event):
    """Show it before anybody authorises it."""
    desk.work["holder"] = event.body["holder"]
    desk.work["fee"] = event.body["fee_minor"]
    desk.page = {
        "title": "Transfer",
        "flow": "transfer",
        "big": desk.amount,
        "currency": desk.currency,
        "rows": (
            ("To", event.body["holder"]),
            ("Fee", texts.money(event.body["fee_minor"], desk.currency)),
            ("Payer is debited", texts.money(event.body["total_minor"], desk.currency)),
        ),
        "ok": "Send",
        "back": "Cancel",
    }
    desk.tone("ok")
    return "tr_confirm"


def confirm_ok(desk, event):  # noqa: ARG001
    """Hand the keypad to the payer, unless the one-time code has authorised it."""
    if desk.proof:
        return _make(desk, None)
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.open_pin()
    return "tr_pin"


def cancel(desk, event):  # noqa: ARG001
    """Nothing was sent."""
    return desk.outcome("cancelled", "CANCELLED", "Nothing was sent.")


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the confirmation."""
    if entry.erase_pin(desk):
        return "tr_pin"
    desk.close_pin()
    return "tr_confirm"


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and send."""
    if not entry.pin_is_typed(desk):
        return "tr_pin"
    return _make(desk, desk.pin)


def _make(desk, pin):
    """Record the transfer, then ask for it."""
    if not desk.is_online():
        return desk.unreachable()
    operation = steps.begin(desk, "transfer")
    body = _body(desk)
    body["fee_minor"] = desk.work["fee"]
    if pin is None:
        desk.tone("ok")
        body["identified"] = desk.proof
        desk.ask("transfer.make", body, "Sending", id=operation)
    else:
        pin = desk.hand_over_pin()
        desk.ask("transfer.make", body, "Sending", id=operation, pin=pin, account=desk.work["payer"])
    return "tr_making"


def made(desk, event):
    """Sent."""
    steps.finished(desk, event)
    lines = (("To", event.body["holder"]), ("Authorisation", event.body["authorisation_code"]))
    return steps.done(desk, "Transfer", "transfer", lines, "Sent. Both holders are told.")
