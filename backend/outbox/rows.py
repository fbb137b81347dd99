"""Reading and keeping the outbox table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from backend.outbox.cursor import START

if TYPE_CHECKING:
    import asyncpg

#: Rows of one read: more than one commit can write for one branch, small enough to sign in 10 ms.
MAX_ROWS = 500
#: Rows deleted in one pass, so that pruning never holds locks for long.
MAX_PRUNED = 5_000
#: How long a delivered or expired row is kept for staff to look at.
KEPT_S = 24 * 3600

_NEWS = """
SELECT outbox.seq, outbox.target, outbox.number, outbox.name, outbox.payload,
       outbox.created_at, outbox.expires_at, terminal_state.session_ksn,
       outbox.seq < kassa_horizon() AS ready
FROM outbox JOIN terminal ON terminal.id = outbox.target JOIN terminal_state ON terminal_state.terminal = terminal.id
WHERE outbox.kind = 'news' AND outbox.seq > $1
  AND terminal.branch = $2 AND terminal_state.session_ksn <> '' AND outbox.seen_at IS NULL AND outbox.expires_at > $3
ORDER BY outbox.seq LIMIT $4
"""
_NOTICES = """
SELECT outbox.seq, outbox.target, outbox.number, outbox.name, outbox.payload,
       outbox.created_at, outbox.expires_at, ''::bytea AS session_ksn,
       outbox.seq < kassa_horizon() AS ready
FROM outbox
WHERE outbox.kind = 'notice' AND outbox.seq > $1
  AND outbox.target = $2 AND outbox.expires_at > $3
ORDER BY outbox.seq LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One deliverable row."""

    seq: int
    target: str
    number: int
    name: str
    payload: dict[str, Any]
    created_at: int
    expires_at: int
    session_ksn: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What one read gave. `held_back`: later rows are committed, but an older transaction still runs."""

    rows: list[Row]
    held_back: bool


class Outbox:
    """The outbox table, as delivery sees it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def news(self, branch: str, after: int, now: int) -> Page:
        """Unseen, unexpired news for the branch's terminals that have a session."""
        return _page(await self._pool.fetch(_NEWS, after, branch, now, MAX_ROWS))

    async def notices(self, wallet: str, after: int, now: int) -> Page:
        """Unexpired notices of one wallet."""
        return _page(await self._pool.fetch(_NOTICES, after, wallet, now, MAX_ROWS))

    async def sound(self, after: int) -> int:
        """The cursor, or the start when it lies ahead of this database (restored from a backup, or another one)."""
        return START if await self._pool.fetchval("SELECT $1 >= kassa_horizon()", after) else after

    async def put_again(self, terminal: str, now: int) -> int:
        """Give a terminal's unseen news new places at the end, in their order; a new session signs them anew."""
        moved = await self._pool.fetch(
            """
            WITH unseen AS (
                SELECT seq FROM outbox
                WHERE kind = 'news' AND target = $1 AND seen_at IS NULL AND expires_at > $2 ORDER BY number
            ), places AS (SELECT seq, kassa_row_seq() AS place FROM unseen),
            moved AS (
                UPDATE outbox SET seq = places.place, xid = pg_current_xact_id()
                FROM places WHERE outbox.seq = places.seq RETURNING outbox.seq
            )
            SELECT count(*) AS rows, pg_notify('kassa_outbox', '') FROM moved HAVING count(*) > 0
            """,
            terminal,
            now,
        )
        return int(moved[0]["rows"]) if moved else 0

    async def prune(self, now: int) -> int:
        """Delete rows that were seen or expired long ago; how many."""
        done = await self._pool.execute(
            """
            DELETE FROM outbox WHERE seq IN (
                SELECT seq FROM outbox WHERE seen_at < $1 OR expires_at < $1 ORDER BY seq LIMIT $2
            )
            """,
            now - KEPT_S,
            MAX_PRUNED,
        )
        return int(done.rpartition(" ")[2])


def _page(records: list[asyncpg.Record]) -> Page:
    rows: list[Row] = []
    for record in records:
        if not record["ready"]:
            return Page(rows, held_back=True)
        rows.append(
            Row(
                record["seq"],
                record["target"],
                record["number"],
                record["name"],
                orjson.loads(record["payload"]),
                record["created_at"],
                record["expires_at"],
                record["session_ksn"],
            )
        )
    return Page(rows, held_back=False)
