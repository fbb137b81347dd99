"""Opening the drawer: the float is typed, the backend moves it from the vault to the till."""

from desk import texts
from desk.flows.sign_on import take_limits


def back(desk, event):  # noqa: ARG001
    """Take back a digit; with none left, sign off."""
    desk.tone("key")
    if desk.amount:
        desk.amount //= 10
        return "drawer"
    desk.operator = ""
    desk.operator_name = ""
    return desk.home()


def ok(desk, event):  # noqa: ARG001
    """Ask to open the drawer with the float typed; nothing at all is a float too."""
    if not desk.is_online():
        return desk.unreachable(texts.DRAWER_OFFLINE)
    body = {"operator": desk.operator, "float_minor": desk.amount, "currency": desk.currency}
    desk.flow = "drawer"
    desk.tone("ok")
    desk.ask("drawer.open", body, "Opening the drawer")
    return "opening"


def answered(desk, event):
    """The drawer is open."""
    desk.drawer = event.body["drawer"]
    desk.drawer_minor = event.body["cash_minor"]
    desk.counted = -1
    take_limits(desk, event.body)
    desk.tone("ok")
    return desk.home()


def refused(desk, event):
    """Not opened, and why. If it is open already, a new sign-on tells which drawer it is."""
    if event.reason == "drawer_already_open":
        desk.operator = ""
    return desk.refused(event)


def unanswered(desk, event):
    """The drawer may be open: signing on again tells."""
    if not event.sent:
        return desk.unreachable(texts.DRAWER_OFFLINE)
    desk.operator = ""
    return desk.outcome(
        "unknown_checking", "NOT KNOWN YET", "The drawer may be open. Sign on again: the terminal then knows."
    )
