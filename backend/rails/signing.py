"""Signatures of requests between us and a rail, both ways: HMAC-SHA-256 over time, method, path and body."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, NamedTuple

HEADER: Final = "Kassa-Signature"
#: How far the clocks of two sides may differ, and how long a recorded request could be replayed (which is harmless).
TOLERANCE_S: Final = 300


class Said(NamedTuple):
    """What is signed of a request."""

    method: str
    path: str
    body: bytes


def sign(secret: bytes, at: int, said: Said) -> str:
    """The header's value: `t=<epoch seconds>,v1=<hex>`."""
    return f"t={at},v1={_mac(secret, at, said)}"


def is_signed(secret: bytes, header: str, said: Said, now: int) -> bool:
    """Whether the header signs just this request, not long ago."""
    parts = dict(part.partition("=")[::2] for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(int(at) - now) > TOLERANCE_S:
        return False
    return hmac.compare_digest(_mac(secret, int(at), said).encode(), parts.get("v1", "").encode())


def _mac(secret: bytes, at: int, said: Said) -> str:
    text = f"{at}.{said.method}.{said.path}.".encode() + said.body
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
