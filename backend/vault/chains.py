"""A bounded memory of DUKPT derivation chains, so that consecutive counters cost two derivations each."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from deskwire import dukpt, primitives

if TYPE_CHECKING:
    from collections.abc import Callable

#: Terminals whose chains are kept. A chain is at most 17 keys (about 2.5 KB), so this is about 10 MB.
MAX_CHAINS = 4096
KEY_BYTES: Final = 32
#: The constant halves of the derivation data of a transaction's three keys, two blocks each, in TransactionKeys' order.
_HEADS: Final = tuple(
    dukpt.derivation_data(usage, key_type, bytes(dukpt.IKID_SIZE), 0, block)[:8]
    for usage, key_type in (
        (dukpt.MAC_UP, dukpt.HMAC256),
        (dukpt.MAC_DOWN, dukpt.HMAC256),
        (dukpt.PIN, dukpt.AES256),
    )
    for block in (1, 2)
)


class TransactionKeys(NamedTuple):
    """The keys of one transaction."""

    mac_up: bytes
    mac_down: bytes
    pin: bytes

    def __repr__(self) -> str:
        return "TransactionKeys(hidden)"


class _Chain:
    """One terminal's derivation keys by the counters they were met at, and the keys of its latest transaction."""

    __slots__ = ("counter", "keys", "stops")

    def __init__(self, initial_key: bytes) -> None:
        self.stops = [(0, initial_key)]
        self.counter = 0
        self.keys: TransactionKeys | None = None


class Chains:
    """Derivation keys by (IKID, counter), found by extending the longest known prefix of the counter's bits.

    A counter's chain visits its one bits from the highest. The next counter shares all but the last few with it:
    `n & (n - 1)`, the chain's last but one stop, is always a stop of an earlier counter.
    """

    __slots__ = ("_chains", "_initial_key", "_max_chains")

    def __init__(self, initial_key: Callable[[bytes], bytes], max_chains: int = MAX_CHAINS) -> None:
        self._initial_key = initial_key
        self._chains: OrderedDict[bytes, _Chain] = OrderedDict()
        self._max_chains = max_chains

    def __repr__(self) -> str:
        return f"Chains({len(self._chains)} terminals)"

    def keys(self, ikid: bytes, counter: int) -> TransactionKeys:
        """The keys of one transaction, all in one cipher call. The caller has checked that the counter is valid."""
        chain = self._chain_of(ikid)
        if chain.keys is None or chain.counter != counter:
            tail = ikid[4:] + counter.to_bytes(4, "big")
            data = b"".join([head + tail for head in _HEADS])
            made = primitives.encrypt_ecb(_derivation_key(chain.stops, ikid, counter), data)
            chain.keys = TransactionKeys(made[:KEY_BYTES], made[KEY_BYTES : 2 * KEY_BYTES], made[2 * KEY_BYTES :])
            chain.counter = counter
        return chain.keys

    def _chain_of(self, ikid: bytes) -> _Chain:
        chain = self._chains.get(ikid)
        if chain is not None:
            self._chains.move_to_end(ikid)
            return chain
        chain = _Chain(self._initial_key(ikid))
        self._chains[ikid] = chain
        if len(self._chains) > self._max_chains:
            self._chains.popitem(last=False)
        return chain


def _derivation_key(stops: list[tuple[int, bytes]], ikid: bytes, counter: int) -> bytes:
    """The derivation key of one transaction, reached from the last stop that lies on its way."""
    while stops[-1][0] and not _is_prefix(stops[-1][0], counter):
        stops.pop()
    reached, key = stops[-1]
    left = counter & ~reached
    while left:
        highest = 1 << (left.bit_length() - 1)
        reached |= highest
        left ^= highest
        key = dukpt.step(key, ikid, reached)
        stops.append((reached, key))
    return key


def _is_prefix(stop: int, counter: int) -> bool:
    """Whether `stop` is `counter` with some of its lowest one bits cleared."""
    lowest = stop & -stop
    return counter & -lowest == stop
