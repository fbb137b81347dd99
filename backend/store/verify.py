"""Prove the ledger: sum zero, balances equal to the entries, limits kept, holds resolved once, the chain unbroken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from backend.store import chain
from backend.store.chain import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

#: Faults shown of one check; a broken ledger has the same fault on every row.
MAX_FAULTS: Final = 20

_SUM_ZERO: Final = """
SELECT currency, sum(debits_posted) - sum(credits_posted) AS posted, sum(debits_pending) - sum(credits_pending) AS held
FROM account GROUP BY currency
HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending) ORDER BY currency
"""
_BALANCES: Final = """
WITH entry AS (
  SELECT debit AS account, currency, CASE WHEN kind = 1 THEN amount_minor WHEN kind > 1 THEN -amount_minor ELSE 0 END
    AS dp, CASE WHEN kind IN (0, 2) THEN amount_minor ELSE 0 END AS dq, 0::bigint AS cp, 0::bigint AS cq FROM transfer
  UNION ALL
  SELECT credit, currency, 0, 0, CASE WHEN kind = 1 THEN amount_minor WHEN kind > 1 THEN -amount_minor ELSE 0 END,
    CASE WHEN kind IN (0, 2) THEN amount_minor ELSE 0 END FROM transfer
), booked AS (
  SELECT account, sum(dp) AS dp, sum(dq) AS dq, sum(cp) AS cp, sum(cq) AS cq, min(currency) AS least,
    max(currency) AS most FROM entry GROUP BY account
)
SELECT coalesce(a.id, b.account) AS account, a.id IS NULL AS is_missing,
  a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted, coalesce(b.dp, 0) AS dp,
  coalesce(b.dq, 0) AS dq, coalesce(b.cp, 0) AS cp, coalesce(b.cq, 0) AS cq,
  coalesce(b.least <> a.currency OR b.most <> a.currency, false) AS is_foreign
FROM account a FULL JOIN booked b ON b.account = a.id
WHERE a.id IS NULL OR (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
  IS DISTINCT FROM (coalesce(b.dp, 0), coalesce(b.dq, 0), coalesce(b.cp, 0), coalesce(b.cq, 0))
  OR b.least <> a.currency OR b.most <> a.currency
ORDER BY 1 LIMIT $1
"""
_LIMITS: Final = """
SELECT id, debits_pending + debits_posted AS debits, credits_pending + credits_posted AS credits FROM account
WHERE (flags & 1 <> 0 AND debits_pending + debits_posted > credits_posted)
   OR (flags & 2 <> 0 AND credits_pending + credits_posted > debits_posted) ORDER BY id LIMIT $1
"""
_HOLDS: Final = """
SELECT coalesce(p.id, h.id, r.pending_id) AS id, p.state, p.amount_minor, h.amount_minor AS held, r.kind AS resolved,
  r.amount_minor AS resolved_minor
FROM pending_transfer p
FULL JOIN (SELECT id, amount_minor FROM transfer WHERE kind = 1) h ON h.id = p.id
FULL JOIN (SELECT pending_id, kind, amount_minor FROM transfer WHERE kind > 1) r ON r.pending_id = coalesce(p.id, h.id)
WHERE p.id IS NULL OR h.id IS NULL OR p.amount_minor <> h.amount_minor OR p.state <> coalesce(r.kind, 1)
   OR r.amount_minor <> p.amount_minor ORDER BY 1 LIMIT $1
"""
_OPERATIONS: Final = """
SELECT o.id, o.type, o.state, o.amount_minor, coalesce(t.moved, 0) AS moved FROM operation o
LEFT JOIN (SELECT operation, sum(amount_minor) AS moved FROM transfer
           WHERE code IN (10, 20, 30, 60, 62, 63, 65) AND kind IN (0, 2) GROUP BY operation) t ON t.operation = o.id
WHERE coalesce(t.moved, 0) <> CASE WHEN o.state IN ('paid', 'taken', 'paid_out')
  OR (o.state = 'done' AND o.type IN ('transfer', 'refund', 'pickup')) THEN o.amount_minor ELSE 0 END
ORDER BY o.id LIMIT $1
"""
_SEQUENCE: Final = """
SELECT max(seq) AS newest, (SELECT base FROM sequence_base) + ((pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  << 20) AS next FROM transfer HAVING max(seq) >= (SELECT base FROM sequence_base)
  + ((pg_snapshot_xmax(pg_current_snapshot())::text::bigint) << 20)
"""


class Check(NamedTuple):
    """One proof and what speaks against it."""

    name: str
    faults: list[Fault]


class Report(NamedTuple):
    """The proofs, and how much they covered."""

    checks: list[Check]
    transfers: int
    accounts: int
    blocks: int
    unsealed: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against the ledger."""
        return not any(check.faults for check in self.checks)


def _imbalance(row: Any) -> Fault:
    return Fault(f"debits less credits: posted {row['posted']}, held {row['held']} minor units", row["currency"])


def _balance(row: Any) -> Fault:
    where = f"account {row['account']}"
    if row["is_missing"]:
        return Fault("transfers name it, and it does not exist", where)
    if row["is_foreign"]:
        return Fault("it has transfers in another currency", where)
    pairs = (
        ("debits pending", row["debits_pending"], row["dp"]),
        ("debits posted", row["debits_posted"], row["dq"]),
        ("credits pending", row["credits_pending"], row["cp"]),
        ("credits posted", row["credits_posted"], row["cq"]),
    )
    differing = [f"{name} {kept}, by its entries {booked}" for name, kept, booked in pairs if kept != booked]
    return Fault("; ".join(differing), where)


def _limit(row: Any) -> Fault:
    return Fault(f"debits {row['debits']}, credits {row['credits']}: over its limit", f"account {row['id']}")


def _hold(row: Any) -> Fault:
    return Fault(
        f"state {row['state']}, amount {row['amount_minor']}; booked: held {row['held']}, resolved by kind"
        f" {row['resolved']} with {row['resolved_minor']}",
        f"hold {row['id']}",
    )


def _operation(row: Any) -> Fault:
    return Fault(
        f"{row['state']} with {row['amount_minor']}, but {row['moved']} was moved", f"{row['type']} {row['id']}"
    )


def _sequence(row: Any) -> Fault:
    return Fault(
        f"transaction ids of this server are behind it (next {row['next']}): the data were loaded into a new cluster;"
        " set sequence_base.base to this row's number before the backend books again",
        f"row {row['newest']}",
    )


QUERIES: Final[tuple[tuple[str, str, Callable[[Any], Fault]], ...]] = (
    ("balances equal the entries", _BALANCES, _balance),
    ("no limit is exceeded", _LIMITS, _limit),
    ("every hold is resolved at most once", _HOLDS, _hold),
    ("operations moved what they say", _OPERATIONS, _operation),
)


async def verify(connection: Any) -> Report:
    """Run every check in one snapshot. The connection must not be in a transaction."""
    checks = []
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        checks.append(Check("debits equal credits", [_imbalance(row) for row in await connection.fetch(_SUM_ZERO)]))
        for name, query, describe in QUERIES:
            checks.append(Check(name, [describe(row) for row in await connection.fetch(query, MAX_FAULTS)]))
        found: list[Fault] = []
        async for fault in chain.faults(connection):
            if len(found) < MAX_FAULTS:
                found.append(fault)
        checks.append(Check("the chain is unbroken", found))
        checks.append(Check("rows are in order", [_sequence(row) for row in await connection.fetch(_SEQUENCE)]))
        counts = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM transfer) AS transfers, (SELECT count(*) FROM account) AS accounts,"
            " (SELECT count(*) FROM chain_block) AS blocks,"
            " (SELECT count(*) FROM transfer WHERE seq >"
            " coalesce((SELECT max(to_seq) FROM chain_block), 0)) AS unsealed"
        )
    return Report(checks, *counts)
