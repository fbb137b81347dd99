"""ELQR, Kyrgyzstan's national QR code: EMVCo's form, a SHA-256 checksum, and amounts in tyiyn (minor units).

The code usually holds a link whose fragment is the payload (https://pay.payqr.kg/#...), percent-encoded. Lengths
count UTF-16 units. Checksum: the last four hex digits, in either case, of SHA-256 over all objects but 63.
"""

from deskwire import primitives, tlv
from deskwire.errors import PayloadError
from deskwire.text import DIGITS, HEX_UPPER, consists_of, decode_utf8, is_digits, quoted

CURRENCY = "KGS"

#: A link with every character of a full payload percent-encoded fits.
MAX_LINK = 2048

_MANDATORY = ("00", "01", "32", "52", "53", "59", "63")
_NOT_ELQR = ("58", "60", "62")
_YES_NO = ("11", "12")
_PROVIDER = {"00": 32, "01": 32, "10": 32, "11": 32, "12": 2, "13": 2}
_MERCHANT = {"00": 32, "01": 32}


class Payload:
    """A payload that keeps every rule. `root` is [(ID, value)] in order; `templates` the objects of 32 and 33."""

    __slots__ = ("_values", "root", "templates")

    def __init__(self, root: "list[tuple[str, str]]", templates: "dict[str, list[tuple[str, str]]]") -> None:
        self.root = root
        self.templates = templates
        self._values = dict(root)

    def get(self, tag: str, sub: "str | None" = None) -> "str | None":
        """The value of an object, or of an object in 32 or 33; None where it is absent."""
        if sub is None:
            return self._values.get(tag)
        return dict(self.templates.get(tag, [])).get(sub)

    @property
    def dynamic(self) -> bool:
        """Whether the code is for one payment (01 = 12)."""
        return self._values["01"] == "12"

    @property
    def amount_minor(self) -> "int | None":
        """Tyiyn; None where the payer types the amount (54 absent, or 0 in a static code)."""
        amount = int(self._values.get("54", "0"))
        return amount or None


def checksum(objects: "list[tuple[str, str]]") -> str:
    """The checksum of all objects but 63, four lower-case hex digits."""
    text = tlv.build([pair for pair in objects if pair[0] != "63"], True)  # noqa: FBT003
    return primitives.sha256(text.encode()).hex()[-4:]


def payload_of(text: str) -> str:
    """A scanned text -> the payload in it: the link's fragment, percent-decoded, or the text itself."""
    if not isinstance(text, str) or len(text) > MAX_LINK:
        raise PayloadError("", "not a text of at most %d characters" % MAX_LINK)
    if not text.startswith(("https://", "http://")):
        return text
    _, mark, fragment = text.partition("#")
    if not mark:
        raise PayloadError("", "a link without a fragment holds no payload")
    return unquote(fragment)


def unquote(text: str) -> str:
    """Strict percent-decoding (RFC 3986): two hex digits after each %, UTF-8."""
    data = bytearray()
    place = 0
    while place < len(text):
        character = text[place]
        code = ord(character)
        if 0xD800 <= code < 0xE000:
            raise PayloadError("", "holds a lone surrogate")
        if character == "%":
            pair = text[place + 1 : place + 3]
            if len(pair) != 2 or not consists_of(pair.upper(), HEX_UPPER):
                raise PayloadError("", "a %% sign is not followed by two hex digits at character %d" % place)
            data.append(int(pair, 16))
            place += 3
        else:
            data.extend(character.encode())
            place += 1
    try:
        return decode_utf8(bytes(data))
    except ValueError:
        raise PayloadError("", "the percent-encoded text is not UTF-8")


def parse(text: str) -> Payload:
    """A scanned text or link -> Payload. PayloadError names the object and the rule it breaks."""
    root = tlv.parse(payload_of(text), "", True)  # noqa: FBT003
    values = dict(root)
    if root[0][0] != "00":
        raise PayloadError("00", "must stand first")
    for tag in _MANDATORY:
        if tag not in values:
            raise PayloadError(tag, "is mandatory and absent")
    for tag in _NOT_ELQR:
        if tag in values:
            raise PayloadError(tag, "is no object of ELQR")
    expected = checksum(root)
    if values["63"].lower() != expected:
        raise PayloadError("63", "checksum is %s, the payload's own is %s" % (quoted(values["63"]), expected))
    return Payload(root, _check(values))


def build(objects: "list[tuple[str, str | list[tuple[str, str]]]]") -> str:
    """[(ID, value or template's objects)], without 63 -> the payload with its checksum, read back strictly."""
    flat = []
    for tag, value in objects:
        flat.append((tag, value if isinstance(value, str) else tlv.build(value, True)))  # noqa: FBT003
    text = tlv.build(flat, True) + "6304" + checksum(flat)  # noqa: FBT003
    parse(text)
    return text


def _check(values: "dict[str, str]") -> "dict[str, list[tuple[str, str]]]":
    _equals("00", values["00"], ("01",))
    _equals("01", values["01"], _YES_NO)
    _equals("53", values["53"], ("417",))
    if not is_digits(values["52"], 4, 4):
        raise PayloadError("52", "must be four digits of ISO 18245")
    _longest("59", values["59"], 25)
    _longest("34", values.get("34", ""), 32)
    _amount(values)
    templates = {"32": _template("32", values["32"], _PROVIDER)}
    if "33" in values:
        templates["33"] = _template("33", values["33"], _MERCHANT)
    provider = dict(templates["32"])
    if "00" not in provider:
        raise PayloadError("32.00", "the provider's domain is mandatory and absent")
    if "01" not in provider and "00" not in dict(templates.get("33", [])):
        raise PayloadError("32.01", "a service code, or a merchant id in 33.00, is mandatory and absent")
    for sub in ("12", "13"):
        if sub in provider:
            _equals("32." + sub, provider[sub], _YES_NO)
    return templates


def _amount(values: "dict[str, str]") -> None:
    if "54" not in values:
        return
    amount = values["54"]
    if len(amount) > 13 or not consists_of(amount, DIGITS):
        raise PayloadError("54", "must be at most 13 digits of tyiyn, without a point")
    if int(amount) == 0 and values["01"] == "12":
        raise PayloadError("54", "must differ from zero in a dynamic code")


def _template(tag: str, value: str, longest: "dict[str, int]") -> "list[tuple[str, str]]":
    objects = tlv.parse(value, tag, True)  # noqa: FBT003
    for sub, text in objects:
        _longest(tag + "." + sub, text, longest.get(sub, tlv.MAX_VALUE))
    return objects


def _longest(field: str, value: str, limit: int) -> None:
    size = tlv.length(value, True)  # noqa: FBT003
    if size > limit:
        raise PayloadError(field, "has %d characters, at most %d are allowed" % (size, limit))


def _equals(field: str, value: str, allowed: "tuple[str, ...]") -> None:
    if value not in allowed:
        raise PayloadError(field, "must be %s" % " or ".join(allowed))
