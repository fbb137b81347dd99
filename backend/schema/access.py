"""Tables of access: hubs and their credentials, passwords and sessions of wallets and staff, sealed keys."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text

from backend.schema.base import metadata


def _text(name: str, *arguments: Any, **options: Any) -> Column[str]:
    return Column(name, Text, *arguments, nullable=False, **options)


def _big(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)


hub: Final = Table(
    "hub",
    metadata,
    _text("hub", primary_key=True),
    _text("branch", ForeignKey("branch.id")),
    _big("created_at"),
)
#: A credential is a token of 256 random bits; its SHA-256 is kept. A hub may have several while one is renewed.
hub_credential: Final = Table(
    "hub_credential",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    _text("hub", ForeignKey("hub.hub")),
    _big("created_at"),
    Column("revoked_at", BigInteger),
)
staff: Final = Table(
    "staff",
    metadata,
    _text("login", primary_key=True),
    _text("name"),
    _text("role"),
    _big("created_at"),
)
#: Passwords by realm ('wallet': the number, 'staff': the login). Hashes are argon2id.
login: Final = Table(
    "login",
    metadata,
    _text("realm", primary_key=True),
    _text("name", primary_key=True),
    _text("password_hash"),
    Column("failures", Integer, nullable=False, server_default="0"),
    _big("locked_until", server_default="0"),
)
session: Final = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    _text("realm"),
    _text("name"),
    _big("created_at"),
    _big("expires_at"),
    ForeignKeyConstraint(["realm", "name"], ["login.realm", "login.name"], ondelete="CASCADE"),
    Index("session_expiry", "realm", "expires_at"),
)
#: 'bdk:<8 hex>' or 'pin:<version>', sealed with AES-256-GCM under the master key, which is never in the database.
vault_key: Final = Table(
    "vault_key",
    metadata,
    _text("name", primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _big("created_at"),
)
