"""A receipt on paper: from the operation's fields to the bytes of an ESC/POS printer, 58 mm, 32 columns."""

from deskwire import ids
from deskwire.money import format_minor

COLUMNS = 32
#: One receipt is shorter: the printer's driver takes it in one piece.
MAX_BYTES = 1024

_TITLES = {
    "sale": "Payment",
    "cash_in": "Cash in",
    "cash_out": "Cash out",
    "transfer": "Transfer",
    "pickup": "Cash sent",
    "pickup_out": "Cash picked up",
    "redeem": "Cash picked up",
    "refund": "Refund",
    "bill": "Bill payment",
}
_NAMES = {"sale": "Payer", "refund": "Payer", "transfer": "Payee"}

_RESET = b"\x1b@"
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"
_PLAIN, _BOLD = b"\x1bE\x00", b"\x1bE\x01"
_SMALL, _LARGE = b"\x1d!\x00", b"\x1d!\x11"  # character size; large is twice as wide and as high
_FEED_OUT = b"\x1bd\x04"  # four lines: past the tear bar
#: The symbol: model 2, then modules of five dots, then error correction M.
_QR_SET_UP = b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x05\x1d(k\x03\x001E1"
_QR_PRINT = b"\x1d(k\x03\x001Q0"

#: Printers differ in their code pages; letters of Azerbaijani are printed without their marks, other scripts as "?".
_MARKED = "əƏçÇğĞıİöÖşŞüÜ"
_UNMARKED = "eEcCgGiIoOsSuU"


def plain(text):
    """`text` in the letters that every printer has."""
    characters = []
    for given in text:
        place = _MARKED.find(given)
        character = _UNMARKED[place] if place >= 0 else given
        characters.append(character if " " <= character <= "~" else "?")
    return "".join(characters)


def stamp(epoch_s):
    """UTC date and time, "2027-01-15 08:01", or "" where none is known."""
    if not epoch_s:
        return ""
    minutes = epoch_s // 60
    days = minutes // 1440 + 719468  # since 0000-03-01: a year that begins in March has its leap day last
    era, day = divmod(days, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (1 if month <= 2 else 0)
    return "{:04d}-{:02d}-{:02d} {:02d}:{:02d}".format(year, month, day, minutes // 60 % 24, minutes % 60)


def lines(fields, terminal):
    """(label, text) of the receipt's body, in order; what is not known is left out."""
    currency = fields["currency"]
    fee_minor = fields.get("fee", 0)
    account = fields.get("account", "")
    found = [
        ("Receipt", ids.short(fields["operation"])),
        ("UTC", stamp(fields["at"])),
        ("Terminal", terminal),
        ("Fee", format_minor(fee_minor, currency) + " " + currency if fee_minor else ""),
        ("With fee", format_minor(fields["amount"] + fee_minor, currency) + " " + currency if fee_minor else ""),
        ("Wallet", "**** " + account[-4:] if account else ""),
        (_NAMES.get(fields["type"], "Name"), fields["holder"]),
        ("Authorisation", fields["code"]),
        ("Operator", fields.get("acquirer", "")),
    ]
    return [(label, plain(text)) for label, text in found if text]


def wrap(text):
    """`text` in pieces of a line each."""
    return [text[i : i + COLUMNS] for i in range(0, len(text), COLUMNS)]


def spread(label, text):
    """One line with its label at the left and its text at the right; two where they do not fit together."""
    room = COLUMNS - len(label) - len(text)
    if room > 0:
        return [label + " " * room + text]
    return [label] + [" " * (COLUMNS - len(piece)) + piece for piece in wrap(text)]


def paper(fields, terminal, copy):
    """The bytes to send to the printer."""
    out = [_RESET, _CENTRE, _BOLD]
    _add(out, wrap(plain(fields["merchant"])))
    out.append(_PLAIN)
    _add(out, wrap(plain(fields.get("city", ""))))
    if fields.get("tax_number"):
        _add(out, wrap("Tax no. " + plain(fields["tax_number"])))
    _add(out, ("", _TITLES.get(fields["type"], plain(fields["type"]))))
    if copy:
        out += (_BOLD, _LARGE, b"COPY\n", _SMALL, _PLAIN)
    out += (_LARGE, (format_minor(fields["amount"], fields["currency"]) + " " + fields["currency"]).encode(), b"\n")
    out += (_SMALL, _LEFT, b"-" * COLUMNS, b"\n")
    for label, text in lines(fields, terminal):
        _add(out, spread(label, text))
    _add(out, ["Reference", fields["operation"]])
    if fields["state"] == "suspense":
        _add(out, ("The operator is checking this", "operation. Keep this receipt."))
    if fields.get("receipts"):
        link = (fields["receipts"] + fields["operation"]).encode()
        size = len(link) + 3
        out += (_CENTRE, _QR_SET_UP, b"\x1d(k", bytes((size & 255, size >> 8)), b"1P0", link, _QR_PRINT)
        _add(out, ("This receipt on the web",))
    out.append(_FEED_OUT)
    return b"".join(out)


def _add(out, texts):
    """Add lines of text."""
    for text in texts:
        out.append(text.encode() + b"\n")
