"""Named points at which a test may have the process killed: KASSA_CRASH_AT=<name> or <name>:<n>th passage."""

from __future__ import annotations

import os
import signal

#: every durable step, in the order of a tell's and a news item's life
POINTS = (
    "spool.before_commit",
    "spool.after_commit",
    "tells.before_post",
    "tells.after_answer",
    "broker.after_puback",
    "broker.before_publish",
    "broker.after_publish",
    "spool.after_open",
)

_WANTED, _, _COUNT = os.environ.get("KASSA_CRASH_AT", "").partition(":")
_left = int(_COUNT or 1)


def point(name: str) -> None:
    """Pass a crash point: nothing happens unless the environment names it."""
    global _left  # noqa: PLW0603  (a process has one countdown to its own end)
    if name != _WANTED:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
