"""A reader's place in the outbox: the sequence number of the last row it was given.

Sequence numbers follow transaction ids, and rows are read only below kassa_horizon(), the oldest running transaction:
nothing is ever committed behind a reader's back.
"""

from __future__ import annotations

from backend.web.problems import Problem

START = 0
#: 64 bits, signed.
MAX_CURSOR = 2**63 - 1


def parse(text: str) -> int:
    """A cursor as a reader sends it back; empty is the start. Raises Problem 422 for anything else."""
    if not text:
        return START
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_CURSOR:
        return int(text)
    raise Problem("invalid", "after: send a cursor as it was received, or nothing.", field="after")
