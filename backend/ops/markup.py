"""The operations page's tables as HTML: every value escaped, every number in one column's width."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final

from deskwire.errors import WireError
from deskwire.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backend.ops.models import AlarmRow, DrawerState, LedgerState, Posting, TerminalRow
    from backend.web.traffic import Message

#: A terminal heard within this time is online beyond doubt.
FRESH_S: Final = 60
#: Colours of what money did: in is green, out is orange, a sale blue, a hold grey.
TONES: Final = {"sale": "sale", "cash_in": "in", "cash_out": "out", "drawer_float": "float", "suspense": "bad"}


def money(amount_minor: int, currency: str) -> str:
    """An amount in its currency's form, groups of thousands apart."""
    sign, amount = ("-", -amount_minor) if amount_minor < 0 else ("", amount_minor)
    try:
        whole, point, part = format_minor(amount, currency).partition(".")
    except WireError:
        return f"{amount_minor} {currency}"
    return f"{sign}{int(whole):,}{point}{part}".replace(",", "\u202f")


def clock(at: int) -> str:
    """The time of day, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S") if at else "–"


def ago(seconds: int) -> str:
    """How long ago, in the largest unit that tells something."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{max(0, seconds)} s"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> str:
    """A table; heads beginning with ">" are numbers. Cells are HTML already."""
    classes = ["num" if head.startswith(">") else "" for head in heads]
    head = "".join(f'<th class="{c}">{escape(h.lstrip(">"))}</th>' for h, c in zip(heads, classes, strict=True))
    body = "".join(
        "<tr>" + "".join(f'<td class="{c}">{cell}</td>' for cell, c in zip(row, classes, strict=True)) + "</tr>"
        for row in rows
    )
    if not body:
        body = f'<tr><td class="empty" colspan="{len(heads)}">{escape(empty)}</td></tr>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _mono(text: str) -> str:
    return f'<span class="mono">{escape(text)}</span>'


def _soft(text: str) -> str:
    return f'<span class="soft">{escape(text)}</span>'


def _pill(text: str, tone: str) -> str:
    return f'<span class="pill {tone}">{escape(text)}</span>'


def _short(identifier: str) -> str:
    """An id's last eight characters; the whole id is its title."""
    return f'<span class="mono soft" title="{escape(identifier)}">{escape(identifier[-8:])}</span>'


def _account(name: str) -> str:
    kind, _, rest = name.partition(":")
    return f'{escape(kind.replace("_", " "))} <span class="mono soft">{escape(rest)}</span>'


def _presence(t: TerminalRow, now: int) -> str:
    """Online is only said of a terminal that was heard just now; a quiet one may be on or off until it reports."""
    silent_s = now - t.heard_at
    if not t.heard_at:
        return _pill("never heard", "soft")
    if silent_s <= FRESH_S:
        return _pill("online", "good")
    return _pill(f"quiet {ago(silent_s)}", "soft") if t.online else _pill(f"away {ago(silent_s)}", "bad")


def terminals(rows: Iterable[TerminalRow], now: int) -> str:
    """Terminals: on line or how long away, what waits in them, what they run."""

    def row(t: TerminalRow) -> list[str]:
        state = _presence(t, now)
        if t.status != "active":
            state += " " + _pill(t.status, "bad")
        waiting = "–" if t.waiting_tells is None else str(t.waiting_tells)
        if t.waiting_tells:
            waiting = _pill(f"{t.waiting_tells} · {ago(t.oldest_tell_s or 0)}", "warn")
        heap = "–" if t.free_heap is None else f"{t.free_heap // 1024} K"
        return [
            _mono(t.terminal),
            escape(t.merchant),
            state,
            clock(t.heard_at),
            escape(t.operator or "–"),
            waiting,
            str(t.unseen_news),
            _soft(t.firmware or "–"),
            _soft(t.boot_reason or "–"),
            heap,
        ]

    heads = ("Terminal", "Merchant", "State", "Last seen", "Operator", ">Waiting tells", ">Unseen news", "Firmware")
    return table((*heads, "Boot", ">Free heap"), map(row, rows), "No terminal is registered.")


def messages(rows: Iterable[Message]) -> str:
    """Messages as they passed, latest first."""

    def row(m: Message) -> list[str]:
        arrow = "↑" if m.direction == "up" else "↓"
        tone = "good" if m.outcome in {"ok", "sent"} else "bad"
        outcome = _pill(m.outcome.replace("_", " "), tone) + (" " + _pill("again", "soft") if m.replayed else "")
        return [
            str(m.number),
            clock(m.at_ms // 1000),
            _mono(m.terminal),
            f"{arrow} {escape(m.kind or '?')}",
            escape(m.type or "?"),
            _short(m.id),
            outcome,
        ]

    return table((">#", "Time", "Terminal", "Kind", "Type", "Id", "Outcome"), map(row, rows), "No message has passed.")


def postings(rows: Iterable[Posting]) -> str:
    """Ledger rows, latest first: each debits one account and credits another by the same amount."""

    def row(p: Posting) -> list[str]:
        tone = (
            "soft"
            if p.kind in {"hold", "void", "expire"}
            else next((tone for name, tone in TONES.items() if p.what.startswith(name)), "plain")
        )
        return [
            clock(p.at),
            _pill(p.what.replace("_", " "), tone),
            _account(p.debit),
            _account(p.credit),
            f"{money(p.amount_minor, p.currency)} {_soft(p.currency)}",
            _short(p.operation),
        ]

    heads = ("Time", "What", "Debit", "Credit", ">Amount", "Operation")
    return table(heads, map(row, rows), "Nothing is booked.")


def drawers(rows: Iterable[DrawerState], now: int) -> str:
    """Open drawers: whose, since when, how much is in them."""

    def row(d: DrawerState) -> list[str]:
        return [
            _mono(d.terminal),
            _pill("open", "good") if d.state == "open" else _pill("closed", "soft"),
            escape(d.operator or "–"),
            ago(now - d.opened_at) if d.opened_at else "–",
            money(d.cash_minor, d.currency),
            money(d.held_minor, d.currency),
            _soft(d.currency),
        ]

    heads = ("Terminal", "Drawer", "Operator", "Open for", ">Cash", ">Promised", "")
    return table(heads, map(row, rows), "No drawer is open.")


def alarms(rows: Iterable[AlarmRow]) -> str:
    """Alarms, latest first."""
    cells = ([clock(a.at), _pill(a.name.replace("_", " "), "bad"), _mono(a.origin), _short(a.id)] for a in rows)
    return table(("Time", "Alarm", "Origin", "Message"), cells, "No alarm.")


def ledger(state: LedgerState, now: int) -> str:
    """One line: whether the sums are equal, how many rows, how far the chain is sealed."""
    verdict = _pill("ledger balanced", "good") if state.balanced else _pill("LEDGER NOT BALANCED", "bad")
    sums = " · ".join(f"{money(v, c)} {escape(c)}" for c, v in sorted(state.debits_minor.items()))
    sealed = f"{state.sealed_blocks} blocks sealed"
    if state.sealed_at:
        sealed += f", last {ago(now - state.sealed_at)} ago"
    head = f' · head <span class="mono">{escape(state.chain_head[:12])}</span>' if state.chain_head else ""
    return f'{verdict} <span class="soft">{state.transfers} rows · {sums} on each side · {sealed}{head}</span>'
