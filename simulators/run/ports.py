"""Choosing TCP ports on loopback."""

from __future__ import annotations

import socket


def is_free(port: int) -> bool:
    """Whether a loopback listener could be opened on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(wanted: int) -> int:
    """The wanted port when it is free, else a free one that the kernel picks; 0 asks for any."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
