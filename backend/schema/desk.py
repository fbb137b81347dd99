"""Tables of the cash desk's own life: approvals, drops, reports."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from backend.schema.base import metadata

approval = Table(
    "approval",
    metadata,
    Column("id", Text, primary_key=True),
    Column("terminal", Text, ForeignKey("terminal.id"), nullable=False),
    *(Column(n, Text, nullable=False) for n in ("purpose", "operation")),
    Column("amount_minor", BigInteger, nullable=False),
    *(Column(n, Text, nullable=False) for n in ("currency", "supervisor", "operator")),
    *(Column(n, BigInteger, nullable=False) for n in ("granted_at", "expires_at", "used_at")),
    Column("used_by", Text, nullable=False),
    Index("approval_terminal", "terminal", "granted_at"),
)
