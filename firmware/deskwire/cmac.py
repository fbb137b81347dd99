"""AES-CMAC (NIST SP 800-38B, RFC 4493) over AES-ECB."""

from deskwire import primitives

_ZERO = bytes(16)


def subkeys(key: bytes) -> "tuple[bytes, bytes, bytes]":
    """L = E(K, 0), and the two subkeys K1 and K2."""
    first = primitives.encrypt_ecb(key, _ZERO)
    k1 = _doubled(first)
    return first, k1, _doubled(k1)


def cmac(key: bytes, message: bytes) -> bytes:
    """The 16-byte tag of `message` under an AES key."""
    _, k1, k2 = subkeys(key)
    whole = len(message) > 0 and len(message) % 16 == 0
    start = len(message) - 16 if whole else len(message) - len(message) % 16
    last = message[start:] if whole else message[start:] + b"\x80" + bytes(15 - len(message) % 16)
    state = _ZERO
    for place in range(0, start, 16):
        state = primitives.encrypt_ecb(key, xor(state, message[place : place + 16]))
    return primitives.encrypt_ecb(key, xor(xor(state, last), k1 if whole else k2))


def key_check_value(key: bytes, size: int = 5) -> bytes:
    """The leftmost bytes of the CMAC of one zero block: tells two keys apart without telling either."""
    return cmac(key, _ZERO)[:size]


def xor(first: bytes, second: bytes) -> bytes:
    """Two blocks of the same length, bit by bit."""
    return bytes([a ^ b for a, b in zip(first, second)])


def _doubled(block: bytes) -> bytes:
    """The block times x in GF(2**128)."""
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = (number & ((1 << 128) - 1)) ^ 0x87
    return number.to_bytes(16, "big")
