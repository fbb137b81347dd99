"""New PINs in the vault: what counts as too easy, and PINs that were typed elsewhere than at a terminal."""

from __future__ import annotations

import pytest

from backend.vault.port import VaultError
from backend.vault.testing import Pin, make_vault
from backend.vault.weak_pins import is_weak

ACCOUNT = "9000000000000019"


@pytest.mark.parametrize(
    "pin",
    ["1111", "000000", "1234", "4321", "0123", "9876", "7890", "3210", "1212", "345345", "0019", "000019", "123456"],
)
def test_what_anybody_would_guess_is_weak(pin: str) -> None:
    assert is_weak(bytearray(pin.encode()), ACCOUNT)


@pytest.mark.parametrize("pin", ["1357", "2468", "5937", "1235", "1122", "90210", "310584"])
def test_others_are_not(pin: str) -> None:
    assert not is_weak(bytearray(pin.encode()), ACCOUNT)


def test_a_pin_typed_elsewhere_is_opaque_bound_to_its_account_and_opens_here_only() -> None:
    vault = make_vault()
    first, second = (Pin(*vault.enclose_pin(ACCOUNT, "5937")) for _ in range(2))
    assert first.block != second.block
    verifier = vault.verifier_of(first, ACCOUNT)
    assert vault.check_pin(second, ACCOUNT, verifier)
    assert not vault.check_pin(second, "9000000000000001", verifier)
    assert not vault.check_pin(Pin(*vault.enclose_pin(ACCOUNT, "5938")), ACCOUNT, verifier)
    assert make_vault().verifier_of(first, ACCOUNT) != verifier
    assert vault.is_weak_pin(Pin(*vault.enclose_pin(ACCOUNT, "1234")), ACCOUNT)
    for bad in ("123", "1" * 13, "12a4", "١٢٣٤"):
        with pytest.raises(VaultError) as caught:
            vault.enclose_pin(ACCOUNT, bad)
        assert bad not in str(caught.value)
