"""Columns of a batch as single texts: a driver's array encoder spends more on each element than PostgreSQL does.

A column is its values joined by a control character that no value holds, behind a leading mark, so that one empty value
differs from none. In SQL `array_of` turns it back into an array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: ASCII "unit separator". Fields of messages never hold control characters; a value that does is refused here.
SEPARATOR: Final = "\x1f"


def text_column(values: Iterable[str], count: int) -> str:
    """Texts as one column.

    Raises:
        ValueError: a value holds the separator, or there are not `count` of them.
    """
    joined = SEPARATOR + SEPARATOR.join(values)
    if joined.count(SEPARATOR) != max(count, 1):
        raise ValueError("a text with a control character cannot be stored")
    return joined if count else ""


def column(values: Sequence[Any], kind: str) -> str:
    """Values of one SQL type as one column."""
    if kind == "hex":
        return text_column([value.hex() for value in values], len(values))
    if kind in {"text", "jsonb"}:
        return text_column(values, len(values))
    return text_column(map(str, values), len(values))


def array_of(parameter: str, kind: str) -> str:
    """The SQL that reads a column back: an array of the type, of hexadecimal text for bytes."""
    element = "text" if kind == "hex" else kind
    return f"(string_to_array({parameter}::text, E'\\x1f'))[2:]::{element}[]"
