"""Tables of the cash desk's own life: approvals, drops, reports."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, text

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
drawer_entry = Table(
    "drawer_entry",
    metadata,
    *(Column(n, Text, primary_key=True) for n in ("drawer", "line")),
    *(Column(n, BigInteger, nullable=False) for n in ("times", "in_minor", "out_minor")),
)
cash_bag = Table(
    "cash_bag",
    metadata,
    Column("id", Text, primary_key=True),
    Column("branch", Text, ForeignKey("branch.id"), nullable=False),
    *(Column(n, Text, nullable=False) for n in ("bag", "terminal", "drawer", "operator", "kind")),
    Column("amount_minor", BigInteger, nullable=False),
    *(Column(n, Text, nullable=False) for n in ("currency", "state")),
    Column("dropped_at", BigInteger, nullable=False),
    Column("received_by", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index("cash_bag_on_its_way", "branch", "bag", unique=True, postgresql_where=text("state = 'transit'")),
)
late_item = Table(
    "late_item",
    metadata,
    Column("id", Text, primary_key=True),
    *(Column(n, Text, nullable=False) for n in ("terminal", "drawer", "operation", "line")),
    *(Column(n, BigInteger, nullable=False) for n in ("in_minor", "out_minor")),
    Column("currency", Text, nullable=False),
    *(Column(n, BigInteger, nullable=False) for n in ("at", "z_number")),
    Index("late_item_unreported", "terminal", postgresql_where=text("z_number = 0")),
)
z_report = Table(
    "z_report",
    metadata,
    Column("id", Text, primary_key=True),
    Column("terminal", Text, ForeignKey("terminal.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("branch", Text, nullable=False),
    Column("drawer", Text, nullable=False, unique=True),
    *(Column(n, Text, nullable=False) for n in ("operator", "supervisor", "reason", "currency")),
    *(
        Column(n, BigInteger, nullable=False)
        for n in ("float_minor", "counted_minor", "expected_minor", "opened_at", "closed_at")
    ),
    Column("body", Text, nullable=False),
    Index("z_report_number", "terminal", "number", unique=True),
)
