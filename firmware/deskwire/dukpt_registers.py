"""The terminal's side of AES DUKPT: 32 intermediate derivation keys, each destroyed when it is used.

A state never tells a past key. Store `to_bytes()` after `advance()` and before a message leaves: a torn write then
costs a counter, never repeats one.
"""

from deskwire import primitives
from deskwire.dukpt_rules import (
    HMAC128,
    HMAC192,
    HMAC256,
    IKID_SIZE,
    LAST_COUNTER,
    MAX_ONES,
    USAGE_DERIVATION,
    USAGE_MAC_DOWN,
    USAGE_MAC_UP,
    USAGE_PIN,
    derive,
    is_valid_counter,
    ksn,
    next_counter,
    ones,
    type_of,
)
from deskwire.errors import DukptError, KeyExhaustedError

REGISTERS = 32

_MAGIC = b"KDR\x01"
_HEAD = len(_MAGIC) + 1 + IKID_SIZE + 4 + 4
_CHECK_SIZE = 8
_MAC_TYPES = {16: HMAC128, 24: HMAC192, 32: HMAC256}


class Transaction:
    """The keys of one counter. MAC keys are HMAC keys as long as the initial key; the PIN key is AES of that length."""

    __slots__ = ("counter", "ksn", "mac_down_key", "mac_up_key", "pin_key")

    def __init__(self, identifier: bytes, counter: int, up: bytes, down: bytes, pin: bytes) -> None:
        self.ksn = identifier
        self.counter = counter
        self.mac_up_key = up
        self.mac_down_key = down
        self.pin_key = pin

    def __repr__(self) -> str:
        return "Transaction(ksn=%s)" % self.ksn.hex()


class Registers:
    """State of one initial key: the next counter and the registers. `counter` 0 means exhausted."""

    __slots__ = ("_keys", "_present", "_size", "counter", "ikid")

    def __init__(self, ikid: bytes, counter: int, present: int, size: int, keys: bytearray) -> None:
        self.ikid = ikid
        self.counter = counter
        self._present = present
        self._size = size
        self._keys = keys

    def __repr__(self) -> str:
        return "Registers(ikid=%s, counter=%d)" % (self.ikid.hex(), self.counter)

    @staticmethod
    def load(ik: bytes, ikid: bytes) -> "Registers":
        """Fill the registers from an initial key. The caller destroys the key afterwards: it is not kept here."""
        size = type_of(ik)[1] // 8
        if len(ikid) != IKID_SIZE:
            raise DukptError("an initial key id is 8 bytes, not %d" % len(ikid))
        state = Registers(bytes(ikid), 1, 0, size, bytearray(REGISTERS * size))
        for index in range(REGISTERS - 1, -1, -1):
            state._put(index, ik, 1 << index)
        return state

    def advance(self) -> Transaction:
        """The keys of the next counter; its register is destroyed and the state moves on. Store the state, then send.

        KeyExhaustedError when there is none left.
        """
        counter = self.counter
        if counter == 0:
            raise KeyExhaustedError("the initial key's counters are used up; the terminal needs a new key")
        index = _lowest(counter)
        if not self._present >> index & 1:
            raise DukptError("register %d, which counter %d needs, was destroyed" % (index, counter))
        key = bytes(self._keys[index * self._size : (index + 1) * self._size])
        if ones(counter) < MAX_ONES:
            for below in range(index - 1, -1, -1):
                self._put(below, key, counter | 1 << below)
        self._erase(index)
        self.counter = 0 if counter == LAST_COUNTER else next_counter(counter)
        return self._transaction(key, counter)

    def register(self, index: int) -> "bytes | None":
        """A register's key, or None where it was destroyed. For conformance checks alone."""
        if not self._present >> index & 1:
            return None
        return bytes(self._keys[index * self._size : (index + 1) * self._size])

    def wipe(self) -> None:
        """Destroy every key."""
        for index in range(REGISTERS):
            self._erase(index)
        self.counter = 0

    def to_bytes(self) -> bytes:
        """The state to store: magic with version, key size, IKID, counter, presence, keys, and 8 bytes of SHA-256."""
        data = (
            _MAGIC
            + bytes([self._size])
            + self.ikid
            + self.counter.to_bytes(4, "big")
            + self._present.to_bytes(4, "big")
            + bytes(self._keys)
        )
        return data + primitives.sha256(data)[:_CHECK_SIZE]

    @staticmethod
    def from_bytes(data: bytes) -> "Registers":
        """The stored state. DukptError when it is torn, changed, of another version, or contradicts itself."""
        if not isinstance(data, (bytes, bytearray)) or len(data) < _HEAD + _CHECK_SIZE or data[:4] != _MAGIC:
            raise DukptError("not a stored register state of version 1")
        size = data[4]
        if size not in _MAC_TYPES or len(data) != _HEAD + REGISTERS * size + _CHECK_SIZE:
            raise DukptError("the stored register state has a wrong length")
        if primitives.sha256(bytes(data[:-_CHECK_SIZE]))[:_CHECK_SIZE] != bytes(data[-_CHECK_SIZE:]):
            raise DukptError("the stored register state is torn or changed: its digest differs")
        counter = int.from_bytes(data[13:17], "big")
        present = int.from_bytes(data[17:21], "big")
        if counter and not (is_valid_counter(counter) and present >> _lowest(counter) & 1):
            raise DukptError("the stored register state contradicts itself")
        return Registers(bytes(data[5:13]), counter, present, size, bytearray(data[_HEAD:-_CHECK_SIZE]))

    def _put(self, index: int, key: bytes, counter: int) -> None:
        start = index * self._size
        self._keys[start : start + self._size] = derive(key, USAGE_DERIVATION, type_of(key), self.ikid, counter)
        self._present |= 1 << index

    def _erase(self, index: int) -> None:
        for place in range(index * self._size, (index + 1) * self._size):
            self._keys[place] = 0
        self._present &= ~(1 << index)

    def _transaction(self, key: bytes, counter: int) -> Transaction:
        mac = _MAC_TYPES[self._size]
        return Transaction(
            ksn(self.ikid, counter),
            counter,
            derive(key, USAGE_MAC_UP, mac, self.ikid, counter),
            derive(key, USAGE_MAC_DOWN, mac, self.ikid, counter),
            derive(key, USAGE_PIN, type_of(key), self.ikid, counter),
        )


def _lowest(counter: int) -> int:
    """Index of the lowest one bit."""
    index = 0
    while not counter >> index & 1:
        index += 1
    return index
