"""What the operations API and page read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from backend.ledger.transfer import KIND_NAMES
from backend.operations.codes import NAMES
from backend.ops.models import AccountBalance, AlarmRow, DrawerState, LedgerState, Posting, TerminalRow

if TYPE_CHECKING:
    import asyncpg

#: Account kinds whose balance is debits less credits: what we have or are owed. All others are what we owe.
DEBIT_NORMAL: Final = frozenset({"till", "branch_vault", "cash_in_transit", "over_short", "suspense", "cash_supply"})
#: Terminals report their health every 300 s and say everything else at once: silent for longer means away.
ONLINE_S: Final = 330

_POSTINGS = "SELECT seq, at, kind, code, debit, credit, amount_minor, currency, operation, id FROM transfer "
_TERMINALS = """
SELECT terminal.id, terminal.branch, merchant.name AS merchant, terminal.outlet, terminal.status,
       coalesce(state.heard_at, 0) AS heard_at, coalesce(state.hello_at, 0) AS hello_at,
       coalesce(state.firmware, '') AS firmware, coalesce(state.boot_reason, '') AS boot_reason,
       coalesce(state.operator, '') AS operator, coalesce(state.drawer, '') AS drawer, report.body AS health,
       (SELECT count(*) FROM outbox WHERE kind = 'news' AND target = terminal.id AND seen_at IS NULL) AS unseen_news
FROM terminal JOIN merchant ON merchant.id = terminal.merchant
LEFT JOIN terminal_state AS state ON state.terminal = terminal.id
LEFT JOIN LATERAL (
  SELECT body FROM device_report WHERE terminal = terminal.id AND name = 'health' ORDER BY seq DESC LIMIT 1
) AS report ON true
WHERE terminal.id > $1 ORDER BY terminal.id LIMIT $2
"""
_DRAWER = """
SELECT terminal.id AS terminal, branch.currency, state.drawer, state.drawer_operator, drawer.opened_at,
       drawer.float_minor, coalesce(account.debits_posted - account.credits_posted, 0) AS cash_minor,
       coalesce(account.credits_pending, 0) AS held_minor
FROM terminal JOIN branch ON branch.id = terminal.branch
LEFT JOIN terminal_state AS state ON state.terminal = terminal.id
LEFT JOIN drawer ON drawer.id = state.drawer
LEFT JOIN account ON account.id = 'till:' || terminal.id
"""


def _posting(row: asyncpg.Record) -> Posting:
    name, kind = NAMES.get(row["code"], "transfer"), KIND_NAMES[row["kind"]]
    what = name if kind in {"transfer", "post"} else f"{name}_{kind}"
    return Posting(
        seq=row["seq"],
        at=row["at"],
        what=what,
        kind=kind,
        debit=row["debit"],
        credit=row["credit"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        operation=row["operation"],
        id=row["id"],
    )


async def postings(pool: asyncpg.Pool, after: int, limit: int) -> list[Posting]:
    """Ledger rows later than `after`, oldest first; never one behind which another may still be committed."""
    rows = await pool.fetch(_POSTINGS + "WHERE seq > $1 AND seq < kassa_horizon() ORDER BY seq LIMIT $2", after, limit)
    return [_posting(row) for row in rows]


async def latest_postings(pool: asyncpg.Pool, limit: int) -> list[Posting]:
    """The last ledger rows, latest first."""
    return [_posting(row) for row in await pool.fetch(_POSTINGS + "ORDER BY seq DESC LIMIT $1", limit)]


async def accounts(pool: asyncpg.Pool, ids: list[str]) -> list[AccountBalance]:
    """The named accounts, in the order of their names; unknown ones are left out."""
    rows = await pool.fetch(
        """
        SELECT id, currency, debits_pending, debits_posted, credits_pending, credits_posted
        FROM account WHERE id = ANY($1::text[]) ORDER BY id
        """,
        ids,
    )
    return [_balance(row) for row in rows]


def _balance(row: asyncpg.Record) -> AccountBalance:
    balance = row["debits_posted"] - row["credits_posted"]
    held = row["credits_pending"]
    if row["id"].partition(":")[0] not in DEBIT_NORMAL:
        balance, held = -balance, row["debits_pending"]
    return AccountBalance(
        account=row["id"],
        currency=row["currency"],
        balance_minor=balance,
        available_minor=balance - held,
        held_minor=held,
        debits_posted=row["debits_posted"],
        credits_posted=row["credits_posted"],
        debits_pending=row["debits_pending"],
        credits_pending=row["credits_pending"],
    )


async def terminals(pool: asyncpg.Pool, after: str, limit: int, now: int) -> list[TerminalRow]:
    """Terminals later than `after` in the order of their ids, with their last health report."""
    rows = await pool.fetch(_TERMINALS, after, limit)
    return [_terminal(row, now) for row in rows]


def _terminal(row: asyncpg.Record, now: int) -> TerminalRow:
    health = orjson.loads(row["health"]) if row["health"] else {}
    return TerminalRow(
        terminal=row["id"],
        branch=row["branch"],
        merchant=row["merchant"],
        outlet=row["outlet"],
        status=row["status"],
        online=now - row["heard_at"] <= ONLINE_S,
        heard_at=row["heard_at"],
        hello_at=row["hello_at"],
        firmware=row["firmware"],
        boot_reason=row["boot_reason"],
        operator=row["operator"],
        drawer=row["drawer"],
        waiting_tells=health.get("waiting_tells"),
        oldest_tell_s=health.get("oldest_tell_s"),
        free_heap=health.get("free_heap"),
        free_flash=health.get("free_flash"),
        uptime_s=health.get("uptime_s"),
        unseen_news=row["unseen_news"],
    )


async def drawer(pool: asyncpg.Pool, terminal: str) -> DrawerState | None:
    """The drawer of a terminal; None for an unknown terminal."""
    row = await pool.fetchrow(_DRAWER + "WHERE terminal.id = $1", terminal)
    return None if row is None else _drawer(row)


async def open_drawers(pool: asyncpg.Pool, limit: int) -> list[DrawerState]:
    """Open drawers, in the order of their terminals."""
    rows = await pool.fetch(_DRAWER + "WHERE state.drawer <> '' ORDER BY terminal.id LIMIT $1", limit)
    return [_drawer(row) for row in rows]


def _drawer(row: asyncpg.Record) -> DrawerState:
    return DrawerState(
        terminal=row["terminal"],
        state="open" if row["drawer"] else "closed",
        drawer=row["drawer"] or None,
        operator=row["drawer_operator"] or None,
        opened_at=row["opened_at"],
        float_minor=row["float_minor"],
        cash_minor=row["cash_minor"],
        held_minor=row["held_minor"],
        currency=row["currency"],
    )


async def alarms(pool: asyncpg.Pool, limit: int) -> list[AlarmRow]:
    """The last alarms, latest first."""
    rows = await pool.fetch("SELECT seq, at, name, origin, id FROM alarm ORDER BY seq DESC LIMIT $1", limit)
    return [AlarmRow(**dict(row)) for row in rows]


async def ledger(pool: asyncpg.Pool) -> LedgerState:
    """Whether all accounts' debits and credits are equal in each currency, and where the day chain stands."""
    sums = await pool.fetch(
        """
        SELECT currency, sum(debits_posted)::bigint AS debits, sum(credits_posted)::bigint AS credits,
               sum(debits_pending)::bigint AS held_debits, sum(credits_pending)::bigint AS held_credits
        FROM account GROUP BY currency ORDER BY currency
        """
    )
    block = await pool.fetchrow("SELECT number, to_seq, sealed_at, hash FROM chain_block ORDER BY number DESC LIMIT 1")
    count = await pool.fetchval("SELECT count(*) FROM transfer")
    return LedgerState(
        debits_minor={row["currency"]: row["debits"] for row in sums},
        credits_minor={row["currency"]: row["credits"] for row in sums},
        balanced=all(row["debits"] == row["credits"] and row["held_debits"] == row["held_credits"] for row in sums),
        transfers=count,
        sealed_blocks=block["number"] if block else 0,
        sealed_to_seq=block["to_seq"] if block else 0,
        sealed_at=block["sealed_at"] if block else 0,
        chain_head=block["hash"].hex() if block else "",
    )
