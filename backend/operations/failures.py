"""A decision that cannot be made: the data contradict themselves. It is answered `unavailable`, with an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.ledger import Result


class LedgerRefusedError(Exception):
    """The ledger refused a transfer that the operation's own checks had allowed, such as a missing account."""

    def __init__(self, result: Result) -> None:
        super().__init__(f"the ledger refused a checked transfer: {result.name.lower()}")
        self.result = result
