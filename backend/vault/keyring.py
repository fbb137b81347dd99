"""The vault's keys in the database, each sealed under the master key."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from backend.vault.port import VaultError
from backend.vault.soft import BDK_BYTES, PIN_KEY_BYTES, SoftVault

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    from backend.vault.sealing import MasterKey

    Connection = asyncpg.Connection | PoolConnectionProxy

BDK = "bdk:"
PIN = "pin:"


async def load_vault(connection: Connection | asyncpg.Pool, master: MasterKey) -> SoftVault:
    """Open every stored key. Raises VaultError when there is none, or one does not open."""
    rows = await connection.fetch("SELECT name, sealed FROM vault_key")
    opened = {row["name"]: master.open(row["name"], row["sealed"]) for row in rows}
    bdks = {bytes.fromhex(name.removeprefix(BDK)): key for name, key in opened.items() if name.startswith(BDK)}
    pins = {int(name.removeprefix(PIN)): key for name, key in opened.items() if name.startswith(PIN)}
    if not bdks or not pins:
        raise VaultError("The database holds no vault keys: run `kassa backend seed`.")
    return SoftVault(bdks, pins)


async def add_keys(connection: Connection, master: MasterKey, bdk_id: bytes, now: int) -> None:
    """Make the base key `bdk_id` and the first PIN-verifier key where they are missing; existing ones stay."""
    wanted = {f"{BDK}{bdk_id.hex().upper()}": BDK_BYTES, f"{PIN}1": PIN_KEY_BYTES}
    for name, size in wanted.items():
        await connection.execute(
            "INSERT INTO vault_key (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            name,
            master.seal(name, secrets.token_bytes(size)),
            now,
        )
