"""The wire's JSON on a host: orjson for the form everybody sends, the C scanner with hooks for every other one."""

import json

import orjson

from deskwire.errors import MessageError
from deskwire.json_reader import MAX_DEPTH, MAX_DIGITS, MAX_INT
from deskwire.text import is_clean, quoted

#: Only what JSON itself has: no dates, no dataclasses, no subclasses.
_PLAIN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


def loads(data: bytes) -> object:
    """UTF-8 JSON -> dict, list, str, int, bool or None; MessageError for anything else."""
    if not isinstance(data, (bytes, bytearray)):
        raise MessageError("a message is bytes")
    value = _loads_canonical(data)
    if value is None:
        value = _loads_any(data)
    _check(value, MAX_DEPTH)
    return value


def dumps(value: object) -> bytes:
    """Compact UTF-8 JSON; MessageError for a value that has none."""
    try:
        return orjson.dumps(value, option=_PLAIN)
    except TypeError:
        raise MessageError("a value in the message has no JSON form") from None


def _loads_canonical(data: bytes) -> object:
    """The value whose compact form these very bytes are, else None: then no key stands twice, no number is odd."""
    try:
        value = orjson.loads(data)
        return value if orjson.dumps(value) == data else None
    except (TypeError, ValueError):
        return None


def _loads_any(data: bytes) -> object:
    """The value of any JSON text, with every object and number looked at as it is read."""
    try:
        return _DECODER.decode(data.decode())
    except UnicodeDecodeError:
        raise MessageError("not UTF-8") from None
    except (ValueError, RecursionError):
        raise MessageError("not JSON, or nested more than %d deep" % MAX_DEPTH) from None


def _pairs(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MessageError("a key stands twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS + 1 or text[:2] == "-0":
        raise MessageError("a number is out of bounds")
    number = int(text)
    _check_integer(number)
    return number


def _not_an_integer(text: str) -> int:
    raise MessageError("%s is not an integer" % quoted(text))


def _check_integer(number: int) -> None:
    if not -MAX_INT <= number <= MAX_INT:
        raise MessageError("a number is out of bounds")


def _check(value: object, depth: int) -> None:
    """Depth, characters and numbers of everything the C scanners let through."""
    if isinstance(value, str):
        if not is_clean(value):
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
    elif isinstance(value, int):
        _check_integer(value)
    elif isinstance(value, float):
        _not_an_integer(repr(value))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_not_an_integer, parse_int=_integer, parse_constant=_not_an_integer
)
