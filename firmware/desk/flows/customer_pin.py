"""A customer's new PIN: account, a supervisor's approval, then the customer chooses it and types it once more.

Both entries leave the terminal as PIN blocks; only the vault sees whether they are the same.
"""

from desk import texts
from desk.flows import approval, entry

#: Where an approval leads: to the customer's entry, or back to the account.
TARGETS = ("cp_new", "cp_number")
#: Refusals after which the customer chooses again, under the same approval.
_AGAIN = ("pin_mismatch", "pin_weak")


def start(desk, event):  # noqa: ARG001
    """Whose PIN."""
    desk.flow = "customer_pin"
    desk.digits = ""
    return "cp_number"


def account_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "cp_number" if entry.erase_digit(desk) else desk.home()


def account_ok(desk, event):  # noqa: ARG001
    """Ask for a supervisor; not while nobody could answer."""
    if not entry.account_is_valid(desk):
        return "cp_number"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.work["account"] = desk.digits
    text = "New PIN for the account ending " + desk.digits[-4:]
    return approval.begin(desk, "pin_reset", text, _approved, _not_approved)


def _approved(desk, name):
    """Hand the keypad to the customer."""
    desk.work["approval"] = name
    return _choose(desk)


def _not_approved(desk):
    """Nobody approved: the account stays typed."""
    desk.digits = desk.work["account"]
    return "cp_number"


def _choose(desk):
    desk.flow = "new_pin"
    desk.open_pin()
    return "cp_new"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit; with none left, begin again or leave."""
    if entry.erase_pin(desk):
        return desk.state
    if desk.state == "cp_again":
        return _choose(desk)
    return desk.outcome("cancelled", "CANCELLED", "The PIN was not changed.")


def new_ok(desk, event):  # noqa: ARG001
    """Once more, to be sure."""
    if not entry.pin_is_typed(desk):
        return "cp_new"
    first = desk.hand_over_pin()
    desk.open_pin()
    desk.pin.first = first
    desk.flow = "new_pin_again"
    return "cp_again"


def again_ok(desk, event):  # noqa: ARG001
    """Seal both and ask."""
    if not entry.pin_is_typed(desk):
        return "cp_again"
    if not desk.is_online():
        return desk.unreachable()
    account = desk.work["account"]
    body = {"operator": desk.operator, "account": account, "approval": desk.work["approval"]}
    desk.ask("customer_pin.set", body, "Setting the PIN", pin=desk.hand_over_pin(), account=account)
    desk.flow = "customer_pin"
    return "cp_asking"


def answered(desk, event):
    """The new PIN holds."""
    desk.page = {
        "title": "PIN set",
        "flow": "customer_pin",
        "big": 0,
        "currency": "",
        "rows": (("Holder", event.body["holder"]), ("Account", "..." + desk.work["account"][-4:])),
        "note": "The old PIN is no longer valid",
        "queued": False,
    }
    desk.since_ms = desk.now_ms
    desk.tone("ok")
    return "mv_done"


def refused(desk, event):
    """Two that differ, or one too easy, are chosen again; anything else ends the flow."""
    if event.reason not in _AGAIN:
        return desk.refused(event)
    desk.tone("refused")
    desk.say(texts.refusal(event.reason))
    return _choose(desk)


def unanswered(desk, event):
    """It may have been set: which of the two PINs holds shows at the next use."""
    if not event.sent:
        return desk.unreachable()
    return desk.outcome("unreachable", "NO ANSWER", texts.PIN_UNKNOWN)
