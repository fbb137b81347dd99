"""Read models of the ledger: postings in the order they became final, accounts by id or by prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Rows of one page, whatever is asked for.
MAX_ROWS: Final = 1_000

_AFTER: Final = (
    "SELECT seq, id, kind, debit, credit, amount_minor, currency, code, pending_id, operation, at FROM transfer"
    " WHERE seq > $1 AND seq < kassa_horizon() ORDER BY seq LIMIT $2"
)
_LATEST: Final = (
    "SELECT seq, id, kind, debit, credit, amount_minor, currency, code, pending_id, operation, at FROM transfer"
    " WHERE seq < kassa_horizon() ORDER BY seq DESC LIMIT $1"
)
_ACCOUNTS: Final = (
    "SELECT id, currency, flags, debits_pending, debits_posted, credits_pending, credits_posted FROM account"
)


class Posting(NamedTuple):
    """One booked transfer, in the order of its columns."""

    seq: int
    id: str
    kind: int
    debit: str
    credit: str
    amount_minor: int
    currency: str
    code: int
    pending_id: str
    operation: str
    at: int


class AccountRow(NamedTuple):
    """One account, in the order of its columns."""

    id: str
    currency: str
    flags: int
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int


async def postings_after(connection: Any, seq: int, limit: int = MAX_ROWS) -> list[Posting]:
    """Final postings behind `seq`, oldest first. Remember the last seq: no posting ever appears before it."""
    return [Posting(*row) for row in await connection.fetch(_AFTER, seq, min(limit, MAX_ROWS))]


async def latest_postings(connection: Any, limit: int) -> list[Posting]:
    """The last final postings, oldest first."""
    rows = await connection.fetch(_LATEST, min(limit, MAX_ROWS))
    return [Posting(*row) for row in reversed(rows)]


async def accounts(connection: Any, ids: Sequence[str]) -> list[AccountRow]:
    """The accounts of those ids that exist, in the order of their ids."""
    rows = await connection.fetch(f"{_ACCOUNTS} WHERE id = ANY($1::text[]) ORDER BY id", list(ids)[:MAX_ROWS])
    return [AccountRow(*row) for row in rows]


async def accounts_page(connection: Any, prefix: str = "", after: str = "", limit: int = MAX_ROWS) -> list[AccountRow]:
    """Accounts whose id begins with `prefix`, behind the id `after`, in the order of their ids."""
    query = f"{_ACCOUNTS} WHERE starts_with(id, $1) AND id > $2 ORDER BY id LIMIT $3"
    return [AccountRow(*row) for row in await connection.fetch(query, prefix, after, min(limit, MAX_ROWS))]
