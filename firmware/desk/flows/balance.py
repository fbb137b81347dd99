"""A customer's balance: account, the customer's PIN, the figures for a short while."""

from desk import lazy
from desk.flows import entry


def account_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "bal_number" if entry.erase_digit(desk) else desk.home()


def account_ok(desk, event):  # noqa: ARG001
    """Hand the keypad to the customer; not while nobody could answer."""
    if not entry.account_is_valid(desk):
        return "bal_number"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    if desk.proof:
        return _ask(desk, None)
    desk.open_pin()
    return "bal_pin"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the account."""
    if entry.erase_pin(desk):
        return "bal_pin"
    desk.close_pin()
    return "bal_number"


def pin_ok(desk, event):  # noqa: ARG001
    """Seal the PIN and ask."""
    if not entry.pin_is_typed(desk):
        return "bal_pin"
    if not desk.is_online():
        return desk.unreachable()
    return _ask(desk, desk.hand_over_pin())


def _ask(desk, pin):
    """Ask for the balance or the statement; without a PIN, the one-time code just used stands for it."""
    body = {"operator": desk.operator, "account": desk.digits}
    if pin is None:
        body["identified"] = desk.proof
    text = "Asking for the " + desk.flow
    desk.ask(desk.flow, body, text, pin=pin, account=desk.digits)
    return "bal_asking"


def answered(desk, event):
    """Show the figures."""
    desk.answer = event.body
    desk.since_ms = desk.now_ms
    desk.tone("ok")
    return lazy.module("statement").show(desk, event.body) if desk.flow == "statement" else "bal_shown"


def refused(desk, event):
    """No figures, and why."""
    return desk.refused(event)


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered; nothing was moved."""
    return desk.unreachable()
