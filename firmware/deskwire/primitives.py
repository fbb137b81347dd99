"""AES-ECB, HMAC-SHA-256, SHA-256 and a constant-time comparison from what the interpreter at hand has.

On a device: cryptolib and hashlib. On a host: `cryptography` and joserfc (primitives_host.py). Modes are built on top,
in cmac.py, dukpt.py, pinblock.py and envelope.py, once for both.
"""

import sys

ON_DEVICE = sys.implementation.name == "micropython"

if ON_DEVICE:
    from deskwire.primitives_device import (
        decrypt_ecb,
        ecb_decryptor,
        encrypt_ecb,
        equal,
        hmac_sha256,
        seal_jws,
        sha256,
        verify_jws,
    )
else:
    from deskwire.primitives_host import (
        decrypt_ecb,
        ecb_decryptor,
        encrypt_ecb,
        equal,
        hmac_sha256,
        seal_jws,
        sha256,
        verify_jws,
    )

__all__ = [
    "ON_DEVICE",
    "decrypt_ecb",
    "ecb_decryptor",
    "encrypt_ecb",
    "equal",
    "hmac_sha256",
    "seal_jws",
    "sha256",
    "verify_jws",
]
