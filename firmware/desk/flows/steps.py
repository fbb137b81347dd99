"""What several flows share: their end, a refusal, an answer that did not come."""

from desk import rows, texts

#: Recorded operations that are final with their answer: no cash waits for them, so nobody is asked about them.
MOVES = ("transfer", "refund", "pickup")


def grouped(digits):
    """A code in groups of four, as people read it out."""
    return " ".join([digits[i : i + 4] for i in range(0, len(digits), 4)])


def done(desk, title, flow, lines, note):
    """The end of a flow, with its amount in large figures."""
    row = desk.op
    desk.since_ms = desk.now_ms
    desk.page = {
        "title": title,
        "flow": flow,
        "big": row["amount"],
        "currency": row["currency"],
        "rows": lines,
        "note": note,
        "queued": bool(row["tell"]),
    }
    desk.tone("ok")
    return "mv_done"


def was_done(desk, row):
    """An operation whose answer was lost has been done after all."""
    desk.op = row
    return done(desk, texts.MOVES[row["type"]], row["type"], (), "It was done. Do not repeat it.")


def drop(desk):
    """Forget the recorded operation: it was refused for a reason that the flow itself puts right."""
    desk.rows = [row for row in desk.rows if row is not desk.op]
    desk.op = None
    desk.store()


def refused(desk, event):
    """The flow ends with its refusal."""
    return desk.refused(event)


def unanswered(desk, event):
    """Nobody answered. What may have been done is given up, and asked for until it is known."""
    if desk.op is None or not event.sent:
        return desk.unreachable()
    give_up(desk, desk.op, "no_answer")
    return desk.outcome("unknown_checking", "NOT KNOWN YET", texts.MOVE_UNKNOWN)


def give_up(desk, row, why):
    """Tell that nobody saw an answer; if it was done all the same, the check will say so."""
    row["state"] = "checking"
    desk.tell("operation.void", {"operation": row["operation"], "type": row["type"], "why": why}, row)


def finished(desk, event):
    """The answer of a recorded operation: it is done."""
    desk.op["state"] = "done"
    desk.op["code"] = event.body["authorisation_code"]
    desk.store()


def begin(desk, kind, operation=""):
    """Record an operation before its ask is sent; returns its id."""
    name = operation or desk.new_id()
    desk.op = rows.new(name, kind, desk.amount, desk.currency, desk.epoch_s)
    rows.add(desk.rows, desk.op)
    desk.store()
    return name
