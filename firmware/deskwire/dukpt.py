"""AES DUKPT (ANSI X9.24-3-2017): key set identifiers, counters, and the host's derivation.

A key type is (algorithm of the derived key, its length in bits); a usage is the standard's two-byte key usage.
Directions are the terminal's view: MAC_UP is what a terminal signs, MAC_DOWN what it verifies. The terminal's side is
`Registers`.
"""

from deskwire.dukpt_registers import Registers, Transaction
from deskwire.dukpt_rules import (
    AES128,
    AES192,
    AES256,
    HMAC128,
    HMAC192,
    HMAC256,
    IKID_SIZE,
    LAST_COUNTER,
    USAGE_DERIVATION,
    USAGE_INITIAL,
    USAGE_MAC_DOWN,
    USAGE_MAC_UP,
    USAGE_PIN,
    derivation_data,
    derive,
    is_valid_counter,
    ksn,
    next_counter,
    ones,
    type_of,
)
from deskwire.errors import DukptError

KSN_SIZE = 12

TDEA2 = (0x0000, 128)
TDEA3 = (0x0001, 192)

USAGE_KEK = 0x0002
USAGE_MAC_BOTH = 0x2002
USAGE_DATA_UP = 0x3000
USAGE_DATA_DOWN = 0x3001
USAGE_DATA_BOTH = 0x3002

UPDATE_COUNTER = 0xFFFFFFFF


def initial_key(bdk: bytes, ikid: bytes) -> bytes:
    """The initial key (IK) of a terminal; as long as the BDK. Lives in the vault and, once, in provisioning."""
    return derive(bdk, USAGE_INITIAL, type_of(bdk), ikid, 0)


def step(parent: bytes, ikid: bytes, counter: int) -> bytes:
    """The derivation key of `counter` from that of `parent_of(counter)` (the IK for 0): one derivation."""
    return derive(parent, USAGE_DERIVATION, type_of(parent), ikid, counter)


def parent_of(counter: int) -> int:
    """`counter` without its lowest one bit: whose derivation key `counter`'s is one step from."""
    return counter & (counter - 1)


def derivation_key(ik: bytes, ikid: bytes, counter: int) -> bytes:
    """The derivation key of a transaction: one step for each one bit, at most 16. DukptError for an invalid counter."""
    check_counter(counter)
    return walk(ik, ikid, counter)


def working_key(dk: bytes, usage: int, key_type: "tuple[int, int]", ikid: bytes, counter: int) -> bytes:
    """The key of one usage and type; never stronger than the key it comes from (6.1.3)."""
    return derive(dk, usage, key_type, ikid, counter)


def update_key(ik: bytes, ikid: bytes) -> bytes:
    """The key that wraps a new IK for remote reload: usage 0002 under the reserved counter FFFFFFFF."""
    return derive(update_derivation_key(ik, ikid), USAGE_KEK, type_of(ik), ikid, UPDATE_COUNTER)


def update_derivation_key(ik: bytes, ikid: bytes) -> bytes:
    """The derivation key of the reserved counter FFFFFFFF."""
    return walk(ik, ikid, UPDATE_COUNTER)


def check_counter(counter: int) -> None:
    """DukptError unless the counter is valid."""
    if not is_valid_counter(counter):
        raise DukptError("the counter is 0, has more than 16 one bits, or is above FFFF0000")


def split_ksn(identifier: bytes) -> "tuple[bytes, int]":
    """KSN -> (initial key id, counter). The counter is not judged here: see is_valid_counter."""
    if len(identifier) != KSN_SIZE:
        raise DukptError("a KSN is 12 bytes, not %d" % len(identifier))
    return bytes(identifier[:IKID_SIZE]), int.from_bytes(identifier[IKID_SIZE:], "big")


def walk(ik: bytes, ikid: bytes, counter: int) -> bytes:
    """The derivation key of any 32-bit counter, valid for a transaction or not: for the update key and for vectors."""
    key = ik
    walked = 0
    bit = 1 << 31
    while bit:
        if counter & bit:
            walked |= bit
            key = step(key, ikid, walked)
        bit >>= 1
    return key


#: The names a reader of the standard and the vault use.
PIN = USAGE_PIN
MAC_UP = USAGE_MAC_UP
MAC_DOWN = USAGE_MAC_DOWN

__all__ = [
    "AES128",
    "AES192",
    "AES256",
    "HMAC128",
    "HMAC192",
    "HMAC256",
    "IKID_SIZE",
    "KSN_SIZE",
    "LAST_COUNTER",
    "MAC_DOWN",
    "MAC_UP",
    "PIN",
    "TDEA2",
    "TDEA3",
    "UPDATE_COUNTER",
    "USAGE_DATA_BOTH",
    "USAGE_DATA_DOWN",
    "USAGE_DATA_UP",
    "USAGE_DERIVATION",
    "USAGE_INITIAL",
    "USAGE_KEK",
    "USAGE_MAC_BOTH",
    "USAGE_MAC_DOWN",
    "USAGE_MAC_UP",
    "USAGE_PIN",
    "DukptError",
    "Registers",
    "Transaction",
    "check_counter",
    "derivation_data",
    "derivation_key",
    "derive",
    "initial_key",
    "is_valid_counter",
    "ksn",
    "next_counter",
    "ones",
    "parent_of",
    "split_ksn",
    "step",
    "type_of",
    "update_derivation_key",
    "update_key",
    "walk",
    "working_key",
]
