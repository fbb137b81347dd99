"""Around the executor: holds and sales that expire, and the measuring of its batches."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from backend.store.expiry import expire_due

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.operations.keys import Keys
    from backend.operations.loaded import Changes, Loaded
    from backend.store.expiry import DueStore, Submitter
    from backend.store.port import Store, Unit
    from backend.web.clock import Clock
    from backend.web.metrics import Metrics

log = structlog.get_logger(__name__)


class MeasuredStore:
    """A store that measures its units: how many commands a batch had, and how long it took."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Unit]:
        """Begin a unit of work of the store."""
        started = time.perf_counter()
        async with self._store.begin() as unit:
            yield _MeasuredUnit(unit, self._metrics)
        self._metrics.executor_latency.observe(time.perf_counter() - started)


class _MeasuredUnit:
    def __init__(self, unit: Unit, metrics: Metrics) -> None:
        self._unit = unit
        self._metrics = metrics

    async def load(self, keys: Keys) -> Loaded:
        self._metrics.executor_batch.observe(len(keys.answers))
        return await self._unit.load(keys)

    async def commit(self, changes: Changes) -> None:
        await self._unit.commit(changes)


class Expiry:
    """Ends what is past its time, turn by turn."""

    def __init__(self, store: DueStore, executor: Submitter, clock: Clock) -> None:
        self._store = store
        self._executor = executor
        self._clock = clock

    async def run(self) -> None:
        """One turn."""
        ended = await expire_due(self._store, self._executor, self._clock())
        if ended:
            log.info("expired", operations=ended)
