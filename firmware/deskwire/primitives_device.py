"""The primitives on a device: cryptolib's AES in ECB mode, and HMAC built on hashlib's SHA-256."""

import hashlib
from typing import TYPE_CHECKING

import cryptolib  # type: ignore[import-not-found,unused-ignore]

from deskwire import base64url
from deskwire.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

_ECB = 1
_BLOCK = 64


def _cipher(key: bytes) -> "cryptolib.aes":
    if len(key) not in (16, 32):
        raise UnsupportedError("a device's AES takes keys of 16 or 32 bytes, not %d" % len(key))
    return cryptolib.aes(key, _ECB)


def encrypt_ecb(key: bytes, data: bytes) -> bytes:
    """AES-ECB of whole blocks; the building block of every mode here."""
    return bytes(_cipher(key).encrypt(data))


def decrypt_ecb(key: bytes, data: bytes) -> bytes:
    """The inverse of encrypt_ecb."""
    return bytes(_cipher(key).decrypt(data))


def ecb_decryptor(key: bytes) -> "Callable[[bytes], bytes]":
    """decrypt_ecb under one key, for several calls."""
    cipher = _cipher(key)
    return lambda data: bytes(cipher.decrypt(data))


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104), 32 bytes."""
    if len(key) > _BLOCK:
        key = sha256(key)
    inner = bytearray(_BLOCK)
    outer = bytearray(_BLOCK)
    for index in range(_BLOCK):
        byte = key[index] if index < len(key) else 0
        inner[index] = byte ^ 0x36
        outer[index] = byte ^ 0x5C
    digest = hashlib.sha256(inner)
    digest.update(message)
    last = hashlib.sha256(outer)
    last.update(digest.digest())
    return last.digest()


def equal(first: bytes, second: bytes) -> bool:
    """Comparison whose time depends on the length alone."""
    if len(first) != len(second):
        return False
    difference = 0
    for index in range(len(first)):
        difference |= first[index] ^ second[index]
    return difference == 0


def seal_jws(kid: str, payload: bytes, key: bytes) -> bytes:
    """JWS compact serialization, HS256, header {"alg","kid"} in that order."""
    header = '{"alg":"HS256","kid":"%s"}' % kid
    signing_input = base64url.encode(header.encode()) + b"." + base64url.encode(payload)
    return signing_input + b"." + base64url.encode(hmac_sha256(key, signing_input))


def verify_jws(signing_input: bytes, signature: bytes, key: bytes) -> bool:
    """Whether `signature` is HS256's over `signing_input`."""
    return equal(hmac_sha256(key, signing_input), signature)
