"""A bounded memory of DUKPT derivation chains, so that consecutive counters cost one derivation each."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from deskwire import dukpt

if TYPE_CHECKING:
    from collections.abc import Callable

#: Terminals whose chains are kept. A chain is at most 17 keys (about 2.5 KB), so this is about 10 MB.
MAX_CHAINS = 4096


class Chains:
    """Derivation keys by (IKID, counter), found by extending the longest known prefix of the counter's bits.

    A counter's chain visits its one bits from the highest. The next counter shares all but the last few with it:
    `n & (n - 1)`, the chain's last but one stop, is always a stop of an earlier counter.
    """

    __slots__ = ("_chains", "_initial_key", "_max_chains")

    def __init__(self, initial_key: Callable[[bytes], bytes], max_chains: int = MAX_CHAINS) -> None:
        self._initial_key = initial_key
        self._chains: OrderedDict[bytes, list[tuple[int, bytes]]] = OrderedDict()
        self._max_chains = max_chains

    def __repr__(self) -> str:
        return f"Chains({len(self._chains)} terminals)"

    def derivation_key(self, ikid: bytes, counter: int) -> bytes:
        """The derivation key of one transaction. The caller has checked that the counter is valid."""
        chain = self._chain_of(ikid)
        while chain[-1][0] and not _is_prefix(chain[-1][0], counter):
            chain.pop()
        reached, key = chain[-1]
        left = counter & ~reached
        while left:
            highest = 1 << (left.bit_length() - 1)
            reached |= highest
            left ^= highest
            key = dukpt.step(key, ikid, reached)
            chain.append((reached, key))
        return key

    def _chain_of(self, ikid: bytes) -> list[tuple[int, bytes]]:
        chain = self._chains.get(ikid)
        if chain is not None:
            self._chains.move_to_end(ikid)
            return chain
        chain = [(0, self._initial_key(ikid))]
        self._chains[ikid] = chain
        if len(self._chains) > self._max_chains:
            self._chains.popitem(last=False)
        return chain


def _is_prefix(stop: int, counter: int) -> bool:
    """Whether `stop` is `counter` with some of its lowest one bits cleared."""
    lowest = stop & -stop
    return counter & -lowest == stop
