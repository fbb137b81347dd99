"""Screens that wait or tell how something ended: progress, balance, the outcomes, the last five, a fault."""

from desk.ui import colours, fonts
from desk.ui.sheet import BODY_TOP, FLOWS, INNER, MARGIN, WIDTH, Sheet, amount, field, footer, header, row, status_bar
from desk.ui.text import largest, money

#: kind -> ground, colour of the words, icon, and the word the outcome is known by
_OUTCOMES = {
    "refused": (colours.REFUSED, colours.WHITE, "C"),
    "unreachable": (colours.UNREACHABLE, colours.WHITE, "D"),
    "shown_not_paid": (colours.NOT_PAID, colours.INK, "E"),
    "unknown_checking": (colours.UNKNOWN, colours.WHITE, "F"),
    "cancelled": (colours.CANCELLED, colours.WHITE, "G"),
    "voided": (colours.CASH_OUT, colours.WHITE, "H"),
}

#: Left and top of the eight dots of the progress ring, clockwise from the top.
_RING = ((114, 118), (136, 127), (145, 149), (136, 171), (114, 180), (92, 171), (83, 149), (92, 127))

_TYPES = {"sale": "Sale", "cash_in": "Cash in", "cash_out": "Cash out"}
_ROW_HEIGHT = 43
_ENDED_WELL = ("paid", "paid out", "taken", "done")
_ENDED = ("refused", "not paid", "cancelled", "released", "not made")


def waiting(fields):
    """An answer is awaited: a ring that turns, and the seconds."""
    flow = fields["flow"]
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, flow)
    sheet.paragraph(84, colours.INK, fields["text"], 1)
    count = fields["seconds"]
    for i in range(8):
        behind = (count - i) % 8
        colour = colours.mix(colours.FLOW[flow], colours.RULE, max(0, 4 - behind), 4)
        x, y = _RING[i]
        sheet.round(x, y, 12, 12, colour)
    sheet.centre(144, fonts.BODY, colours.INK, "%d" % count)
    sheet.centre(226, fonts.SMALL, colours.GREY, "seconds")
    footer(sheet, "", "")
    sheet.centre(294, fonts.SMALL, colours.GREY, "Please wait", colours.KEY)
    return sheet


def balance_shown(fields):
    """What a customer may spend, and what is held."""
    currency = fields["currency"]
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, "balance")
    sheet.centre(86, fonts.BODY, colours.INK, fields["holder"])
    sheet.centre(124, fonts.SMALL, colours.GREY, "Available")
    field(sheet, 146, 78, colours.BALANCE)
    amount(sheet, 202, fields["available"], currency, colours.INK, colours.WHITE, INNER - 12)
    row(sheet, 238, "Held", money(fields["held"], currency) + " " + currency)
    footer(sheet, "", "Done", accent=colours.BALANCE)
    return sheet


def outcome(fields):
    """How a flow ended when it did not end well: each kind with its own colour, icon and words."""
    kind = fields["kind"]
    ground, words, icon = _OUTCOMES[kind]
    sheet = Sheet(ground)
    status_bar(sheet, fields)
    sheet.text(88, 38, fonts.LARGE_ICONS, words, icon)
    title = fields["title"]
    font = largest((fonts.TITLE, fonts.BODY), title, INNER)
    sheet.centre(110 if font == fonts.TITLE else 114, font, words, title)
    tries = fields["tries_left"]
    end = sheet.paragraph(150, words, fields["text"], 5 if tries is None else 4)
    if tries is not None:
        text = "1 try left" if tries == 1 else "%d tries left" % tries
        y = max(end + 6, 226)
        sheet.round(50, y, 140, 30, words)
        sheet.centre(y + 3, fonts.BODY, ground, text, words, 130)
    star, hash_ = ("Go on", "") if kind == "voided" else ("", "Go on")
    if kind == "unknown_checking":
        star, hash_ = "Leave", ""
    if words == colours.WHITE:
        footer(sheet, star, hash_, ground)
    else:
        footer(sheet, star, hash_)
    return sheet


def recent(fields):
    """Was it paid? The last five operations, newest first."""
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, "recent")
    rows = fields["rows"]
    if not rows:
        sheet.centre(160, fonts.BODY, colours.GREY, "Nothing yet")
    for i in range(min(len(rows), 5)):
        _recent_row(sheet, BODY_TOP + i * _ROW_HEIGHT, rows[i])
    footer(sheet, "Back", "Ask again", accent=colours.STAFF)
    return sheet


def _recent_row(sheet, y, operation):
    """Type and time, amount and state; a tick where the backend has just said so."""
    flow = operation["type"] if operation["type"] in FLOWS else "recent"
    state = operation["state"]
    currency = operation["currency"]
    sheet.fill(0, y + 2, 6, _ROW_HEIGHT - 4, colours.FLOW[flow])
    sheet.fill(0, y + _ROW_HEIGHT - 1, WIDTH, 1, colours.RULE)
    type_ = _TYPES.get(operation["type"], operation["type"])
    sheet.text(14, y + 1, fonts.SMALL, colours.GREY, operation["time"] + "  " + type_, width=130)
    text = money(operation["amount"], currency) + " " + currency
    sheet.text(14, y + 18, fonts.BODY, colours.INK, text, width=WIDTH - 14 - MARGIN)
    colour = colours.UNKNOWN
    if state in _ENDED_WELL:
        colour = colours.CASH_IN
    elif state in _ENDED:
        colour = colours.REFUSED
    x = sheet.right(WIDTH - MARGIN, y + 1, fonts.SMALL, colour, state, width=90)
    if operation["checked"]:
        sheet.text(x - 18, y + 3, fonts.ICONS, colour, "D")


def fault(fields):
    """Something of the terminal's own failed; nothing is assumed done."""
    sheet = Sheet(colours.NIGHT)
    status_bar(sheet, fields)
    sheet.text(88, 38, fonts.LARGE_ICONS, colours.NOTICE, "I")
    sheet.centre(110, fonts.TITLE, colours.NOTICE, "FAULT")
    sheet.paragraph(150, colours.WHITE, fields["text"], 5)
    footer(sheet, "", "Go on", colours.NIGHT)
    return sheet
