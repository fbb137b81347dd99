"""Handing the drawer over: one operator counts, the other confirms that sum by number and PIN."""

from desk import texts
from desk.flows import entry
from desk.flows.sign_on import take_drawer
from deskwire import accounts

UNKNOWN = "The drawer may be handed over. Sign on again: the terminal then knows whose it is."


def start(desk, event):  # noqa: ARG001
    """The one who gives counts; what the books say is not shown."""
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("key")
    desk.amount = 0
    return "ho_amount"


def amount_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "ho_amount" if entry.erase_amount(desk) else desk.home()


def amount_ok(desk, event):  # noqa: ARG001
    """Who takes over; an empty drawer can be handed over too."""
    desk.tone("ok")
    return _number(desk)


def _number(desk):
    """The number of the one who takes over."""
    desk.digits = ""
    desk.page = {
        "title": "Hand over",
        "flow": "drawer",
        "label": "Who takes over?",
        "max_digits": entry.MAX_OPERATOR_DIGITS,
        "hint": "Operator number. Counted: " + texts.money(desk.amount, desk.currency),
    }
    return "ho_number"


def number_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the sum."""
    return "ho_number" if entry.erase_digit(desk) else "ho_amount"


def number_ok(desk, event):  # noqa: ARG001
    """Go on to the other's PIN, which confirms the sum."""
    if len(desk.digits) < entry.MIN_OPERATOR_DIGITS or desk.digits == desk.operator:
        desk.tone("warn")
        desk.say("Another operator's number")
        return "ho_number"
    desk.tone("ok")
    sum_text = texts.money(desk.amount, desk.currency)
    label = "{} takes {}".format(desk.digits, sum_text)
    desk.page = {"title": "Hand over", "flow": "drawer", "label": label, "ok": "Take over"}
    desk.open_pin()
    return "ho_pin"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the number."""
    if entry.erase_pin(desk):
        return "ho_pin"
    desk.close_pin()
    return _number(desk)


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and ask."""
    if not entry.pin_is_typed(desk):
        return "ho_pin"
    if not desk.is_online():
        return desk.unreachable()
    body = {"operator": desk.operator, "to": desk.digits, "counted_minor": desk.amount, "currency": desk.currency}
    account = accounts.operator_account(desk.digits)
    desk.ask("drawer.handover", body, "Handing over", pin=desk.hand_over_pin(), account=account)
    return "ho_asking"


def handed_over(desk, event):
    """The drawer, and the terminal, are the other's."""
    body = event.body
    desk.operator = body["operator"]
    desk.operator_name = body["name"]
    desk.role = body["role"]
    take_drawer(desk, body["drawer"])
    desk.tone("ok")
    desk.page = {
        "title": "Handed over",
        "flow": "drawer",
        "big": desk.amount,
        "currency": desk.currency,
        "rows": (("To", body["name"]),),
        "note": "",
        "queued": False,
    }
    return "dr_done"


def refused(desk, event):
    """The drawer stays where it was, and why."""
    return desk.refused(event)


def unanswered(desk, event):
    """Whose it is, signing on tells."""
    if not event.sent:
        return desk.unreachable()
    desk.operator = ""
    return desk.outcome("unknown_checking", "NOT KNOWN YET", UNKNOWN)
