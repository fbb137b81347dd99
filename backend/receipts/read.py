"""One operation with its merchant, as a receipt needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations.entities import Operation
from backend.receipts.content import Party

if TYPE_CHECKING:
    import asyncpg

_OPERATION = f"""
SELECT {", ".join("o." + name for name in Operation._fields)},
       coalesce(m.name, '') AS name, coalesce(m.city, '') AS city, coalesce(m.tax_number, '') AS tax_number
FROM operation o LEFT JOIN terminal t ON t.id = o.terminal LEFT JOIN merchant m ON m.id = t.merchant
WHERE o.id = $1
"""  # noqa: S608  (constants of this file)


async def find(pool: asyncpg.Pool, operation: str, acquirer: str) -> tuple[Operation, Party] | None:
    """The operation and whose it was; None when there is none."""
    row = await pool.fetchrow(_OPERATION, operation)
    if row is None:
        return None
    *fields, name, city, tax_number = row
    return Operation(*fields), Party(acquirer, name, city, tax_number)
