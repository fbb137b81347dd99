"""Small pieces of HTML for the live views. Every text goes through escape: nothing on the wire becomes markup."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING, Any

import segno

from deskwire.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from simulators.links.traffic import Passed

_GOOD = frozenset({"ok", "as_told", "delivered", "remembered", "nothing_to_do"})


def money(amount_minor: int | None, currency: str) -> str:
    """An amount for a person, thousands separated by a thin space; a dash when it is not known."""
    if amount_minor is None:
        return "–"
    whole, point, rest = format_minor(abs(amount_minor), currency).partition(".")
    grouped = f"{int(whole):,}".replace(",", "\u202f")
    return f"{'−' if amount_minor < 0 else ''}{grouped}{point}{rest}"


def clock(at: float) -> str:
    """Local wall time of an epoch second."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def table(testid: str, heads: Sequence[str], rows: Iterable[str], empty: str) -> str:
    """A table with a sticky head, or a sentence when there are no rows."""
    body = "".join(rows)
    if not body:
        return f'<div class="empty" data-testid="{testid}">{escape(empty)}</div>'
    head = "".join(
        f"<th{' class=num' if name.startswith('>') else ''}>{escape(name.lstrip('>'))}</th>" for name in heads
    )
    return f'<table data-testid="{testid}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def message_row(passed: Passed) -> str:
    """One message: when, what, its id, how often it went up, and what came back."""
    if not passed.outcome:
        outcome, mark = "waiting", "wait"
    else:
        outcome, mark = passed.outcome, "ok" if passed.outcome in _GOOD else "bad"
    copies = f"×{passed.copies}" if passed.copies > 1 else ""
    took = "" if passed.answered_ms is None else f"{passed.answered_ms} ms"
    return (
        f'<tr data-testid="message" data-id="{escape(passed.id)}" data-type="{escape(passed.type)}"'
        f' data-outcome="{escape(passed.outcome)}" data-copies="{passed.copies}">'
        f'<td class="soft">{clock(passed.at)}</td>'
        f'<td><span class="tag {escape(passed.kind)}">{escape(passed.kind)}</span></td>'
        f'<td>{escape(passed.type)}</td><td class="mono">{escape(passed.id)}</td>'
        f'<td class="{mark}">{escape(outcome.replace("_", " "))}</td>'
        f'<td class="soft num">{copies}</td><td class="soft num">{took}</td></tr>'
    )


def posting_row(row: dict[str, Any]) -> str:
    """One ledger entry: when, what for, from where to where, how much, and the end of its operation's id."""
    operation = str(row["operation"])
    short = f"…{operation[-8:]}" if len(operation) > 8 else operation
    return (
        f'<tr data-testid="posting" data-amount="{int(row["amount_minor"])}" data-operation="{escape(operation)}">'
        f'<td class="soft">{clock(row["at"])}</td><td>{escape(str(row["what"]).replace("_", " "))}</td>'
        f"<td>{_account(row['debit'])}</td><td>{_account(row['credit'])}</td>"
        f'<td class="num">{money(int(row["amount_minor"]), row["currency"])}</td>'
        f'<td class="mono" title="{escape(operation)}">{escape(short)}</td></tr>'
    )


def _account(name: str) -> str:
    kind, _, rest = str(name).partition(":")
    return f'{escape(kind.replace("_", " "))} <span class="mono">{escape(rest)}</span>'


def figures(testid: str, pairs: Iterable[tuple[str, str, str]]) -> str:
    """Label and value pairs: (label, value, name of the value for tests)."""
    lines = "".join(
        f'<span class="soft">{escape(label)}</span>'
        f'<span class="num" data-testid="{testid}-{name}">{escape(value)}</span>'
        for label, value, name in pairs
    )
    return f'<div class="figures" data-testid="{testid}">{lines}</div>'


def qr(text: str) -> str:
    """A QR code as an image's address."""
    return str(segno.make(text, error="m").svg_data_uri(scale=4))
