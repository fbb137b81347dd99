"""Field checks: what a value in a message may be. A spec is a tuple (kind, bounds...); check() names what fails."""

from typing import TYPE_CHECKING

from deskwire import accounts, ids, money, topics
from deskwire.errors import MessageError
from deskwire.text import is_clean, is_digits, is_hex, quoted

if TYPE_CHECKING:
    from typing import Any

    Spec = tuple[Any, ...]

#: UTC epoch seconds until 2106; an unset clock says 0.
MAX_TIME = 2**32 - 1


def text(low: int, high: int) -> "Spec":
    """A clean text of `low` to `high` characters."""
    return ("text", low, high)


def integer(low: int, high: int) -> "Spec":
    """An int, never a bool."""
    return ("integer", low, high)


def amount(low: int = 1) -> "Spec":
    """Minor units from `low` to the largest amount; refused as amount_invalid."""
    return ("amount", low, money.MAX_AMOUNT_MINOR)


def digits(low: int, high: int) -> "Spec":
    """ASCII digits."""
    return ("digits", low, high)


def hexadecimal(length: int) -> "Spec":
    """Exactly `length` upper-case hex digits."""
    return ("hex", length)


def choice(*names: str) -> "Spec":
    """One of a closed list of words."""
    return ("choice", names)


def nullable(spec: "Spec") -> "Spec":
    """null, or what `spec` says."""
    return ("nullable", spec)


def many(spec: "Spec", low: int, high: int) -> "Spec":
    """A list of `low` to `high` values."""
    return ("list", spec, low, high)


def record(*fields: "tuple[str, Spec]") -> "Spec":
    """An object with exactly these fields; a name that ends in "?" may be absent."""
    known = {}
    for name, spec in fields:
        known[name.rstrip("?")] = (spec, not name.endswith("?"))
    return ("object", known, tuple([name.rstrip("?") for name, _ in fields]))


ID = ("id",)
BOOL = ("bool",)
ACCOUNT = ("account",)
CURRENCY = ("currency",)
TERMINAL = ("terminal",)
TIME = integer(0, MAX_TIME)
OPERATOR = digits(3, 8)
PIN_BLOCK = hexadecimal(32)


def check(spec: "Spec", value: object, path: str) -> None:
    """MessageError that names `path` unless `value` is what `spec` says."""
    kind = spec[0]
    if kind == "object":
        _check_object(spec, value, path)
    elif kind == "list":
        _check_list(spec, value, path)
    elif kind == "nullable":
        if value is not None:
            check(spec[1], value, path)
    elif kind != "any":
        problem = _LEAVES[kind](spec, value)
        if problem is not None:
            wrong_amount = kind == "amount" and isinstance(value, int) and not isinstance(value, bool)
            raise MessageError("%s: %s" % (path, problem), "amount_invalid" if wrong_amount else None)


def _check_object(spec: "Spec", value: object, path: str) -> None:
    if not isinstance(value, dict):
        raise MessageError("%s: not an object" % path)
    known = spec[1]
    seen = 0
    for name in spec[2]:
        field, required = known[name]
        if name in value:
            seen += 1
            check(field, value[name], path + "." + name if path else name)
        elif required:
            raise MessageError("%s: missing" % (path + "." + name if path else name))
    if seen != len(value):
        for name in sorted([key for key in value if key not in known]):
            raise MessageError("%s: unknown field %s" % (path or "message", quoted(name)))


def _check_list(spec: "Spec", value: object, path: str) -> None:
    _, item, low, high = spec
    if not isinstance(value, list) or not low <= len(value) <= high:
        raise MessageError("%s: not a list of %d to %d" % (path, low, high))
    for index in range(len(value)):
        check(item, value[index], "%s.%d" % (path, index))


def _text(spec: "Spec", value: object) -> "str | None":
    if isinstance(value, str) and spec[1] <= len(value) <= spec[2] and is_clean(value):
        return None
    return "not a text of %d to %d characters without control characters" % (spec[1], spec[2])


def _integer(spec: "Spec", value: object) -> "str | None":
    if isinstance(value, int) and not isinstance(value, bool) and spec[1] <= value <= spec[2]:
        return None
    return "not an integer from %d to %d" % (spec[1], spec[2])


def _digits(spec: "Spec", value: object) -> "str | None":
    return None if is_digits(value, spec[1], spec[2]) else "not %d to %d digits" % (spec[1], spec[2])


def _hex(spec: "Spec", value: object) -> "str | None":
    return None if is_hex(value, spec[1]) else "not %d upper-case hex digits" % spec[1]


def _choice(spec: "Spec", value: object) -> "str | None":
    return None if isinstance(value, str) and value in spec[1] else "not one of %s" % ", ".join(spec[1])


def _bool(_: "Spec", value: object) -> "str | None":
    return None if value is True or value is False else "not true or false"


def _id(_: "Spec", value: object) -> "str | None":
    return None if ids.is_id(value) else "not an id of 26 characters"


def _account(_: "Spec", value: object) -> "str | None":
    return None if accounts.is_account(value) else "not an account number of 16 digits with its check digit"


def _currency(_: "Spec", value: object) -> "str | None":
    return None if isinstance(value, str) and value in money.EXPONENTS else "not a currency we know"


def _terminal(_: "Spec", value: object) -> "str | None":
    return None if topics.is_terminal_id(value) else "not a terminal's id (4 to 16 of A-Z, 0-9)"


_LEAVES = {
    "text": _text,
    "integer": _integer,
    "amount": _integer,
    "digits": _digits,
    "hex": _hex,
    "choice": _choice,
    "bool": _bool,
    "id": _id,
    "account": _account,
    "currency": _currency,
    "terminal": _terminal,
}
