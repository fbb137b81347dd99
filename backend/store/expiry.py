"""Sales, holds and pickups that are over: found in the store, ended through the executor."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, Final, Protocol

from backend.operations.command import Command, SubmitError

if TYPE_CHECKING:
    from backend.operations.command import Outcome

#: A call ends after this many: a backlog is worked off call by call, beside the desks' own work.
MAX_DUE: Final = 200
#: Type to the command that ends it, and how that names it; every other type is a hold of cash.
ENDINGS: Final = {"sale": ("sale.expire", "sale"), "pickup": ("pickup.expire", "code")}


class DueStore(Protocol):
    """A store that can list what is due."""

    async def due(self, now: int, limit: int) -> list[tuple[str, str, int]]:
        """(id, type, expires_at) of sales, held cash and pickups (by code) whose time is over, oldest first."""
        ...


class Submitter(Protocol):
    """The executor, as far as it is needed here."""

    async def submit(self, command: Command) -> Outcome:
        """Decide and commit one command."""
        ...


async def expire_due(store: DueStore, executor: Submitter, now: int) -> int:
    """End what is over at `now` (epoch seconds), at most MAX_DUE operations; returns how many were ended.

    Every process may run this: the command's id follows from the operation and its expiry, so that it is decided once.
    """
    commands = [_command(*row, now) for row in await store.due(now, MAX_DUE)]
    outcomes = await asyncio.gather(*(executor.submit(command) for command in commands), return_exceptions=True)
    ended = 0
    for outcome in outcomes:
        if isinstance(outcome, SubmitError):
            continue  # it is still due, and comes again with the next call
        if isinstance(outcome, BaseException):
            raise outcome
        if not outcome.replayed and outcome.body is not None and outcome.body["expired"]:
            ended += 1
    return ended


def _command(operation: str, kind: str, expires_at: int, now: int) -> Command:
    """The command that ends one operation."""
    name, field = ENDINGS.get(kind, ("hold.expire", "operation"))
    body: dict[str, Any] = {field: operation}
    digest = hashlib.sha256(f"{name}:{operation}:{expires_at}".encode()).digest()
    return Command(name, "k:expiry", f"{operation}:{expires_at}", digest, now, body)
