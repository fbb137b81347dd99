"""The screens of a QR sale: the code, and that it was paid."""

from desk.ui import colours, fonts
from desk.ui.sheet import HEIGHT, INNER, STATUS_HEIGHT, WIDTH, Sheet, amount, footer, header, status_bar
from desk.ui.text import money, seconds

_QR_TOP = 58
_QR_HEIGHT = 232  # 77 modules of three pixels (version 13 with its quiet zone) and one more
HURRY_S = 30  # from here on the countdown changes its colour


def sale_qr(fields):
    """The code, as large as fits; the amount above, the time left below."""
    sheet = Sheet(colours.WHITE)
    status_bar(sheet, fields)
    ground = colours.SALE
    sheet.fill(0, STATUS_HEIGHT, WIDTH, _QR_TOP - STATUS_HEIGHT, ground)
    text = money(fields["amount"], fields["currency"]) + " " + fields["currency"]
    font = fonts.TITLE if fonts.get(fonts.TITLE).width(text) <= INNER else fonts.BODY
    top = STATUS_HEIGHT + (_QR_TOP - STATUS_HEIGHT - fonts.get(font).height) // 2
    sheet.centre(top, font, colours.WHITE, text, ground)
    sheet.qr(0, _QR_TOP, WIDTH, _QR_HEIGHT, fields["qr"])
    footer(sheet, "Cancel", ground=ground)
    left = fields["seconds_left"]
    colour = colours.NOTICE if left <= HURRY_S else colours.WHITE
    x = sheet.right(WIDTH - 8, HEIGHT - 28, fonts.BODY, colour, seconds(left), ground)
    sheet.text(x - 23, HEIGHT - 24, fonts.ICONS, colour, "E", ground)
    return sheet


def done_disc(sheet, y):
    """A white disc with a tick in the ground's colour."""
    sheet.text(88, y, fonts.LARGE_ICONS, colours.WHITE, "A")
    sheet.text(88, y, fonts.LARGE_ICONS, sheet.ground, "B", colours.WHITE)


def strip(sheet, y, text):
    """A line that must be read, on amber."""
    sheet.round(6, y, WIDTH - 12, 26, colours.NOTICE)
    sheet.centre(y + 3, fonts.SMALL, colours.INK, text, colours.NOTICE)


def paid(fields):
    """Paid: the only screen with this word in this size."""
    sheet = Sheet(colours.SALE)
    status_bar(sheet, fields)
    header(sheet, "sale")
    done_disc(sheet, 76)
    sheet.centre(145, fonts.LARGE_FIGURES, colours.WHITE, "PAID")
    amount(sheet, 212, fields["amount"], fields["currency"], colours.WHITE)
    if fields["late"]:
        strip(sheet, 239, "LATE: its code had closed")
    code = fields["authorisation_code"]
    if code:
        sheet.centre(267, fonts.SMALL, colours.WHITE, "Authorisation " + code)
    footer(sheet, "Print", "Next", sheet.ground, first="0")
    return sheet
