"""Tables of the rails: the services that can be paid through them, and the orders given to them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from backend.schema.base import metadata


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


def _big(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)


#: What can be paid: a biller, or a way to send money out. `place` orders the catalogue, `label` says what is typed.
rail_service: Final = Table(
    "rail_service",
    metadata,
    _text("id", primary_key=True),
    _text("rail"),
    _text("kind"),
    Column("place", Integer, nullable=False),
    *(_text(n) for n in ("name", "label")),
    *(Column(n, Integer, nullable=False) for n in ("min_digits", "max_digits")),
    *(_big(n) for n in ("min_minor", "max_minor")),
    _text("currency"),
    _text("status", server_default="active"),
)
rail_order: Final = Table(
    "rail_order",
    metadata,
    _text("id", primary_key=True),
    *(_text(n) for n in ("rail", "service", "name", "token", "shown", "origin", "source", "state")),
    _big("amount_minor"),
    *(_text(n) for n in ("currency", "rail_reference", "receipt", "reason")),
    *(_big(n) for n in ("opened_at", "closed_at")),
    Column("attempts", Integer, nullable=False),
    _big("next_at"),
    Index("rail_order_due", "next_at", postgresql_where=text("state IN ('pending', 'unknown')")),
    Index("rail_order_state", "state", "opened_at"),
)
