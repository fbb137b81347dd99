"""PINs of the test world: a PIN block is the PIN's name, and so is its verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from backend.operations.command import PinBlock

WEAK_PIN: Final = b"weak"


def check_pin(pin: PinBlock, account: str, verifier: bytes) -> bool:  # noqa: ARG001  (the shape of a PIN check)
    """A PIN block is right when it is the verifier."""
    return pin.block == verifier


def make_verifier(pin: PinBlock, account: str) -> bytes:  # noqa: ARG001  (the shape of a maker)
    """The verifier of a PIN block is the block."""
    return pin.block


def is_weak_pin(pin: PinBlock, account: str) -> bool:  # noqa: ARG001  (the shape of a check)
    """One PIN block counts as too easy."""
    return pin.block == WEAK_PIN
