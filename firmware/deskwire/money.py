"""Money: integers of minor units with an ISO 4217 code, our own exponent table, and its two written forms."""

from deskwire.errors import MoneyError
from deskwire.text import is_digits, quoted

#: Decimals in use. ISO 4217 says 2 for IRR; nobody has paid with a hundredth of a rial for decades, so 0 applies.
EXPONENTS = {"AZN": 2, "KGS": 2, "GEL": 2, "IRR": 0, "USD": 2, "EUR": 2}

#: ISO 4217 numeric codes, as QR payloads carry them.
NUMERIC = {"AZN": "944", "KGS": "417", "GEL": "981", "IRR": "364", "USD": "840", "EUR": "978"}

ALPHABETIC = {"944": "AZN", "417": "KGS", "981": "GEL", "364": "IRR", "840": "USD", "978": "EUR"}

#: Above every amount a cash desk sees, below 2**53 and what a QR payload's 13 characters hold.
MAX_AMOUNT_MINOR = 10**12 - 1


def exponent_of(currency: str) -> int:
    """Decimals of `currency`; MoneyError for one we do not know."""
    if not isinstance(currency, str) or currency not in EXPONENTS:
        raise MoneyError("currency %s is not one of %s" % (quoted(currency), ", ".join(sorted(EXPONENTS))))
    return EXPONENTS[currency]


def is_amount(value: object, low: int = 0, high: int = MAX_AMOUNT_MINOR) -> bool:
    """Whether `value` is an int (not a bool) of minor units between `low` and `high`."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def format_minor(amount_minor: int, currency: str) -> str:
    """1250, "AZN" -> "12.50"; negative amounts keep their sign; no grouping, no currency."""
    exponent = exponent_of(currency)
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int):
        raise MoneyError("an amount is an int of minor units, not %s" % type(amount_minor).__name__)
    sign = "-" if amount_minor < 0 else ""
    digits = str(abs(amount_minor))
    if exponent == 0:
        return sign + digits
    while len(digits) <= exponent:
        digits = "0" + digits
    return sign + digits[:-exponent] + "." + digits[-exponent:]


def parse_decimal(text: str, currency: str) -> int:
    """Read "12.50", "12.5", "12" or "12." with "AZN" -> 1250. Digits and one point only; no sign, space or comma."""
    exponent = exponent_of(currency)
    if not isinstance(text, str) or len(text) > 15:
        raise MoneyError("an amount is a text of at most 15 characters")
    whole, point, part = text.partition(".")
    if not is_digits(whole, 1, 15) or not (part == "" or is_digits(part, 1, 15)):
        raise MoneyError("amount %s is not digits with at most one point" % quoted(text))
    if point and len(part) > exponent:
        raise MoneyError("amount %s has more than %d decimals of %s" % (quoted(text), exponent, currency))
    amount_minor = int(whole + part + "0" * (exponent - len(part)))
    if amount_minor > MAX_AMOUNT_MINOR:
        raise MoneyError("amount %s is above %d minor units" % (quoted(text), MAX_AMOUNT_MINOR))
    return amount_minor
