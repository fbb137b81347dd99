"""What the rest of the backend may ask of a vault; an HSM can stand behind the same four questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class VaultError(Exception):
    """The vault cannot do its work: a key is missing or does not open. Never holds key material."""


class EnvelopeError(VaultError):
    """A message that the vault does not vouch for. `reason` is one of the wire's refusal reasons."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope whose MAC held: who signed it, with which counter, and the bytes that were signed."""

    ksn: bytes
    counter: int
    payload: bytes = field(repr=False)


class EncryptedPin(Protocol):
    """A format 4 PIN block and the KSN whose PIN key enciphers it (the executor's PinBlock fits)."""

    @property
    def block(self) -> bytes:
        """The sixteen enciphered bytes."""

    @property
    def ksn(self) -> bytes:
        """The twelve bytes that name the key."""


class Vault(Protocol):
    """Envelopes and PINs, under keys that never leave."""

    def open_envelope(self, jws: bytes, expected_ikid: bytes) -> Opened:
        """Check size, form, key owner, counter and MAC, in that order.

        Raises:
            EnvelopeError: with the wire's reason; nothing about the message may be believed.
        """

    def seal(self, payload: bytes, ksn: bytes) -> bytes:
        """Sign `payload` for the terminal under the response key (usage 2001) of `ksn`; gives the JWS."""

    def check_pin(self, pin: EncryptedPin, account: str, verifier: bytes) -> bool:
        """Whether the PIN in the block is the account's. Noise, a wrong account or a foreign key are False."""

    def make_verifier(self, account: str, pin: str) -> bytes:
        """A keyed verifier to store for `account`; worthless without the vault's key."""

    def verifier_of(self, pin: EncryptedPin, account: str) -> bytes:
        """A verifier of the PIN in the block; empty when the block holds none for `account`."""

    def is_weak_pin(self, pin: EncryptedPin, account: str) -> bool:
        """Whether anybody would guess the PIN in the block. False when it holds none for `account`."""

    def enclose_pin(self, account: str, pin: str) -> tuple[bytes, bytes]:
        """(block, KSN) of a PIN typed elsewhere than at a terminal, opaque from here on; only this vault opens it.

        Raises:
            VaultError: it is not 4 to 12 digits.
        """

    def code_hash(self, code: str) -> str:
        """A keyed hash (64 hex digits) to store and find a one-time code by; worthless without the vault's key."""

    def initial_key(self, ikid: bytes) -> bytes:
        """The initial key to put into one terminal, once, when it is provisioned."""
