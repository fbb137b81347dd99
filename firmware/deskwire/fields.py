"""Field checks: what a value in a message may be. A spec is a tuple; check() names what fails.

("text", low, high)      a clean text of so many characters       ("integer", low, high)   an int, never a bool
("amount", low, high)    minor units; refused as amount_invalid   ("digits", low, high)    so many ASCII digits
("hex", length)          so many upper-case hex digits            ("choice", words)        one of a closed list
("nullable", spec)       null, or what `spec` says                ("list", spec, low, high)
("object", fields, names in order), fields being name -> (spec, required); ("id",), ("bool",), ("account",),
("currency",), ("terminal",); and ("any",), which is not looked at.
"""

from typing import TYPE_CHECKING

from deskwire import accounts, ids, money, topics
from deskwire.errors import MessageError
from deskwire.text import is_clean, is_digits, is_hex, quoted

if TYPE_CHECKING:
    from typing import Any

    Spec = tuple[Any, ...]


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
        problem = _problem(kind, spec, value)
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


def _problem(kind: str, spec: "Spec", value: object) -> "str | None":
    """What is wrong with a value that holds no others, or None."""
    if kind == "integer" or kind == "amount":  # noqa: PLR1714  (a tuple or set is an allocation on a device)
        good = isinstance(value, int) and not isinstance(value, bool) and spec[1] <= value <= spec[2]
        return None if good else "not an integer from %d to %d" % (spec[1], spec[2])
    if kind == "id":
        return None if ids.is_id(value) else "not an id of 26 characters"
    if kind == "text":
        good = isinstance(value, str) and spec[1] <= len(value) <= spec[2] and is_clean(value)
        return None if good else "not a text of %d to %d characters without control characters" % (spec[1], spec[2])
    if kind == "digits":
        return None if is_digits(value, spec[1], spec[2]) else "not %d to %d digits" % (spec[1], spec[2])
    if kind == "choice":
        return None if isinstance(value, str) and value in spec[1] else "not one of %s" % ", ".join(spec[1])
    if kind == "hex":
        return None if is_hex(value, spec[1]) else "not %d upper-case hex digits" % spec[1]
    return _named_problem(kind, value)


def _named_problem(kind: str, value: object) -> "str | None":
    """Likewise, of the kinds without bounds."""
    if kind == "bool":
        return None if value is True or value is False else "not true or false"
    if kind == "currency":
        return None if isinstance(value, str) and value in money.EXPONENTS else "not a currency we know"
    if kind == "account":
        return None if accounts.is_account(value) else "not an account number of 16 digits with its check digit"
    return None if topics.is_terminal_id(value) else "not a terminal's id (4 to 16 of A-Z, 0-9)"
