"""Customers' care by staff: look up, freeze at once, propose and decide with four eyes, read the audit log.

Each change is one transaction: the row, the audit entry and the holder's notice are written together or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from backend.ops.care_models import AuditRow, CardRow, Customer, CustomerDetail, Proposal, UsageRow
from backend.web.problems import Problem

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    from backend.ops.care_models import NewProposal

#: A proposal that nobody decides in a day is over: the reason may be, too.
PROPOSAL_TTL_S: Final = 86_400
NOTICE_TTL_S: Final = 365 * 86_400
#: Wrong PINs that block it, as the money path counts them.
PIN_TRIES: Final = 3
_CUSTOMER: Final = """
SELECT w.number AS wallet, w.holder, w.currency, w.status, w.kyc_level, w.tries AS pin_tries,
       coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0) AS available_minor,
       coalesce(a.debits_pending, 0) AS held_minor
FROM wallet w LEFT JOIN account a ON a.id = 'wallet:' || w.number
"""
_TEXTS: Final = {
    "wallet.frozen": "Your wallet is frozen. Ask at a branch.",
    "wallet.unfrozen": "Your wallet can be used again.",
    "wallet.kyc_level": "The limits of your wallet have changed.",
}


async def search(pool: asyncpg.Pool, text: str, limit: int) -> list[Customer]:
    """Customers whose number begins with the text, or whose name holds it, in the order of their numbers."""
    query = _CUSTOMER + "WHERE starts_with(w.number, $1) OR strpos(lower(w.holder), lower($1)) > 0"
    rows = await pool.fetch(query + " ORDER BY w.number LIMIT $2", text, limit)
    return [Customer(**dict(row)) for row in rows]


async def detail(pool: asyncpg.Pool, wallet: str) -> CustomerDetail:
    """One customer. Raises Problem 404 for an unknown wallet."""
    row = await pool.fetchrow(_CUSTOMER + "WHERE w.number = $1", wallet)
    if row is None:
        raise Problem("not_found", "The wallet is not known.")
    usage = await pool.fetch(
        "SELECT split_part(id, ':', 2) AS service, day_minor, day_count, month_minor, month_count FROM usage"
        " WHERE id >= $1 || ':' AND id < $1 || ';' ORDER BY id",
        wallet,
    )
    return CustomerDetail(**dict(row), usage=[UsageRow(**dict(one)) for one in usage], cards=await cards(pool, wallet))


async def cards(pool: asyncpg.Pool, wallet: str) -> list[CardRow]:
    """The wallet's linked cards, by rail."""
    rows = await pool.fetch(
        "SELECT rail, brand, masked_number, expires, status, linked_at FROM linked_card"
        " WHERE wallet = $1 AND status <> 'removed' ORDER BY rail, linked_at, id",
        wallet,
    )
    return [CardRow(**dict(row)) for row in rows]


async def audit(pool: asyncpg.Pool, *, subject: str, who: str, before: int, limit: int) -> list[AuditRow]:
    """The audit log, latest first; of a subject or a person where one is named."""
    rows = await pool.fetch(
        "SELECT seq, at, who, what, subject, details, origin, id FROM audit"
        " WHERE seq < $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR who = $3) ORDER BY seq DESC LIMIT $4",
        before,
        subject,
        who,
        limit,
    )
    return [AuditRow(**{**dict(row), "details": orjson.loads(row["details"])}) for row in rows]


async def freeze(pool: asyncpg.Pool, wallet: str, reason: str, by: str, now: int) -> None:
    """Freeze at once: stopping money needs no second person. Raises Problem for an unknown or closed wallet."""
    async with pool.acquire() as connection, connection.transaction():
        status = await _locked_status(connection, wallet)
        if status not in {"active", "pin_blocked"}:
            raise Problem("conflict", f"The wallet is already {status}.")
        await connection.execute("UPDATE wallet SET status = 'frozen' WHERE number = $1", wallet)
        await _note(connection, by, "wallet.frozen", wallet, {"reason": reason, "was": status}, now)


async def propose(pool: asyncpg.Pool, asked: NewProposal, name: str, by: str, now: int) -> Proposal:
    """Keep a proposal for another person to decide. Raises Problem when it makes no sense now."""
    if (asked.level is None) == (asked.kind == "wallet.kyc_level"):
        raise Problem("invalid", "level: it belongs to wallet.kyc_level, and only there.", field="level")
    body = {} if asked.level is None else {"level": asked.level}
    async with pool.acquire() as connection, connection.transaction():
        status = await _locked_status(connection, asked.wallet)
        if asked.kind == "wallet.unfreeze" and status != "frozen":
            raise Problem("conflict", "The wallet is not frozen.")
        row = await connection.fetchrow(
            "INSERT INTO proposal (id, kind, subject, body, reason, proposed_by, proposed_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *",
            name,
            asked.kind,
            f"w:{asked.wallet}",
            orjson.dumps(body).decode(),
            asked.reason,
            by,
            now,
            now + PROPOSAL_TTL_S,
        )
        about = {"proposal": name, "kind": asked.kind, "reason": asked.reason, **body}
        await _audit(connection, by, "proposal.made", f"w:{asked.wallet}", about, now)
    return _proposal(row)


async def decide(pool: asyncpg.Pool, name: str, by: str, now: int, *, confirm: bool) -> Proposal:
    """Confirm or reject; who proposed may take it back, but never confirm it. Raises Problem when it may not be."""
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow("SELECT * FROM proposal WHERE id = $1 FOR UPDATE", name)
        if row is None:
            raise Problem("not_found", "The proposal is not known.")
        if row["state"] != "open":
            raise Problem("conflict", f"The proposal is already {row['state']}.")
        if confirm and row["proposed_by"] == by:
            raise Problem("forbidden", "Another person must confirm what you proposed.")
        if confirm and now >= row["expires_at"]:
            raise Problem("conflict", "The proposal is over: propose it again.")
        if confirm:
            await _carry_out(connection, row, by, now)
        state = "confirmed" if confirm else "rejected"
        done = await connection.fetchrow(
            "UPDATE proposal SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 RETURNING *",
            name,
            state,
            by,
            now,
        )
        await _audit(connection, by, f"proposal.{state}", row["subject"], {"proposal": name, "kind": row["kind"]}, now)
    return _proposal(done)


async def proposals(pool: asyncpg.Pool, state: str, limit: int) -> list[Proposal]:
    """Proposals of a state (all when empty), latest first."""
    query = "SELECT * FROM proposal WHERE $1 = '' OR state = $1 ORDER BY proposed_at DESC, id LIMIT $2"
    return [_proposal(row) for row in await pool.fetch(query, state, limit)]


async def require_admin(pool: asyncpg.Pool, login: str) -> None:
    """Raise Problem 403 unless this member of staff may change things."""
    if await pool.fetchval("SELECT role FROM staff WHERE login = $1", login) != "admin":
        raise Problem("forbidden", "Your account may look, but not change anything.")


async def _carry_out(connection: PoolConnectionProxy, row: asyncpg.Record, by: str, now: int) -> None:
    """Do what was proposed, if it still makes sense."""
    wallet, about = row["subject"][2:], {"proposal": row["id"], "proposed_by": row["proposed_by"]}
    status = await _locked_status(connection, wallet)
    if row["kind"] == "wallet.unfreeze":
        if status != "frozen":
            raise Problem("conflict", "The wallet is not frozen any more.")
        await connection.execute(
            "UPDATE wallet SET status = CASE WHEN tries >= $2 THEN 'pin_blocked' ELSE 'active' END WHERE number = $1",
            wallet,
            PIN_TRIES,
        )
        await _note(connection, by, "wallet.unfrozen", wallet, about, now)
        return
    level = orjson.loads(row["body"])["level"]
    await connection.execute("UPDATE wallet SET kyc_level = $2 WHERE number = $1", wallet, level)
    await _note(connection, by, "wallet.kyc_level", wallet, about | {"level": level}, now)


async def _locked_status(connection: PoolConnectionProxy, wallet: str) -> str:
    """The wallet's status, its row locked: the money path waits for us, or we for it."""
    found = await connection.fetchval("SELECT status FROM wallet WHERE number = $1 FOR NO KEY UPDATE", wallet)
    if found is None:
        raise Problem("not_found", "The wallet is not known.")
    return str(found)


async def _note(  # noqa: PLR0917
    connection: PoolConnectionProxy, by: str, what: str, wallet: str, details: dict[str, Any], now: int
) -> None:
    """An audit entry, and the holder's notice."""
    await _audit(connection, by, what, f"w:{wallet}", details, now)
    currency = await connection.fetchval("SELECT currency FROM wallet WHERE number = $1", wallet)
    payload = {"text": _TEXTS[what], "amount_minor": 0, "currency": currency, "at": now}
    await connection.execute(
        "INSERT INTO outbox (kind, target, number, name, payload, created_at, expires_at)"
        " VALUES ('notice', $1, 0, $2, $3, $4, $5)",
        wallet,
        what,
        orjson.dumps(payload).decode(),
        now,
        now + NOTICE_TTL_S,
    )
    await connection.execute("SELECT pg_notify('kassa_outbox', '')")


async def _audit(  # noqa: PLR0917
    connection: PoolConnectionProxy, by: str, what: str, subject: str, details: dict[str, Any], now: int
) -> None:
    await connection.execute(
        "INSERT INTO audit (at, who, what, subject, details, origin, id) VALUES ($1, $2, $3, $4, $5, $2, '')",
        now,
        f"s:{by}",
        what,
        subject,
        orjson.dumps(details).decode(),
    )


def _proposal(row: asyncpg.Record | None) -> Proposal:
    if row is None:
        raise LookupError("a row that was just written is gone")
    return Proposal(**{**dict(row), "body": orjson.loads(row["body"])})
