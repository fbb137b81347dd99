"""The store in memory: the same port, for simulations and tests. One unit at a time, nothing on disk."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from backend.ledger import PLAIN, POST, Account
from backend.operations.entities import Movement
from backend.operations.loaded import Changes, Loaded
from backend.store import desk_memory
from backend.store.load_sql import SALES_FOUND, STATEMENT_LINES
from backend.store.port import ConflictError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from backend.ledger import Transfer
    from backend.operations.drawer_entities import ZReport
    from backend.operations.entities import Alarm, Audit, Operation, Report
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
        codes = {c.hash: c for c in rows.codes.values() if c.hash in keys.codes or c.used_by in keys.proofs - {""}}
        keys.add_holders(codes.values())
        operations = _pick(rows.operations, keys.operations)
        pendings = _pick(rows.pendings, (*keys.operations, *(f"{name}:fee" for name in keys.operations)))
        used = keys.usages | {f"{o.account}:{o.type}" for o in operations.values() if o.id in keys.used_operations}
        named = set(keys.accounts)
        for operation in operations.values():
            named |= {operation.debit, operation.credit}
        for pending in pendings.values():
            named |= {pending.debit, pending.credit}
        for pickup in _pick(rows.pickups, keys.pickups).values():
            named |= {pickup.account, f"wallet:{pickup.wallet}", f"suspense:{pickup.currency}"}
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
            limits=_pick(rows.limits, keys.limits),
            usages=_pick(rows.usages, used),
            codes=codes,
            recent_codes={wallet: self._recent_codes(wallet) for wallet in keys.recent_codes},
            pickups=_pick(rows.pickups, keys.pickups),
            statements={name: self._statement(name) for name in keys.statements},
            sales_by_code=self._sales(keys.sales_by_code),
            approvals=_pick(rows.approvals, keys.approvals),
            **desk_memory.load(self._tables, keys),
            rail_orders=_pick(rows.rail_orders, keys.rail_orders),
        )

    def _recent_codes(self, wallet: str) -> list[int]:
        """When a wallet's latest one-time codes were issued, latest first."""
        return sorted((c.issued_at for c in self._tables.rows.codes.values() if c.wallet == wallet), reverse=True)

    def _statement(self, account: str) -> list[Movement]:
        """An account's latest movements, latest first."""
        found = [
            Movement(t.at, t.code, -t.amount_minor if t.debit == account else t.amount_minor)
            for t in self._tables.transfers
            if account in {t.debit, t.credit} and t.kind in {PLAIN, POST}
        ]
        return found[: -STATEMENT_LINES - 1 : -1]

    def _sales(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Operation]]:
        """Paid sales of a terminal's merchant by their authorisation code, latest first."""
        rows = self._tables.rows
        found: dict[tuple[str, str], list[Operation]] = {}
        for terminal, code in wanted:
            merchant = rows.terminals[terminal].merchant_account if terminal in rows.terminals else ""
            sales = [
                sale
                for sale in rows.operations.values()
                if (sale.type, sale.state, sale.credit, sale.code) == ("sale", "paid", merchant, code)
            ]
            sales.sort(key=lambda sale: -sale.opened_at)
            found[merchant, code] = sales[:SALES_FOUND]
        return found

    async def commit(self, changes: Changes) -> None:
        """Write everything; the checks that PostgreSQL makes with constraints come first."""
        tables, rows = self._tables, self._tables.rows
        for stored in changes.answers:
            if (stored.origin, stored.id) in rows.answers:
                raise ConflictError("stored_answer")
        if changes.new_operations.keys() & rows.operations.keys() or changes.new_pendings.keys() & rows.pendings.keys():
            raise ConflictError("operation")
        if changes.new_accounts.keys() & rows.accounts.keys():
            raise ConflictError("account")
        rows.accounts |= {name: Account(*opened) for name, opened in changes.new_accounts.items()}
        rows.codes |= changes.codes
        rows.pickups |= changes.pickups
        rows.answers |= {(stored.origin, stored.id): stored for stored in changes.answers}
        rows.operations |= changes.new_operations | changes.operations
        rows.pendings |= changes.new_pendings | changes.pendings
        rows.terminals |= changes.terminals
        rows.rail_orders |= changes.new_rail_orders | changes.rail_orders
        rows.terminal_states |= changes.terminal_states
        rows.wallets |= changes.wallets
        rows.operators |= changes.operators
        rows.usages |= changes.new_usages | changes.usages
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
        """(id, type, expires_at) of open sales, held cash and pickups (by code) whose time is over, oldest first."""
        rows = self.tables.rows
        found = [(o.id, o.type, o.expires_at) for o in rows.operations.values() if o.state in {"open", "held"}]
        found += [(p.code, "pickup", p.expires_at) for p in rows.pickups.values() if p.state in {"waiting", "blocked"}]
        due = [row for row in found if row[2] <= now]
        due.sort(key=lambda row: row[2])
        return due[:limit]

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
