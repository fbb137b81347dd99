"""The vault in software: keys in this process's memory, sealed at rest."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from backend.vault import signing
from backend.vault.chains import MAX_CHAINS, Chains
from backend.vault.port import EnvelopeError, Opened, VaultError
from backend.vault.weak_pins import is_weak
from deskwire import dukpt, envelope, pinblock
from deskwire.errors import PinBlockError, WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.vault.port import EncryptedPin

BDK_ID_BYTES = 4
BDK_BYTES = 32
PIN_KEY_BYTES = 32
VERIFIER_FORMAT = 1
SALT_BYTES = 16
#: format, key version, salt, HMAC-SHA-256
VERIFIER_BYTES = 2 + SALT_BYTES + 32


class SoftVault:
    """Envelopes and PINs under AES-256 base derivation keys and versioned PIN-verifier keys."""

    __slots__ = ("_bdks", "_chains", "_own_key", "_pin_keys", "_pin_version")

    def __init__(
        self, bdks: Mapping[bytes, bytes], pin_keys: Mapping[int, bytes], *, max_chains: int = MAX_CHAINS
    ) -> None:
        """Take the keys.

        Args:
            bdks: 4-byte BDK id to 32-byte base derivation key.
            pin_keys: version (1..255) to 32-byte verifier key; the highest makes new verifiers.
            max_chains: terminals whose derivation chains are remembered.
        """
        if any(len(name) != BDK_ID_BYTES or len(key) != BDK_BYTES for name, key in bdks.items()):
            raise VaultError("A base derivation key is 32 bytes under a 4-byte id.")
        if not pin_keys or any(len(key) != PIN_KEY_BYTES for key in pin_keys.values()):
            raise VaultError("At least one 32-byte PIN-verifier key is needed.")
        self._bdks = dict(bdks)
        self._pin_keys = dict(pin_keys)
        self._pin_version = max(pin_keys)
        #: Enciphers PINs on their way from this process's edge to its decisions; it dies with the process.
        self._own_key = secrets.token_bytes(32)
        self._chains = Chains(self.initial_key, max_chains)

    def __repr__(self) -> str:
        return f"SoftVault({len(self._bdks)} base keys, hidden)"

    def initial_key(self, ikid: bytes) -> bytes:
        """The initial key to put into one terminal, once, when it is provisioned."""
        bdk = self._bdks.get(ikid[:BDK_ID_BYTES])
        if bdk is None:
            raise VaultError(f"No base derivation key {ikid[:BDK_ID_BYTES].hex().upper()} in this vault.")
        return dukpt.initial_key(bdk, ikid)

    def open_envelope(self, jws: bytes, expected_ikid: bytes) -> Opened:
        """Check size, form, key owner, counter and MAC, in that order (see the port)."""
        try:
            parts = envelope.split(jws, envelope.UP_LIMIT)
        except WireError as error:
            raise EnvelopeError(error.reason, str(error)) from None
        ikid, counter = dukpt.split_ksn(parts.ksn)
        if ikid != expected_ikid:
            raise EnvelopeError("wrong_terminal", "The key named in the header belongs to another terminal.")
        if counter > dukpt.LAST_COUNTER:
            raise EnvelopeError("key_exhausted", "The key's transaction counters are used up.")
        if not dukpt.is_valid_counter(counter):
            raise EnvelopeError("not_authentic", "The key's transaction counter is not one that a terminal can use.")
        if not signing.verify(parts, self._chains.keys(ikid, counter).mac_up):
            raise EnvelopeError("not_authentic", "The signature does not hold.")
        return Opened(parts.ksn, counter, parts.payload)

    def seal(self, payload: bytes, ksn: bytes) -> bytes:
        """Sign `payload` for the terminal under the response key (usage 2001) of `ksn`; gives the JWS."""
        ikid, counter = dukpt.split_ksn(ksn)
        return signing.seal(payload, ksn, self._chains.keys(ikid, counter).mac_down)

    def check_pin(self, pin: EncryptedPin, account: str, verifier: bytes) -> bool:
        """Whether the PIN in the block is the account's. Noise, a wrong account or a foreign key are False."""
        if len(verifier) != VERIFIER_BYTES or verifier[0] != VERIFIER_FORMAT or verifier[1] not in self._pin_keys:
            raise VaultError("A stored PIN verifier has a form or key version that this vault does not know.")
        digits = self._decode(pin, account)
        if digits is None:
            return False
        try:
            made = self._verifier(verifier[1], verifier[2 : 2 + SALT_BYTES], account, digits)
        finally:
            pinblock.wipe(digits)
        return hmac.compare_digest(made, verifier)

    def make_verifier(self, account: str, pin: str) -> bytes:
        """A keyed verifier to store for `account`; worthless without the vault's key."""
        if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
            raise VaultError("A PIN has 4 to 12 digits.")
        digits = bytearray(pin.encode())
        return self._verifier(self._pin_version, secrets.token_bytes(SALT_BYTES), account, digits)

    def verifier_of(self, pin: EncryptedPin, account: str) -> bytes:
        """A verifier of the PIN in the block; empty when the block holds none for `account`."""
        digits = self._decode(pin, account)
        if digits is None:
            return b""
        try:
            return self._verifier(self._pin_version, secrets.token_bytes(SALT_BYTES), account, digits)
        finally:
            pinblock.wipe(digits)

    def is_weak_pin(self, pin: EncryptedPin, account: str) -> bool:
        """Whether anybody would guess the PIN in the block. False when it holds none for `account`."""
        digits = self._decode(pin, account)
        if digits is None:
            return False
        try:
            return is_weak(digits, account)
        finally:
            pinblock.wipe(digits)

    def enclose_pin(self, account: str, pin: str) -> tuple[bytes, bytes]:
        """(block, KSN) of a PIN typed elsewhere than at a terminal; only this vault opens it (see the port)."""
        if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
            raise VaultError("A PIN has 4 to 12 digits.")
        digits = bytearray(pin.encode())
        try:
            return pinblock.encode(digits, account, secrets.token_bytes(8), self._own_key), b""
        finally:
            pinblock.wipe(digits)

    def code_hash(self, code: str) -> str:
        """A keyed hash (64 hex digits) to store and find a one-time code by; worthless without the vault's key."""
        return hmac.new(self._pin_keys[self._pin_version], b"kassa one-time code" + code.encode(), "sha256").hexdigest()

    def _decode(self, pin: EncryptedPin, account: str) -> bytearray | None:
        if not pin.ksn:
            return self._opened(pin.block, account, self._own_key)
        ikid, counter = dukpt.split_ksn(pin.ksn)
        if not dukpt.is_valid_counter(counter):
            return None
        return self._opened(pin.block, account, self._chains.keys(ikid, counter).pin)

    @staticmethod
    def _opened(block: bytes, account: str, key: bytes) -> bytearray | None:
        try:
            return pinblock.decode(block, account, key)
        except PinBlockError:
            return None

    def _verifier(self, version: int, salt: bytes, account: str, digits: bytearray) -> bytes:
        head = bytes((VERIFIER_FORMAT, version)) + salt
        message = bytearray(b"kassa pin verifier" + head + account.encode() + b"\0") + digits
        try:
            return head + hmac.digest(self._pin_keys[version], message, "sha256")
        finally:
            pinblock.wipe(message)
