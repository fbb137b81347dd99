"""EMVCo QR codes, merchant-presented mode: built and read strictly (checksum CRC-16, decimal amounts).

Strict means that what EMVCo calls "should" is kept too, and that IDs reserved for its future are refused: a payload
that two readers might understand differently is not paid.
"""

import binascii

from deskwire import emvco_rules, ids, money, tlv
from deskwire.errors import PayloadError
from deskwire.text import HEX_UPPER, consists_of, quoted

#: Our own template among the merchant accounts: 00 this name, 01 the sale's id.
SALE_GUID = "kassa.sale"
SALE_TEMPLATE = "26"


class Payload:
    """A payload that keeps every rule. `root` is [(ID, value)] in order; `templates` the same, by the template's ID."""

    __slots__ = ("_values", "root", "templates")

    def __init__(self, root: "list[tuple[str, str]]", templates: "dict[str, list[tuple[str, str]]]") -> None:
        self.root = root
        self.templates = templates
        self._values = dict(root)

    def get(self, tag: str, sub: "str | None" = None) -> "str | None":
        """The value of an object, or of an object in a template; None where it is absent."""
        if sub is None:
            return self._values.get(tag)
        return dict(self.templates.get(tag, [])).get(sub)

    @property
    def dynamic(self) -> bool:
        """Whether the code is for one payment (01 = 12)."""
        return self.get("01") == "12"

    @property
    def currency(self) -> "str | None":
        """The alphabetic code, for the currencies we know."""
        return money.ALPHABETIC.get(self._values["53"])

    @property
    def amount_minor(self) -> "int | None":
        """Minor units; None where the payer types the amount. MoneyError for a currency we do not know."""
        amount = self.get("54")
        if amount is None or amount == "0":
            return None
        return money.parse_decimal(amount, self.currency or self._values["53"])


def crc(text: str) -> str:
    """CRC-16/IBM-3740 of the UTF-8 bytes, as four upper-case hex digits."""
    return "%04X" % crc16(text.encode())


def crc16(data: bytes) -> int:
    """CRC-16/IBM-3740: polynomial 1021, initial FFFF, not reflected."""
    if hasattr(binascii, "crc_hqx"):
        return binascii.crc_hqx(data, 0xFFFF)
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def frame(text: str) -> "list[tuple[str, str]]":
    """The outer form alone: objects, 00 first, 63 last with a right checksum. PayloadError names what fails."""
    root = tlv.read(text)
    if root[0][0] != "00":
        raise PayloadError("00", "must stand first")
    tag, value = root[-1]
    if tag != "63":
        raise PayloadError("63", "must stand last")
    if len(value) != 4 or not consists_of(value, HEX_UPPER):
        raise PayloadError("63", "must be four upper-case hex digits, not %s" % quoted(value))
    expected = crc(text[:-4])
    if value != expected:
        raise PayloadError("63", "checksum is %s, the payload's own is %s" % (value, expected))
    return root


def parse(text: str) -> Payload:
    """A scanned text -> Payload. PayloadError names the object and the rule it breaks."""
    root = tlv.unique(frame(text))
    return Payload(root, emvco_rules.check(root))


def build(objects: "list[tuple[str, str | list[tuple[str, str]]]]") -> str:
    """[(ID, value or template's objects)], without 63 -> the payload with its checksum, read back strictly."""
    flat = []
    for tag, value in objects:
        flat.append((tag, value if isinstance(value, str) else tlv.build(value)))
    text = tlv.build(flat) + "6304"
    text += crc(text)
    parse(text)
    return text


def sale_payload(  # noqa: PLR0917  (the fields of the code)
    sale_id: str,
    amount_minor: int,
    currency: str,
    mcc: str,
    country: str,
    merchant_name: str,
    merchant_city: str,
    terminal: str,
    reference: "str | None" = None,
    local: "tuple[str, str, str] | None" = None,
) -> str:
    """The dynamic code of one sale. Names are ASCII (59, 60); `local` adds (language, name, city) in another script."""
    if not ids.is_id(sale_id):
        raise PayloadError(SALE_TEMPLATE + ".01", "not a sale's id")
    if not money.is_amount(amount_minor, 1):
        raise PayloadError("54", "the amount must be a positive integer of minor units")
    labels = [("01", reference)] if reference else []
    labels.append(("07", terminal))
    objects = [
        ("00", "01"),
        ("01", "12"),
        (SALE_TEMPLATE, [("00", SALE_GUID), ("01", sale_id)]),
        ("52", mcc),
        ("53", money.NUMERIC.get(currency, "")),
        ("54", money.format_minor(amount_minor, currency)),
        ("58", country),
        ("59", merchant_name),
        ("60", merchant_city),
        ("62", labels),
    ]  # type: list[tuple[str, str | list[tuple[str, str]]]]
    if local is not None:
        objects.append(("64", [("00", local[0]), ("01", local[1]), ("02", local[2])]))
    return build(objects)


def sale_id_of(payload: Payload) -> "str | None":
    """The id of our own sale that a payload names, or None for another scheme's code."""
    for tag in payload.templates:
        if emvco_rules.is_account_template(tag) and payload.get(tag, "00") == SALE_GUID:
            sale = payload.get(tag, "01")
            return sale if ids.is_id(sale) else None
    return None
