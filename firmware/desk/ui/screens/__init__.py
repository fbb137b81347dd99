"""Every screen: a pure function from a view's fields to a display list."""

import sys

from desk.ui.screens import cash, entry, menu, results, sale

_PLACE = "desk.ui.screens.generic"

#: screen -> function of the fields that gives a Sheet
SCREENS = {
    "boot": menu.boot,
    "operator_number": entry.operator_number,
    "operator_pin": entry.operator_pin,
    "drawer_float": entry.drawer_float,
    "menu": menu.menu,
    "amount_entry": entry.amount_entry,
    "account_entry": entry.account_entry,
    "pin_entry": entry.pin_entry,
    "waiting": results.waiting,
    "sale_qr": sale.sale_qr,
    "paid": sale.paid,
    "confirm_cash_in": cash.confirm_cash_in,
    "cash_in_done": cash.cash_in_done,
    "confirm_cash_out": cash.confirm_cash_out,
    "cash_out_done": cash.cash_out_done,
    "cash_question": cash.cash_question,
    "balance_shown": results.balance_shown,
    "outcome": results.outcome,
    "recent": results.recent,
    "fault": results.fault,
}


def _generic(screen):
    """The function of a generic screen. A device loads their file when one is shown, and lets it go with the next."""
    from desk.ui.screens import generic

    return getattr(generic, screen)


GENERIC = ("choice", "digits_entry", "staff_pin", "facts", "confirm", "done")
if sys.implementation.name != "micropython":
    SCREENS.update({_name: _generic(_name) for _name in GENERIC})


def display_list(view):
    """The items of a view `(screen, fields)`, in the order they are drawn."""
    screen, fields = view
    if screen in SCREENS:
        _forget()
        return SCREENS[screen](fields).items
    return _generic(screen)(fields).items


def _forget():
    """Let go of the generic screens' file, on a device that has loaded it."""
    if _PLACE in sys.modules and sys.implementation.name == "micropython":
        del sys.modules[_PLACE]
        delattr(sys.modules[_PLACE.rsplit(".", 1)[0]], "generic")
