"""The signed envelope: JWS compact serialization, HS256, under the key that the KSN in `kid` names.

The header is exactly `{"alg":"HS256","kid":"<KSN, 24 upper-case hex digits>"}`; the verifier fixes the algorithm and
never reads it from the message. The payload is signed as sent. (RFC 7515, RFC 7518 section 3.2.)
"""

from deskwire import base64url, primitives
from deskwire.errors import EnvelopeError

#: Bytes of a whole envelope, by direction: what an ESP32 takes in one buffer beside TLS and the screen.
UP_LIMIT = 2048
DOWN_LIMIT = 4096

_BEFORE_KID = b'{"alg":"HS256","kid":"'
_AFTER_KID = b'"}'
_HEADER_SIZE = len(_BEFORE_KID) + 24 + len(_AFTER_KID)
_SIGNATURE_SIZE = 32


class Parts:
    """An envelope taken apart, not yet verified: nothing in it may be believed before verify()."""

    __slots__ = ("ksn", "payload", "signature", "signing_input")

    def __init__(self, ksn: bytes, payload: bytes, signing_input: bytes, signature: bytes) -> None:
        self.ksn = ksn
        self.payload = payload
        self.signing_input = signing_input
        self.signature = signature

    def __repr__(self) -> str:
        return "Parts(ksn=%s, payload of %d bytes)" % (self.ksn.hex(), len(self.payload))


def seal(payload: bytes, ksn: bytes, key: bytes, limit: int = DOWN_LIMIT) -> bytes:
    """Payload, 12-byte KSN, HMAC key -> the envelope. EnvelopeError "oversized" above `limit` bytes."""
    if len(ksn) != 12:
        raise EnvelopeError("a KSN is 12 bytes, not %d" % len(ksn))
    jws = primitives.seal_jws(bytes(ksn).hex().upper(), payload, key)
    if len(jws) > limit:
        raise EnvelopeError("the envelope has %d bytes, above %d" % (len(jws), limit), "oversized")
    return jws


def split(jws: "bytes | str", limit: int = DOWN_LIMIT) -> Parts:
    """Envelope -> Parts; strict: size, three parts, the one header, canonical base64url.

    The signature is not looked at here: call verify() with the key the KSN names.
    """
    if isinstance(jws, str):
        jws = _ascii(jws, limit)
    if not isinstance(jws, (bytes, bytearray)):
        raise EnvelopeError("an envelope is bytes")
    if len(jws) > limit:
        raise EnvelopeError("the envelope has %d bytes, above %d" % (len(jws), limit), "oversized")
    fields = bytes(jws).split(b".")
    if len(fields) != 3:
        raise EnvelopeError("an envelope has three parts separated by points, not %d" % len(fields))
    ksn = _ksn_of(base64url.decode(fields[0]))
    signature = base64url.decode(fields[2])
    if len(signature) != _SIGNATURE_SIZE:
        raise EnvelopeError("the signature has %d bytes, not %d" % (len(signature), _SIGNATURE_SIZE))
    return Parts(ksn, base64url.decode(fields[1]), fields[0] + b"." + fields[1], signature)


def verify(parts: Parts, key: bytes) -> bool:
    """Whether `key` signed these parts; in constant time."""
    return primitives.verify_jws(parts.signing_input, parts.signature, key)


def _ascii(jws: str, limit: int) -> bytes:
    if len(jws) > limit:
        raise EnvelopeError("the envelope has %d characters, above %d" % (len(jws), limit), "oversized")
    for character in jws:
        if ord(character) > 0x7E:
            raise EnvelopeError("not canonical base64url without padding")
    return jws.encode()


def _ksn_of(header: bytes) -> bytes:
    if len(header) != _HEADER_SIZE or not header.startswith(_BEFORE_KID) or not header.endswith(_AFTER_KID):
        raise EnvelopeError('the header is not {"alg":"HS256","kid":"<KSN>"}')
    for byte in header[22:46]:
        if not (0x30 <= byte <= 0x39 or 0x41 <= byte <= 0x46):
            raise EnvelopeError("kid is not 24 upper-case hex digits")
    return bytes.fromhex(header[22:46].decode())


__all__ = ["DOWN_LIMIT", "UP_LIMIT", "Parts", "seal", "split", "verify"]
