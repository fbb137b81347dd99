"""Sending cash, paid in cash or from a wallet: a code, and a secret of the sender's, fetch it at any branch."""

from desk import rows, texts
from desk.flows import entry, steps
from deskwire import accounts

#: A secret is told over the telephone: short enough to be remembered, and its tries are counted.
MAX_SECRET_DIGITS = 6


def start(desk, event):  # noqa: ARG001
    """How does the sender pay?"""
    desk.flow = "pickup"
    desk.digits = ""
    rows_shown = (("1", "Sender pays cash", ""), ("2", "From a wallet", ""))
    desk.page = {"title": "Send cash", "flow": "pickup", "rows": rows_shown, "page": ""}
    return "pk_kind"


def kind(desk, event):
    """1 cash, 2 a wallet."""
    if event.key not in ("1", "2"):
        desk.tone("warn")
        return "pk_kind"
    desk.tone("key")
    desk.work["account"] = ""
    desk.amount = 0
    return "pk_amount" if event.key == "1" else "pk_from"


def kind_back(desk, event):  # noqa: ARG001
    """Leave."""
    desk.tone("key")
    return desk.home()


def from_back(desk, event):
    """Take back a digit, or choose again."""
    return "pk_from" if entry.erase_digit(desk) else start(desk, event)


def from_ok(desk, event):  # noqa: ARG001
    """Go on to the amount."""
    if not entry.account_is_valid(desk):
        return "pk_from"
    desk.tone("ok")
    desk.work["account"] = desk.digits
    return "pk_amount"


def amount_back(desk, event):
    """Take back a digit, or choose again."""
    return "pk_amount" if entry.erase_amount(desk) else start(desk, event)


def amount_ok(desk, event):  # noqa: ARG001
    """Ask what it costs. A quote moves nothing."""
    if not entry.amount_is_typed(desk):
        return "pk_amount"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    body = {"operator": desk.operator, "amount_minor": desk.amount, "currency": desk.currency}
    if desk.work["account"]:
        body["account"] = desk.work["account"]
    desk.ask("pickup.quote", body, "Asking for a code")
    return "pk_asking"


def quoted(desk, event):
    """Show what it costs."""
    desk.work["operation"] = event.id
    desk.work["code"] = event.body["code"]
    desk.work["fee"] = event.body["fee_minor"]
    desk.work["total"] = event.body["total_minor"]
    desk.tone("ok")
    return _confirm(desk, "pk_confirm", "Next", "Cancel")


def _confirm(desk, state, ok, back):
    """The sum, and what it is made of."""
    desk.page = {
        "title": "Take cash" if state == "pk_take" else "Send cash",
        "flow": "pickup",
        "big": desk.work["total"],
        "currency": desk.currency,
        "rows": (
            ("Is paid out", texts.money(desk.amount, desk.currency)),
            ("Fee", texts.money(desk.work["fee"], desk.currency)),
            ("Sender pays", "from wallet" if desk.work["account"] else "in cash"),
        ),
        "ok": ok,
        "back": back,
    }
    return state


def cancel(desk, event):  # noqa: ARG001
    """Nothing was sent."""
    return desk.outcome("cancelled", "CANCELLED", "Nothing was sent. Give any cash back.")


def confirm_ok(desk, event):  # noqa: ARG001
    """Hand the keypad to the sender, for the secret."""
    desk.tone("ok")
    desk.flow = "secret"
    desk.open_pin()
    return "pk_secret"


def secret_back(desk, event):  # noqa: ARG001
    """Take back a digit of the secret, or go back."""
    if entry.erase_pin(desk):
        return "pk_secret"
    desk.close_pin()
    desk.flow = "pickup"
    return "pk_confirm"


def secret_ok(desk, event):  # noqa: ARG001
    """Seal the secret; the centre keeps only what it is checked by."""
    if not entry.pin_is_typed(desk):
        return "pk_secret"
    if desk.pin.stars() > MAX_SECRET_DIGITS:
        desk.say("At most 6 digits")
        return "pk_secret"
    if not desk.is_online():
        return desk.unreachable()
    body = {"operator": desk.operator, "operation": desk.work["operation"], "code": desk.work["code"]}
    account = accounts.pickup_account(desk.work["code"])
    desk.ask("pickup.secret", body, "Keeping the secret", pin=desk.hand_over_pin(), account=account)
    desk.flow = "pickup"
    return "pk_sealing"


def sealed(desk, event):  # noqa: ARG001
    """Now the money: count the cash, or let the wallet's holder authorise it."""
    if not desk.work["account"]:
        desk.tone("pay_in")
        return _confirm(desk, "pk_take", "Cash taken", "Not taken")
    if desk.proof:
        return _fund(desk, None)
    desk.tone("ok")
    desk.open_pin()
    return "pk_pin"


def taken(desk, event):  # noqa: ARG001
    """Cash is in the drawer: told to the journal first, shown after."""
    row = rows.new(desk.work["operation"], "pickup", desk.amount, desk.currency, desk.epoch_s)
    row["state"] = "taken"
    rows.add(desk.rows, row)
    desk.op = row
    desk.answer = {"total_minor": desk.work["total"]}
    body = {
        "operation": row["operation"],
        "operator": desk.operator,
        "code": desk.work["code"],
        "amount_minor": desk.amount,
        "currency": desk.currency,
        "fee_minor": desk.work["fee"],
        "drawer": desk.drawer,
    }
    desk.tell("pickup.taken", body, row)
    desk.drawer_minor += desk.work["total"]
    return _sent(desk)


def _sent(desk):
    """The code, to be written down."""
    lines = (("Code", steps.grouped(desk.work["code"])),)
    return steps.done(desk, "Send cash", "pickup", lines, "Write the code down. The sender tells the secret.")


def pin_back(desk, event):
    """Take back a PIN digit, or give it up."""
    if entry.erase_pin(desk):
        return "pk_pin"
    return cancel(desk, event)


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and send."""
    if not entry.pin_is_typed(desk):
        return "pk_pin"
    return _fund(desk, desk.pin)


def _fund(desk, pin):
    """Record it, then take the money from the wallet."""
    if not desk.is_online():
        return desk.unreachable()
    steps.begin(desk, "pickup", desk.work["operation"])
    body = {
        "operator": desk.operator,
        "operation": desk.work["operation"],
        "code": desk.work["code"],
        "account": desk.work["account"],
        "currency": desk.currency,
    }
    if pin is None:
        body["identified"] = desk.proof
        desk.ask("pickup.fund", body, "Sending")
    else:
        desk.ask("pickup.fund", body, "Sending", pin=desk.hand_over_pin(), account=desk.work["account"])
    return "pk_funding"


def funded(desk, event):
    """Sent."""
    steps.finished(desk, event)
    return _sent(desk)
