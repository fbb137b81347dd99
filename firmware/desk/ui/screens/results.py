"""Screens that wait or tell how something ended: progress, balance, the outcomes, the last five, a fault."""

from desk.ui import colours, fonts
from desk.ui.sheet import (
    BODY_TOP,
    FLOWS,
    FOOTER_TOP,
    INNER,
    MARGIN,
    WIDTH,
    Sheet,
    amount,
    field,
    footer,
    header,
    row,
    status_bar,
)
from desk.ui.text import largest, money, wrap

#: kind -> ground, colour of the words, icon
_OUTCOMES = {
    "refused": (colours.REFUSED, colours.WHITE, "C"),
    "unreachable": (colours.UNREACHABLE, colours.WHITE, "D"),
    "shown_not_paid": (colours.NOT_PAID, colours.INK, "E"),
    "unknown_checking": (colours.UNKNOWN, colours.WHITE, "F"),
    "cancelled": (colours.CANCELLED, colours.WHITE, "G"),
    "voided": (colours.VOIDED, colours.WHITE, "H"),
}

#: Left and top of the eight dots of the progress ring, clockwise from the top.
_RING = ((114, 152), (141, 163), (152, 190), (141, 217), (114, 228), (87, 217), (76, 190), (87, 163))

_TYPES = {"sale": "Sale", "cash_in": "Cash in", "cash_out": "Cash out", "bill": "Bill", "drop": "Drop"}
_ROW_HEIGHT = 43
_ENDED_WELL = ("paid", "paid out", "taken", "done")
_ENDED = ("refused", "not paid", "cancelled", "released", "not made")


def waiting(fields):
    """An answer is awaited: a ring that turns, and the seconds."""
    flow = fields["flow"]
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, flow)
    sheet.paragraph(88, colours.INK, fields["text"], 2)
    count = fields["seconds"]
    for i in range(8):
        behind = (count - i) % 8
        colour = colours.mix(colours.FLOW[flow], colours.RULE, max(0, 4 - behind), 4)
        x, y = _RING[i]
        sheet.round(x, y, 12, 12, colour)
    sheet.centre(185, fonts.BODY, colours.GREY, "%d s" % count)
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
    amount(sheet, 185, fields["available"], currency, colours.INK, colours.WHITE, INNER - 12)
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
    y = 108
    for line in wrap(fonts.TITLE, fields["title"].upper(), INNER, 2):
        sheet.centre(y, fonts.TITLE, words, line)
        y += 32
    tries = fields["tries_left"]
    lines = (FOOTER_TOP - (0 if tries is None else 36) - y - 8) // fonts.get(fonts.BODY).height
    sheet.paragraph(y + 8, words, fields["text"], lines)
    if tries is not None:
        text = "1 try left" if tries == 1 else "%d tries left" % tries
        sheet.round(50, FOOTER_TOP - 34, 140, 30, words)
        sheet.centre(FOOTER_TOP - 31, fonts.BODY, ground, text, words, 130)
    if kind == "voided":  # there # might have meant "paid" a moment too late
        footer(sheet, "Go on", "", ground)
    else:
        footer(sheet, "", "Go on", ground)
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
    footer(sheet, "Back", accent=colours.STAFF, other=("D", "Ask again"))
    return sheet


def _recent_row(sheet, y, operation):
    """Type and amount; below, the state, with a tick where the backend has just said so, and the time."""
    flow = operation["type"] if operation["type"] in FLOWS else "recent"
    state = operation["state"]
    currency = operation["currency"]
    sheet.fill(0, y + 1, 6, _ROW_HEIGHT - 2, colours.FLOW[flow])
    sheet.fill(0, y + _ROW_HEIGHT - 1, WIDTH, 1, colours.RULE)
    text = money(operation["amount"], currency) + " " + currency
    font = largest((fonts.BODY, fonts.SMALL), text, 150)
    x = sheet.right(WIDTH - MARGIN, y if font == fonts.BODY else y + 3, font, colours.INK, text)
    label = _TYPES.get(operation["type"], operation["type"])
    sheet.text(14, y + 3, fonts.SMALL, colours.GREY, label, width=x - 20)
    end = sheet.right(WIDTH - MARGIN, y + 21, fonts.SMALL, colours.GREY, operation["time"], width=60)
    colour = colours.UNKNOWN
    if state in _ENDED_WELL:
        colour = colours.CASH_IN
    elif state in _ENDED:
        colour = colours.REFUSED
    left = 14
    if operation["checked"]:
        left = sheet.text(left, y + 23, fonts.ICONS, colour, "D") + 3
    room = end - left - 6
    font = largest((fonts.BODY, fonts.SMALL), state, room)
    sheet.text(left, y + 18 if font == fonts.BODY else y + 21, font, colour, state, width=room)


def fault(fields):
    """Something of the terminal's own failed; nothing is assumed done."""
    sheet = Sheet(colours.NIGHT)
    status_bar(sheet, fields)
    sheet.text(88, 38, fonts.LARGE_ICONS, colours.NOTICE, "I")
    sheet.centre(110, fonts.TITLE, colours.NOTICE, "FAULT")
    sheet.paragraph(150, colours.WHITE, fields["text"], 5)
    footer(sheet, "", "Go on", colours.NIGHT)
    return sheet
