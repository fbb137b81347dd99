"""Every screen: a pure function from a view's fields to a display list."""

from desk.ui.screens import cash, entry, generic, menu, results, sale

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
    "choice": generic.choice,
    "digits_entry": generic.digits_entry,
    "staff_pin": generic.staff_pin,
    "facts": generic.facts,
    "confirm": generic.confirm,
    "done": generic.done,
}


def display_list(view):
    """The items of a view `(screen, fields)`, in the order they are drawn."""
    screen, fields = view
    return SCREENS[screen](fields).items
