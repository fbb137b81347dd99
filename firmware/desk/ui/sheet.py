"""The sheet a screen is composed on: placed items, and the parts that many screens share."""
# ruff: noqa: PLR0917  (items are named by their place)

from desk.ui import colours, fonts
from desk.ui.text import fit, largest, money, wrap

WIDTH = 240
HEIGHT = 320
STATUS_HEIGHT = 24
HEADER_TOP = STATUS_HEIGHT
HEADER_HEIGHT = 48
BODY_TOP = HEADER_TOP + HEADER_HEIGHT
FOOTER_TOP = 288
MARGIN = 10
INNER = WIDTH - 2 * MARGIN

#: Fonts an amount and its currency are tried in, largest first.
AMOUNT_FONTS = (
    (fonts.LARGE_FIGURES, fonts.BODY),
    (fonts.LARGE_FIGURES, fonts.SMALL),
    (fonts.FIGURES, fonts.BODY),
    (fonts.FIGURES, fonts.SMALL),
    (fonts.TITLE, fonts.SMALL),
    (fonts.BODY, fonts.SMALL),
)

_LINKS = {
    "online": ("A", colours.GOOD, "Online"),
    "no_broker": ("B", colours.BAD, "No network"),
    "no_hub": ("B", colours.BAD, "No hub"),
    "no_backend": ("B", colours.BAD, "No centre"),
}

#: flow -> icon of the medium icon font, title
FLOWS = {
    "sign_on": ("F", "SIGN ON"),
    "drawer": ("G", "DRAWER"),
    "sale": ("A", "SALE"),
    "cash_in": ("B", "CASH IN"),
    "cash_out": ("C", "CASH OUT"),
    "balance": ("D", "BALANCE"),
    "recent": ("E", "LAST FIVE"),
    "more": ("", "MORE"),
    "transfer": ("", "TRANSFER"),
    "payee": ("", "TO WHOM?"),
    "statement": ("D", "STATEMENT"),
    "refund": ("A", "REFUND"),
    "pickup": ("", "SEND CASH"),
    "secret": ("", "SECRET"),
    "bill": ("", "BILL"),
    "customer_pin": ("", "CUSTOMER PIN"),
    "new_pin": ("", "NEW PIN"),
    "new_pin_again": ("", "NEW PIN"),
}


class Sheet:
    """A display list in the making. Texts name the colour they stand on, as their edges are mixed with it."""

    def __init__(self, ground):
        self.items: list[tuple] = [("fill", 0, 0, WIDTH, HEIGHT, ground)]
        self.ground = ground

    def fill(self, x, y, width, height, colour):
        """A rectangle."""
        self.items.append(("fill", x, y, width, height, colour))

    def round(self, x, y, width, height, colour, ground=None):
        """A rectangle with round corners."""
        self.items.append(("round", x, y, width, height, colour, self.ground if ground is None else ground))

    def qr(self, x, y, width, height, payload):
        """A QR code as large as fits the box."""
        self.items.append(("qr", x, y, width, height, payload))

    def text(self, x, y, font, colour, text, ground=None, width=WIDTH):
        """A text from `x` on, cut with an ellipsis at `width`; gives where it ends."""
        text = fit(font, text, min(width, WIDTH - x))
        if not text:
            return x
        taken = fonts.get(font).width(text)
        ground = self.ground if ground is None else ground
        self.items.append(("text", x, y, taken, fonts.get(font).height, font, colour, ground, text))
        return x + taken

    def right(self, end, y, font, colour, text, ground=None, width=WIDTH):
        """A text that ends at `end`; gives where it begins."""
        text = fit(font, text, min(width, end))
        x = end - fonts.get(font).width(text)
        self.text(x, y, font, colour, text, ground)
        return x

    def centre(self, y, font, colour, text, ground=None, width=INNER):
        """A text in the middle of the screen."""
        text = fit(font, text, width)
        self.text((WIDTH - fonts.get(font).width(text)) // 2, y, font, colour, text, ground)

    def paragraph(self, y, colour, text, most_lines=5, font=fonts.BODY, ground=None):
        """Lines in the middle of the screen, in the small font where they would be too many; gives where they end."""
        lines = wrap(font, text, INNER, most_lines + 1)
        if len(lines) > most_lines:
            most_lines = most_lines * fonts.get(font).height // fonts.get(fonts.SMALL).height
            font = fonts.SMALL
            lines = wrap(font, text, INNER, most_lines)
        for line in lines:
            self.centre(y, font, colour, line, ground)
            y += fonts.get(font).height
        return y


def amount(sheet, middle, amount_minor, currency, colour, ground=None, width=INNER):
    """An amount with its currency, its figures around the line `middle`, as large as fit."""
    text = money(amount_minor, currency)
    for number, unit in AMOUNT_FONTS:
        taken = fonts.get(number).width(text) + 8 + fonts.get(unit).width(currency)
        if taken <= width:
            break
    baseline = middle + fonts.get(number).glyph("0")[2] // 2
    end = sheet.text((WIDTH - taken) // 2, baseline - fonts.get(number).ascent, number, colour, text, ground)
    sheet.text(end + 8, baseline - fonts.get(unit).ascent, unit, colour, currency, ground)


def status_bar(sheet, fields):
    """The link in a word, how many tells wait, or a notice."""
    icon, colour, word = _LINKS[fields["link"]]
    notice = fields["notice"]
    if notice:
        ground = colours.NOTICE
        sheet.fill(0, 0, WIDTH, STATUS_HEIGHT, ground)
        sheet.centre(2, fonts.SMALL, colours.INK, notice, ground, WIDTH - 8)
        return
    ground = colours.NIGHT
    sheet.fill(0, 0, WIDTH, STATUS_HEIGHT, ground)
    sheet.text(6, 4, fonts.ICONS, colour, icon, ground)
    sheet.text(27, 2, fonts.SMALL, colours.WHITE, word, ground)
    if fields["waiting"]:
        x = sheet.right(WIDTH - 7, 2, fonts.SMALL, colours.NOTICE, "%d" % fields["waiting"], ground)
        sheet.text(x - 20, 4, fonts.ICONS, colours.NOTICE, "C", ground)


def header(sheet, flow, title=""):
    """The flow's colour and icon (where it has one), and its name or the title given."""
    icon, name = FLOWS[flow]
    ground = colours.FLOW[flow]
    sheet.fill(0, HEADER_TOP, WIDTH, HEADER_HEIGHT, ground)
    left = MARGIN
    if icon:
        sheet.text(MARGIN, HEADER_TOP + 8, fonts.MEDIUM_ICONS, colours.WHITE, icon, ground)
        left = 54
    title = title.upper() or name
    font = largest((fonts.TITLE, fonts.BODY), title, WIDTH - left - 6)
    top = HEADER_TOP + (8 if font == fonts.TITLE else 11)
    sheet.text(left, top, font, colours.WHITE, title, ground, WIDTH - left - 6)


def keycap(sheet, x, y, key, face, ground):
    """A key as it looks on the keypad."""
    sheet.round(x, y, 24, 22, face, ground)
    letter = colours.WHITE if ground == colours.KEY else ground
    lower = 4 if key == "*" else 0  # the star sits high
    sheet.text(x + (24 - fonts.get(fonts.BODY).width(key)) // 2, y - 1 + lower, fonts.BODY, letter, key, face)


def footer(sheet, star="", hash_="", ground=colours.KEY, accent=colours.INK, other=None, first="*"):
    """What the keys * and # do here; `other` is a (key, words) pair in the place of #, `first` a key in that of *."""
    words = colours.INK if ground in (colours.KEY, colours.NOT_PAID) else colours.WHITE
    plain = ground == colours.KEY
    sheet.fill(0, FOOTER_TOP, WIDTH, HEIGHT - FOOTER_TOP, ground)
    y = FOOTER_TOP + 5
    key, label = other or ("#", hash_)
    end = WIDTH - 4
    if label:
        x = sheet.right(WIDTH - 6, y + 1, fonts.SMALL, words, label, ground, 110 if star else 190)
        end = x - 34
        keycap(sheet, x - 30, y, key, accent if plain else words, ground)
    if star:
        keycap(sheet, 6, y, first, colours.GREY if plain else words, ground)
        sheet.text(35, y + 1, fonts.SMALL, words, star, ground, end - 35)


def row(sheet, y, label, value, colour=colours.INK, label_colour=colours.GREY):
    """A line of a table: a label, a value at the right."""
    end = sheet.text(MARGIN, y + 3, fonts.SMALL, label_colour, label, width=150)
    room = WIDTH - MARGIN - end - 4
    font = largest((fonts.BODY, fonts.SMALL), value, room)
    sheet.right(WIDTH - MARGIN, y if font == fonts.BODY else y + 3, font, colour, value, width=room)


def field(sheet, y, height, edge):
    """A white box with a coloured edge for what is being typed."""
    sheet.round(MARGIN, y, INNER, height, edge)
    sheet.round(MARGIN + 2, y + 2, INNER - 4, height - 4, colours.WHITE, edge)
