"""A field spec of the catalogue in words, for the documents."""

from __future__ import annotations

from typing import Any

_WORDS = {
    "id": "id, 26 characters",
    "bool": "true or false",
    "account": "account number, 16 digits with check digit",
    "currency": "ISO 4217 code",
    "terminal": "terminal's id",
    "any": "object",
}


def explain(spec: tuple[Any, ...]) -> str:
    """What a value may be: "1 to 25 characters", "minor units, from 1"."""
    kind = spec[0]
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "text":
        return f"{span(spec[1], spec[2])} characters"
    if kind == "amount":
        return "minor units, from " + str(spec[1])
    if kind == "integer":
        return span(spec[1], spec[2])
    if kind == "digits":
        return f"{span(spec[1], spec[2])} digits"
    if kind == "hex":
        return f"{spec[1]} hex digits"
    if kind == "choice":
        return " / ".join(spec[1])
    if kind == "nullable":
        return "null, or " + explain(spec[1])
    if kind == "list":
        return f"list of {span(spec[2], spec[3])}: {explain(spec[1])}"
    return "{" + "; ".join(fields(spec)) + "}"


def fields(spec: tuple[Any, ...]) -> list[str]:
    """Each field of an object as "name (what)", optional ones marked."""
    return [f"{name}{'' if spec[1][name][1] else '?'} ({explain(spec[1][name][0])})" for name in spec[2]]


def span(low: int, high: int) -> str:
    """Bounds as "6", or "3 to 8"; large bounds by their power of two."""
    if low == high:
        return str(low)
    shown = {2**31 - 1: "2^31-1", 2**32 - 1: "2^32-1", 10**12 - 1: "10^12-1", 1 - 10**12: "-(10^12-1)"}
    return f"{shown.get(low, str(low))} to {shown.get(high, str(high))}"
