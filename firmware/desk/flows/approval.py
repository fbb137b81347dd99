"""Four eyes: another person, a supervisor, types number and PIN for one purpose; the approval is used once, at once.

A flow calls `begin` with what is to be approved, and two functions: `then(desk, approval)` goes on with the approval's
id, `refrain(desk)` goes back when nobody approved. Both give the next state; name those states in TARGETS.
"""

from desk import texts
from desk.flows import entry
from deskwire import accounts

#: The states that `then` and `refrain` of the flows may lead to.
TARGETS = ("menu", "outcome", "home", "rf_making", "rf_confirm", "cp_new", "cp_number", "cl_asking")


class Wanted:
    """What is to be approved, and how it goes on."""

    __slots__ = ("body", "flow", "refrain", "text", "then")

    def __init__(self, flow, text, body, then, refrain):
        self.flow = flow
        self.text = text
        self.body = body
        self.then = then
        self.refrain = refrain


def begin(desk, purpose, text, then, refrain, *, operation="", amount=None):
    """Ask for a supervisor's approval of `purpose`; `text` tells the supervisor what is approved."""
    body = {"purpose": purpose}
    if operation:
        body["operation"] = operation
    if amount is not None:
        body["amount_minor"] = amount
        body["currency"] = desk.currency
    desk.wanted = Wanted(desk.flow, text, body, then, refrain)
    return _number(desk)


def _number(desk):
    """The supervisor's number."""
    desk.digits = ""
    desk.page = {
        "title": "Approval",
        "flow": desk.wanted.flow,
        "label": "Supervisor's number",
        "max_digits": entry.MAX_OPERATOR_DIGITS,
        "hint": desk.wanted.text,
    }
    return "ap_number"


def number_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go on without an approval."""
    if entry.erase_digit(desk):
        return "ap_number"
    return _leave(desk)


def _leave(desk):
    """Nobody approved."""
    wanted = desk.wanted
    desk.wanted = None
    return wanted.refrain(desk)


def number_ok(desk, event):  # noqa: ARG001
    """Go on to the PIN; the one who is signed on cannot approve."""
    if len(desk.digits) < entry.MIN_OPERATOR_DIGITS:
        desk.tone("warn")
        desk.say("Operator number: 3 to 8 digits")
        return "ap_number"
    if desk.digits == desk.operator:
        desk.tone("warn")
        desk.say("Another person must approve")
        return "ap_number"
    desk.tone("ok")
    desk.page = {
        "title": "Approval",
        "flow": desk.wanted.flow,
        "label": "PIN of supervisor " + desk.digits,
        "ok": "Approve",
    }
    desk.open_pin()
    return "ap_pin"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the number."""
    if entry.erase_pin(desk):
        return "ap_pin"
    desk.close_pin()
    return _number(desk)


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and ask."""
    if not entry.pin_is_typed(desk):
        return "ap_pin"
    if not desk.is_online():
        return _again(desk, "Not approved: no connection")
    body = dict(desk.wanted.body)
    body["operator"] = desk.digits
    account = accounts.operator_account(desk.digits)
    desk.ask("approval.grant", body, "Asking for approval", pin=desk.hand_over_pin(), account=account)
    return "ap_asking"


def pin_tick(desk, event):  # noqa: ARG001
    """Wipe a PIN that nobody finished."""
    if not desk.pin.has_timed_out(desk.now_ms):
        return "ap_pin"
    return _again(desk, "Not approved: no PIN in time")


def _again(desk, text):
    """Not approved yet: why, and the number again."""
    desk.close_pin()
    desk.tone("attention")
    desk.say(text)
    return _number(desk)


def granted(desk, event):
    """Approved: go on with it."""
    desk.tone("ok")
    wanted = desk.wanted
    desk.wanted = None
    return wanted.then(desk, event.body["approval"])


def refused(desk, event):
    """Not approved, and why; the flow is not lost."""
    tries = event.details.get("tries_left")
    text = texts.refusal(event.reason)
    return _again(desk, text if tries is None else "{}: {} left".format(text, tries))


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered: an approval that may have been granted is never used."""
    return _again(desk, "Not approved: no answer")
