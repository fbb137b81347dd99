"""The commit of a batch: one statement, composed of a data-modifying part for each kind of row the batch changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from backend.store.columns import array_of, column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.operations.loaded import Changes


class Part(NamedTuple):
    """One kind of row: its statement with {rows} for the unnested parameters, and the parameters' types."""

    statement: str
    types: tuple[str, ...]


#: In the order of writing: first what is ours alone, last the rows that batches share (counters and free accounts),
#: each in the order of their ids, so that two commits never wait for each other in a circle.
PARTS: Final[dict[str, Part]] = {
    "answers": Part(
        "INSERT INTO stored_answer (origin, id, digest, operation, kind, at, body, refused, alarm)"
        " SELECT r.origin, r.id, decode(r.digest, 'hex'), r.operation, r.kind, r.at, r.body, r.refused, r.alarm"
        " FROM {rows} AS r (origin, id, digest, operation, kind, at, body, refused, alarm)",
        ("text", "text", "hex", "text", "text", "bigint", "text", "text", "text"),
    ),
    "transfers": Part(
        "INSERT INTO transfer (seq, id, kind, debit, credit, amount_minor, currency, code, pending_id, operation, at)"
        " SELECT base.seq + r.place, r.id, r.kind, r.debit, r.credit, r.amount, r.currency, r.code, r.pending,"
        " r.operation, r.at FROM (SELECT kassa_batch_seq() AS seq) AS base, {rows} WITH ORDINALITY"
        " AS r (id, kind, debit, credit, amount, currency, code, pending, operation, at, place)",
        ("text", "smallint", "text", "text", "bigint", "text", "smallint", "text", "text", "bigint"),
    ),
    "new_pendings": Part(
        "INSERT INTO pending_transfer (id, debit, credit, amount_minor, currency, code, operation, state, expires_at)"
        " SELECT * FROM {rows}",
        ("text", "text", "text", "bigint", "text", "smallint", "text", "smallint", "bigint"),
    ),
    "pendings": Part(
        "UPDATE pending_transfer AS p SET state = r.state FROM {rows} AS r (id, state) WHERE p.id = r.id",
        ("text", "smallint"),
    ),
    "new_operations": Part(
        "INSERT INTO operation (id, terminal, type, state, debit, credit, account, amount_minor, fee_minor, currency,"
        " operator, drawer, code, reference, party, opened_at, expires_at, closed_at, refunded_minor)"
        " SELECT * FROM {rows}",
        (*("text",) * 7, "bigint", "bigint", *("text",) * 6, *("bigint",) * 4),
    ),
    "operations": Part(
        "UPDATE operation AS o SET state = r.state, debit = r.debit, credit = r.credit, account = r.account,"
        " drawer = r.drawer, code = r.code, party = r.party, closed_at = r.closed_at,"
        " refunded_minor = r.refunded_minor"
        " FROM {rows} AS r (id, state, debit, credit, account, drawer, code, party, closed_at, refunded_minor)"
        " WHERE o.id = r.id",
        (*("text",) * 8, "bigint", "bigint"),
    ),
    "terminals": Part(
        "UPDATE terminal AS t SET services = string_to_array(r.services, ' '),"
        " config_version = greatest(r.config_version, t.config_version + 1)"
        " FROM {rows} AS r (id, services, config_version) WHERE t.id = r.id",
        ("text", "text", "integer"),
    ),
    "new_rail_orders": Part(
        "INSERT INTO rail_order (id, rail, service, name, token, shown, origin, source, state, amount_minor, currency,"
        " rail_reference, receipt, reason, opened_at, closed_at, attempts, next_at) SELECT * FROM {rows}",
        (*("text",) * 9, "bigint", *("text",) * 4, "bigint", "bigint", "integer", "bigint"),
    ),
    "rail_orders": Part(
        "UPDATE rail_order AS o SET origin = r.origin, source = r.source, state = r.state,"
        " rail_reference = r.rail_reference, receipt = r.receipt, reason = r.reason, closed_at = r.closed_at,"
        " next_at = r.next_at FROM {rows} AS r (id, origin, source, state, rail_reference, receipt, reason, closed_at,"
        " next_at) WHERE o.id = r.id",
        (*("text",) * 7, "bigint", "bigint"),
    ),
    "terminal_states": Part(
        "UPDATE terminal_state AS s SET ksn_highest = r.ksn_highest, ksn_seen = r.ksn_seen,"
        " session_ksn = decode(r.session_ksn, 'hex'), operator = r.operator, drawer = r.drawer,"
        " drawer_operator = r.drawer_operator, firmware = r.firmware, boot_reason = r.boot_reason,"
        " hello_at = r.hello_at, heard_at = r.heard_at, drawer_counted = r.drawer_counted, z_number = r.z_number"
        " FROM {rows} AS r (terminal, ksn_highest, ksn_seen, session_ksn, operator, drawer, drawer_operator, firmware,"
        " boot_reason, hello_at, heard_at, drawer_counted, z_number) WHERE s.terminal = r.terminal",
        ("text", "bigint", "bigint", "hex", *("text",) * 5, *("bigint",) * 4),
    ),
    "wallets": Part(
        "UPDATE wallet AS w SET tries = r.tries, status = r.status, authorise_by = r.authorise_by,"
        " verifier = decode(r.verifier, 'hex')"
        " FROM {rows} AS r (number, tries, status, authorise_by, verifier) WHERE w.number = r.number",
        ("text", "integer", "text", "text", "hex"),
    ),
    "operators": Part(
        "UPDATE operator AS o SET tries = r.tries, status = r.status FROM {rows} AS r (number, tries, status)"
        " WHERE o.number = r.number",
        ("text", "integer", "text"),
    ),
    "new_usages": Part(
        "INSERT INTO usage (id, day, day_minor, day_count, month, month_minor, month_count) SELECT * FROM {rows}",
        ("text", "integer", "bigint", "integer", "integer", "bigint", "integer"),
    ),
    "usages": Part(
        "UPDATE usage AS u SET day = r.day, day_minor = r.day_minor, day_count = r.day_count, month = r.month,"
        " month_minor = r.month_minor, month_count = r.month_count"
        " FROM {rows} AS r (id, day, day_minor, day_count, month, month_minor, month_count) WHERE u.id = r.id",
        ("text", "integer", "bigint", "integer", "integer", "bigint", "integer"),
    ),
    "codes": Part(
        "INSERT INTO one_time_code AS c (hash, wallet, issued_at, expires_at, used_at, used_by, terminal, spent_by)"
        " SELECT * FROM {rows} ON CONFLICT (hash) DO UPDATE SET used_at = EXCLUDED.used_at,"
        " used_by = EXCLUDED.used_by, terminal = EXCLUDED.terminal, spent_by = EXCLUDED.spent_by",
        ("text", "text", "bigint", "bigint", "bigint", "text", "text", "text"),
    ),
    "pickups": Part(
        "INSERT INTO pickup AS p (code, operation, terminal, state, amount_minor, fee_minor, currency, wallet,"
        " verifier, tries, opened_at, expires_at, closed_at) SELECT r.code, r.operation, r.terminal, r.state,"
        " r.amount_minor, r.fee_minor, r.currency, r.wallet, decode(r.verifier, 'hex'), r.tries, r.opened_at,"
        " r.expires_at, r.closed_at"
        " FROM {rows} AS r (code, operation, terminal, state, amount_minor, fee_minor, currency, wallet, verifier,"
        " tries, opened_at, expires_at, closed_at) ON CONFLICT (code) DO UPDATE SET state = EXCLUDED.state,"
        " wallet = EXCLUDED.wallet, verifier = EXCLUDED.verifier, tries = EXCLUDED.tries,"
        " closed_at = EXCLUDED.closed_at",
        (*("text",) * 4, "bigint", "bigint", "text", "text", "hex", "integer", *("bigint",) * 3),
    ),
    "new_drawers": Part(
        "INSERT INTO drawer (id, terminal, operator, currency, float_minor, opened_at, state, counted_minor,"
        " expected_minor, pieces, counted_at, closed_at) SELECT * FROM {rows}",
        (*("text",) * 4, "bigint", "bigint", "text", "bigint", "bigint", "text", "bigint", "bigint"),
    ),
    "drawers": Part(
        "UPDATE drawer AS d SET state = r.state, counted_minor = r.counted_minor, expected_minor = r.expected_minor,"
        " pieces = r.pieces, counted_at = r.counted_at, closed_at = r.closed_at FROM {rows}"
        " AS r (id, state, counted_minor, expected_minor, pieces, counted_at, closed_at) WHERE d.id = r.id",
        ("text", "text", "bigint", "bigint", "text", "bigint", "bigint"),
    ),
    "new_bags": Part(
        "INSERT INTO cash_bag (id, branch, bag, terminal, drawer, operator, kind, amount_minor, currency, state,"
        " dropped_at, received_by, received_at) SELECT * FROM {rows}",
        (*("text",) * 7, "bigint", "text", "text", "bigint", "text", "bigint"),
    ),
    "bags": Part(
        "UPDATE cash_bag AS b SET state = r.state, received_by = r.received_by, received_at = r.received_at"
        " FROM {rows} AS r (id, state, received_by, received_at) WHERE b.id = r.id",
        ("text", "text", "text", "bigint"),
    ),
    "new_late": Part(
        "INSERT INTO late_item (id, terminal, drawer, operation, line, in_minor, out_minor, currency, at, z_number)"
        " SELECT * FROM {rows}",
        (*("text",) * 5, "bigint", "bigint", "text", "bigint", "bigint"),
    ),
    "late": Part(
        "UPDATE late_item AS l SET z_number = r.z_number FROM {rows} AS r (id, z_number) WHERE l.id = r.id",
        ("text", "bigint"),
    ),
    "z_reports": Part(
        "INSERT INTO z_report (id, terminal, number, branch, drawer, operator, supervisor, reason, currency,"
        " float_minor, counted_minor, expected_minor, opened_at, closed_at, body) SELECT * FROM {rows}",
        ("text", "text", "bigint", *("text",) * 6, *("bigint",) * 5, "text"),
    ),
    "entries": Part(
        "INSERT INTO drawer_entry AS e (drawer, line, times, in_minor, out_minor) SELECT * FROM {rows}"
        " ON CONFLICT (drawer, line) DO UPDATE SET times = e.times + excluded.times,"
        " in_minor = e.in_minor + excluded.in_minor, out_minor = e.out_minor + excluded.out_minor",
        ("text", "text", "bigint", "bigint", "bigint"),
    ),
    "new_approvals": Part(
        "INSERT INTO approval (id, terminal, purpose, operation, amount_minor, currency, supervisor, operator,"
        " granted_at, expires_at, used_at, used_by) SELECT * FROM {rows}",
        (*("text",) * 4, "bigint", *("text",) * 3, *("bigint",) * 3, "text"),
    ),
    "approvals": Part(
        "UPDATE approval AS a SET used_at = r.used_at, used_by = r.used_by FROM {rows} AS r (id, used_at, used_by)"
        " WHERE a.id = r.id",
        ("text", "bigint", "text"),
    ),
    "reports": Part(
        "INSERT INTO device_report (terminal, at, name, body) SELECT * FROM {rows}",
        ("text", "bigint", "text", "jsonb"),
    ),
    "alarms": Part(
        "INSERT INTO alarm (name, details, origin, id, at) SELECT * FROM {rows}",
        ("text", "jsonb", "text", "text", "bigint"),
    ),
    "audits": Part(
        "INSERT INTO audit (who, what, subject, details, at, origin, id) SELECT * FROM {rows}",
        ("text", "text", "text", "jsonb", "bigint", "text", "text"),
    ),
    "seen": Part(
        "UPDATE outbox AS o SET seen_at = r.at FROM {rows} AS r (terminal, number, at)"
        " WHERE o.kind = 'news' AND o.seen_at IS NULL AND o.target = r.terminal AND o.number <= r.number",
        ("text", "bigint", "bigint"),
    ),
    "again": Part(
        "INSERT INTO outbox (seq, kind, target, number, name, payload, created_at, expires_at)"
        " SELECT base.seq + 524288 + row_number() OVER (ORDER BY u.target, u.number), 'news', u.target, u.number,"
        " u.name, u.payload, u.at, u.expires_at FROM (SELECT kassa_batch_seq() AS seq) AS base,"
        " (SELECT DISTINCT ON (o.target, o.number) o.target, o.number, o.name, o.payload, r.at, o.expires_at"
        " FROM {rows} AS r (terminal, at, seen) JOIN outbox o ON o.kind = 'news' AND o.seen_at IS NULL"
        " AND o.target = r.terminal AND o.expires_at > r.at AND o.number > r.seen ORDER BY o.target, o.number) AS u",
        ("text", "bigint", "bigint"),
    ),
    "notices": Part(
        "INSERT INTO outbox (seq, kind, target, number, name, payload, created_at, expires_at)"
        " SELECT base.seq + 262144 + r.place, 'notice', r.wallet, 0, r.name, r.body, r.at, r.at + 31536000"
        " FROM (SELECT kassa_batch_seq() AS seq) AS base, {rows} WITH ORDINALITY AS r (wallet, name, body, at, place)",
        ("text", "text", "jsonb", "bigint"),
    ),
    "news": Part(
        "INSERT INTO outbox (seq, kind, target, number, name, payload, created_at, expires_at)"
        " SELECT base.seq + r.place, 'news', r.terminal, counted.number - counted.fresh"
        " + row_number() OVER (PARTITION BY r.terminal ORDER BY r.place), r.name, r.body, r.at, r.expires_at"
        " FROM (SELECT kassa_batch_seq() AS seq) AS base, {rows} WITH ORDINALITY"
        " AS r (terminal, name, body, at, expires_at, place) JOIN counted ON counted.terminal = r.terminal",
        ("text", "text", "jsonb", "bigint", "bigint"),
    ),
    "new_accounts": Part(
        "INSERT INTO account (id, currency, flags, debits_pending, debits_posted, credits_pending, credits_posted)"
        " SELECT * FROM {rows}",
        ("text", "text", "integer", *("bigint",) * 4),
    ),
    "deltas": Part(
        "UPDATE account AS a SET debits_pending = a.debits_pending + r.dp, debits_posted = a.debits_posted + r.dq,"
        " credits_pending = a.credits_pending + r.cp, credits_posted = a.credits_posted + r.cq"
        " FROM {rows} AS r (id, dp, dq, cp, cq) WHERE a.id = r.id",
        ("text", "bigint", "bigint", "bigint", "bigint"),
    ),
}
#: News are numbered by terminal, strictly upwards. The counter is written only here, in terminals' order.
COUNTED: Final = (
    "counted AS (UPDATE news_counter AS c SET number = c.number + r.fresh FROM {rows} AS r (terminal, fresh)"
    " WHERE c.terminal = r.terminal RETURNING c.terminal, c.number, r.fresh)"
)
#: Readers of the outbox listen here.
NOTIFY: Final = "pg_notify('kassa_outbox', '')"

#: Statements by the parts they are made of. Batches have few shapes: bounded by the combinations that occur.
_statements: dict[tuple[str, ...], str] = {}


def request(changes: Changes) -> tuple[str, list[str]]:
    """The statement that writes these changes, and its parameters."""
    written: dict[str, list[str]] = {}
    for name, rows in _rows(changes):
        if rows:
            types = PARTS[name].types
            written[name] = [column(values, kind) for values, kind in zip(zip(*rows, strict=True), types, strict=True)]
    if changes.news:
        fresh = Counter(news.terminal for news in changes.news)
        ordered = sorted(fresh)
        written["news"] += [column(ordered, "text"), column([fresh[name] for name in ordered], "bigint")]
    names = tuple(written)
    statement = _statements.get(names)
    if statement is None:
        statement = _statements[names] = _compose(names)
    return statement, [text for texts in written.values() for text in texts]


def _rows(changes: Changes) -> Iterable[tuple[str, list[tuple[Any, ...]]]]:
    """Each kind's rows, in the order of PARTS. Rows two batches may both write are in the order of their ids."""
    yield "answers", sorted(changes.answers)
    yield "transfers", [transfer[:10] for transfer in changes.transfers]
    yield "new_pendings", [changes.new_pendings[name] for name in sorted(changes.new_pendings)]
    yield "pendings", [(name, changes.pendings[name].state) for name in sorted(changes.pendings)]
    yield "new_operations", [changes.new_operations[name] for name in sorted(changes.new_operations)]
    yield (
        "operations",
        [
            (o.id, o.state, o.debit, o.credit, o.account, o.drawer, o.code, o.party, o.closed_at, o.refunded_minor)
            for o in changes.operations.values()
        ],
    )
    yield "terminals", [(t.id, " ".join(t.services), t.config_version) for t in changes.terminals.values()]
    yield "new_rail_orders", [changes.new_rail_orders[name] for name in sorted(changes.new_rail_orders)]
    yield (
        "rail_orders",
        [
            (o.id, o.origin, o.source, o.state, o.rail_reference, o.receipt, o.reason, o.closed_at, o.next_at)
            for o in changes.rail_orders.values()
        ],
    )
    yield "terminal_states", list(changes.terminal_states.values())
    yield "wallets", [(w.number, w.tries, w.status, w.authorise_by, w.verifier) for w in changes.wallets.values()]
    yield "operators", [(o.number, o.tries, o.status) for o in changes.operators.values()]
    yield "new_drawers", list(changes.new_drawers.values())
    yield (
        "drawers",
        [
            (d.id, d.state, d.counted_minor, d.expected_minor, d.pieces, d.counted_at, d.closed_at)
            for d in changes.drawers.values()
        ],
    )
    yield "new_bags", list(changes.new_bags.values())
    yield "bags", [(b.id, b.state, b.received_by, b.received_at) for b in changes.bags.values()]
    yield "new_late", list(changes.new_late.values())
    yield "late", [(item.id, item.z_number) for item in changes.late.values()]
    yield "z_reports", list(changes.z_reports)
    yield "entries", [changes.entries[key] for key in sorted(changes.entries)]
    yield "new_usages", [changes.new_usages[name] for name in sorted(changes.new_usages)]
    yield "usages", list(changes.usages.values())
    yield "codes", [changes.codes[name] for name in sorted(changes.codes)]
    yield "pickups", [changes.pickups[name] for name in sorted(changes.pickups)]
    yield "new_approvals", list(changes.new_approvals.values())
    yield "approvals", [(a.id, a.used_at, a.used_by) for a in changes.approvals.values()]
    yield "reports", [(r.terminal, r.at, r.name, _json(r.body)) for r in changes.reports]
    yield "alarms", [(a.name, _json(a.details), a.origin, a.id, a.at) for a in changes.alarms]
    yield "audits", [(a.who, a.what, a.subject, _json(a.details), a.at, a.origin, a.id) for a in changes.audits]
    yield "seen", list(changes.seen)
    highest = {seen.terminal: seen.number for seen in changes.seen}
    yield "again", [(again.terminal, again.at, highest.get(again.terminal, 0)) for again in changes.again]
    yield "notices", [(n.wallet, n.name, _json(n.body), n.at) for n in changes.notices]
    yield "news", [(n.terminal, n.name, _json(n.body), n.at, n.expires_at) for n in changes.news]
    opened = changes.new_accounts
    yield "new_accounts", [(*opened[name], *changes.deltas.get(name, (0, 0, 0, 0))) for name in sorted(opened)]
    yield "deltas", [(name, *changes.deltas[name]) for name in sorted(changes.deltas) if name not in opened]


def _json(body: Any) -> str:
    """A body as JSON text."""
    return orjson.dumps(body).decode()


def _compose(names: tuple[str, ...]) -> str:
    """The statement, its parameters numbered through."""
    parts, used = [], 0
    for place, name in enumerate(names):
        part = PARTS[name]
        made = part.statement.format(rows=_unnest(part.types, used))
        used += len(part.types)
        if name == "news":
            parts.append(COUNTED.format(rows=_unnest(("text", "bigint"), used)))
            used += 2
        parts.append(f"w{place} AS ({made})")
    final = NOTIFY if {"news", "notices", "again"} & set(names) else "1"
    return "WITH " + ",\n".join(parts) + f"\nSELECT {final}"


def _unnest(types: tuple[str, ...], used: int) -> str:
    """The parameters as rows."""
    return "unnest(" + ", ".join(array_of(f"${used + place + 1}", kind) for place, kind in enumerate(types)) + ")"
