"""Tables of the money path: parties, ledger, operations, stored answers, outbox."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import UserDefinedType

from backend.schema.base import metadata


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "xid8"


def _text(name: str, *arguments: Any, **options: Any) -> Column[str]:
    return Column(name, Text, *arguments, nullable=False, **options)


def _big(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)


def _int(name: str, **options: Any) -> Column[int]:
    return Column(name, Integer, nullable=False, **options)


def _bytes(name: str, **options: Any) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False, **options)


_ROW_SEQ: Final = text("kassa_row_seq()")

sequence_base = Table(
    "sequence_base",
    metadata,
    Column("only_row", Boolean, primary_key=True, server_default=text("true")),
    _big("base"),
)
account = Table(
    "account",
    metadata,
    _text("id", primary_key=True),
    _text("currency"),
    _int("flags"),
    *(_big(n, server_default="0") for n in ("debits_pending", "debits_posted", "credits_pending", "credits_posted")),
)
transfer = Table(
    "transfer",
    metadata,
    _big("seq", primary_key=True, autoincrement=False),
    _text("id"),
    Column("kind", SmallInteger, nullable=False),
    _text("debit"),
    _text("credit"),
    _big("amount_minor"),
    _text("currency"),
    Column("code", SmallInteger, nullable=False),
    _text("pending_id"),
    _text("operation"),
    _big("at"),
    Index("transfer_debit", "debit", "seq"),
    Index("transfer_credit", "credit", "seq"),
    Index("transfer_resolves", "pending_id", unique=True, postgresql_where=text("kind >= 2")),
)
pending_transfer = Table(
    "pending_transfer",
    metadata,
    _text("id", primary_key=True),
    _text("debit"),
    _text("credit"),
    _big("amount_minor"),
    _text("currency"),
    Column("code", SmallInteger, nullable=False),
    _text("operation"),
    Column("state", SmallInteger, nullable=False),
    _big("expires_at"),
)
chain_block = Table(
    "chain_block",
    metadata,
    _big("number", primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    _big("after_seq"),
    _big("to_seq"),
    _int("entries"),
    *(_bytes(n) for n in ("leaves", "previous", "hash")),
    _big("sealed_at"),
)
branch = Table(
    "branch",
    metadata,
    _text("id", primary_key=True),
    _text("name"),
    _text("currency"),
    _int("operators_version", server_default="1"),
    *(_big(n, server_default="0") for n in ("till_low_minor", "till_high_minor")),
)
merchant = Table(
    "merchant",
    metadata,
    _text("id", primary_key=True),
    *(_text(n) for n in ("name", "city", "country", "mcc", "currency")),
    _text("tax_number", server_default=""),
)
terminal = Table(
    "terminal",
    metadata,
    _text("id", primary_key=True),
    _text("branch", ForeignKey("branch.id")),
    _text("merchant", ForeignKey("merchant.id")),
    _text("outlet"),
    Column("services", ARRAY(Text), nullable=False),
    _text("status", server_default="active"),
    _int("config_version", server_default="1"),
    _bytes("ikid", unique=True),
    _big("created_at"),
)
terminal_state = Table(
    "terminal_state",
    metadata,
    _text("terminal", ForeignKey("terminal.id"), primary_key=True),
    *(_big(n, server_default="0") for n in ("ksn_highest", "ksn_seen")),
    _bytes("session_ksn", server_default=""),
    *(_text(n, server_default="") for n in ("operator", "drawer", "drawer_operator", "firmware", "boot_reason")),
    *(_big(n, server_default="0") for n in ("hello_at", "heard_at")),
    _big("drawer_counted", server_default="-1"),
    _big("z_number", server_default="0"),
)
news_counter = Table(
    "news_counter",
    metadata,
    _text("terminal", ForeignKey("terminal.id"), primary_key=True),
    _big("number", server_default="0"),
)
operator = Table(
    "operator",
    metadata,
    _text("number", primary_key=True),
    _text("branch", ForeignKey("branch.id")),
    _text("name"),
    _text("role"),
    _text("status", server_default="active"),
    _bytes("verifier"),
    _int("tries", server_default="0"),
)
wallet = Table(
    "wallet",
    metadata,
    _text("number", primary_key=True),
    *(_text(n) for n in ("holder", "language", "currency")),
    _text("status", server_default="active"),
    _bytes("verifier"),
    _int("tries", server_default="0"),
    _text("authorise_by", server_default="pin"),
    _int("kyc_level", server_default="1"),
)
one_time_code = Table(
    "one_time_code",
    metadata,
    _text("hash", primary_key=True),
    _text("wallet", ForeignKey("wallet.number")),
    *(_big(n) for n in ("issued_at", "expires_at", "used_at")),
    *(_text(n) for n in ("used_by", "terminal", "spent_by")),
    Index("one_time_code_wallet", "wallet", "issued_at"),
    Index("one_time_code_proof", "used_by", unique=True, postgresql_where=text("used_by <> ''")),
)
pickup = Table(
    "pickup",
    metadata,
    _text("code", primary_key=True),
    *(_text(n) for n in ("operation", "terminal", "state")),
    *(_big(n) for n in ("amount_minor", "fee_minor")),
    *(_text(n) for n in ("currency", "wallet")),
    _bytes("verifier"),
    _int("tries", server_default="0"),
    *(_big(n) for n in ("opened_at", "expires_at", "closed_at")),
    Index("pickup_due", "expires_at", postgresql_where=text("state IN ('waiting', 'blocked')")),
)
tariff = Table(
    "tariff",
    metadata,
    _text("service", primary_key=True),
    _text("currency", primary_key=True),
    _big("fixed_minor"),
    _int("rate_basis_points"),
    _big("max_amount_minor"),
    _big("valid_from", primary_key=True, autoincrement=False, server_default="0"),
    *(_big(n, server_default="0") for n in ("valid_to", "minimum_minor", "cap_minor")),
    _text("payer", server_default="customer"),
    *(
        Column(n, ARRAY(BigInteger), nullable=False, server_default="{}")
        for n in ("tier_from_minor", "tier_fixed_minor", "tier_rate_basis_points")
    ),
)
drawer = Table(
    "drawer",
    metadata,
    _text("id", primary_key=True),
    _text("terminal", ForeignKey("terminal.id")),
    _text("operator"),
    _text("currency"),
    _big("float_minor"),
    _big("opened_at"),
    _text("state", server_default="open"),
    *(_big(n, server_default="0") for n in ("counted_minor", "expected_minor")),
    _text("pieces", server_default="[]"),
    *(_big(n, server_default="0") for n in ("counted_at", "closed_at")),
    Index("drawer_terminal", "terminal", "opened_at"),
)
operation = Table(
    "operation",
    metadata,
    _text("id", primary_key=True),
    *(_text(n) for n in ("terminal", "type", "state", "debit", "credit", "account")),
    *(_big(n) for n in ("amount_minor", "fee_minor")),
    *(_text(n) for n in ("currency", "operator", "drawer", "code", "reference", "party")),
    *(_big(n) for n in ("opened_at", "expires_at", "closed_at")),
    _big("refunded_minor", server_default="0"),
    Index("operation_due", "expires_at", postgresql_where=text("state IN ('open', 'held')")),
    Index("operation_terminal", "terminal", "opened_at"),
    Index("operation_sale_code", "code", postgresql_where=text("type = 'sale' AND state = 'paid'")),
)
stored_answer = Table(
    "stored_answer",
    metadata,
    _text("origin"),
    _text("id"),
    _bytes("digest"),
    _text("operation"),
    _text("kind"),
    _big("at"),
    *(_text(n) for n in ("body", "refused", "alarm")),
    # the id first: it is random, so a comparison ends at its first character; origins share their beginnings
    PrimaryKeyConstraint("id", "origin"),
)
outbox = Table(
    "outbox",
    metadata,
    _big("seq", primary_key=True, autoincrement=False, server_default=_ROW_SEQ),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    _text("kind"),
    _text("target"),
    _big("number"),
    _text("name"),
    Column("payload", JSONB, nullable=False),
    _big("created_at"),
    _big("expires_at"),
    Column("seen_at", BigInteger),
    Index("outbox_unseen", "target", "number", postgresql_where=text("kind = 'news' AND seen_at IS NULL")),
    Index("outbox_notices", "target", "seq", postgresql_where=text("kind = 'notice'")),
)
alarm = Table(
    "alarm",
    metadata,
    _big("seq", primary_key=True, autoincrement=False, server_default=_ROW_SEQ),
    _big("at"),
    *(_text(n) for n in ("name", "origin", "id")),
    Column("details", JSONB, nullable=False),
)
device_report = Table(
    "device_report",
    metadata,
    _big("seq", primary_key=True, autoincrement=False, server_default=_ROW_SEQ),
    _text("terminal"),
    _big("at"),
    _text("name"),
    Column("body", JSONB, nullable=False),
    Index("device_report_terminal", "terminal", "seq"),
)
