"""What makes a schedule fast without making it another: remembered derivations, HMAC without JOSE, no logs.

Keys, envelopes and PIN blocks are the real ones, byte for byte. A derivation is a pure function of key, usage, type,
owner and counter, and every schedule uses the same keys, so that each is computed once a process. Signatures are made
by `backend.vault.signing`, which a test of the vault holds equal to `deskwire.envelope`.
"""

from __future__ import annotations

import contextlib
import functools
import hmac
from typing import TYPE_CHECKING, Any
from unittest import mock

import backend.executor
import backend.hub_api.exchange
from backend.vault import signing
from deskwire import dukpt, dukpt_registers, dukpt_rules, primitives
from simulators.faults.backend import Silence

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Three terminals with some hundred counters each, three working keys and a step for each.
MAX_DERIVATIONS = 50_000

_derive = functools.lru_cache(MAX_DERIVATIONS)(dukpt_rules.derive)
_encrypt_ecb = functools.lru_cache(MAX_DERIVATIONS)(primitives.encrypt_ecb)


def _seal_jws(kid: str, payload: bytes, key: bytes) -> bytes:
    return signing.seal(payload, bytes.fromhex(kid), key)


def _verify_jws(signing_input: bytes, signature: bytes, key: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key, signing_input, "sha256"), signature)


@contextlib.contextmanager
def fast() -> Iterator[None]:
    """Put the fast ways in place, and take them away again."""
    quiet: Any = Silence()
    with contextlib.ExitStack() as stack:
        for target, name, stand_in in (
            (dukpt, "derive", _derive),
            (dukpt_registers, "derive", _derive),
            (primitives, "encrypt_ecb", _encrypt_ecb),
            (primitives, "seal_jws", _seal_jws),
            (primitives, "verify_jws", _verify_jws),
            (backend.executor, "log", quiet),
            (backend.hub_api.exchange, "log", quiet),
        ):
            stack.enter_context(mock.patch.object(target, name, stand_in))
        yield
