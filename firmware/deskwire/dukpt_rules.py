"""AES DUKPT's tables and rules that terminal and host share: derivation data, key types, usages, counters, KSN.

What only a host uses is in dukpt.py.
"""

from deskwire import primitives
from deskwire.errors import DukptError, KeyExhaustedError

IKID_SIZE = 8

AES128 = (0x0002, 128)
AES192 = (0x0003, 192)
AES256 = (0x0004, 256)
HMAC128 = (0x0005, 128)
HMAC192 = (0x0005, 192)
HMAC256 = (0x0005, 256)

USAGE_PIN = 0x1000
USAGE_MAC_UP = 0x2000
USAGE_MAC_DOWN = 0x2001
USAGE_DERIVATION = 0x8000
USAGE_INITIAL = 0x8001

#: A counter has at most this many one bits, so that no transaction costs a host more derivations.
MAX_ONES = 16
LAST_COUNTER = 0xFFFF0000

#: Nominal security of the derived key in bits, where it is not its length (NIST SP 800-57, table 2).
_TDEA_STRENGTH = 112

_DERIVING_TYPES = {16: AES128, 24: AES192, 32: AES256}


def type_of(key: bytes) -> "tuple[int, int]":
    """The AES type of a BDK, initial key or derivation key, by its length."""
    if len(key) not in _DERIVING_TYPES:
        raise DukptError("an AES DUKPT key has 16, 24 or 32 bytes, not %d" % len(key))
    return _DERIVING_TYPES[len(key)]


def derivation_data(usage: int, key_type: "tuple[int, int]", ikid: bytes, counter: int, block: int = 1) -> bytes:
    """The 16 bytes that are enciphered to make block `block` (1 or 2) of a key."""
    if len(ikid) != IKID_SIZE:
        raise DukptError("an initial key id is 8 bytes, not %d" % len(ikid))
    algorithm, bits = key_type
    head = bytes((1, block)) + usage.to_bytes(2, "big") + algorithm.to_bytes(2, "big") + bits.to_bytes(2, "big")
    if usage == USAGE_INITIAL:
        return head + ikid
    return head + ikid[4:8] + counter.to_bytes(4, "big")


def derive(key: bytes, usage: int, key_type: "tuple[int, int]", ikid: bytes, counter: int) -> bytes:
    """One derivation: AES-ECB of one or two blocks of derivation data, cut to the key's length."""
    algorithm, bits = key_type
    strength = _TDEA_STRENGTH if algorithm < 2 else bits
    type_of(key)
    if strength > len(key) * 8:
        raise DukptError("a key of %d bits may not come from one of %d" % (bits, len(key) * 8))
    data = derivation_data(usage, key_type, ikid, counter)
    if bits > 128:
        data += derivation_data(usage, key_type, ikid, counter, 2)
    return primitives.encrypt_ecb(key, data)[: bits // 8]


def ones(number: int) -> int:
    """How many one bits `number` has."""
    count = 0
    while number:
        number &= number - 1
        count += 1
    return count


def is_valid_counter(counter: int) -> bool:
    """Whether a transaction may carry `counter`: 1 to FFFF0000 with at most 16 one bits."""
    return isinstance(counter, int) and 1 <= counter <= LAST_COUNTER and ones(counter) <= MAX_ONES


def next_counter(counter: int) -> int:
    """The counter after `counter` (0 before the first), skipping those with more than 16 one bits.

    KeyExhaustedError after FFFF0000.
    """
    following = counter + 1
    while ones(following) > MAX_ONES:
        following += following & -following
    if following > LAST_COUNTER:
        raise KeyExhaustedError("the initial key's counters are used up; the terminal needs a new key")
    return following


def ksn(ikid: bytes, counter: int) -> bytes:
    """The key set identifier: 8 bytes of initial key id, 4 of counter."""
    if len(ikid) != IKID_SIZE:
        raise DukptError("an initial key id is 8 bytes, not %d" % len(ikid))
    return bytes(ikid) + counter.to_bytes(4, "big")
