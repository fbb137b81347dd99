"""From the desk's memory to the view of its state: one small function for each screen."""

from desk import lazy, rows, texts


def render(desk):
    """The view (screen, fields) of the desk as it is."""
    screen, fields = _SCREENS[desk.state](desk)
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
    amount = 0 if desk.flow in ("balance", "statement", "secret", "new_pin", "new_pin_again") else desk.amount
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


def _choice(desk):
    return "choice", dict(desk.page)


def _digits_entry(desk):
    fields = dict(desk.page)
    fields["digits"] = desk.digits
    return "digits_entry", fields


def _staff_pin(desk):
    fields = dict(desk.page)
    fields["stars"] = desk.pin.stars()
    return "staff_pin", fields


def _facts(desk):
    return "facts", dict(desk.page)


def _counted(desk):
    return "facts", lazy.handler("drawer_close.page")(desk)


def _confirm(desk):
    return "confirm", dict(desk.page)


def _done(desk):
    fields = dict(desk.page)
    if desk.state == "mv_done" and desk.op is not None:
        fields["queued"] = bool(desk.op["tell"])  # until its tell is acked
    return "done", fields


def _bill_done(desk):
    fields = dict(desk.page)
    fields["queued"] = desk.op is not None and bool(desk.op["tell"])
    return "done", fields


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
    "more": _choice,
    "dr_menu": _choice,
    "dr_done": _done,
    "dp_amount": _amount,
    "dp_confirm": _confirm,
    "dp_asking": _waiting,
    "bag_number": _digits_entry,
    "bag_asking": _waiting,
    "rp_asking": _waiting,
    "rp_shown": _facts,
    "ho_amount": _amount,
    "ho_number": _digits_entry,
    "ho_pin": _staff_pin,
    "ho_asking": _waiting,
    "ct_piece": _digits_entry,
    "ct_confirm": _confirm,
    "ct_asking": _waiting,
    "dr_counted": _counted,
    "cl_reason": _choice,
    "cl_asking": _waiting,
    "ap_number": _digits_entry,
    "ap_pin": _staff_pin,
    "ap_asking": _waiting,
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
    "cp_number": _account,
    "cp_new": _pin,
    "cp_again": _pin,
    "cp_asking": _waiting,
    "st_shown": _facts,
    "ident": _waiting,
    "tr_from": _account,
    "tr_to": _account,
    "tr_amount": _amount,
    "tr_asking": _waiting,
    "tr_confirm": _confirm,
    "tr_pin": _pin,
    "tr_making": _waiting,
    "rf_code": _digits_entry,
    "rf_finding": _waiting,
    "rf_choice": _choice,
    "rf_amount": _amount,
    "rf_confirm": _confirm,
    "rf_making": _waiting,
    "pk_kind": _choice,
    "pk_from": _account,
    "pk_amount": _amount,
    "pk_asking": _waiting,
    "pk_confirm": _confirm,
    "pk_secret": _pin,
    "pk_sealing": _waiting,
    "pk_take": _confirm,
    "pk_pin": _pin,
    "pk_funding": _waiting,
    "rd_code": _digits_entry,
    "rd_secret": _pin,
    "rd_asking": _waiting,
    "mv_done": _done,
    "bi_listing": _waiting,
    "bi_list": _choice,
    "bi_number": _digits_entry,
    "bi_looking": _waiting,
    "bi_facts": _facts,
    "bi_amount": _amount,
    "bi_cash": _confirm,
    "bi_account": _account,
    "bi_pin": _pin,
    "bi_paying": _waiting,
    "bi_done": _bill_done,
    "bi_return": _confirm,
    "recent": _recent,
    "outcome": _outcome,
}
