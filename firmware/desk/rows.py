"""The recorded operations: what the terminal knows of the last few, written to flash so that a power cut loses none.

A row is a dict that JSON can hold: operation (id), type, state, amount, currency, at, tell (id of its tell that is not
acked yet, or ""), code, holder (known once a hold was approved), and for cash-outs account, operator, drawer. No row
ever holds a PIN or a PIN block.
"""

SHOWN = 5  # the key D shows the last five
#: Three more than shown, so that an operation whose end is not known survives a few later ones.
KEPT = 8
#: States in which a customer's money has moved for good.
FINISHED = ("paid", "taken", "paid_out", "done", "suspense")
#: States that are not an end. "checking" alone is put to the backend again and again; the others are on the screen.
UNRESOLVED = ("asked", "open", "held", "checking")


def new(operation, kind, amount, currency, at):
    """A row for an operation that is about to be asked for."""
    return {
        "operation": operation,
        "type": kind,
        "state": "asked",
        "amount": amount,
        "currency": currency,
        "at": at,
        "tell": "",
        "code": "",
        "holder": "",
    }


def add(rows, row):
    """Put `row` first; over KEPT, the oldest whose end is known leaves, else the oldest."""
    rows.insert(0, row)
    if len(rows) <= KEPT:
        return
    for i in range(len(rows) - 1, 0, -1):
        if rows[i]["state"] not in UNRESOLVED and not rows[i]["tell"]:
            del rows[i]
            return
    rows.pop()


def find(rows, operation):
    """The row of that operation, or None."""
    for row in rows:
        if row["operation"] == operation:
            return row
    return None


def finished(rows):
    """The last operation that moved a customer's money for good, or None: the one that has a receipt to print."""
    for row in rows:
        if row["state"] in FINISHED and row["type"] != "drop":
            return row
    return None


def of_tell(rows, tell):
    """The row that waits for the ack of `tell`, or None."""
    for row in rows:
        if row["tell"] == tell:
            return row
    return None


def unresolved(rows, except_row):
    """Ids (at most five, the most one ask may name) whose end must be asked for; rows with a tell under way wait."""
    return [
        row["operation"] for row in rows if row["state"] == "checking" and not row["tell"] and row is not except_row
    ][:SHOWN]


def apply_status(row, told):
    """Take over what the backend said of `row`; False if what this terminal knows weighs more.

    It does while a tell is under way, and while only the cashier knows whether cash was paid. An operation that the
    backend still calls open or held stays "checking": that is not an end.
    """
    if row["tell"] or row["state"] == "held":
        return False
    row["state"] = "checking" if told["state"] in ("open", "held") else told["state"]
    if told.get("authorisation_code"):
        row["code"] = told["authorisation_code"]
    return True
