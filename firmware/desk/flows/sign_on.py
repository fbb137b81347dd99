"""Signing on: operator number, operator PIN, the backend's word; signing off."""

from desk.flows import entry
from deskwire import accounts

#: A second press of * within this time signs off.
SIGN_OFF_MS = 5_000


def take_drawer(desk, drawer):
    """Take over what the backend says about the open drawer (a dict or None)."""
    if drawer is None:
        desk.drawer = ""
        desk.drawer_minor = 0
        desk.counted = -1
    elif drawer["drawer"] != desk.drawer or not desk.waiting:
        desk.drawer = drawer["drawer"]
        desk.drawer_minor = drawer["cash_minor"]
    if drawer is not None:
        desk.counted = drawer.get("counted_minor", -1)
        take_limits(desk, drawer)


def take_limits(desk, drawer):
    """Take over the branch's limits for the drawer's cash; 0 where there is none."""
    desk.low_minor = drawer.get("low_minor", 0)
    desk.high_minor = drawer.get("high_minor", 0)


def number_back(desk, event):  # noqa: ARG001
    """Take back a digit of the operator number."""
    entry.erase_digit(desk)
    return "op_number"


def number_ok(desk, event):  # noqa: ARG001
    """Go on to the PIN."""
    if len(desk.digits) < entry.MIN_OPERATOR_DIGITS:
        desk.tone("warn")
        desk.say("Operator number: 3 to 8 digits")
        return "op_number"
    desk.tone("ok")
    desk.flow = "sign_on"
    desk.open_pin()
    return "op_pin"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the number."""
    if entry.erase_pin(desk):
        return "op_pin"
    desk.close_pin()
    return "op_number"


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and ask to sign on."""
    if not entry.pin_is_typed(desk):
        return "op_pin"
    if not desk.is_online():
        return desk.unreachable()
    account = accounts.operator_account(desk.digits)
    desk.ask("operator.sign_on", {"operator": desk.digits}, "Signing on", pin=desk.hand_over_pin(), account=account)
    return "signing_on"


def answered(desk, event):
    """Signed on: to the menu, or first to the drawer's float."""
    desk.operator = event.body["operator"]
    desk.operator_name = event.body["name"]
    desk.role = event.body["role"]
    take_drawer(desk, event.body["drawer"])
    desk.tone("ok")
    return desk.home()


def refused(desk, event):
    """Not signed on, and why."""
    return desk.refused(event)


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered; nothing is signed on."""
    return desk.unreachable()


def sign_off(desk, event):  # noqa: ARG001
    """First press warns, second press signs off. The drawer stays open: it is the backend's to close."""
    if desk.now_ms >= desk.sign_off_until_ms:
        desk.sign_off_until_ms = desk.now_ms + SIGN_OFF_MS
        desk.tone("key")
        desk.say("Press * again to sign off", SIGN_OFF_MS)
        return "menu"
    desk.sign_off_until_ms = 0
    desk.operator = ""
    desk.operator_name = ""
    desk.drawer = ""
    desk.notice = ""
    desk.tone("ok")
    return desk.home()
