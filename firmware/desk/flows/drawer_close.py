"""Closing the drawer: a blind count face by face, sealed; then the difference, its reason, a supervisor, and Z."""

from desk import texts
from desk.flows import approval, entry
from deskwire import denominations

#: A second press within this time closes although something is not sent yet.
ANYWAY_MS = 8_000
UNKNOWN = "The drawer may be counted or closed. Sign on again: the terminal then knows."
#: why a count differs from the books: the wire's word, what a cashier reads
DIFFERENCES = (
    ("counting", "Counting error"),
    ("change", "Wrong change given"),
    ("false_note", "False note"),
    ("missing_slip", "Slip missing"),
    ("unknown", "Not known"),
)


def start(desk, event):  # noqa: ARG001
    """Begin to count. Not offline; and what is not sent yet would come late for this drawer."""
    if not desk.is_online():
        return desk.unreachable(texts.DRAWER_OFFLINE)
    if desk.waiting and desk.now_ms >= desk.anyway_until_ms:
        desk.anyway_until_ms = desk.now_ms + ANYWAY_MS
        desk.tone("warn")
        desk.say("{} to send. 4 again: they come late".format(desk.waiting), ANYWAY_MS)
        return "dr_menu"
    desk.anyway_until_ms = 0
    desk.notice = ""
    desk.tone("key")
    desk.pieces = []
    return _piece(desk)


def _piece(desk):
    """How many pieces of the next face."""
    faces = denominations.faces(desk.currency)
    desk.digits = ""
    desk.page = {
        "title": "Count {} of {}".format(len(desk.pieces) + 1, len(faces)),
        "flow": "drawer",
        "label": "Pieces of " + texts.money(faces[len(desk.pieces)], desk.currency),
        "max_digits": 4,
        "hint": "None: press #",
    }
    return "ct_piece"


def piece_back(desk, event):  # noqa: ARG001
    """Take back a digit, then the face before, then leave."""
    if entry.erase_digit(desk):
        return "ct_piece"
    if not desk.pieces:
        return desk.home()
    desk.pieces.pop()
    return _piece(desk)


def piece_ok(desk, event):  # noqa: ARG001
    """The next face, or the sum of all."""
    faces = denominations.faces(desk.currency)
    desk.tone("key")
    desk.pieces.append((faces[len(desk.pieces)], int(desk.digits or "0")))
    if len(desk.pieces) < len(faces):
        return _piece(desk)
    desk.page = {
        "title": "Count",
        "flow": "drawer",
        "big": denominations.total_minor(desk.pieces),
        "currency": desk.currency,
        "rows": (("Pieces", str(sum([count for _, count in desk.pieces]))),),
        "ok": "Seal the count",
        "back": "Back",
    }
    return "ct_confirm"


def confirm_back(desk, event):  # noqa: ARG001
    """Back to the last face."""
    desk.tone("key")
    desk.pieces.pop()
    return _piece(desk)


def confirm_ok(desk, event):  # noqa: ARG001
    """Seal the count; only the answer says what the books have."""
    if not desk.is_online():
        return desk.unreachable(texts.DRAWER_OFFLINE)
    body = {
        "operator": desk.operator,
        "currency": desk.currency,
        "counted_minor": denominations.total_minor(desk.pieces),
        "pieces": [{"face_minor": face, "count": count} for face, count in desk.pieces if count],
    }
    desk.tone("ok")
    desk.ask("drawer.count", body, "Sealing the count")
    return "ct_asking"


def counted(desk, event):
    """Sealed: now the figures may be compared."""
    desk.pieces = []
    desk.counted = event.body["counted_minor"]
    desk.drawer_minor = event.body["expected_minor"]
    desk.tone("ok" if desk.counted == desk.drawer_minor else "attention")
    return desk.home()


def refused(desk, event):
    """Not done, and why. What the backend knows better, signing on tells."""
    if event.reason in ("drawer_counted", "approval_needed", "drawer_closed"):
        desk.operator = ""
    return desk.refused(event)


def unanswered(desk, event):
    """How far it went, signing on tells."""
    if not event.sent:
        return desk.unreachable(texts.DRAWER_OFFLINE)
    desk.operator = ""
    return desk.outcome("unknown_checking", "NOT KNOWN YET", UNKNOWN)


def counted_back(desk, event):  # noqa: ARG001
    """Sign off: a supervisor may close it, or the same operator later."""
    desk.tone("ok")
    desk.operator = ""
    desk.operator_name = ""
    return desk.home()


def counted_ok(desk, event):  # noqa: ARG001
    """Close, or first say why it differs."""
    if not desk.is_online():
        return desk.unreachable(texts.DRAWER_OFFLINE)
    desk.flow = "drawer"
    if desk.counted == desk.drawer_minor:
        desk.tone("ok")
        return _close(desk, {})
    desk.tone("key")
    rows = [(str(i + 1), DIFFERENCES[i][1], "") for i in range(len(DIFFERENCES))]
    desk.page = {"title": "Why does it differ?", "flow": "drawer", "rows": tuple(rows), "page": ""}
    return "cl_reason"


def reason_back(desk, event):  # noqa: ARG001
    """Back to the figures."""
    desk.tone("key")
    return desk.home()


def reason(desk, event):
    """That is why; a supervisor must see it."""
    place = int(event.key) - 1
    if not 0 <= place < len(DIFFERENCES):
        desk.tone("warn")
        return "cl_reason"
    desk.tone("key")
    name, text = DIFFERENCES[place]
    difference = desk.counted - desk.drawer_minor
    told = "{} {}: {}".format("Short" if difference < 0 else "Over", texts.money(abs(difference), desk.currency), text)

    def then(desk, approval_id):
        return _close(desk, {"reason": name, "approval": approval_id})

    return approval.begin(desk, "variance", told, then, _refrain, operation=desk.drawer, amount=abs(difference))


def _refrain(desk):
    """Nobody approved: the drawer stays counted."""
    return desk.home()


def _close(desk, explained):
    """Ask to close."""
    body = {"operator": desk.operator, "drawer": desk.drawer}
    body.update(explained)
    desk.ask("drawer.close", body, "Closing the drawer")
    return "cl_asking"


def closed(desk, event):
    """Closed: the report's number, and the bag that takes the cash."""
    body = event.body
    difference = body["counted_minor"] - body["expected_minor"]
    rows = [("Z report", str(body["number"])), ("Difference", texts.money(difference, body["currency"]))]
    if "bag" in body:
        rows.append(("Bag number", body["bag"]))
    desk.drawer = ""
    desk.drawer_minor = 0
    desk.counted = -1
    desk.tone("ok")
    desk.page = {
        "title": "Drawer closed",
        "flow": "drawer",
        "big": body["counted_minor"],
        "currency": body["currency"],
        "rows": tuple(rows),
        "note": "Write the number on the bag" if "bag" in body else "",
        "queued": False,
    }
    return "dr_done"


def page(desk):
    """The figures of a count that is sealed: only now may the books be seen."""
    difference = desk.counted - desk.drawer_minor
    label = "Short" if difference < 0 else "Over"
    rows = (
        ("Counted", texts.money(desk.counted, desk.currency)),
        ("Expected", texts.money(desk.drawer_minor, desk.currency)),
        (label if difference else "Difference", texts.money(abs(difference), desk.currency)),
    )
    note = "A reason and a supervisor are needed." if difference else "The drawer agrees with the books."
    return {
        "title": "Counted",
        "flow": "drawer",
        "rows": rows,
        "note": note,
        "ok": "Explain" if difference else "Close",
        "back": "Sign off",
    }
