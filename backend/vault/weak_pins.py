"""PINs that anybody would guess: they protect nothing, whatever the try counter says."""

from __future__ import annotations

from typing import Final

#: Both ways round the keypad, the zero at either end.
_ROWS: Final = (b"01234567890", b"09876543210")


def is_weak(digits: bytes | bytearray, account: str) -> bool:
    """One digit only, digits in a row, one half twice, or the end of the account number."""
    half, odd = divmod(len(digits), 2)
    return (
        len(set(digits)) == 1
        or any(digits in row for row in _ROWS)
        or (not odd and digits[:half] == digits[half:])
        or account.encode().endswith(digits)
    )
