"""A mini statement: a balance's keys, and the latest movements for a short while."""

from desk import texts

_WORDS = {
    "sale": "Purchase",
    "cash_in": "Pay-in",
    "cash_out": "Pay-out",
    "transfer": "Transfer",
    "refund": "Refund",
    "pickup": "Cash sent",
    "pickup_return": "Cash returned",
}


def start(desk, event):  # noqa: ARG001
    """Begin with the account; the rest is as for a balance."""
    desk.flow = "statement"
    return "bal_number"


def _line(row, currency):
    """One movement: when and what, and the amount with its sign."""
    amount = row["amount_minor"]
    word = _WORDS.get(row["type"]) or row["type"].replace("_", " ")
    shown = ("+" if amount >= 0 else "-") + texts.money(abs(amount), currency)
    return (texts.clock(row["at"]) + " " + word, shown)


def show(desk, body):
    """The movements and the balance."""
    lines = [_line(row, body["currency"]) for row in body["rows"]]
    lines.append(("Available", texts.money(body["available_minor"], body["currency"])))
    desk.page = {
        "title": "Statement",
        "flow": "statement",
        "rows": tuple(lines),
        "note": "" if body["rows"] else "No movements yet",
        "ok": "Next",
        "back": "",
    }
    return "st_shown"
