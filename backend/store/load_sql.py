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
    LimitRule,
    Movement,
    OneTimeCode,
    Operation,
    Operator,
    Pickup,
    StoredAnswer,
    Tariff,
    Terminal,
    TerminalState,
    Usage,
    Wallet,
)
from backend.operations.loaded import Loaded
from backend.operations.rail_entities import RailOrder
from backend.store import desk_load
from backend.store.columns import array_of, text_column
from backend.store.load_part import FOUND, Part, columns_of, lister, rows_of, taker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.operations.keys import Keys
    from backend.store.load_part import Row


def _take_terminals(loaded: Loaded, rows: Sequence[Row]) -> None:
    for row in rows:
        found = Terminal(*row)
        loaded.terminals[found.id] = found._replace(services=tuple(found.services))


def _take_accounts(loaded: Loaded, rows: Sequence[Row]) -> None:
    accounts = loaded.accounts
    for row in rows:
        accounts[row[0]] = Account(*row)


def _tariff(*row: Any) -> Tariff:
    """A tariff; the tiers' columns come as arrays of text, which is what the driver reads inside of rows."""
    plain = Tariff._fields.index("tier_from_minor")
    return Tariff(*row[:plain], *(tuple(map(int, column)) for column in row[plain:]))


def _take_recent_codes(loaded: Loaded, rows: Sequence[Row]) -> None:
    for wallet, issued_at in rows:
        loaded.recent_codes.setdefault(wallet, []).append(issued_at)


def _take_statements(loaded: Loaded, rows: Sequence[Row]) -> None:
    for account, *movement in rows:
        loaded.statements.setdefault(account, []).append(Movement(*movement))


def _take_sales(loaded: Loaded, rows: Sequence[Row]) -> None:
    for row in rows:
        sale = Operation(*row)
        loaded.sales_by_code.setdefault((sale.credit, sale.code), []).append(sale)


_TARIFF: Final = ", ".join(
    f"found.{name}::text[]" if name.startswith("tier_") else f"found.{name}" for name in Tariff._fields
)
_ACCOUNT: Final = (
    "found.id, found.currency, found.flags, found.debits_pending, found.debits_posted, found.credits_pending, "
    "found.credits_posted"
)
_TERMINAL: Final = (
    "found.id, found.branch, found.merchant, found.outlet, found.services, found.status, found.config_version, "
    "found.currency, found.operators_version, found.merchant_name, found.merchant_city, found.country, found.mcc, "
    "found.tax_number, found.till_low_minor, found.till_high_minor"
)
#: The accounts a batch names.
_NAMED: Final = "{0}"
#: The same with those its operations and holds name, and those of its terminals' branches.
_DERIVED: Final = (
    "ARRAY(SELECT unnest({0})"
    " UNION ALL SELECT unnest(ARRAY[o.debit, o.credit]) FROM operation o WHERE o.id = ANY({1})"
    " UNION ALL SELECT unnest(ARRAY[p.debit, p.credit]) FROM pending_transfer p WHERE p.id = ANY({2})"
    " UNION ALL SELECT k.prefix || ':' || t.branch FROM unnest({3}, {4}) AS k (prefix, terminal)"
    " JOIN terminal t ON t.id = k.terminal"
    " UNION ALL SELECT unnest(ARRAY['pickup:' || q.code, 'wallet:' || q.wallet, 'suspense:' || q.currency])"
    " FROM pickup q WHERE q.code = ANY({5}))"
)


def _accounts(names: str) -> str:
    """Accounts by an array of ids: those with limits locked, in the order of the ids; then what is left, as it is."""
    return (
        f"(WITH named AS MATERIALIZED (SELECT {names} AS ids), locked AS MATERIALIZED"  # noqa: S608  (constants of this file)
        " (SELECT * FROM account a WHERE a.id = ANY((SELECT ids FROM named)::text[]) AND a.flags <> 0"
        " ORDER BY a.id FOR NO KEY UPDATE)"
        f" SELECT array_agg(ROW({_ACCOUNT})) FROM (SELECT * FROM locked UNION ALL SELECT * FROM account a"
        " WHERE a.id = ANY(ARRAY(SELECT unnest(ids) FROM named EXCEPT SELECT id FROM locked)) AND a.flags = 0)"
        " AS found)"
    )


#: Before all else: a terminal's messages take turns on its state. The rest is read by a later statement, whose snapshot
#: therefore holds everything that earlier messages of these terminals did, also when we had to wait for them.
TERMINAL_STATES: Final = (
    f"SELECT {columns_of(TerminalState, 's')} FROM terminal_state s"  # noqa: S608  (constants of this file)
    f" WHERE s.terminal = ANY({array_of('$1', 'text')}) ORDER BY s.terminal FOR NO KEY UPDATE"
)
_USAGES: Final = "SELECT * FROM usage WHERE id = ANY({}) ORDER BY id FOR NO KEY UPDATE"
#: Next: one-time codes by their hash or by the message that used them. The wallets behind them join the batch's keys.
CODES: Final = (
    f"SELECT {columns_of(OneTimeCode, 'c')} FROM one_time_code c"  # noqa: S608  (constants of this file)
    f" WHERE c.hash = ANY({array_of('$1', 'text')})"
    f" OR (c.used_by <> '' AND c.used_by = ANY({array_of('$2', 'text')})) ORDER BY c.hash FOR NO KEY UPDATE"
)
#: Lines of a mini statement, and codes and sales looked at: what a terminal's screen or an answer's size can take.
STATEMENT_LINES: Final = 8
RECENT_CODES: Final = 20
SALES_FOUND: Final = 5
_RECENT_CODES: Final = (
    "SELECT c.wallet, c.issued_at FROM unnest({0}) AS k (wallet), LATERAL (SELECT o.wallet, o.issued_at"  # noqa: S608
    f" FROM one_time_code o WHERE o.wallet = k.wallet ORDER BY o.issued_at DESC LIMIT {RECENT_CODES}) AS c"
    " ORDER BY c.issued_at DESC"
)
_SALES: Final = (
    "SELECT s.* FROM unnest({0}, {1}) AS k (terminal, code) JOIN terminal t ON t.id = k.terminal, LATERAL ("  # noqa: S608
    "SELECT * FROM operation o WHERE o.type = 'sale' AND o.state = 'paid' AND o.code = k.code"
    f" AND o.credit = 'merchant:' || t.merchant ORDER BY o.opened_at DESC LIMIT {SALES_FOUND}) AS s"
    " ORDER BY s.opened_at DESC"
)
_MOVED: Final = "SELECT t.seq, t.at, t.code, {sign}t.amount_minor AS amount FROM transfer t WHERE t.{side} = k.account"
_STATEMENT_SIDES: Final = " UNION ALL ".join(
    f"({_MOVED.format(sign=sign, side=side)} AND t.kind IN (0, 2) ORDER BY t.seq DESC LIMIT {STATEMENT_LINES})"
    for sign, side in (("-", "debit"), ("", "credit"))
)
_STATEMENTS: Final = (
    "SELECT k.account, m.at, m.code, m.amount, m.seq FROM unnest({0}) AS k (account), LATERAL ("  # noqa: S608
    f"SELECT * FROM ({_STATEMENT_SIDES}) AS both_sides ORDER BY seq DESC LIMIT {STATEMENT_LINES}) AS m"
    " ORDER BY m.seq DESC"
)
#: In the order of locking. Parts of one name exclude each other.
PARTS: Final[dict[str, Part]] = {
    "operations": Part(
        rows_of(
            columns_of(Operation, FOUND),
            "SELECT * FROM operation WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        taker("operations", Operation),
    ),
    "rail_orders": Part(
        rows_of(
            columns_of(RailOrder, FOUND),
            "SELECT * FROM rail_order WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        taker("rail_orders", RailOrder),
    ),
    "locked_operators": Part(
        rows_of(
            columns_of(Operator, FOUND),
            "SELECT * FROM operator WHERE number = ANY({0}) ORDER BY number FOR NO KEY UPDATE",
        ),
        taker("operators", Operator),
    ),
    "locked_wallets": Part(
        rows_of(
            columns_of(Wallet, FOUND),
            "SELECT * FROM wallet WHERE number = ANY({0}) ORDER BY number FOR NO KEY UPDATE",
        ),
        taker("wallets", Wallet),
    ),
    "usages": Part(rows_of(columns_of(Usage, FOUND), _USAGES.format("{0}")), taker("usages", Usage)),
    "usages_derived": Part(
        rows_of(
            columns_of(Usage, FOUND),
            _USAGES.format(
                "ARRAY(SELECT unnest({0})"
                " UNION ALL SELECT o.account || ':' || o.type FROM operation o WHERE o.id = ANY({1}))"
            ),
        ),
        taker("usages", Usage),
    ),
    "pickups": Part(
        rows_of(
            columns_of(Pickup, FOUND),
            "SELECT * FROM pickup WHERE code = ANY({0}) ORDER BY code FOR NO KEY UPDATE",
        ),
        taker("pickups", Pickup),
    ),
    "pendings": Part(
        rows_of(
            columns_of(Pending, FOUND),
            "SELECT * FROM pending_transfer WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        taker("pendings", Pending),
    ),
    "accounts": Part(_accounts(_NAMED), _take_accounts),
    "accounts_derived": Part(_accounts(_DERIVED), _take_accounts),
    "approvals": Part(
        rows_of(
            columns_of(Approval, FOUND),
            "SELECT * FROM approval WHERE id = ANY({0}) ORDER BY id FOR NO KEY UPDATE",
        ),
        taker("approvals", Approval),
    ),
    "terminals": Part(
        rows_of(
            _TERMINAL,
            "SELECT t.*, b.currency, b.operators_version, b.till_low_minor, b.till_high_minor,"
            " m.name AS merchant_name, m.city AS merchant_city,"
            " m.country, m.mcc, m.tax_number FROM terminal t"
            " JOIN branch b ON b.id = t.branch JOIN merchant m ON m.id = t.merchant"
            " WHERE t.id = ANY({0})",
        ),
        _take_terminals,
    ),
    "operators": Part(
        rows_of(columns_of(Operator, FOUND), "SELECT * FROM operator WHERE number = ANY({0})"),
        taker("operators", Operator),
    ),
    "wallets": Part(
        rows_of(columns_of(Wallet, FOUND), "SELECT * FROM wallet WHERE number = ANY({0})"),
        taker("wallets", Wallet),
    ),
    "tariffs": Part(
        rows_of(
            _TARIFF,
            "SELECT r.* FROM tariff r JOIN unnest({0}, {1}) AS wanted (service, currency) USING (service, currency)",
        ),
        lister("tariffs", _tariff, 0),
    ),
    "limits": Part(
        rows_of(
            columns_of(LimitRule, FOUND),
            "SELECT r.* FROM limit_rule r JOIN unnest({0}, {1}) AS wanted (service, currency)"
            " USING (service, currency)",
        ),
        lister("limits", LimitRule, 1),
    ),
    "recent_codes": Part(
        rows_of(
            "found.wallet, found.issued_at",
            _RECENT_CODES,
        ),
        _take_recent_codes,
    ),
    "statements": Part(
        rows_of(
            "found.account, found.at, found.code, found.amount",
            _STATEMENTS,
        ),
        _take_statements,
    ),
    "sales_by_code": Part(
        rows_of(
            columns_of(Operation, FOUND),
            _SALES,
        ),
        _take_sales,
    ),
    "answers": Part(
        rows_of(
            columns_of(StoredAnswer, FOUND),
            "SELECT s.* FROM stored_answer s JOIN unnest({0}, {1}) AS wanted (origin, id) USING (origin, id)",
        ),
        taker("answers", StoredAnswer, 2),
    ),
    **desk_load.PARTS,
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
    wanted = {name: columns for name, columns in _wanted(keys) if any(columns)}
    names = tuple(wanted)
    statement = _statements.get(names)
    if statement is None:
        statement = _statements[names] = _compose(wanted)
    parameters = [text_column(ids, len(ids)) for columns in wanted.values() for ids in columns]
    return Request(names, statement, parameters)


def _wanted(keys: Keys) -> Iterator[tuple[str, tuple[list[str], ...]]]:
    """Each part's keys as columns, in the order of PARTS; a part without keys is not loaded."""
    yield "operations", (list(keys.operations),)
    yield "rail_orders", (list(keys.rail_orders),)
    yield "locked_operators", (list(keys.locked_operators),)
    yield "locked_wallets", (list(keys.locked_wallets),)
    if keys.used_operations:
        yield "usages_derived", (list(keys.usages), list(keys.used_operations))
    else:
        yield "usages", (list(keys.usages),)
    yield "pickups", (list(keys.pickups),)
    pending_ids = [*keys.operations, *(f"{name}:fee" for name in keys.operations)]
    yield "pendings", (pending_ids,)
    if keys.operations or keys.branch_accounts or keys.pickups:
        branches = _columns_of(keys.branch_accounts)
        derived = (list(keys.accounts), list(keys.operations), pending_ids, *branches, list(keys.pickups))
        yield "accounts_derived", derived
    else:
        yield "accounts", (list(keys.accounts),)
    yield "bags", _columns_of(keys.bags)
    for name in ("drawers", "entries", "sales", "late"):
        yield name, (list(keys.reports),)
    yield "approvals", (list(keys.approvals),)
    yield "terminals", (list(keys.terminals),)
    yield "operators", (list(keys.operators - keys.locked_operators),)
    yield "wallets", (list(keys.wallets - keys.locked_wallets),)
    yield "recent_codes", (list(keys.recent_codes),)
    yield "statements", (list(keys.statements),)
    yield "sales_by_code", _columns_of(keys.sales_by_code)
    yield "tariffs", _columns_of(keys.tariffs)
    yield "limits", _columns_of(keys.limits)
    yield "answers", _columns_of(keys.answers)


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


def _compose(wanted: dict[str, tuple[list[str], ...]]) -> str:
    """The statement, its parameters numbered through."""
    parts, used = [], 0
    for name, values in wanted.items():
        numbered = [array_of(f"${used + place + 1}", "text") for place in range(len(values))]
        used += len(values)
        parts.append(PARTS[name].query.format(*numbered))
    return "SELECT " + ",\n".join(parts)
