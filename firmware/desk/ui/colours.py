"""Colours of the screens, as RGB565 numbers; one colour for each flow and each outcome, used for nothing else."""


def rgb(red, green, blue):
    """A colour of 8-bit parts as RGB565."""
    return (red & 0xF8) << 8 | (green & 0xFC) << 3 | blue >> 3


def mix(colour, ground, part, parts):
    """The colour `part`/`parts` of the way from `ground` to `colour`."""
    red = (ground >> 11) * (parts - part) + (colour >> 11) * part
    green = (ground >> 5 & 63) * (parts - part) + (colour >> 5 & 63) * part
    blue = (ground & 31) * (parts - part) + (colour & 31) * part
    half = parts // 2
    return (red + half) // parts << 11 | (green + half) // parts << 5 | (blue + half) // parts


WHITE = rgb(255, 255, 255)
PAPER = rgb(244, 246, 249)
RULE = rgb(210, 216, 224)
KEY = rgb(226, 231, 238)
FAINT = rgb(150, 158, 170)
GREY = rgb(92, 102, 117)
INK = rgb(17, 24, 39)
NIGHT = rgb(15, 23, 42)
NIGHT_RAISED = rgb(38, 50, 77)
NIGHT_TEXT = rgb(165, 180, 205)
STAR = rgb(255, 214, 92)

SALE = rgb(29, 86, 214)
CASH_IN = rgb(8, 132, 62)
CASH_OUT = rgb(217, 72, 8)
BALANCE = rgb(15, 118, 138)
STAFF = rgb(51, 65, 85)
TRANSFER = rgb(79, 70, 229)
BILL = rgb(13, 110, 120)

REFUSED = rgb(190, 18, 28)
UNREACHABLE = rgb(71, 85, 105)
NOT_PAID = rgb(250, 190, 20)
UNKNOWN = rgb(112, 48, 190)
CANCELLED = rgb(120, 113, 108)
VOIDED = rgb(110, 38, 16)

NOTICE = rgb(255, 224, 130)
GOOD = rgb(74, 222, 128)
BAD = rgb(255, 122, 110)

#: flow -> ground of its header
FLOW = {
    "sign_on": STAFF,
    "drawer": STAFF,
    "sale": SALE,
    "cash_in": CASH_IN,
    "cash_out": CASH_OUT,
    "balance": BALANCE,
    "recent": STAFF,
    "more": STAFF,
    "transfer": TRANSFER,
    "payee": TRANSFER,
    "statement": BALANCE,
    "refund": SALE,
    "pickup": TRANSFER,
    "secret": TRANSFER,
    "bill": BILL,
    "customer_pin": STAFF,
    "new_pin": STAFF,
    "new_pin_again": STAFF,
}
