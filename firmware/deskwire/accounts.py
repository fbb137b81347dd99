"""Account numbers: 16 digits with a Luhn check digit, so that a PIN block is bound to one number and no other."""

from deskwire.errors import WireError
from deskwire.text import is_digits

LENGTH = 16

#: No wallet begins with this: it marks the numbers that operators' PIN blocks are bound to.
OPERATOR_PREFIX = "99"


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


def mask_name(name: str) -> str:
    """Mask a name: "Aygun Mammadova" -> "A**** M********": enough to recognise a holder, not enough to learn one."""
    return " ".join([word[0] + "*" * (len(word) - 1) for word in name.split()])
