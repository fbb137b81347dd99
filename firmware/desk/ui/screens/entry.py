"""Screens on which something is typed: numbers, amounts, accounts, PINs (of which only stars are known here)."""

from desk.ui import colours, fonts
from desk.ui.sheet import FOOTER_TOP, INNER, MARGIN, WIDTH, Sheet, amount, field, footer, header, status_bar
from desk.ui.text import largest, money

_FIELD_TOP = 116
_ACCOUNT_DIGITS = 16
_DIGIT_WIDTH = 23  # a digit of fonts.FIGURES with its gap
_GROUP_GAP = 14

_AMOUNT_LABELS = {
    "sale": "Amount to be paid",
    "cash_in": "Amount to pay in",
    "cash_out": "Amount to pay out",
    "drawer": "How much cash?",
    "transfer": "Amount to send",
    "refund": "Amount to give back",
    "pickup": "Amount to be paid out",
}


#: Above the stars of a customer's PIN: what it is for.
_PIN_LINES = {
    "cash_out": "You receive in cash",
    "balance": "to see your balance",
    "statement": "to see your statement",
    "transfer": "You send",
    "pickup": "You send",
    "secret": "4 to 6 digits",
    "new_pin": "4 to 12 digits, not 1234",
    "new_pin_again": "the same PIN again",
}


def _form(fields, flow, label):
    """The frame of an entry screen."""
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, flow)
    sheet.centre(84, fonts.BODY, colours.INK, label)
    return sheet


def stars(sheet, y, count, colour, ground):
    """As many stars as digits are typed, in a row."""
    text = "*" * count
    font = largest((fonts.LARGE_FIGURES, fonts.FIGURES, fonts.BODY), text, INNER - 24)
    _, _, height, _, top, _ = fonts.get(font).glyph("*")
    middle = top + height // 2  # the star's own: it sits high in its line
    sheet.centre(y - middle, font, colour, text, ground, INNER - 24)


def operator_number(fields):
    """Who signs on."""
    sheet = _form(fields, "sign_on", "Operator number")
    field(sheet, _FIELD_TOP, 72, colours.STAFF)
    digits = fields["digits"]
    font = largest((fonts.LARGE_FIGURES, fonts.FIGURES, fonts.BODY), digits, INNER - 16)
    top = _FIELD_TOP + 54 - fonts.get(font).ascent
    sheet.centre(top, font, colours.INK, digits, colours.WHITE, INNER - 16)
    sheet.centre(200, fonts.SMALL, colours.GREY, "3 to 8 digits")
    footer(sheet, "Erase", "Next", accent=colours.STAFF)
    return sheet


def operator_pin(fields):
    """The operator's own PIN."""
    sheet = _form(fields, "sign_on", "PIN of operator " + fields["operator"])
    field(sheet, _FIELD_TOP, 72, colours.STAFF)
    stars(sheet, _FIELD_TOP + 36, fields["stars"], colours.INK, colours.WHITE)
    sheet.centre(200, fonts.SMALL, colours.GREY, "Only stars are shown")
    footer(sheet, "Erase", "Sign on", accent=colours.STAFF)
    return sheet


def _amount_field(sheet, fields, edge):
    """The amount as typed so far; grey while there is none."""
    field(sheet, _FIELD_TOP, 84, edge)
    colour = colours.INK if fields["amount"] else colours.FAINT
    amount(sheet, _FIELD_TOP + 42, fields["amount"], fields["currency"], colour, colours.WHITE, INNER - 12)
    example = money(1250, fields["currency"])
    sheet.centre(212, fonts.SMALL, colours.GREY, "1 2 5 0 is " + example + " " + fields["currency"])


def drawer_float(fields):
    """What the drawer begins with."""
    sheet = _form(fields, "drawer", "Cash to begin with")
    _amount_field(sheet, fields, colours.STAFF)
    if fields["vault"]:
        sheet.centre(244, fonts.SMALL, colours.INK, "D: receive a bag")
    footer(sheet, "Erase", "Open drawer", accent=colours.STAFF)
    return sheet


def amount_entry(fields):
    """The amount of a flow."""
    flow = fields["flow"]
    sheet = _form(fields, flow, _AMOUNT_LABELS.get(flow, "Amount"))
    _amount_field(sheet, fields, colours.FLOW[flow])
    footer(sheet, "Erase" if fields["amount"] else "Back", "Next", accent=colours.FLOW[flow])
    return sheet


def account_entry(fields):
    """The customer's account number, in groups of four over two lines."""
    flow = fields["flow"]
    sheet = _form(fields, flow, "Account number")
    colour = colours.FLOW[flow]
    field(sheet, _FIELD_TOP, 108, colour)
    digits = fields["digits"][:_ACCOUNT_DIGITS]
    left = (WIDTH - 8 * _DIGIT_WIDTH - _GROUP_GAP) // 2
    for place in range(_ACCOUNT_DIGITS):
        column = place % 8
        x = left + column * _DIGIT_WIDTH + (_GROUP_GAP if column >= 4 else 0)
        y = _FIELD_TOP + 12 + place // 8 * 46
        if place < len(digits):
            sheet.text(x, y, fonts.FIGURES, colours.INK, digits[place], colours.WHITE)
        else:
            mark = colour if place == len(digits) else colours.RULE
            sheet.fill(x + 2, y + 30, _DIGIT_WIDTH - 5, 4, mark)
    sheet.centre(236, fonts.SMALL, colours.GREY, "%d of %d digits" % (len(digits), _ACCOUNT_DIGITS))
    footer(sheet, "Erase" if digits else "Back", "Next", accent=colour)
    return sheet


_PIN_TITLES = {"secret": "SECRET", "new_pin": "CHOOSE A PIN", "new_pin_again": "ONCE MORE"}


def pin_entry(fields):
    """The customer's PIN: a dark screen like no other, turned to the customer."""
    sheet = Sheet(colours.NIGHT)
    sheet.fill(0, 0, WIDTH, 6, colours.STAR)
    sheet.centre(22, fonts.BODY, colours.STAR, "CUSTOMER")
    flow = fields["flow"]
    sheet.centre(46, fonts.TITLE, colours.WHITE, _PIN_TITLES.get(flow, "ENTER PIN"))
    line = _PIN_LINES.get(flow, "")
    if fields["amount"]:
        sheet.centre(88, fonts.SMALL, colours.NIGHT_TEXT, line)
        amount(sheet, 135, fields["amount"], fields["currency"], colours.WHITE)
    else:
        sheet.centre(118, fonts.BODY, colours.NIGHT_TEXT, line)
    sheet.round(MARGIN, 178, INNER, 64, colours.NIGHT_RAISED)
    stars(sheet, 210, fields["stars"], colours.STAR, colours.NIGHT_RAISED)
    notice = fields["notice"]
    if notice:
        sheet.centre(254, fonts.SMALL, colours.NOTICE, notice)
    else:
        sheet.centre(254, fonts.SMALL, colours.NIGHT_TEXT, "Cover the keys")
    sheet.fill(0, FOOTER_TOP - 1, WIDTH, 1, colours.NIGHT_RAISED)
    footer(sheet, "Erase", "OK", colours.NIGHT)
    return sheet
