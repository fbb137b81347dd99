"""Screens that any flow may fill with its own words: a choice, digits, a staff PIN, facts, a confirmation, an end."""

from desk.ui import colours, fonts
from desk.ui.screens.entry import stars
from desk.ui.screens.sale import done_disc, strip
from desk.ui.sheet import (
    BODY_TOP,
    FOOTER_TOP,
    INNER,
    MARGIN,
    WIDTH,
    Sheet,
    amount,
    field,
    footer,
    header,
    keycap,
    row,
    status_bar,
)
from desk.ui.text import largest

_FIELD_TOP = 116


def _frame(fields):
    """Status bar and header of the flow that uses the screen."""
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, fields["flow"], fields["title"])
    return sheet


def choice(fields):
    """Which of these? The digit at the left picks it."""
    sheet = _frame(fields)
    rows = fields["rows"]
    top, height = (BODY_TOP + 4, 34) if len(rows) <= 6 else (BODY_TOP, 24)
    for i in range(len(rows)):
        _option(sheet, top + i * height, height, rows[i], colours.FLOW[fields["flow"]])
    if not rows:
        sheet.centre(160, fonts.BODY, colours.GREY, "Nothing to choose")
    footer(sheet, "Back", "More" if fields["page"] else "", accent=colours.FLOW[fields["flow"]])
    if fields["page"]:
        sheet.centre(294, fonts.SMALL, colours.GREY, fields["page"], colours.KEY, 60)
    return sheet


def _option(sheet, y, height, option, colour):
    """A key, what it begins, and a word about it."""
    key, text, detail = option
    top = y + (height - 24) // 2
    keycap(sheet, MARGIN, top + 1, key, colour, colours.PAPER)
    end = WIDTH - MARGIN
    if detail:
        end = sheet.right(end, top + 3, fonts.SMALL, colours.GREY, detail, width=90) - 6
    sheet.text(MARGIN + 32, top, fonts.BODY, colours.INK, text, width=end - MARGIN - 32)


def digits_entry(fields):
    """A number, typed digit by digit."""
    sheet = _frame(fields)
    colour = colours.FLOW[fields["flow"]]
    font = largest((fonts.BODY, fonts.SMALL), fields["label"], INNER)
    sheet.centre(84 if font == fonts.BODY else 87, font, colours.INK, fields["label"])
    field(sheet, _FIELD_TOP, 72, colour)
    digits = fields["digits"]
    font = largest((fonts.LARGE_FIGURES, fonts.FIGURES, fonts.BODY, fonts.SMALL), digits, INNER - 16)
    sheet.centre(_FIELD_TOP + 54 - fonts.get(font).ascent, font, colours.INK, digits, colours.WHITE, INNER - 16)
    sheet.paragraph(200, colours.GREY, fields["hint"], 4, fonts.SMALL)
    footer(sheet, "Erase" if digits else "Back", "Next", accent=colour)
    return sheet


def staff_pin(fields):
    """The PIN of a member of staff."""
    sheet = _frame(fields)
    colour = colours.FLOW[fields["flow"]]
    font = largest((fonts.BODY, fonts.SMALL), fields["label"], INNER)
    sheet.centre(84 if font == fonts.BODY else 87, font, colours.INK, fields["label"])
    field(sheet, _FIELD_TOP, 72, colour)
    stars(sheet, _FIELD_TOP + 36, fields["stars"], colours.INK, colours.WHITE)
    sheet.centre(200, fonts.SMALL, colours.GREY, "Only stars are shown")
    footer(sheet, "Erase", fields["ok"], accent=colour)
    return sheet


def facts(fields):
    """A table to be read."""
    sheet = _frame(fields)
    rows = fields["rows"]
    note = fields["note"]
    height = min(24, (FOOTER_TOP - BODY_TOP - 8 - (42 if note else 0)) // max(1, len(rows)))
    y = BODY_TOP + 4
    for label, value in rows:
        if height >= 23:
            row(sheet, y, label, value)
        else:
            _tight_row(sheet, y, label, value)
        y += height
    if note:
        sheet.paragraph(FOOTER_TOP - 42, colours.INK, note, 2, fonts.SMALL)
    footer(sheet, fields["back"], fields["ok"], accent=colours.FLOW[fields["flow"]])
    return sheet


def _tight_row(sheet, y, label, value):
    """A line of a table in the small font."""
    x = sheet.right(WIDTH - MARGIN, y, fonts.SMALL, colours.INK, value, width=140)
    sheet.text(MARGIN, y, fonts.SMALL, colours.GREY, label, width=x - MARGIN - 4)


def confirm(fields):
    """What is about to be done, in figures that cannot be overlooked."""
    sheet = _frame(fields)
    colour = colours.FLOW[fields["flow"]]
    y = BODY_TOP + 8
    if fields["currency"]:
        field(sheet, y + 2, 62, colour)
        amount(sheet, y + 33, fields["big"], fields["currency"], colours.INK, colours.WHITE, INNER - 12)
        y += 74
    for label, value in fields["rows"]:
        row(sheet, y, label, value)
        y += 25
    footer(sheet, fields["back"], fields["ok"], accent=colour)
    return sheet


def done(fields):
    """It is done: the flow's own colour over the whole screen, with a tick."""
    sheet = Sheet(colours.FLOW[fields["flow"]])
    status_bar(sheet, fields)
    header(sheet, fields["flow"], fields["title"])
    done_disc(sheet, 76)
    y = 148
    if fields["currency"]:
        amount(sheet, 166, fields["big"], fields["currency"], colours.WHITE)
        y = 190
    for label, value in fields["rows"]:
        row(sheet, y, label, value, colours.WHITE, colours.WHITE)
        y += 23
    if fields["queued"]:
        strip(sheet, 261, "Stored. Sent when online")
    elif fields["note"]:
        sheet.centre(264, fonts.SMALL, colours.WHITE, fields["note"])
    footer(sheet, "" if fields["flow"] == "drawer" else "Print", "Next", sheet.ground, first="0")
    return sheet
