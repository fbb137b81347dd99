"""A sale by QR code: amount, the code with its countdown, and the truth about whether it was paid."""

from desk import texts
from desk.flows import entry

#: While the backend still says "open" after the countdown or a cancel, it is asked again this often ...
RETRY_MS = 1_000
#: ... and this many times; then the check goes on behind the screen.
MAX_RETRIES = 8


def amount_back(desk, event):  # noqa: ARG001
    """Take back a digit, or leave."""
    return "sale_entry" if entry.erase_amount(desk) else desk.home()


def amount_ok(desk, event):  # noqa: ARG001
    """Record the sale, then ask to open it."""
    if not entry.amount_is_typed(desk):
        return "sale_entry"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    sale = desk.new_id()
    desk.record("sale", sale)
    desk.store()
    body = {"operator": desk.operator, "amount_minor": desk.amount, "currency": desk.currency}
    desk.ask("sale.open", body, "Making the QR code", id=sale)
    return "sale_open"


def opened(desk, event):
    """Show the QR code and count down."""
    desk.op["state"] = "open"
    desk.store()
    desk.answer = event.body
    desk.deadline_ms = desk.now_ms + max(0, event.body["expires_at"] - event.time) * 1000
    desk.tone("ok")
    return "sale_qr"


def open_refused(desk, event):
    """Not opened, and why."""
    return desk.refused(event)


def open_unanswered(desk, event):
    """No code was shown, so nobody can have paid; a sale that may exist is cancelled."""
    if not event.sent:
        return desk.unreachable()
    _cancel(desk, "no_answer")
    return desk.outcome("unreachable", "NO CONNECTION", texts.NO_SALE)


def cancel(desk, event):  # noqa: ARG001
    """The cashier cancels: told at once, and the status says whether the payer was quicker."""
    desk.tone("key")
    _cancel(desk, "cancelled")
    return _ask_status(desk, "Cancelling the sale")


def _cancel(desk, why):
    """Tell that the sale is cancelled; its end is asked for."""
    desk.op["state"] = "checking"
    desk.tell("sale.cancel", {"sale": desk.op["operation"], "why": why}, desk.op)


def countdown(desk, event):  # noqa: ARG001
    """Count down; at the end, ask whether it was paid."""
    if desk.now_ms < desk.deadline_ms:
        return "sale_qr"
    return _ask_status(desk, "Checking: was it paid?")


def _ask_status(desk, text):
    """Ask what became of the sale on the screen."""
    desk.op["state"] = "checking"
    desk.retries = 0
    desk.retry_at_ms = 0
    if not desk.is_online():
        return _unknown(desk)
    desk.ask("sale.status", {"sale": desk.op["operation"]}, text)
    return "sale_check"


def status(desk, event):
    """The backend's word. "open" is not an end: it is asked again."""
    if event.body["state"] != "open":
        return ended(desk, event.body["state"], event.body.get("authorisation_code", ""))
    if desk.retries >= MAX_RETRIES:
        return _unknown(desk)
    desk.retries += 1
    desk.retry_at_ms = desk.now_ms + RETRY_MS
    return "sale_check"


def retry(desk, event):  # noqa: ARG001
    """Ask again when it is time."""
    if desk.retry_at_ms and desk.now_ms >= desk.retry_at_ms:
        if not desk.is_online():
            return _unknown(desk)
        desk.retry_at_ms = 0
        desk.ask("sale.status", {"sale": desk.op["operation"]}, desk.wait_text)
    return "sale_check"


def status_refused(desk, event):
    """Only "no such sale" is an end; whatever else was refused, the truth is not known yet."""
    return ended(desk, "unknown") if event.reason == "sale_unknown" else _unknown(desk)


def status_unanswered(desk, event):  # noqa: ARG001
    """The truth is not known yet; the check goes on."""
    return _unknown(desk)


def _unknown(desk):
    """Say that it is not known yet. The sale stays the one on the screen until the cashier leaves."""
    desk.op["state"] = "checking"
    desk.store()
    return desk.outcome("unknown_checking", "NOT KNOWN YET", texts.SALE_UNKNOWN)


def ended(desk, state, code="", late=False):  # noqa: FBT002
    """The sale on the screen has ended as `state`: show it, whatever it is."""
    sale = desk.op
    sale["state"] = state
    sale["code"] = code
    desk.store()
    if state == "paid":
        return show_paid(desk, sale, late)
    if state == "cancelled":
        return desk.outcome("cancelled", "CANCELLED", "The sale is cancelled. Nothing was paid.")
    if state == "unknown":
        return desk.outcome("cancelled", "NOT OPENED", "The centre does not know this sale. Nothing was paid.")
    return desk.outcome("shown_not_paid", "NOT PAID", "The code was shown but not paid. It can no longer be paid.")


def show_paid(desk, sale, late):
    """PAID, with its tone; a late one quietly, and as late."""
    desk.ask_id = ""
    desk.op = None
    desk.finished = sale if "operation" in sale else None
    desk.since_ms = desk.now_ms
    desk.paid = {
        "amount": sale["amount"],
        "currency": sale["currency"],
        "authorisation_code": sale.get("code", ""),
        "late": late,
    }
    desk.tone("attention" if late else "paid")
    return "paid"


def leave(desk, event):  # noqa: ARG001
    """Back to the menu; the check goes on behind it."""
    desk.tone("key")
    return desk.home()
