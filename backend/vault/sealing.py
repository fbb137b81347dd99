"""Keys at rest: AES-256-GCM under a master key that comes from the environment or a 0600 file."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.vault.port import VaultError

if TYPE_CHECKING:
    from pathlib import Path

MASTER_KEY_BYTES = 32
NONCE_BYTES = 12
MASTER_KEY_FILE = "vault-master.key"


class MasterKey:
    """The key that seals the vault's keys; opaque, and silent when printed."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        if len(key) != MASTER_KEY_BYTES:
            raise VaultError(f"The vault's master key must be {MASTER_KEY_BYTES} bytes (64 hex digits).")
        self._aead = AESGCM(key)

    def __repr__(self) -> str:
        return "MasterKey(hidden)"

    def seal(self, name: str, secret: bytes) -> bytes:
        """Seal `secret` under a fresh nonce, bound to its name, so that stored keys cannot be exchanged."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """The secret that `seal` hid. Raises VaultError when the key is another or the bytes were changed."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise VaultError(
                f"The sealed key {name} does not open: the master key is not the one it was sealed with. "
                "Set KASSA_VAULT_MASTER_KEY, or put the right file into the state directory."
            ) from None


def load_master_key(configured_hex: str | None, state_dir: Path, *, create: bool = False) -> MasterKey:
    """The master key: from the setting if there is one, else from the state directory's 0600 file.

    Args:
        configured_hex: 64 hex digits (KASSA_VAULT_MASTER_KEY), or None.
        state_dir: where `vault-master.key` lies.
        create: make the file when it is missing (development only).
    """
    if configured_hex:
        return MasterKey(_from_hex(configured_hex, "KASSA_VAULT_MASTER_KEY"))
    path = state_dir / MASTER_KEY_FILE
    if not path.exists():
        if not create:
            raise VaultError(f"No vault master key: set KASSA_VAULT_MASTER_KEY or write {path} (64 hex digits, 0600).")
        _create(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise VaultError(f"{path} can be read by others (mode {mode:o}): run chmod 600 on it.")
    return MasterKey(_from_hex(path.read_text().strip(), str(path)))


def _create(path: Path) -> None:
    """Write a new random master key; a file that another process made first is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(MASTER_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _from_hex(text: str, where: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise VaultError(f"{where} must be {2 * MASTER_KEY_BYTES} hex digits.") from None
