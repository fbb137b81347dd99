"""Around the executor: holds and sales that expire, and the measuring of its batches."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from backend.operations.command import Command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

    from backend.operations.keys import Keys
    from backend.operations.state import Changes, Loaded
    from backend.store.port import Store, Unit
    from backend.web.clock import Clock
    from backend.web.executing import Submits
    from backend.web.metrics import Metrics

log = structlog.get_logger(__name__)

ORIGIN = "k:expiry"
#: Due operations of one turn; the next turn takes the rest.
MAX_DUE = 200
#: State of an operation that can expire, to the command that ends it.
_PICKUPS = """
SELECT code, wallet, currency FROM pickup WHERE state IN ('waiting', 'blocked') AND expires_at <= $1
ORDER BY expires_at LIMIT $2
"""
ENDINGS = {"open": "sale.expire", "held": "hold.expire"}


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
    """Finds what is past its time and ends it through the executor, which decides whether it really is."""

    def __init__(self, pool: asyncpg.Pool, executor: Submits, clock: Clock) -> None:
        self._pool = pool
        self._executor = executor
        self._clock = clock

    async def run(self) -> None:
        """One turn. Each operation's command has an id of its own, so that several backends do it once."""
        now = self._clock()
        pickups = await self._pool.fetch(_PICKUPS, now, MAX_DUE)
        rows = await self._pool.fetch(
            """
            SELECT id, state FROM operation
            WHERE state IN ('open', 'held') AND expires_at <= $1 ORDER BY expires_at LIMIT $2
            """,
            now,
            MAX_DUE,
        )
        ended = await asyncio.gather(
            *(self._executor.submit(_ending(row["id"], row["state"], now)) for row in rows),
            *(self._executor.submit(pickup_ending(row["code"], row["wallet"], row["currency"], now)) for row in pickups),
            return_exceptions=True,
        )
        failed = [error for error in ended if isinstance(error, BaseException)]
        if failed:
            log.warning("expiry_postponed", operations=len(failed), kind=type(failed[0]).__name__)


def _ending(operation: str, state: str, now: int) -> Command:
    """The command that ends an operation; its id is the operation's, so that it is decided once."""
    return Command(
        operation=ENDINGS[state],
        origin=ORIGIN,
        id=operation,
        digest=hashlib.sha256(operation.encode()).digest(),
        at=now,
        body={"sale" if state == "open" else "operation": operation},
    )


def pickup_ending(code: str, wallet: str, currency: str, now: int) -> Command:
    """The command that returns a pickup; a turn that finds it being paid out keeps no answer, and comes again."""
    return Command(
        operation="pickup.expire",
        origin=ORIGIN,
        id=f"pickup:{code}",
        digest=hashlib.sha256(code.encode()).digest(),
        at=now,
        body={"code": code, "wallet": wallet, "currency": currency},
    )
