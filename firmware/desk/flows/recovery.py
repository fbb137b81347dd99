"""After a power cut: what was recorded is finished, by telling, by asking, or by the cashier's word."""

from desk import lazy, rows
from desk.flows import cash_out, steps


def booted(desk, event):
    """Read the record against the journal, void what no answer came for, ask the cashier about open holds."""
    desk.rows = [dict(row) for row in event.rows]
    desk.waiting = event.waiting
    desk.oldest_s = event.oldest_s
    for tell, kind, operation, amount, currency in event.tells:
        row = rows.find(desk.rows, operation)
        if row is None and kind in ("cash_in.taken", "bill.taken"):
            row = rows.new(operation, kind.split(".")[0], amount, currency, 0)
            rows.add(desk.rows, row)  # the power went between the journal and the record
        _told(row, tell, kind)
    _forget_acked(desk, [told[0] for told in event.tells])
    for row in desk.rows:
        if row["state"] == "open":
            row["state"] = "checking"
    return _resume(desk)


def _forget_acked(desk, waiting):
    """A tell that is no longer in the journal was acked, and how it was booked was not recorded: ask."""
    for row in desk.rows:
        if row["tell"] and row["tell"] not in waiting:
            row["tell"] = ""
            row["state"] = "checking"


def _resume(desk):
    """Void what nobody saw an answer for; then the open questions; then work."""
    for row in desk.rows:
        if row["state"] == "asked" and not row["tell"]:
            _give_up(desk, row)
    return _next_question(desk)


#: What a tell in the journal says about its operation: it went to flash, whatever the record says.
_TOLD_STATES = {
    "cash_in.taken": "taken",
    "cash_out.paid": "paid_out",
    "cash_out.void": "voided",
    "operation.void": "checking",
    "pickup.taken": "taken",
    "sale.cancel": "checking",
    "bill.taken": "taken",
    "bill.returned": "returned",
    "bill.void": "checking",
}


def _told(row, tell, kind):
    """The journal is ahead of the record: believe it."""
    if row is not None and kind in _TOLD_STATES:
        row["tell"] = tell
        row["state"] = _TOLD_STATES[kind]


def _give_up(desk, row):
    """An ask was on its way when the power went: nobody saw an answer, so nothing was paid."""
    if row["type"] == "cash_out":
        cash_out.void(desk, row, "restart", "checking")
    elif row["type"] in steps.MOVES:
        steps.give_up(desk, row, "restart")
    elif row["type"] == "bill":
        lazy.module("bill_pay").give_up(desk, row, "restart")
    else:
        row["state"] = "checking"
        if row["type"] == "sale":
            desk.tell("sale.cancel", {"sale": row["operation"], "why": "restart"}, row)


def _next_question(desk):
    """The next hold whose cash only the cashier can know about, or on to work."""
    for row in desk.rows:
        if row["state"] == "held" and not row["tell"]:
            desk.op = row
            desk.tone("attention")
            return "question"
    return desk.home()


def was_paid(desk, event):  # noqa: ARG001
    """Yes: told as paid."""
    cash_out.tell_paid(desk, desk.op)
    desk.tone("ok")
    return _next_question(desk)


def was_not_paid(desk, event):  # noqa: ARG001
    """No: the hold is released."""
    cash_out.void(desk, desk.op, "restart")
    desk.tone("ok")
    return _next_question(desk)


def after_fault(desk, event):  # noqa: ARG001
    """The cashier has read the fault: questions that it left open come next."""
    desk.tone("key")
    desk.fault = ""
    return _resume(desk)
