"""The screens before and between the flows: start and menu."""

from desk.ui import colours, fonts
from desk.ui.sheet import FOOTER_TOP, MARGIN, WIDTH, Sheet, footer, keycap, row, status_bar
from desk.ui.text import age, money

_TILES = (("A", "sale"), ("B", "cash_in"), ("C", "cash_out"), ("D", "recent"))
_LABELS = {
    "sale": ("A", "SALE"),
    "cash_in": ("B", "CASH IN"),
    "cash_out": ("C", "CASH OUT"),
    "recent": ("E", "PAID?"),
}
#: mark of the drawer's cash -> what is said of it, and the colour
_MARKS = {
    "": ("Open", colours.GREY),
    "low": ("LOW: get cash", colours.CASH_OUT),
    "high": ("HIGH: drop cash", colours.REFUSED),
}
_TILES_TOP = 56
_TILE_HEIGHT = 44


def boot(fields):
    """The terminal starts or seeks its backend."""
    sheet = Sheet(colours.NIGHT)
    status_bar(sheet, fields)
    sheet.text(88, 74, fonts.LARGE_ICONS, colours.SALE, "A")
    sheet.text(104, 90, fonts.MEDIUM_ICONS, colours.WHITE, "G", colours.SALE)
    sheet.centre(152, fonts.TITLE, colours.WHITE, "Kassa")
    sheet.paragraph(204, colours.NIGHT_TEXT, fields["text"], 4)
    return sheet


def menu(fields):
    """Four large keys, the drawer's cash, and what waits to be sent."""
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    x = sheet.right(WIDTH - MARGIN, 31, fonts.SMALL, colours.GREY, fields["operator"], width=96)
    sheet.text(MARGIN, 28, fonts.BODY, colours.INK, fields["merchant"], width=x - 8 - MARGIN)
    for i in range(4):
        key, flow = _TILES[i]
        offered = flow == "recent" or flow in fields["services"]
        _tile(sheet, _TILES_TOP + i * (_TILE_HEIGHT + 4), key, flow, offered)
    _drawer(sheet, fields)
    footer(sheet, "Off", "More")
    if "balance" in fields["services"]:
        keycap(sheet, 72, FOOTER_TOP + 5, "0", colours.INK, colours.KEY)
        sheet.text(100, FOOTER_TOP + 6, fonts.SMALL, colours.INK, "Balance", colours.KEY, 60)
    return sheet


def _tile(sheet, y, key, flow, offered):
    """One key and what it begins."""
    icon, label = _LABELS[flow]
    ground = colours.FLOW[flow] if offered else colours.KEY
    words = colours.WHITE if offered else colours.FAINT
    sheet.round(6, y, WIDTH - 12, _TILE_HEIGHT, ground)
    sheet.round(12, y + 6, 32, 32, words, ground)
    letter_width = fonts.get(fonts.TITLE).width(key)
    sheet.text(28 - letter_width // 2, y + 6, fonts.TITLE, ground, key, words)
    sheet.text(52, y + 5, fonts.TITLE, words, label, ground)
    sheet.text(WIDTH - 45, y + 6, fonts.MEDIUM_ICONS, words, icon, ground)


def _drawer(sheet, fields):
    """The drawer's cash where it may be known, a mark where it is low or high, and since when the oldest tell waits."""
    y = FOOTER_TOP - 38
    cash, colour = _MARKS[fields["cash_mark"]]
    if fields["cash_shown"]:
        cash = money(fields["drawer_minor"], fields["currency"]) + " " + fields["currency"]
    if not fields["waiting"]:
        row(sheet, y + 6, "Drawer", cash, colour, colour)
        return
    row(sheet, y - 3, "Drawer", cash, colour, colour)
    waiting = "%d to send, oldest %s" % (fields["waiting"], age(fields["oldest_s"]))
    sheet.text(MARGIN, y + 19, fonts.SMALL, colours.CASH_OUT, waiting, width=WIDTH - 2 * MARGIN)
