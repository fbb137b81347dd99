"""base64url without padding (RFC 7515, section 2), in its one canonical form."""

import binascii

from deskwire.errors import EnvelopeError


def encode(data: bytes) -> bytes:
    """Bytes -> ASCII base64url without padding."""
    return binascii.b2a_base64(data).rstrip(b"\n=").replace(b"+", b"-").replace(b"/", b"_")


def decode(text: bytes) -> bytes:
    """ASCII base64url -> bytes. EnvelopeError for a foreign character, padding, or bits that encode() would not set."""
    try:
        data = binascii.a2b_base64(text.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(text) % 4))
    except ValueError:
        data = None
    if data is None or encode(data) != text:
        raise EnvelopeError("not canonical base64url without padding")
    return data
