"""ISO 9564-1 PIN block format 4: a PIN bound to one account number, enciphered twice under an AES key.

PIN digits travel in bytearrays of ASCII digits (b"1234"), which the caller wipes. No error or repr here holds one.
A block that decodes is no proof of origin (6 in 10**8 random blocks do): the envelope's signature is.
"""

from deskwire import primitives
from deskwire.errors import PinBlockError
from deskwire.text import is_digits

SIZE = 16
MIN_DIGITS = 4
MAX_DIGITS = 12

_FILL = 0xA


def wipe(buffer: bytearray) -> None:
    """Overwrite with zeros, in place."""
    for index in range(len(buffer)):
        buffer[index] = 0


def pin_field(pin_digits: "bytearray | bytes", random8: bytes) -> bytearray:
    """The plain-text PIN field: 4, length, digits, fill A to nibble 15, 8 random bytes. The caller wipes it."""
    length = len(pin_digits)
    if not MIN_DIGITS <= length <= MAX_DIGITS:
        raise PinBlockError("a PIN has 4 to 12 digits")
    if len(random8) != 8:
        raise PinBlockError("the PIN field takes 8 random bytes")
    field = bytearray(SIZE)
    field[0] = 0x40 | length
    for index in range(2, 16):
        nibble = _FILL
        if index < length + 2:
            nibble = pin_digits[index - 2] - 0x30
            if not 0 <= nibble <= 9:
                wipe(field)
                raise PinBlockError("a PIN consists of ASCII digits")
        field[index // 2] |= nibble << 4 if index % 2 == 0 else nibble
    field[8:16] = random8
    return field


def pan_field(account: str) -> bytes:
    """The plain-text account field: (length - 12), all digits, zeros. Below 12 digits it is zero-filled on the left."""
    if not is_digits(account, 1, 19):
        raise PinBlockError("an account number has 1 to 19 digits")
    padded = "0" * (12 - len(account)) + account
    text = str(len(padded) - 12) + padded
    return bytes.fromhex(text + "0" * (32 - len(text)))


def encode(pin_digits: bytearray, account: str, random8: bytes, key: bytes) -> bytes:
    """PIN digits -> the 16-byte block under `key`, bound to `account`. `random8` is fresh for every block."""
    field = pin_field(pin_digits, random8)
    inner = primitives.encrypt_ecb(key, bytes(field))
    wipe(field)
    return primitives.encrypt_ecb(key, _xor(inner, pan_field(account)))


def decipher(block: bytes, account: str, key: bytes) -> bytearray:
    """Block -> the plain-text PIN field, not yet judged. The caller wipes it."""
    if len(block) != SIZE:
        raise PinBlockError("a PIN block has 16 bytes")
    decrypt = primitives.ecb_decryptor(key)
    return bytearray(decrypt(_xor(decrypt(bytes(block)), pan_field(account))))


def read_field(field: "bytearray | bytes") -> bytearray:
    """A plain-text PIN field -> its digits; PinBlockError names the rule it breaks, never what stands there."""
    if len(field) != SIZE:
        raise PinBlockError("a PIN field has 16 bytes")
    if field[0] >> 4 != 4:
        raise PinBlockError("control nibble is not 4")
    length = field[0] & 0xF
    if not MIN_DIGITS <= length <= MAX_DIGITS:
        raise PinBlockError("length nibble is not 4 to 12")
    digits = bytearray(length)
    for index in range(2, 16):
        nibble = field[index // 2] >> 4 if index % 2 == 0 else field[index // 2] & 0xF
        if index < length + 2:
            if nibble > 9:
                wipe(digits)
                raise PinBlockError("a PIN digit is above 9")
            digits[index - 2] = 0x30 + nibble
        elif nibble != _FILL:
            wipe(digits)
            raise PinBlockError("a fill nibble is not A")
    return digits


def decode(block: bytes, account: str, key: bytes) -> bytearray:
    """Block -> PIN digits, strictly. PinBlockError for a wrong account, key or structure: they look alike."""
    field = decipher(block, account, key)
    try:
        return read_field(field)
    finally:
        wipe(field)


def _xor(first: bytes, second: bytes) -> bytes:
    return (int.from_bytes(first, "big") ^ int.from_bytes(second, "big")).to_bytes(SIZE, "big")
