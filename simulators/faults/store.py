"""The memory store with failures before, in the middle of and after a commit, and a log of what was committed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from backend.store.memory import MemoryStore, MemoryUnit, Tables
from backend.store.port import ConflictError, StoreDownError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from backend.operations.keys import Keys
    from backend.operations.loaded import Changes, Loaded

#: Which operation states may follow which. A dead operation never comes back to life.
FOLLOWS = {
    "": {"open", "held", "quoted", "cancelled", "voided", "suspense", "paid_out"},
    "open": {"paid", "expired", "cancelled"},
    "held": {"paid_out", "voided", "expired", "suspense"},
    "quoted": {"taken", "suspense"},
    # cash that left the drawer all the same is booked late
    "voided": {"paid_out", "suspense"},
    "expired": {"paid_out", "suspense"},
    "cancelled": set(),
    "paid": set(),
    "taken": set(),
    "paid_out": set(),
    "suspense": set(),
}


class Unit(MemoryUnit):
    """A unit of work that can fail at its commit."""

    __slots__ = ("_store",)

    def __init__(self, store: FaultyStore) -> None:
        super().__init__(store.tables)
        self._store = store

    async def load(self, keys: Keys) -> Loaded:
        """Load, after the time that a round trip takes."""
        await asyncio.sleep(self._store.latency_ms() / 1000)
        return await super().load(keys)

    async def commit(self, changes: Changes) -> None:
        """Commit, unless this is the unit that fails; and look at what it did."""
        store = self._store
        if store.is_down:
            raise StoreDownError("the database went away")
        harm = store.next_harm()
        if harm == "before":
            raise StoreDownError("the database went away before the commit")
        if harm == "conflict":
            raise ConflictError("another process was faster")
        before = {name: self._tables.rows.operations[name].state for name in changes.operations}
        await super().commit(changes)
        for operation in (*changes.operations.values(), *changes.new_operations.values()):
            was = before.get(operation.id, "")
            if operation.state != was and operation.state not in FOLLOWS[was]:
                store.objections.append(f"operation {operation.id} went from {was or 'nothing'} to {operation.state}")
        store.committed(changes)
        await asyncio.sleep(store.latency_ms() / 1000)
        if harm == "after":
            raise StoreDownError("the connection broke; the commit took place")


class FaultyStore(MemoryStore):
    """Units of work over tables that outlive the process."""

    def __init__(self, tables: Tables, objections: list[str], committed: Callable[[Changes], None]) -> None:
        super().__init__()
        self.tables = tables
        self.objections = objections
        self.committed = committed
        self.is_down = False
        self.latency_ms: Callable[[], float] = lambda: 1.0
        #: How the next commits end: "before", "after", "conflict".
        self.harms: list[str] = []

    def next_harm(self) -> str:
        """How this commit ends; empty for well."""
        return self.harms.pop(0) if self.harms else ""

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[MemoryUnit]:
        """A unit of work; others wait."""
        if self.is_down:
            raise StoreDownError("the database cannot be reached")
        async with self._turn:
            yield Unit(self)
