"""What the wallet API reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.wallet_api.models import Card, HistoryItem, Me, RailCards

if TYPE_CHECKING:
    import asyncpg

#: `kind` 0 is a plain transfer, 2 a posted hold; holds and their ends move nothing.
_HISTORY = """
SELECT transfer.seq, transfer.at, transfer.debit = $1 AS is_debit, transfer.amount_minor, transfer.currency,
       transfer.operation, operation.type, operation.code, merchant.name AS merchant
FROM transfer LEFT JOIN operation ON operation.id = transfer.operation
LEFT JOIN terminal ON terminal.id = operation.terminal
LEFT JOIN merchant ON merchant.id = terminal.merchant
WHERE (transfer.debit = $1 OR transfer.credit = $1) AND transfer.seq < $2 AND transfer.kind IN (0, 2)
ORDER BY transfer.seq DESC LIMIT $3
"""
_ME = """
SELECT wallet.number, wallet.holder, wallet.currency, coalesce(debits_pending, 0) AS held_minor,
       coalesce(credits_posted - debits_posted - debits_pending, 0) AS available_minor
FROM wallet LEFT JOIN account ON account.id = 'wallet:' || wallet.number WHERE wallet.number = $1
"""


async def me(pool: asyncpg.Pool, wallet: str) -> Me | None:
    """The wallet's holder and balance."""
    row = await pool.fetchrow(_ME, wallet)
    if row is None:
        return None
    return Me(
        wallet=row["number"],
        holder=row["holder"],
        available_minor=row["available_minor"],
        held_minor=row["held_minor"],
        currency=row["currency"],
    )


async def cards(pool: asyncpg.Pool, wallet: str) -> list[RailCards]:
    """The wallet's linked cards, by rail."""
    rows = await pool.fetch(
        "SELECT rail, brand, masked_number, expires, status, linked_at FROM linked_card"
        " WHERE wallet = $1 AND status <> 'removed' ORDER BY rail, linked_at, id",
        wallet,
    )
    found: dict[str, RailCards] = {}
    for row in rows:
        fields = dict(row)
        rail = fields.pop("rail")
        found.setdefault(rail, RailCards(rail=rail, cards=[])).cards.append(Card(**fields))
    return list(found.values())


async def history(pool: asyncpg.Pool, wallet: str, before: int, limit: int) -> list[HistoryItem]:
    """The wallet's posted movements, latest first."""
    rows = await pool.fetch(_HISTORY, f"wallet:{wallet}", before, limit)
    return [
        HistoryItem(
            number=row["seq"],
            at=row["at"],
            direction="out" if row["is_debit"] else "in",
            type=row["type"] or "transfer",
            amount_minor=row["amount_minor"],
            currency=row["currency"],
            operation=row["operation"],
            merchant=row["merchant"],
            authorisation_code=row["code"] or None,
        )
        for row in rows
    ]
