"""The menu: which key begins which flow, and only what the outlet may offer."""

from desk import texts
from desk.flows import recent


def _begin(desk, flow, state):
    """Begin a flow, unless its service is switched off."""
    home = desk.home()
    if home != "menu":
        return home
    if flow not in desk.services:
        desk.tone("warn")
        desk.say(texts.SERVICES[flow] + " is not offered here")
        return "menu"
    desk.flow = flow
    desk.notice = ""
    desk.tone("key")
    return state


def sale(desk, event):  # noqa: ARG001
    """A: a QR sale."""
    return _begin(desk, "sale", "sale_entry")


def cash_in(desk, event):  # noqa: ARG001
    """B: pay-in."""
    return _begin(desk, "cash_in", "in_number")


def cash_out(desk, event):  # noqa: ARG001
    """C: pay-out."""
    return _begin(desk, "cash_out", "out_number")


def was_it_paid(desk, event):
    """D: the last five operations and what became of them."""
    home = desk.home()
    if home != "menu":
        return home
    desk.flow = "recent"
    desk.notice = ""
    desk.tone("key")
    return recent.refresh(desk, event)


def digit(desk, event):
    """0: a customer's balance. Other digits mean nothing here."""
    if event.key == "0":
        return _begin(desk, "balance", "bal_number")
    desk.tone("warn")
    return "menu"
