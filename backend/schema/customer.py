"""Tables of customers' care: who did what."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Table, Text, text
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
