"""The rules of an EMVCo payload's objects (MPM specification, tables 3.x and 4.x), one small check for each."""

from deskwire import tlv
from deskwire.errors import PayloadError
from deskwire.text import DIGITS, consists_of, is_clean, is_digits

#: ISO 4217 exponents other than 2, by numeric code.
_NO_DECIMALS = "108 152 174 262 324 352 392 410 548 600 646 704 800 950 952 953"
_THREE_DECIMALS = "048 368 400 414 434 512 788"

_MANDATORY = ("00", "52", "53", "58", "59", "60", "63")
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = _UPPER + _UPPER.lower()

#: 62's own objects and their longest values; 10 and 11 came with version 1.1.
_LABELS = {"01": 25, "02": 25, "03": 25, "04": 25, "05": 25, "06": 25, "07": 25, "08": 25, "09": 3, "10": 20, "11": 3}


def is_account_template(tag: str) -> bool:
    """Whether an ID is one of the merchant accounts that are templates."""
    return "26" <= tag <= "51"


def check(root: "list[tuple[str, str]]") -> "dict[str, list[tuple[str, str]]]":
    """Every rule of every object -> the templates taken apart. PayloadError for the first that is broken."""
    values = dict(root)
    for tag in _MANDATORY:
        if tag not in values:
            raise PayloadError(tag, "is mandatory and absent")
    if not any("02" <= tag <= "51" for tag in values):
        raise PayloadError("02-51", "a merchant account is mandatory and absent")
    templates = {}
    for tag, value in root:
        if "65" <= tag <= "79":
            raise PayloadError(tag, "is reserved for EMVCo")
        if is_account_template(tag) or tag >= "80":
            templates[tag] = _guid_template(tag, value)
        elif "02" <= tag <= "25":
            _ans(tag, value, 99)
        elif tag == "62":
            templates[tag] = _labels(value)
        elif tag == "64":
            templates[tag] = _language(value)
        else:
            _CHECKS[tag](value)
    if "54" in values:
        _amount(values["54"], values["53"], values.get("01") == "12")
    _convenience(values)
    return templates


def _ans(field: str, value: str, longest: int) -> None:
    """EMV's alphanumeric special: ASCII 20 to 7E."""
    if len(value) > longest:
        raise PayloadError(field, "has %d characters, at most %d are allowed" % (len(value), longest))
    for character in value:
        if not 0x20 <= ord(character) <= 0x7E:
            raise PayloadError(field, "holds a character outside ASCII 20 to 7E")


def _free(field: str, value: str, longest: int) -> None:
    if len(value) > longest or not is_clean(value):
        raise PayloadError(field, "has more than %d characters" % longest)


def _guid_template(tag: str, value: str) -> "list[tuple[str, str]]":
    objects = tlv.parse(value, tag)
    guid = dict(objects).get("00")
    if guid is None:
        raise PayloadError(tag + ".00", "the globally unique identifier is mandatory and absent")
    _ans(tag + ".00", guid, 32)
    if is_account_template(tag):
        _ans(tag, value, 99)
    return objects


def _labels(value: str) -> "list[tuple[str, str]]":
    objects = tlv.parse(value, "62")
    for sub, text in objects:
        field = "62." + sub
        if sub >= "50":
            _nested_guid(field, text)
            continue
        if sub not in _LABELS:
            raise PayloadError(field, "is reserved for EMVCo")
        _ans(field, text, _LABELS[sub])
        if sub == "09" and not (consists_of(text, "AME") and len(set(text)) == len(text)):
            raise PayloadError(field, "must hold A, M and E at most once each")
        if sub == "11" and not is_digits(text, 3, 3):
            raise PayloadError(field, "must be three digits")
    return objects


def _nested_guid(field: str, value: str) -> None:
    guid = dict(tlv.parse(value, field)).get("00")
    if guid is None:
        raise PayloadError(field + ".00", "the globally unique identifier is mandatory and absent")
    _ans(field + ".00", guid, 32)


def _language(value: str) -> "list[tuple[str, str]]":
    objects = tlv.parse(value, "64")
    values = dict(objects)
    for sub in ("00", "01"):
        if sub not in values:
            raise PayloadError("64." + sub, "is mandatory and absent")
    for sub, text in objects:
        if sub == "00":
            if len(text) != 2 or not consists_of(text, _LETTERS):
                raise PayloadError("64.00", "must be two letters of ISO 639-1")
        elif sub in {"01", "02"}:
            _free("64." + sub, text, 25 if sub == "01" else 15)
        else:
            raise PayloadError("64." + sub, "is reserved for EMVCo")
    return objects


def _decimal(field: str, value: str) -> "tuple[str, str]":
    """Digits with at most one point -> (whole, decimals)."""
    if len(value) > 13:
        raise PayloadError(field, "has more than 13 characters")
    whole, _, part = value.partition(".")
    if not whole or not consists_of(whole + part, DIGITS):
        raise PayloadError(field, "must be digits with at most one point")
    return whole, part


def _amount(value: str, currency: str, dynamic: bool) -> None:  # noqa: FBT001
    whole, part = _decimal("54", value)
    if consists_of(whole + part, "0") and (dynamic or value != "0"):
        # Static codes in the wild write a bare 0 for "the payer types the amount".
        raise PayloadError("54", "must differ from zero")
    if len(part) > _exponent(currency):
        raise PayloadError("54", "has more decimals than ISO 4217 gives currency %s" % currency)


def _exponent(currency: str) -> int:
    if currency in _NO_DECIMALS.split():
        return 0
    return 3 if currency in _THREE_DECIMALS.split() else 2


def _convenience(values: "dict[str, str]") -> None:
    """55 to 57: a fixed fee needs 55=02, a percentage 55=03."""
    indicator = values.get("55")
    for tag, needed in (("56", "02"), ("57", "03")):
        if tag in values and indicator != needed:
            raise PayloadError(tag, "may stand only with 55=%s" % needed)
        if tag not in values and indicator == needed:
            raise PayloadError(tag, "is mandatory with 55=%s and absent" % needed)
    if "56" in values:
        whole, part = _decimal("56", values["56"])
        if consists_of(whole + part, "0"):
            raise PayloadError("56", "must differ from zero")
        if len(part) > _exponent(values["53"]):
            raise PayloadError("56", "has more decimals than ISO 4217 gives currency %s" % values["53"])
    if "57" in values:
        whole, part = _decimal("57", values["57"])
        if len(values["57"]) > 5 or len(whole) > 2 or len(part) > 2 or consists_of(whole + part, "0"):
            raise PayloadError("57", "must be 00.01 to 99.99")


def _equals(field: str, value: str, allowed: "tuple[str, ...]") -> None:
    if value not in allowed:
        raise PayloadError(field, "must be %s" % " or ".join(allowed))


def _code(field: str, value: str, size: int, alphabet: str, what: str) -> None:
    if len(value) != size or not consists_of(value, alphabet):
        raise PayloadError(field, "must be " + what)


_CHECKS = {
    "00": lambda value: _equals("00", value, ("01",)),
    "01": lambda value: _equals("01", value, ("11", "12")),
    "52": lambda value: _code("52", value, 4, DIGITS, "four digits of ISO 18245"),
    "53": lambda value: _code("53", value, 3, DIGITS, "three digits of ISO 4217"),
    "54": lambda value: _ans("54", value, 13),
    "55": lambda value: _equals("55", value, ("01", "02", "03")),
    "56": lambda value: _ans("56", value, 13),
    "57": lambda value: _ans("57", value, 5),
    "58": lambda value: _code("58", value, 2, _UPPER, "two upper-case letters of ISO 3166-1"),
    "59": lambda value: _ans("59", value, 25),
    "60": lambda value: _ans("60", value, 15),
    "61": lambda value: _ans("61", value, 10),
    "63": lambda value: _code("63", value, 4, "0123456789ABCDEF", "four upper-case hex digits"),
}
