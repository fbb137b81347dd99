"""The load of a batch: one statement, composed of the parts that the batch needs, with locks in a fixed order.

Each part is a scalar subquery that gives an array of rows. PostgreSQL evaluates them in the order written, which is
the same in every statement, and each part locks its rows in the order of their ids: so two batches never wait for each
other in a circle. Accounts without limits are read without a lock: nothing is decided by their counters, and the
commit adds deltas to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from backend.ledger import Account, Pending
from backend.operations.entities import (
    Approval,
    CashBag,
    Drawer,
    DrawerEntry,
    LateItem,
    Operation,
    Operator,
    StoredAnswer,
    Tariff,
    Terminal,
    TerminalState,
    Wallet,
)
from backend.operations.state import Loaded
from backend.store.columns import array_of, text_column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.operations.keys import Keys

Row = tuple[Any, ...]


class Part(NamedTuple):
    """One kind of row: its query with {0}, {1}... for its keys as arrays, and what takes the rows."""

    query: str
    take: Callable[[Loaded, Sequence[Row]], None]


def _rows(columns: str, source: str) -> str:
    """An array of rows of those columns."""
    return f"(SELECT array_agg(ROW({columns})) FROM ({source}) AS found)"  # noqa: S608  (constants of this file)


def _columns(record: type[Any], alias: str) -> str:
    """The record's fields as columns of a table alias."""
    return ", ".join(f"{alias}.{name}" for name in record._fields)


def _take_terminals(loaded: Loaded, rows: Sequence[Row]) -> None:
    for row in rows:
        found = Terminal(*row)
        loaded.terminals[found.id] = found._replace(services=tuple(found.services))


def _take_accounts(loaded: Loaded, rows: Sequence[Row]) -> None:
    accounts = loaded.accounts
    for row in rows:
        accounts[row[0]] = Account(*row)


def _take_bags(loaded: Loaded, rows: Sequence[Row]) -> None:
    for row in rows:
        bag = CashBag(*row)
        loaded.bags[bag.branch, bag.bag] = bag


def _taker(field: str, record: Callable[..., Any], key_length: int = 1) -> Callable[[Loaded, Sequence[Row]], None]:
    """Fill one of Loaded's dicts, keyed by the first column or columns."""

    def take(loaded: Loaded, rows: Sequence[Row]) -> None:
        target = getattr(loaded, field)
        for row in rows:
            target[row[0] if key_length == 1 else row[:key_length]] = record(*row)

    return take


_FOUND: Final = "found"
_ACCOUNT: Final = (
    "found.id, found.currency, found.flags, found.debits_pending, found.debits_posted, found.credits_pending, "
    "found.credits_posted"
)
_TERMINAL: Final = (
    "found.id, found.branch, found.merchant, found.outlet, found.services, found.status, found.config_version, "
    "found.currency, found.operators_version, found.merchant_name, found.merchant_city, found.country, found.mcc, "
    "found.till_low_minor, found.till_high_minor"
)
#: The accounts a batch names.
_NAMED: Final = "{0}"
#: The same with those its operations and holds name, and those of its terminals' branches.
_DERIVED: Final = (
    "ARRAY(SELECT unnest({0})"
    " UNION ALL SELECT unnest(ARRAY[o.debit, o.credit]) FROM operation o WHERE o.id = ANY({1})"
    " UNION ALL SELECT unnest(ARRAY[p.debit, p.credit]) FROM pending_transfer p WHERE p.id = ANY({2})"
    " UNION ALL SELECT k.prefix || ':' || t.branch FROM unnest({3}, {4}) AS k (prefix, terminal)"
    " JOIN terminal t ON t.id = k.terminal)"
)


def _accounts(names: str, limited: str, lock: str) -> str:
    """Accounts by an array of ids: an index scan in the order of the ids."""
    source = f"SELECT * FROM account a WHERE a.id = ANY({names}) AND {limited} ORDER BY a.id {lock}"  # noqa: S608
    return _rows(_ACCOUNT, source)


_LOCK: Final = "FOR NO KEY UPDATE OF a"
#: Before all else: a terminal's messages take turns on its state. The rest is read by a later statement, whose snapshot
#: therefore holds everything that earlier messages of these terminals did, also when we had to wait for them.
TERMINAL_STATES: Final = (
    f"SELECT {_columns(TerminalState, 's')} FROM terminal_state s"  # noqa: S608  (constants of this file)
    f" WHERE s.terminal = ANY({array_of('$1', 'text')}) ORDER BY s.terminal FOR NO KEY UPDATE"
)
#: In the order of locking. Parts of one name exclude each other.
PARTS: Final[dict[str, Part]] = {
    "operations": Part(
        _rows(
            _columns(Operation, _FOUND),
            "SELECT * FROM operation WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        _taker("operations", Operation),
    ),
    "locked_operators": Part(
        _rows(
            _columns(Operator, _FOUND),
            "SELECT * FROM operator WHERE number = ANY({0}) ORDER BY number FOR NO KEY UPDATE",
        ),
        _taker("operators", Operator),
    ),
    "locked_wallets": Part(
        _rows(
            _columns(Wallet, _FOUND),
            "SELECT * FROM wallet WHERE number = ANY({0}) ORDER BY number FOR NO KEY UPDATE",
        ),
        _taker("wallets", Wallet),
    ),
    "pendings": Part(
        _rows(
            _columns(Pending, _FOUND),
            "SELECT * FROM pending_transfer WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        _taker("pendings", Pending),
    ),
    "limited_accounts": Part(_accounts(_NAMED, "a.flags <> 0", _LOCK), _take_accounts),
    "free_accounts": Part(_accounts(_NAMED, "a.flags = 0", ""), _take_accounts),
    "limited_accounts_derived": Part(_accounts(_DERIVED, "a.flags <> 0", _LOCK), _take_accounts),
    "free_accounts_derived": Part(_accounts(_DERIVED, "a.flags = 0", ""), _take_accounts),
    "approvals": Part(
        _rows(
            _columns(Approval, _FOUND),
            "SELECT * FROM approval WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        _taker("approvals", Approval),
    ),
    "bags": Part(
        _rows(
            _columns(CashBag, _FOUND),
            "SELECT p.* FROM cash_bag p JOIN unnest({0}, {1}) AS wanted (terminal, bag) ON p.bag = wanted.bag"
            " JOIN terminal t ON t.id = wanted.terminal AND t.branch = p.branch WHERE p.state = 'transit'"
            " ORDER BY p.id FOR NO KEY UPDATE OF p",
        ),
        _take_bags,
    ),
    "drawers": Part(
        _rows(
            _columns(Drawer, _FOUND),
            "SELECT d.* FROM terminal_state s JOIN drawer d ON d.id = s.drawer WHERE s.terminal = ANY({0})",
        ),
        _taker("drawers", Drawer),
    ),
    "entries": Part(
        _rows(
            _columns(DrawerEntry, _FOUND),
            "SELECT e.* FROM terminal_state s JOIN drawer_entry e ON e.drawer = s.drawer WHERE s.terminal = ANY({0})",
        ),
        _taker("entries", DrawerEntry, 2),
    ),
    "sales": Part(
        _rows(
            _columns(DrawerEntry, _FOUND),
            "SELECT d.id AS drawer, 'sale' AS line, count(*) AS times, sum(o.amount_minor)::bigint AS in_minor,"
            " 0::bigint AS out_minor FROM terminal_state s JOIN drawer d ON d.id = s.drawer JOIN operation o"
            " ON o.terminal = s.terminal AND o.opened_at >= d.opened_at AND o.drawer = d.id AND o.type = 'sale'"
            " AND o.state = 'paid' WHERE s.terminal = ANY({0}) GROUP BY d.id",
        ),
        _taker("sales", DrawerEntry),
    ),
    "late": Part(
        _rows(
            _columns(LateItem, _FOUND),
            "SELECT * FROM late_item WHERE terminal = ANY({0}) AND z_number = 0 ORDER BY id FOR NO KEY UPDATE",
        ),
        _taker("late", LateItem),
    ),
    "terminals": Part(
        _rows(
            _TERMINAL,
            "SELECT t.*, b.currency, b.operators_version, b.till_low_minor, b.till_high_minor,"
            " m.name AS merchant_name, m.city AS merchant_city,"
            " m.country, m.mcc FROM terminal t JOIN branch b ON b.id = t.branch JOIN merchant m ON m.id = t.merchant"
            " WHERE t.id = ANY({0})",
        ),
        _take_terminals,
    ),
    "operators": Part(
        _rows(_columns(Operator, _FOUND), "SELECT * FROM operator WHERE number = ANY({0})"),
        _taker("operators", Operator),
    ),
    "wallets": Part(
        _rows(_columns(Wallet, _FOUND), "SELECT * FROM wallet WHERE number = ANY({0})"),
        _taker("wallets", Wallet),
    ),
    "tariffs": Part(
        _rows(
            _columns(Tariff, _FOUND),
            "SELECT r.* FROM tariff r JOIN unnest({0}, {1}) AS wanted (service, currency) USING (service, currency)",
        ),
        _taker("tariffs", Tariff, 2),
    ),
    "answers": Part(
        _rows(
            _columns(StoredAnswer, _FOUND),
            "SELECT s.* FROM stored_answer s JOIN unnest({0}, {1}) AS wanted (origin, id) USING (origin, id)",
        ),
        _taker("answers", StoredAnswer, 2),
    ),
}


class Request(NamedTuple):
    """A composed load: the parts' names, the statement, its parameters."""

    names: tuple[str, ...]
    statement: str
    parameters: list[str]


#: Statements by the parts they are made of. Batches have few shapes: bounded by the combinations that occur.
_statements: dict[tuple[str, ...], str] = {}


def request(keys: Keys) -> Request:
    """The load of a batch's keys."""
    wanted: dict[str, tuple[Any, ...]] = {}
    pending_ids = [*keys.operations, *(f"{name}:fee" for name in keys.operations)]
    for name, ids in (
        ("operations", keys.operations),
        ("locked_operators", keys.locked_operators),
        ("locked_wallets", keys.locked_wallets),
        ("pendings", pending_ids),
    ):
        if ids:
            wanted[name] = (list(ids),)
    if keys.operations or keys.branch_accounts:
        derived = (list(keys.accounts), list(keys.operations), pending_ids, *_columns_of(keys.branch_accounts))
        wanted["limited_accounts_derived"] = wanted["free_accounts_derived"] = derived
    elif keys.accounts:
        wanted["limited_accounts"] = wanted["free_accounts"] = (list(keys.accounts),)
    if keys.bags:
        wanted["bags"] = _columns_of(keys.bags)
    for name in ("drawers", "entries", "sales", "late") if keys.reports else ():
        wanted[name] = (list(keys.reports),)
    for name, ids in (
        ("approvals", keys.approvals),
        ("terminals", keys.terminals),
        ("operators", keys.operators - keys.locked_operators),
        ("wallets", keys.wallets - keys.locked_wallets),
    ):
        if ids:
            wanted[name] = (list(ids),)
    if keys.tariffs:
        wanted["tariffs"] = _columns_of(keys.tariffs)
    if keys.answers:
        wanted["answers"] = _columns_of(keys.answers)
    names = tuple(wanted)
    statement = _statements.get(names)
    if statement is None:
        statement = _statements[names] = _compose(wanted)
    parameters = [text_column(ids, len(ids)) for columns in wanted.values() for ids in columns]
    return Request(names, statement, parameters)


def loaded_from(names: tuple[str, ...], row: Sequence[Any] | None) -> Loaded:
    """The rows of a load, as the state reads them."""
    loaded = Loaded()
    if row is not None:
        for name, rows in zip(names, row, strict=True):
            if rows:
                PARTS[name].take(loaded, rows)
    return loaded


def _columns_of(pairs: set[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """A set of pairs as two columns, in one order."""
    ordered = list(pairs)
    return [pair[0] for pair in ordered], [pair[1] for pair in ordered]


def _compose(wanted: dict[str, tuple[Any, ...]]) -> str:
    """The statement, its parameters numbered through."""
    parts, used = [], 0
    for name, values in wanted.items():
        numbered = [array_of(f"${used + place + 1}", "text") for place in range(len(values))]
        used += len(values)
        parts.append(PARTS[name].query.format(*numbered))
    return "SELECT " + ",\n".join(parts)
