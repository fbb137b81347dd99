"""How a load is made of parts: each a scalar subquery that gives an array of rows, and what takes the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.operations.loaded import Loaded

Row = tuple[Any, ...]
#: What a part's rows are called in its query.
FOUND: Final = "found"


class Part(NamedTuple):
    """One kind of row: its query with {0}, {1}... for its keys as arrays, and what takes the rows."""

    query: str
    take: Callable[[Loaded, Sequence[Row]], None]


def rows_of(columns: str, source: str) -> str:
    """An array of rows of those columns."""
    return f"(SELECT array_agg(ROW({columns})) FROM ({source}) AS found)"  # noqa: S608  (constants of this file)


def columns_of(record: type[Any], alias: str) -> str:
    """The record's fields as columns of a table alias."""
    return ", ".join(f"{alias}.{name}" for name in record._fields)


def taker(field: str, record: Callable[..., Any], key_length: int = 1) -> Callable[[Loaded, Sequence[Row]], None]:
    """Fill one of Loaded's dicts, keyed by the first column or columns."""

    def take(loaded: Loaded, rows: Sequence[Row]) -> None:
        target = getattr(loaded, field)
        for row in rows:
            target[row[0] if key_length == 1 else row[:key_length]] = record(*row)

    return take


def lister(field: str, record: Callable[..., Any], first: int) -> Callable[[Loaded, Sequence[Row]], None]:
    """Fill one of Loaded's dicts of lists, keyed by two columns: rules with their validity dates."""

    def take(loaded: Loaded, rows: Sequence[Row]) -> None:
        target = getattr(loaded, field)
        for row in rows:
            target.setdefault(row[first : first + 2], []).append(record(*row))

    return take
