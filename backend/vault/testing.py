"""Vaults for tests and simulations: random keys, nothing sealed; and the terminal's side of a PIN."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from backend.vault.soft import BDK_BYTES, PIN_KEY_BYTES, SoftVault

#: The BDK id of test keys.
TEST_BDK_ID = bytes.fromhex("7E570001")


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN block and the KSN of its key."""

    block: bytes = field(repr=False)
    ksn: bytes = b""


def make_vault(bdk_id: bytes = TEST_BDK_ID) -> SoftVault:
    """A vault with one random base key and one random PIN-verifier key."""
    return SoftVault({bdk_id: secrets.token_bytes(BDK_BYTES)}, {1: secrets.token_bytes(PIN_KEY_BYTES)})


def make_ikid(number: int, bdk_id: bytes = TEST_BDK_ID) -> bytes:
    """The initial key id of the terminal with this number."""
    return bdk_id + number.to_bytes(4, "big")
