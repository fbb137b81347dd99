"""Every screen the terminal can show: its name, its fields and their types, and a checker.

A view is a tuple `(screen, fields)`. The core makes views, the painter draws them, the simulator shows them.
All money in fields is an int of minor units; the painter formats it with `deskwire.money.format_minor`.
Every view also carries the fields of the status bar (`STATUS`).
"""

LINKS = ("online", "no_broker", "no_hub", "no_backend")
FLOWS = (
    "sign_on",
    "drawer",
    "sale",
    "cash_in",
    "cash_out",
    "balance",
    "recent",
    "more",
    "transfer",
    "bill",
    "payee",
    "statement",
    "refund",
    "pickup",
    "secret",
    "customer_pin",
    "new_pin",
    "new_pin_again",
)
OUTCOMES = ("refused", "unreachable", "shown_not_paid", "unknown_checking", "cancelled", "voided")
TONES = ("key", "ok", "paid", "refused", "warn", "attention", "pay_in", "pay_out")

CASH_MARKS = ("", "low", "high")  # what the drawer's cash is against its branch's limits

#: On every screen: the link, how many tells wait for their ack, and one line of notice ("" when there is none).
STATUS = {"link": LINKS, "waiting": int, "notice": str}

MAYBE_INT = (int, type(None))

#: screen -> {field: type, tuple of types, or tuple of the words allowed}
SCREENS = {  # type: dict[str, dict]
    "boot": {"text": str},
    "operator_number": {"digits": str},
    "operator_pin": {"operator": str, "stars": int},
    "drawer_float": {"amount": int, "currency": str, "vault": bool},  # vault: bags may be received meanwhile
    "menu": {
        "operator": str,
        "drawer_minor": int,
        "cash_shown": bool,  # False: a cashier counts blind, so what must be in the drawer is not painted
        "cash_mark": CASH_MARKS,
        "currency": str,
        "oldest_s": int,
        "merchant": str,
        "services": tuple,  # of the services' names: what may be offered
    },
    "amount_entry": {"flow": FLOWS, "amount": int, "currency": str},
    "account_entry": {"flow": FLOWS, "digits": str},
    "pin_entry": {"flow": FLOWS, "stars": int, "amount": int, "currency": str},  # amount 0: nothing is paid
    "waiting": {"flow": FLOWS, "text": str, "seconds": int},  # seconds waited so far
    "sale_qr": {"qr": str, "amount": int, "currency": str, "seconds_left": int},
    "paid": {"amount": int, "currency": str, "authorisation_code": str, "late": bool},
    "confirm_cash_in": {"holder": str, "amount": int, "fee": int, "total": int, "currency": str},
    "cash_in_done": {"amount": int, "total": int, "currency": str, "holder": str, "queued": bool},
    "confirm_cash_out": {
        "holder": str,
        "amount": int,
        "fee": int,
        "currency": str,
        "authorisation_code": str,
        "seconds_left": int,
    },
    "cash_out_done": {
        "amount": int,
        "currency": str,
        "holder": str,
        "authorisation_code": str,
        "queued": bool,
    },
    "cash_question": {  # after a power cut: was the cash paid? (ok: yes, back: no)
        "amount": int,
        "currency": str,
        "holder": str,
        "authorisation_code": str,
        "time": str,
    },
    "balance_shown": {"holder": str, "available": int, "held": int, "currency": str},
    "outcome": {"kind": OUTCOMES, "title": str, "text": str, "tries_left": MAYBE_INT},
    "recent": {"rows": tuple},  # of dicts, see ROW; at most five, newest first
    "fault": {"text": str},
    # the generic screens: a flow fills them with its own words
    "choice": {"title": str, "flow": FLOWS, "rows": tuple, "page": str},  # rows (key, text, detail), at most nine
    "digits_entry": {"title": str, "flow": FLOWS, "label": str, "digits": str, "max_digits": int, "hint": str},
    "staff_pin": {"title": str, "flow": FLOWS, "label": str, "stars": int, "ok": str},  # a member of staff's own PIN
    "facts": {"title": str, "flow": FLOWS, "rows": tuple, "note": str, "ok": str, "back": str},  # rows (label, value)
    "confirm": {
        "title": str,
        "flow": FLOWS,
        "big": int,  # an amount; not painted where currency is ""
        "currency": str,
        "rows": tuple,  # (label, value), at most five
        "ok": str,
        "back": str,
    },
    "done": {
        "title": str,
        "flow": FLOWS,
        "big": int,
        "currency": str,
        "rows": tuple,  # (label, value), at most three
        "note": str,
        "queued": bool,
    },
}

#: What the generic screens' rows are made of: so many texts each, and at most so many of them.
ROWS = {"choice": (3, 9), "facts": (2, 9), "confirm": (2, 5), "done": (2, 3)}

#: One row of `recent`. `state` is a word for the cashier; `time` is "HH:MM" (UTC) or "--:--"; `checked` tells
#: whether the backend said so since the screen was opened.
ROW = {"type": str, "amount": int, "currency": str, "state": str, "time": str, "checked": bool}


class ViewError(Exception):
    """A view does not match its screen's definition."""


def _check_field(where, name, spec, value):
    """Raise ViewError unless `value` fits `spec`."""
    if isinstance(spec, tuple) and isinstance(spec[0], str):
        if value not in spec:
            raise ViewError("{}.{} must be one of {}".format(where, name, ", ".join(spec)))
        return
    kinds = spec if isinstance(spec, tuple) else (spec,)
    if type(value) not in kinds:
        raise ViewError("{}.{} has the wrong type".format(where, name))


def _check_fields(where, specs, fields):
    """Raise ViewError unless `fields` holds exactly what `specs` names."""
    for name in specs:
        if name not in fields:
            raise ViewError("{}.{} is missing".format(where, name))
        _check_field(where, name, specs[name], fields[name])


def _check_rows(screen, found):
    """Raise ViewError unless each row is a tuple of as many texts as the screen's rows have, and all fit."""
    width, most = ROWS[screen]
    if len(found) > most:
        raise ViewError("{}.rows are more than {}".format(screen, most))
    for row in found:
        if type(row) not in (tuple, list) or len(row) != width or [text for text in row if type(text) is not str]:
            raise ViewError("{}.rows hold something else than {} texts".format(screen, width))


def check(view):
    """Raise ViewError naming the field unless `view` is `(screen, fields)` exactly as defined here."""
    screen, fields = view
    if screen not in SCREENS:
        raise ViewError("no such screen: {}".format(screen))
    _check_fields(screen, SCREENS[screen], fields)
    _check_fields(screen, STATUS, fields)
    known = tuple(SCREENS[screen]) + tuple(STATUS)
    extra = [name for name in fields if name not in known]
    if extra:
        raise ViewError("{} has unknown fields: {}".format(screen, ", ".join(extra)))
    if screen == "recent":
        for row in fields["rows"]:
            _check_fields("recent.row", ROW, row)
    elif screen in ROWS:
        _check_rows(screen, fields["rows"])
