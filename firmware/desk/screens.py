"""From the desk's memory to the view of its state: one small function for each screen."""

import sys

from desk import lazy, rows, texts


def render(desk):
    """The view (screen, fields) of the desk as it is."""
    screen, fields = _SCREENS.get(desk.state, _more)(desk)
    fields["link"] = desk.link
    fields["waiting"] = desk.waiting
    fields["notice"] = desk.notice
    return screen, fields


def _seconds_left(desk):
    """Whole seconds until the deadline, rounded up."""
    return max(0, desk.deadline_ms - desk.now_ms + 999) // 1000


def _boot(desk):
    return "boot", {"text": texts.BOOT[desk.link]}


def _operator_number(desk):
    return "operator_number", {"digits": desk.digits}


def _operator_pin(desk):
    return "operator_pin", {"operator": desk.digits, "stars": desk.pin.stars()}


def _drawer_float(desk):
    supervisor = desk.role == "supervisor"
    return "drawer_float", {"amount": desk.amount, "currency": desk.currency, "vault": supervisor}


def _menu(desk):
    return "menu", {
        "operator": desk.operator_name,
        "drawer_minor": desk.drawer_minor,
        "cash_shown": desk.role == "supervisor",
        "cash_mark": desk.cash_mark(),
        "currency": desk.currency,
        "oldest_s": desk.oldest_s,
        "merchant": desk.merchant,
        "services": desk.services,
    }


def _amount(desk):
    return "amount_entry", {"flow": desk.flow, "amount": desk.amount, "currency": desk.currency}


def _account(desk):
    return "account_entry", {"flow": desk.flow, "digits": desk.digits}


def _pin(desk):
    amount = 0 if desk.flow == "balance" else desk.amount
    return "pin_entry", {"flow": desk.flow, "stars": desk.pin.stars(), "amount": amount, "currency": desk.currency}


def _waiting(desk):
    seconds = (desk.now_ms - desk.asked_ms) // 1000
    return "waiting", {"flow": desk.flow, "text": desk.wait_text, "seconds": seconds}


def _sale_qr(desk):
    return "sale_qr", {
        "qr": desk.answer["qr"],
        "amount": desk.op["amount"],
        "currency": desk.op["currency"],
        "seconds_left": _seconds_left(desk),
    }


def _paid(desk):
    return "paid", dict(desk.paid)


def _confirm_cash_in(desk):
    return "confirm_cash_in", {
        "holder": desk.answer["holder"],
        "amount": desk.op["amount"],
        "fee": desk.answer["fee_minor"],
        "total": desk.answer["total_minor"],
        "currency": desk.op["currency"],
    }


def _cash_in_done(desk):
    return "cash_in_done", {
        "amount": desk.op["amount"],
        "total": desk.answer["total_minor"],
        "currency": desk.op["currency"],
        "holder": desk.answer["holder"],
        "queued": bool(desk.op["tell"]),
    }


def _confirm_cash_out(desk):
    return "confirm_cash_out", {
        "holder": desk.answer["holder"],
        "amount": desk.op["amount"],
        "fee": desk.answer["fee_minor"],
        "currency": desk.op["currency"],
        "authorisation_code": desk.op["code"],
        "seconds_left": _seconds_left(desk),
    }


def _cash_out_done(desk):
    return "cash_out_done", {
        "amount": desk.op["amount"],
        "currency": desk.op["currency"],
        "holder": desk.op["holder"],
        "authorisation_code": desk.op["code"],
        "queued": bool(desk.op["tell"]),
    }


def _cash_question(desk):
    return "cash_question", {
        "amount": desk.op["amount"],
        "currency": desk.op["currency"],
        "holder": desk.op["holder"],
        "authorisation_code": desk.op["code"],
        "time": texts.clock(desk.op["at"]),
    }


def _balance_shown(desk):
    return "balance_shown", {
        "holder": desk.answer["holder"],
        "available": desk.answer["available_minor"],
        "held": desk.answer["held_minor"],
        "currency": desk.answer["currency"],
    }


def _outcome(desk):
    kind, title, text, tries_left = desk.shown_outcome
    return "outcome", {"kind": kind, "title": title, "text": text, "tries_left": tries_left}


def _recent(desk):
    return "recent", {"rows": tuple([_row(desk, row) for row in desk.rows[: rows.SHOWN]])}


def _row(desk, row):
    """One operation as the cashier reads it. What is told and not acked yet is marked as queued."""
    word = texts.STATES.get(row["state"], row["state"])
    return {
        "type": row["type"],
        "amount": row["amount"],
        "currency": row["currency"],
        "state": word + ", queued" if row["tell"] else word,
        "time": texts.clock(row["at"]),
        "checked": row["operation"] in desk.checked,
    }


def _fault(desk):
    return "fault", {"text": desk.fault}


_SCREENS = {
    "boot": _boot,
    "question": _cash_question,
    "fault": _fault,
    "op_number": _operator_number,
    "op_pin": _operator_pin,
    "signing_on": _waiting,
    "drawer": _drawer_float,
    "opening": _waiting,
    "menu": _menu,
    "sale_entry": _amount,
    "sale_open": _waiting,
    "sale_qr": _sale_qr,
    "sale_check": _waiting,
    "paid": _paid,
    "in_number": _account,
    "in_amount": _amount,
    "in_asking": _waiting,
    "in_confirm": _confirm_cash_in,
    "in_done": _cash_in_done,
    "out_number": _account,
    "out_amount": _amount,
    "out_pin": _pin,
    "out_asking": _waiting,
    "out_hold": _confirm_cash_out,
    "out_done": _cash_out_done,
    "bal_number": _account,
    "bal_pin": _pin,
    "bal_asking": _waiting,
    "bal_shown": _balance_shown,
    "recent": _recent,
    "outcome": _outcome,
}

#: The screens of the flows behind the second menu, a line each: a state and its screen, "waiting", "amount" or one of
#: the generic screens, whose fields the flow has put into `desk.page`.
MORE = """
more choice
dr_menu choice
dr_done done
dp_confirm confirm
bag_number digits_entry
rp_shown facts
ho_number digits_entry
ho_pin staff_pin
ct_piece digits_entry
ct_confirm confirm
dr_counted counted
cl_reason choice
ap_number digits_entry
ap_pin staff_pin
dp_amount amount
dp_asking waiting
bag_asking waiting
rp_asking waiting
ho_amount amount
ho_asking waiting
ct_asking waiting
cl_asking waiting
ap_asking waiting
"""


def _more(desk):
    """The view of a state of MORE."""
    start = MORE.find("\n" + desk.state + " ") + len(desk.state) + 2
    screen = MORE[start : MORE.find("\n", start)]
    if screen == "waiting":
        return _waiting(desk)
    if screen == "amount":
        return _amount(desk)
    if screen == "counted":
        return "facts", lazy.handler("drawer_close.page")(desk)
    fields = dict(desk.page)
    if screen == "digits_entry":
        fields["digits"] = desk.digits
    elif screen == "staff_pin":
        fields["stars"] = desk.pin.stars()
    return screen, fields


if sys.implementation.name != "micropython":
    _SCREENS.update({_line.split(" ")[0]: _more for _line in MORE.strip().split("\n")})
