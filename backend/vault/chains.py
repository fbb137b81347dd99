"""A bounded memory of AES-256 DUKPT derivation chains, so that consecutive counters cost one step each."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from deskwire import dukpt
from deskwire import primitives_host as primitives

if TYPE_CHECKING:
    from collections.abc import Callable

    Encrypt = Callable[[bytes], bytes]
    #: A counter on the way, and its derivation key.
    Stop = tuple[int, Encrypt]

#: Terminals whose chains are kept. A chain is at most 17 keys of 0.9 KB with their contexts: at most 30 MB.
MAX_CHAINS = 2048
KEY_BYTES: Final = 32


def _heads(*keys: tuple[int, tuple[int, int]]) -> tuple[bytes, ...]:
    """The constant halves of the derivation data of these (usage, type) of 256 bits, two blocks each."""
    ikid = bytes(dukpt.IKID_SIZE)
    return tuple(dukpt.derivation_data(usage, kind, ikid, 0, block)[:8] for usage, kind in keys for block in (1, 2))


_STEP: Final = _heads((dukpt.USAGE_DERIVATION, dukpt.AES256))
#: In the order of TransactionKeys.
_KEYS: Final = _heads((dukpt.MAC_UP, dukpt.HMAC256), (dukpt.MAC_DOWN, dukpt.HMAC256), (dukpt.PIN, dukpt.AES256))


class TransactionKeys(NamedTuple):
    """The keys of one transaction."""

    mac_up: bytes
    mac_down: bytes
    pin: bytes

    def __repr__(self) -> str:
        return "TransactionKeys(hidden)"


class _Chain:
    """One terminal's derivation keys by the counters they were met at, and the keys of its latest transaction.

    A derivation key is kept as what it is used for, enciphering: making a cipher's context costs most of a derivation.
    """

    __slots__ = ("counter", "keys", "stops")

    def __init__(self, initial_key: bytes) -> None:
        self.stops: list[Stop] = [(0, primitives.ecb_encryptor(initial_key))]
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
            data = b"".join([head + tail for head in _KEYS])
            made = _reach(chain.stops, ikid, counter)(data)
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


def _reach(stops: list[Stop], ikid: bytes, counter: int) -> Encrypt:
    """The derivation key of one transaction, reached from the last stop that lies on its way."""
    while stops[-1][0] and not _is_prefix(stops[-1][0], counter):
        stops.pop()
    reached, encrypt = stops[-1]
    left = counter & ~reached
    while left:
        highest = 1 << (left.bit_length() - 1)
        reached |= highest
        left ^= highest
        tail = ikid[4:] + reached.to_bytes(4, "big")
        encrypt = primitives.ecb_encryptor(encrypt(_STEP[0] + tail + _STEP[1] + tail))
        stops.append((reached, encrypt))
    return encrypt


def _is_prefix(stop: int, counter: int) -> bool:
    """Whether `stop` is `counter` with some of its lowest one bits cleared."""
    lowest = stop & -stop
    return counter & -lowest == stop
