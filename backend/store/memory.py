"""The store in memory: the same port, for simulations and tests. One unit at a time, nothing on disk."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from backend.operations.state import Changes, Loaded
from backend.store import desk_memory
from backend.store.port import ConflictError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from backend.ledger import Account, Transfer
    from backend.operations.entities import Alarm, Audit, Report, ZReport
    from backend.operations.keys import Keys

K = TypeVar("K")
V = TypeVar("V")

#: As the PostgreSQL store writes it: a notice is kept for a year.
NOTICE_TTL_S = 365 * 86_400


class OutboxRow(NamedTuple):
    """One row of the outbox."""

    seq: int
    kind: str
    target: str
    number: int
    name: str
    payload: Mapping[str, Any]
    created_at: int
    expires_at: int
    seen_at: int | None = None


@dataclass(slots=True)
class Tables:
    """Everything that is kept. Tests and simulations read it directly."""

    rows: Loaded = field(default_factory=Loaded)
    transfers: list[Transfer] = field(default_factory=list)
    z_reports: list[ZReport] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    news_numbers: dict[str, int] = field(default_factory=dict)


class MemoryUnit:
    """One unit of work, alone while it lasts."""

    __slots__ = ("_tables",)

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def load(self, keys: Keys) -> Loaded:
        """Copies of what the keys name."""
        rows = self._tables.rows
        operations = _pick(rows.operations, keys.operations)
        pendings = _pick(rows.pendings, (*keys.operations, *(f"{name}:fee" for name in keys.operations)))
        named = set(keys.accounts)
        for operation in operations.values():
            named |= {operation.debit, operation.credit}
        for pending in pendings.values():
            named |= {pending.debit, pending.credit}
        for prefix, terminal in keys.branch_accounts:
            if terminal in rows.terminals:
                named.add(f"{prefix}:{rows.terminals[terminal].branch}")
        return Loaded(
            answers=_pick(rows.answers, keys.answers),
            terminals=_pick(rows.terminals, keys.terminals),
            terminal_states=_pick(rows.terminal_states, keys.terminals),
            operators=_pick(rows.operators, keys.operators | keys.locked_operators),
            wallets=_pick(rows.wallets, keys.wallets | keys.locked_wallets),
            operations=operations,
            accounts={name: account.copy() for name, account in _pick(rows.accounts, named).items()},
            pendings=pendings,
            tariffs=_pick(rows.tariffs, keys.tariffs),
            approvals=_pick(rows.approvals, keys.approvals),
            **desk_memory.load(self._tables, keys),
        )

    async def commit(self, changes: Changes) -> None:
        """Write everything; the checks that PostgreSQL makes with constraints come first."""
        tables, rows = self._tables, self._tables.rows
        for stored in changes.answers:
            if (stored.origin, stored.id) in rows.answers:
                raise ConflictError("stored_answer")
        if changes.new_operations.keys() & rows.operations.keys() or changes.new_pendings.keys() & rows.pendings.keys():
            raise ConflictError("operation")
        rows.answers |= {(stored.origin, stored.id): stored for stored in changes.answers}
        rows.operations |= changes.new_operations | changes.operations
        rows.pendings |= changes.new_pendings | changes.pendings
        rows.terminal_states |= changes.terminal_states
        rows.wallets |= changes.wallets
        rows.operators |= changes.operators
        rows.approvals |= changes.new_approvals | changes.approvals
        for name, delta in changes.deltas.items():
            _add(rows.accounts[name], delta)
        tables.transfers += changes.transfers
        desk_memory.commit(tables, changes)
        tables.alarms += changes.alarms
        tables.audits += changes.audits
        tables.reports += changes.reports
        self._write_outbox(changes)

    def _write_outbox(self, changes: Changes) -> None:
        """Mark seen news, put unseen ones out again, number fresh ones."""
        tables = self._tables
        for seen in changes.seen:
            tables.outbox[:] = [
                row._replace(seen_at=seen.at) if _is_unseen(row, seen.terminal) and row.number <= seen.number else row
                for row in tables.outbox
            ]
        for again in changes.again:
            unseen = {
                row.number: row
                for row in tables.outbox
                if _is_unseen(row, again.terminal) and row.expires_at > again.at
            }
            for number in sorted(unseen):
                self._put(unseen[number]._replace(created_at=again.at))
        for news in changes.news:
            number = tables.news_numbers[news.terminal] = tables.news_numbers.get(news.terminal, 0) + 1
            self._put(OutboxRow(0, "news", news.terminal, number, news.name, news.body, news.at, news.expires_at))
        for told in changes.notices:
            self._put(OutboxRow(0, "notice", told.wallet, 0, told.name, told.body, told.at, told.at + NOTICE_TTL_S))

    def _put(self, row: OutboxRow) -> None:
        self._tables.outbox.append(row._replace(seq=len(self._tables.outbox) + 1))


class MemoryStore:
    """Units of work on tables in memory."""

    def __init__(self) -> None:
        self.tables = Tables()
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def due(self, now: int, limit: int) -> list[tuple[str, str, int]]:
        """(id, type, expires_at) of open sales and held cash-outs whose time is over, oldest first."""
        found = [
            operation
            for operation in self.tables.rows.operations.values()
            if operation.state in {"open", "held"} and operation.expires_at <= now
        ]
        found.sort(key=lambda operation: operation.expires_at)
        return [(operation.id, operation.type, operation.expires_at) for operation in found[:limit]]

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[MemoryUnit]:
        """A unit of work; others wait."""
        async with self._turn:
            yield MemoryUnit(self.tables)


def _pick(table: Mapping[K, V], keys: Iterable[K]) -> dict[K, V]:
    """The rows of those keys that exist."""
    return {key: table[key] for key in keys if key in table}


def _add(account: Account, delta: list[int]) -> None:
    """Add a batch's folded delta to an account's counters."""
    account.debits_pending += delta[0]
    account.debits_posted += delta[1]
    account.credits_pending += delta[2]
    account.credits_posted += delta[3]


def _is_unseen(row: OutboxRow, terminal: str) -> bool:
    """Whether the row is news that this terminal has not shown."""
    return row.kind == "news" and row.target == terminal and row.seen_at is None
