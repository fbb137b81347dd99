"""The port between the executor and a store: one unit of work loads, then commits everything or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from backend.operations.keys import Keys
    from backend.operations.loaded import Changes, Loaded


class StoreError(Exception):
    """Base of a store's failures."""


class ConflictError(StoreError):
    """Another process was faster with one of our rows. Nothing is committed; doing the whole unit again is right."""


class StoreDownError(StoreError):
    """The database cannot be reached, or the connection broke. It is not known whether a commit took place."""


class Unit(Protocol):
    """One transaction."""

    async def load(self, keys: Keys) -> Loaded:
        """Fetch and lock what the keys name. Called once."""
        ...

    async def commit(self, changes: Changes) -> None:
        """Write everything, durably. Called at most once, and last; without it nothing is written."""
        ...


class Store(Protocol):
    """Where money state is kept."""

    def begin(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a unit of work; leaving it without a commit undoes it and releases its locks."""
        ...
