"""The primitives on a host: `cryptography` for AES and hashes, joserfc for signed envelopes. Never our own here."""

import hmac
from hashlib import sha256 as _sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from deskwire import base64url
from deskwire.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

_ECB = ECB()  # noqa: S305  (single blocks under the modes this package builds)
_HS256 = ["HS256"]


def _cipher(key: bytes) -> "Cipher[ECB]":
    if len(key) not in {16, 24, 32}:
        raise UnsupportedError("AES takes keys of 16, 24 or 32 bytes, not %d" % len(key))
    return Cipher(AES(bytes(key)), _ECB)


def encrypt_ecb(key: bytes, data: bytes) -> bytes:
    """AES-ECB of whole blocks; the building block of every mode here."""
    return _cipher(key).encryptor().update(data)


def decrypt_ecb(key: bytes, data: bytes) -> bytes:
    """The inverse of encrypt_ecb."""
    return _cipher(key).decryptor().update(data)


def ecb_encryptor(key: bytes) -> "Callable[[bytes], bytes]":
    """encrypt_ecb under one key, for several calls: a context costs 20 times its use."""
    return _cipher(key).encryptor().update


def ecb_decryptor(key: bytes) -> "Callable[[bytes], bytes]":
    """decrypt_ecb under one key, for several calls."""
    return _cipher(key).decryptor().update


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return _sha256(data).digest()


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104), 32 bytes."""
    return hmac.digest(key, message, "sha256")


def equal(first: bytes, second: bytes) -> bool:
    """Comparison whose time depends on the length alone."""
    return hmac.compare_digest(first, second)


def seal_jws(kid: str, payload: bytes, key: bytes) -> bytes:
    """JWS compact serialization, HS256, header {"alg","kid"} in that order; 14 us through joserfc."""
    header = {"alg": "HS256", "kid": kid}
    return jws.serialize_compact(header, payload, OctKey.import_key(bytes(key)), algorithms=_HS256).encode()


def verify_jws(signing_input: bytes, signature: bytes, key: bytes) -> bool:
    """Whether `signature` is HS256's over `signing_input`; 18 us through joserfc."""
    token = signing_input + b"." + base64url.encode(signature)
    try:
        jws.deserialize_compact(token, OctKey.import_key(bytes(key)), algorithms=_HS256)
    except JoseError:
        return False
    return True
