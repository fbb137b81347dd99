"""What happens in any state: the link, the session, the queue, acks, and the check of what is not known yet."""

from desk import lazy, rows, texts
from desk.flows import cash_out, sale, steps
from desk.flows.sign_on import take_drawer

#: Unresolved operations are asked for this soon, then half as often each time ...
CHECK_MS = 2_000
#: ... down to once a minute: a hold or a sale ends by itself within minutes.
CHECK_LIMIT_MS = 60_000


def changed(desk, event):
    """The link is up or down; with a new line, what is unresolved is asked for soon."""
    if event.link == "online" and desk.link != "online":
        desk.check_tries = 0
        desk.check_at_ms = desk.now_ms
    desk.link = event.link
    return desk.state


def hello(desk, event):
    """The backend greeted: what may be offered, and which drawer is open."""
    body = event.body
    desk.greeted = True
    desk.currency = body["currency"]
    desk.merchant = body["merchant_name"]
    desk.services = tuple(body["services"])
    desk.issuer = {"merchant": desk.merchant, "city": body["merchant_city"]}
    for name in ("receipts", "tax_number", "acquirer"):
        desk.issuer[name] = body.get(name, "")
    if desk.operator and (body["drawer"] is not None or desk.state in ("menu", "dr_counted")):
        take_drawer(desk, body["drawer"])
    if desk.state in ("boot", "dr_counted") or (desk.state == "menu" and (not desk.drawer or desk.counted >= 0)):
        return desk.home()
    return desk.state


def hello_refused(desk, event):
    """The backend does not want this terminal: say why."""
    desk.tone("refused")
    desk.fault = texts.refusal(event.reason)
    return "fault"


def hello_refused_later(desk, event):
    """Refused in the middle of work: a line, and each ask will be refused by itself."""
    desk.say(texts.refusal(event.reason))
    return desk.state


def queued(desk, event):
    """The journal grew or shrank."""
    desk.waiting = event.waiting
    desk.oldest_s = event.oldest_s
    return desk.state


def acked(desk, event):
    """The backend has booked a tell. Suspense is said aloud: staff must look at it."""
    row = rows.of_tell(desk.rows, event.id)
    if row is None:
        return desk.state
    row["tell"] = ""
    if event.booked == "suspense":
        row["state"] = "suspense"
        desk.tone("attention")
        desk.say("In suspense: call supervisor")
    elif row["state"] == "voided" and event.booked == "nothing_to_do":
        row["state"] = "checking"
    desk.check_tries = 0
    desk.check_at_ms = desk.now_ms
    desk.store()
    return desk.state


def tick(desk, event):  # noqa: ARG001
    """Time alone changes nothing here; notices and checks are the machine's own."""
    return desk.state


def check(desk):
    """Ask for the end of what is not known, behind whatever is on the screen; more slowly each time."""
    if desk.check_id or not desk.greeted or not desk.is_online() or desk.now_ms < desk.check_at_ms:
        return
    current = None if desk.state == "outcome" else desk.op
    operations = rows.unresolved(desk.rows, current)
    if not operations:
        return
    desk.check_id = desk.new_id()
    desk.check_at_ms = desk.now_ms + min(CHECK_LIMIT_MS, CHECK_MS << min(desk.check_tries, 6))
    desk.check_tries += 1
    desk.ask_behind(desk.check_id, "operation.status", {"operations": operations})


def checked(desk, event):
    """The backend's word about what was not known; if it is what the screen waits for, show it."""
    desk.check_id = ""
    shown = desk.op if desk.state == "outcome" else None
    for told in event.body["operations"]:
        row = rows.find(desk.rows, told["operation"])
        if row is not None:
            was = row["state"]
            rows.apply_status(row, told)
            if row["type"] == "drop" and was == "checking" and row["state"] == "done":
                desk.drawer_minor -= row["amount"]
    desk.store()
    if shown is not None and shown["state"] not in rows.UNRESOLVED:
        return _show_end(desk, shown, event)
    return desk.state


def _show_end(desk, row, event):
    """What the screen called unknown is known now."""
    desk.op = row
    if row["type"] in steps.MOVES and row["state"] == "done":
        return steps.was_done(desk, row)
    if row["type"] == "sale":
        return sale.ended(desk, row["state"], row.get("code", ""))
    if row["type"] == "bill" and row["state"] != "refused":
        return lazy.module("bill_pay").ended(desk, row)
    if row["state"] == "refused":
        reasons = [told.get("reason", "") for told in event.body["operations"] if told["operation"] == row["operation"]]
        return desk.outcome("refused", "REFUSED", texts.refusal(reasons[0]) if reasons[0] else "Nothing was paid.")
    if row["type"] == "drop":
        if row["state"] == "done":
            return lazy.handler("drawer_cash.show_bag")(desk, row)
        return lazy.handler("drawer_cash.not_booked")(desk)
    if row["state"] == "paid_out":
        return desk.outcome("refused", "CALL SUPERVISOR", "The centre has this as paid out.")
    if row["type"] in steps.MOVES:
        return desk.outcome("cancelled", "NOT DONE", "The centre has not done it. No money was moved.")
    return desk.outcome("voided", "DO NOT PAY", texts.RELEASED)


def unchecked(desk, event):  # noqa: ARG001
    """The check got no answer; it is tried again."""
    desk.check_id = ""
    return desk.state


def stale(desk, event):  # noqa: ARG001
    """An answer that nobody waits for any more."""
    return desk.state


def effect_failed(desk, event):
    """Something could not be performed: the cashier is told what, and nothing is assumed done."""
    desk.shown = None  # what was to be shown was dropped
    if event.id and event.id == desk.check_id:
        desk.check_id = ""  # nobody waits for it on the screen: it is tried again
        return desk.state
    if event.what == "print":
        return lazy.handler("receipt.failed")(desk, event)
    desk.ask_id = ""
    desk.close_pin()
    row = rows.of_tell(desk.rows, event.id) if event.id else None
    if row is None and desk.op is not None and desk.op["state"] == "asked":
        desk.rows = [other for other in desk.rows if other is not desk.op]  # its ask never left
    desk.fault = texts.FAULT.format(event.what, event.text)
    if row is not None:
        row["tell"] = ""
        if row["type"] in ("cash_in", "pickup"):
            desk.rows.remove(row)
            desk.drawer_minor -= desk.answer.get("total_minor", 0)
            desk.fault = texts.NOT_RECORDED_IN.format(event.text)
        elif row["type"] == "cash_out":
            cash_out.reopen(desk, row)
            desk.fault = texts.NOT_RECORDED_OUT.format(event.text)
        elif row["type"] == "bill":
            desk.fault = lazy.module("bill_pay").reopen(desk, row, event)
    desk.op = None
    desk.tone("refused")
    return "fault"
