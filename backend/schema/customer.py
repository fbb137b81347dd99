"""Tables of customers' care: who did what, limits by KYC level and what is used of them, proposals, cards."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from backend.schema.base import metadata


def _text(name: str, *arguments: Any, **options: Any) -> Column[str]:
    return Column(name, Text, *arguments, nullable=False, **options)


def _big(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)


#: Who did what to whom, and when; a trigger refuses every change. `who` is "o:<operator>", "s:<staff login>",
#: "w:<wallet>" or "k:<worker>"; `origin` and `id` name the command, empty where there was none.
audit: Final = Table(
    "audit",
    metadata,
    _big("seq", primary_key=True, autoincrement=False, server_default=text("kassa_row_seq()")),
    _big("at"),
    *(_text(n) for n in ("who", "what", "subject")),
    Column("details", JSONB, nullable=False),
    *(_text(n) for n in ("origin", "id")),
    Index("audit_subject", "subject", "seq"),
    Index("audit_who", "who", "seq"),
)
#: NULL is no limit.
limit_rule: Final = Table(
    "limit_rule",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    _text("service", primary_key=True),
    _text("currency", primary_key=True),
    _big("valid_from", primary_key=True, autoincrement=False),
    _big("valid_to"),
    Column("operation_minor", BigInteger),
    Column("day_minor", BigInteger),
    Column("day_count", Integer),
    Column("month_minor", BigInteger),
    Column("month_count", Integer),
    Index("limit_rule_service", "service", "currency"),
)
#: The current day and month of a wallet and service, "<wallet>:<service>": one row, written with each operation.
usage: Final = Table(
    "usage",
    metadata,
    _text("id", primary_key=True),
    Column("day", Integer, nullable=False),
    _big("day_minor"),
    Column("day_count", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    _big("month_minor"),
    Column("month_count", Integer, nullable=False),
)
#: What one member of staff proposes and another decides.
proposal: Final = Table(
    "proposal",
    metadata,
    _text("id", primary_key=True),
    *(_text(n) for n in ("kind", "subject")),
    Column("body", JSONB, nullable=False),
    _text("reason"),
    _text("state", server_default="open"),
    _text("proposed_by"),
    *(_big(n) for n in ("proposed_at", "expires_at")),
    _text("decided_by", server_default=""),
    _big("decided_at", server_default="0"),
    Index("proposal_state", "state", "proposed_at"),
)
#: A card that a rail knows by `id`; of its number only the last four digits are kept.
linked_card: Final = Table(
    "linked_card",
    metadata,
    _text("id", primary_key=True),
    _text("wallet", ForeignKey("wallet.number")),
    *(_text(n) for n in ("rail", "brand", "masked_number", "expires")),
    _text("status", server_default="active"),
    _big("linked_at"),
    Index("linked_card_wallet", "wallet", "rail"),
)
