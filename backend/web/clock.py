"""Time and randomness as ports: what the edges read the present and fresh ids from."""

from __future__ import annotations

import secrets
import time
from typing import Protocol

from deskwire import ids


class Clock(Protocol):
    """The present, in whole epoch seconds."""

    def __call__(self) -> int:
        """Epoch seconds, UTC."""


class Fresh(Protocol):
    """Fresh ids and codes from a cryptographic source."""

    def id(self) -> str:
        """A random id: 26 characters of Crockford's base32."""

    def code(self) -> str:
        """Six random digits: an authorisation code."""


def system_clock() -> int:
    """The system's clock."""
    return int(time.time())


class SystemFresh:
    """Ids and codes from the operating system's random source."""

    def id(self) -> str:
        """A random id: 26 characters of Crockford's base32."""
        return ids.make(secrets.token_bytes(16))

    def code(self) -> str:
        """Six random digits: an authorisation code."""
        return f"{secrets.randbelow(1_000_000):06d}"
