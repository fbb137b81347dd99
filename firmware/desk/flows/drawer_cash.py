"""Cash out of the drawer into a numbered bag, a bag into the vault, and the X report."""

from desk import texts
from desk.flows import entry

BAG_DIGITS = 6
#: Rows of a report on one screen.
PAGE_ROWS = 8
DROP_UNKNOWN = "It is not known whether the drop is booked. Keep the cash apart; the terminal goes on checking."
DROP_NOT_BOOKED = "The drop was not booked. Put the cash back into the drawer."
BAG_UNKNOWN = "The bag may be booked. Type its number again: a bag that is booked is not found."
#: line of a report -> what a cashier reads
LINES = {
    "sale": "Sales",
    "cash_in": "Cash in",
    "cash_out": "Cash out",
    "drawer_drop": "Drops",
    "handover": "Handovers",
    "suspense": "Suspense",
    "late": "Late",
}


# --- a drop --------------------------------------------------------------------------------------------------------


def drop(desk, event):  # noqa: ARG001
    """How much goes into the bag."""
    desk.tone("key")
    desk.amount = 0
    return "dp_amount"


def drop_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "dp_amount" if entry.erase_amount(desk) else desk.home()


def drop_ok(desk, event):  # noqa: ARG001
    """Show what is about to leave the drawer."""
    if not entry.amount_is_typed(desk):
        return "dp_amount"
    desk.tone("ok")
    desk.page = {
        "title": "Drop cash",
        "flow": "drawer",
        "big": desk.amount,
        "currency": desk.currency,
        "rows": (("From", "Drawer"), ("To", "Vault, in a bag")),
        "ok": "Drop",
        "back": "Back",
    }
    return "dp_confirm"


def confirm_back(desk, event):  # noqa: ARG001
    """Back to the amount."""
    desk.tone("key")
    return "dp_amount"


def confirm_ok(desk, event):  # noqa: ARG001
    """Record the drop, then ask for the bag's number."""
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    operation = desk.new_id()
    desk.record("drop", operation)
    desk.store()
    body = {"operator": desk.operator, "amount_minor": desk.amount, "currency": desk.currency}
    desk.ask("drawer.drop", body, "Booking the drop", id=operation)
    return "dp_asking"


def dropped(desk, event):
    """The drop is booked: the number to write on the bag."""
    row = desk.op
    row["state"] = "done"
    row["code"] = event.body["bag"]
    desk.store()
    desk.drawer_minor = event.body["cash_minor"]
    return show_bag(desk, row)


def show_bag(desk, row):
    """A drop that is booked, with its bag's number."""
    desk.op = None
    desk.tone("ok")
    desk.page = {
        "title": "Drop cash",
        "flow": "drawer",
        "big": row["amount"],
        "currency": row["currency"],
        "rows": (("Bag number", row["code"]),),
        "note": "Write the number on the bag",
        "queued": False,
    }
    return "dr_done"


def refused(desk, event):
    """Nothing was booked, and why."""
    return desk.refused(event)


def drop_unanswered(desk, event):
    """The drop may be booked: the check goes on until that is known."""
    if not event.sent:
        return desk.unreachable()
    desk.op["state"] = "checking"
    desk.store()
    return desk.outcome("unknown_checking", "NOT KNOWN YET", DROP_UNKNOWN)


def not_booked(desk):
    """The check says that the drop was never booked."""
    return desk.outcome("cancelled", "NOT BOOKED", DROP_NOT_BOOKED)


# --- a bag into the vault ------------------------------------------------------------------------------------------


def receive(desk, event):  # noqa: ARG001
    """The number on the bag."""
    desk.tone("key")
    desk.digits = ""
    desk.page = {
        "title": "Receive a bag",
        "flow": "drawer",
        "label": "Number on the bag",
        "max_digits": BAG_DIGITS,
        "hint": "The bag goes into the vault",
    }
    return "bag_number"


def bag_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "bag_number" if entry.erase_digit(desk) else desk.home()


def bag_ok(desk, event):  # noqa: ARG001
    """Ask to book the bag into the vault."""
    if len(desk.digits) < BAG_DIGITS:
        desk.tone("warn")
        desk.say("A bag's number has 6 digits")
        return "bag_number"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.ask("drawer.receive", {"operator": desk.operator, "bag": desk.digits}, "Booking the bag")
    return "bag_asking"


def received(desk, event):
    """The bag is in the vault's books."""
    body = event.body
    desk.tone("ok")
    desk.page = {
        "title": "Bag received",
        "flow": "drawer",
        "big": body["amount_minor"],
        "currency": body["currency"],
        "rows": (("Bag number", body["bag"]), ("From", body["from"])),
        "note": "Put the bag into the vault",
        "queued": False,
    }
    return "dr_done"


def bag_unanswered(desk, event):
    """Asking again tells: a bag that was booked is not found a second time."""
    if not event.sent:
        return desk.unreachable()
    return desk.outcome("unknown_checking", "NOT KNOWN YET", BAG_UNKNOWN)


# --- the X report --------------------------------------------------------------------------------------------------


def report(desk, event):  # noqa: ARG001
    """Ask for the figures so far."""
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("key")
    desk.ask("drawer.report", {"operator": desk.operator}, "Adding up")
    return "rp_asking"


def reported(desk, event):
    """Show them, a screen at a time."""
    body = event.body
    currency = body["currency"]
    rows = [("Opened (UTC)", texts.clock(body["opened_at"])), ("Float", texts.money(body["float_minor"], currency))]
    for line in body["lines"]:
        label = "{}, {}".format(LINES.get(line["line"], line["line"]), line["count"])
        moved = line["in_minor"] - line["out_minor"]
        rows.append((label, texts.money(moved, currency) if line["in_minor"] or line["out_minor"] else ""))
    if "cash_minor" in body:
        rows.append(("In the drawer", texts.money(body["cash_minor"], currency)))
    desk.answer = {"rows": rows}
    desk.tone("ok")
    return _report_page(desk)


def _report_page(desk):
    """The next rows."""
    rows = desk.answer["rows"]
    desk.answer = {"rows": rows[PAGE_ROWS:]}
    desk.page = {
        "title": "X report",
        "flow": "drawer",
        "rows": tuple(rows[:PAGE_ROWS]),
        "note": "",
        "ok": "More" if len(rows) > PAGE_ROWS else "Done",
        "back": "",
    }
    return "rp_shown"


def report_ok(desk, event):  # noqa: ARG001
    """More of it, or the end."""
    desk.tone("key")
    return _report_page(desk) if desk.answer["rows"] else desk.home()


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered; nothing was changed."""
    return desk.unreachable()


def leave(desk, event):  # noqa: ARG001
    """It has been read."""
    desk.tone("key")
    return desk.home()
