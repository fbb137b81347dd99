"""Account numbers: 16 digits with a Luhn check digit, so that a PIN block is bound to one number and no other."""

from deskwire.errors import WireError
from deskwire.text import is_digits

LENGTH = 16

#: No wallet begins with this: it marks the numbers that operators' PIN blocks are bound to.
OPERATOR_PREFIX = "99"
#: Nor with this: it marks the numbers that the secrets of pickups are bound to.
PICKUP_PREFIX = "98"
#: Nor with this: it marks a holder's one-time codes, which are typed and scanned where an account number is.
CODE_PREFIX = "77"
#: A pickup's code: eleven digits and their check digit.
PICKUP_LENGTH = 12


def luhn_digit(digits15: str) -> str:
    """The check digit that makes 15 digits an account number (ISO/IEC 7812-1, annex B)."""
    if not is_digits(digits15, LENGTH - 1, LENGTH - 1):
        raise WireError("a check digit is made for exactly 15 digits")
    total = 0
    for index in range(LENGTH - 1):
        digit = ord(digits15[index]) - 48
        if index % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return str(-total % 10)


def complete(digits15: str) -> str:
    """15 digits -> the account number of 16."""
    return digits15 + luhn_digit(digits15)


def is_account(text: object) -> bool:
    """Whether `text` is 16 digits with a right check digit."""
    return isinstance(text, str) and is_digits(text, LENGTH, LENGTH) and luhn_digit(text[:-1]) == text[-1]


def operator_account(number: str) -> str:
    """The number an operator's PIN block is bound to: "101" -> "99" + "0000000000101" + check digit."""
    if not is_digits(number, 3, 8):
        raise WireError("an operator's number is 3 to 8 digits")
    return complete(OPERATOR_PREFIX + "0" * (13 - len(number)) + number)


def is_one_time_code(text: object) -> bool:
    """Whether `text` has the form of a one-time code: an account number's, with the codes' own prefix."""
    return is_account(text) and text[:2] == CODE_PREFIX  # type: ignore[index]


def pickup_code(digits11: str) -> str:
    """Eleven digits -> the pickup's code of 12, the last being their check digit."""
    if not is_digits(digits11, PICKUP_LENGTH - 1, PICKUP_LENGTH - 1):
        raise WireError("a pickup's code is made of exactly 11 digits")
    return digits11 + luhn_digit("0000" + digits11)


def is_pickup_code(text: object) -> bool:
    """Whether `text` is a pickup's code with a right check digit."""
    return (
        isinstance(text, str)
        and is_digits(text, PICKUP_LENGTH, PICKUP_LENGTH)
        and luhn_digit("0000" + text[:-1]) == text[-1]
    )


def pickup_account(code: str) -> str:
    """The number a pickup's secret is bound to, and its payout is told under: "98" + "0" + code + check digit."""
    if not is_pickup_code(code):
        raise WireError("a pickup's code is 12 digits with its check digit")
    return complete(PICKUP_PREFIX + "0" + code)


def pickup_of(account: str) -> str:
    """The pickup's code behind such a number; "" for any other account number."""
    return account[3:15] if account[:3] == PICKUP_PREFIX + "0" else ""


def mask_name(name: str) -> str:
    """Mask a name: "Aygun Mammadova" -> "A**** M********": enough to recognise a holder, not enough to learn one."""
    return " ".join([word[0] + "*" * (len(word) - 1) for word in name.split()])
