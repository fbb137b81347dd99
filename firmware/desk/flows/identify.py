"""Whose account it is: typed, scanned from a static code, or by the holder's one-time code, which the centre knows."""

from desk import lazy
from deskwire import accounts, scan

#: The states in which a number is given, and what goes on with an account number there.
_NEXT = (
    ("in_number", "cash_in.account_ok"),
    ("out_number", "cash_out.account_ok"),
    ("bal_number", "balance.account_ok"),
    ("tr_from", "transfer.from_ok"),
    ("tr_to", "transfer.to_ok"),
    ("pk_from", "pickup.from_ok"),
)
#: Every state that follows one of them.
TARGETS = (
    "ident",
    "in_amount",
    "out_amount",
    "bal_pin",
    "bal_asking",
    "tr_to",
    "tr_amount",
    "pk_amount",
    "outcome",
)


def ok(desk, event):
    """Go on with the account; a one-time code is looked up first."""
    if not accounts.is_one_time_code(desk.digits):
        return _go_on(desk, event)
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.work["state"] = desk.state
    desk.ask("customer.identify", {"operator": desk.operator, "code": desk.digits}, "Looking up the code")
    desk.digits = ""
    return "ident"


def _go_on(desk, event):
    """What the flow does with an account number."""
    for state, name in _NEXT:
        if state == desk.state:
            return lazy.handler(name)(desk, event)
    return desk.state


def scanned(desk, event):
    """The scanner read something: take it for what would have been typed."""
    kind, digits = scan.parse(event.text)
    if kind not in ("account", "code"):
        desk.tone("warn")
        desk.say("Not a customer's code")
        return desk.state
    desk.digits = digits
    if desk.state != "tr_to":
        desk.proof = ""
    return ok(desk, event)


def answered(desk, event):
    """The centre knows the code: go on where it was given. The payer's may stand for the PIN."""
    desk.state = desk.work.pop("state")
    desk.digits = event.body["account"]
    if desk.state != "tr_to":
        desk.proof = event.id if event.body["authorise_by"] == "code" else ""
    return _go_on(desk, event)


def ignored(desk, event):  # noqa: ARG001
    """A scan means nothing here."""
    if desk.pin is None:
        desk.tone("warn")
        desk.say("Choose first, then scan")
    return desk.state
