"""A customer's balance: account, the customer's PIN, the figures for a short while."""

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
    body = {"operator": desk.operator, "account": desk.digits}
    desk.ask("balance", body, "Asking for the balance", pin=desk.hand_over_pin(), account=desk.digits)
    return "bal_asking"


def answered(desk, event):
    """Show the figures."""
    desk.answer = event.body
    desk.since_ms = desk.now_ms
    desk.tone("ok")
    return "bal_shown"


def refused(desk, event):
    """No figures, and why."""
    return desk.refused(event)


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered; nothing was moved."""
    return desk.unreachable()
