"""News from the backend: about what is on the screen it ends it; about anything else it is quiet and marked late."""

from desk import lazy, rows, texts
from desk.flows import sale

#: Where a late payment may take the screen: nobody is typing or counting there.
_QUIET_STATES = ("menu", "recent", "outcome", "bal_shown", "in_done", "out_done")


def about_sale(desk, event):
    """A sale is on the screen (its code, or the check of it): news about it ends it."""
    if desk.op is None or event.body.get("sale") != desk.op["operation"]:
        return other(desk, event)
    if event.name == "sale.paid":
        return sale.ended(desk, "paid", event.body["authorisation_code"], event.late)
    return sale.ended(desk, "expired") if event.name == "sale.expired" else desk.state


def about_hold(desk, event):
    """A hold is on the screen: if it is the one that has expired, it is over."""
    if event.name != "hold.expired" or event.body["operation"] != desk.op["operation"]:
        return other(desk, event)
    desk.op["state"] = "expired"
    desk.store()
    return desk.outcome("voided", "DO NOT PAY", texts.RELEASED_BY_TIME)


def other(desk, event):
    """News about what is not on the screen: recorded, shown as late, never with the tone of a fresh payment."""
    body = event.body
    if event.name[:5] == "bill.":
        return lazy.module("bill_pay").heard(desk, event)
    if event.name == "sale.paid":
        return _paid_late(desk, _row(desk, "sale", body["sale"]), body)
    kind = "sale" if event.name == "sale.expired" else "cash_out"
    row = _row(desk, kind, body.get("sale") or body.get("operation") or "")
    if row is not None and row["type"] == "sale" and row["state"] == "checking" and not row["tell"]:
        row["state"] = "expired"  # a hold may have been paid since: only the check knows
        desk.store()
    return desk.state


def _row(desk, kind, operation):
    """The recorded operation of that kind and id, or None."""
    row = rows.find(desk.rows, operation)
    return row if row is not None and row["type"] == kind else None


def _paid_late(desk, row, body):
    """A payment whose sale had left the screen."""
    if row is not None:
        if row["state"] == "paid":
            return desk.state
        row["state"] = "paid"
        row["code"] = body["authorisation_code"]
        desk.store()
    if desk.state not in _QUIET_STATES:
        if desk.pin is None:
            desk.tone("attention")
        desk.say("LATE: " + texts.money(body["amount_minor"], body["currency"]) + " paid")
        return desk.state
    desk.notice = ""  # what was said on the screen before, "Not checked: no connection" for one
    late = {"amount": body["amount_minor"], "currency": body["currency"], "code": body["authorisation_code"]}
    return sale.show_paid(desk, row or late, late=True)
