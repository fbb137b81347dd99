"""The wire's JSON on a host: the C scanner with hooks, then a look at depth and characters."""

import json

from deskwire.errors import MessageError
from deskwire.json_reader import MAX_DEPTH, MAX_DIGITS, MAX_INT
from deskwire.text import is_clean, quoted


def loads(data: bytes) -> object:
    """UTF-8 JSON -> dict, list, str, int, bool or None; MessageError for anything else."""
    if not isinstance(data, (bytes, bytearray)):
        raise MessageError("a message is bytes")
    try:
        value = _DECODER.decode(data.decode())
    except UnicodeDecodeError:
        raise MessageError("not UTF-8") from None
    except (ValueError, RecursionError):
        raise MessageError("not JSON, or nested more than %d deep" % MAX_DEPTH) from None
    _check(value, MAX_DEPTH)
    return value


def dumps(value: object) -> bytes:
    """Compact UTF-8 JSON; MessageError for a value that has none."""
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, ValueError, RecursionError):
        raise MessageError("a value in the message has no JSON form") from None


def _pairs(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MessageError("a key stands twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS + 1 or text[:2] == "-0":
        raise MessageError("a number is out of bounds")
    number = int(text)
    if not -MAX_INT <= number <= MAX_INT:
        raise MessageError("a number is out of bounds")
    return number


def _not_an_integer(text: str) -> int:
    raise MessageError("%s is not an integer" % quoted(text))


def _check(value: object, depth: int) -> None:
    """Depth and characters of everything the C scanner let through."""
    if isinstance(value, str):
        if not (value.isascii() and value.isprintable()) and not is_clean(value):
            raise MessageError("a text holds a control character or a lone surrogate")
    elif isinstance(value, dict):
        if depth == 0:
            raise MessageError("nested more than %d deep" % MAX_DEPTH)
        for key, item in value.items():
            _check(key, 1)
            _check(item, depth - 1)
    elif isinstance(value, list):
        if depth == 0:
            raise MessageError("nested more than %d deep" % MAX_DEPTH)
        for item in value:
            _check(item, depth - 1)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_not_an_integer, parse_int=_integer, parse_constant=_not_an_integer
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
