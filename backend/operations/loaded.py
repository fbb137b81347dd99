"""What a batch loads, and what its commit writes: plain collections of records, by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.ledger import Account, Pending, Transfer
    from backend.operations.drawer_entities import CashBag, Drawer, DrawerEntry, LateItem, ZReport
    from backend.operations.entities import (
        Alarm,
        Approval,
        Audit,
        LimitRule,
        Movement,
        News,
        NewsAgain,
        NewsSeen,
        Notice,
        OneTimeCode,
        OpenAccount,
        Operation,
        Operator,
        Pickup,
        Report,
        StoredAnswer,
        Tariff,
        Terminal,
        TerminalState,
        Usage,
        Wallet,
    )
    from backend.operations.rail_entities import RailOrder


@dataclass(slots=True)
class Loaded:
    """What the store found for a batch's keys. The dicts belong to the batch: it changes them."""

    answers: dict[tuple[str, str], StoredAnswer] = field(default_factory=dict)
    terminals: dict[str, Terminal] = field(default_factory=dict)
    terminal_states: dict[str, TerminalState] = field(default_factory=dict)
    operators: dict[str, Operator] = field(default_factory=dict)
    wallets: dict[str, Wallet] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    pendings: dict[str, Pending] = field(default_factory=dict)
    tariffs: dict[tuple[str, str], list[Tariff]] = field(default_factory=dict)
    limits: dict[tuple[str, str], list[LimitRule]] = field(default_factory=dict)
    usages: dict[str, Usage] = field(default_factory=dict)
    codes: dict[str, OneTimeCode] = field(default_factory=dict)
    #: wallet -> when its latest codes were issued, latest first
    recent_codes: dict[str, list[int]] = field(default_factory=dict)
    pickups: dict[str, Pickup] = field(default_factory=dict)
    statements: dict[str, list[Movement]] = field(default_factory=dict)
    #: (merchant's account, authorisation code) -> paid sales, latest first
    sales_by_code: dict[tuple[str, str], list[Operation]] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    drawers: dict[str, Drawer] = field(default_factory=dict)
    #: (drawer, line)
    entries: dict[tuple[str, str], DrawerEntry] = field(default_factory=dict)
    #: paid sales of an open drawer, as an entry
    sales: dict[str, DrawerEntry] = field(default_factory=dict)
    #: (branch, bag number)
    bags: dict[tuple[str, str], CashBag] = field(default_factory=dict)
    late: dict[str, LateItem] = field(default_factory=dict)
    rail_orders: dict[str, RailOrder] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """What a batch's commit writes. Account counters are folded: one delta per account, however many transfers."""

    answers: list[StoredAnswer] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    #: account -> [debits pending, debits posted, credits pending, credits posted], to be added
    deltas: dict[str, list[int]] = field(default_factory=dict)
    new_pendings: dict[str, Pending] = field(default_factory=dict)
    pendings: dict[str, Pending] = field(default_factory=dict)
    new_operations: dict[str, Operation] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    terminals: dict[str, Terminal] = field(default_factory=dict)
    terminal_states: dict[str, TerminalState] = field(default_factory=dict)
    wallets: dict[str, Wallet] = field(default_factory=dict)
    operators: dict[str, Operator] = field(default_factory=dict)
    new_drawers: dict[str, Drawer] = field(default_factory=dict)
    drawers: dict[str, Drawer] = field(default_factory=dict)
    entries: dict[tuple[str, str], DrawerEntry] = field(default_factory=dict)
    new_bags: dict[str, CashBag] = field(default_factory=dict)
    bags: dict[str, CashBag] = field(default_factory=dict)
    new_late: dict[str, LateItem] = field(default_factory=dict)
    late: dict[str, LateItem] = field(default_factory=dict)
    z_reports: list[ZReport] = field(default_factory=list)
    new_usages: dict[str, Usage] = field(default_factory=dict)
    usages: dict[str, Usage] = field(default_factory=dict)
    new_approvals: dict[str, Approval] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    seen: list[NewsSeen] = field(default_factory=list)
    again: list[NewsAgain] = field(default_factory=list)
    codes: dict[str, OneTimeCode] = field(default_factory=dict)
    pickups: dict[str, Pickup] = field(default_factory=dict)
    new_accounts: dict[str, OpenAccount] = field(default_factory=dict)
    new_rail_orders: dict[str, RailOrder] = field(default_factory=dict)
    rail_orders: dict[str, RailOrder] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not any(getattr(self, name) for name in self.__slots__)
