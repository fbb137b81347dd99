"""The executor, as far as an edge needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backend.operations.command import Command, Outcome


class Submits(Protocol):
    """Commits commands."""

    async def submit(self, command: Command) -> Outcome:
        """Commit one command and give its outcome.

        Raises:
            SubmitError: nothing was decided or committed; the same command may be submitted again.
        """
