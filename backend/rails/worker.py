"""The worker: claims due orders, sends them or asks for them, and brings the rail's word to the executor.

Nothing is kept in the process. Claiming raises the row's attempts and sets its next time, so that an order whose worker
dies comes back by itself; rows that another process is claiming are skipped.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from backend.operations.command import Command, SubmitError
from backend.operations.rail_entities import RailOrder
from backend.rails.port import Order, Report
from backend.rails.retry import delay_s, step

if TYPE_CHECKING:
    import asyncpg

    from backend.rails.port import Rails
    from backend.web.clock import Clock
    from backend.web.executing import Submits

log = structlog.get_logger(__name__)

ORIGIN: Final = "k:rails"
#: Orders of one turn: what a rail's connections carry at once. The next turn takes the rest.
MAX_CLAIMED: Final = 20

_COLUMNS: Final = ", ".join(RailOrder._fields)
_DUE: Final = (
    f"SELECT {_COLUMNS} FROM rail_order WHERE state IN ('pending', 'unknown') AND next_at <= $1"  # noqa: S608  (constants)
    " ORDER BY next_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED"
)


class Claims(Protocol):
    """Where due orders come from."""

    async def claim(self, now: int, limit: int) -> list[RailOrder]:
        """Orders that are due, with this attempt counted and their next time set, durably."""
        ...


class PostgresClaims:
    """Claims from the table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def claim(self, now: int, limit: int) -> list[RailOrder]:
        """One transaction; it never waits for a row, so it can be in no circle of locks."""
        async with self._pool.acquire() as connection, connection.transaction():
            due = [RailOrder(*row) for row in await connection.fetch(_DUE, now, limit)]
            claimed = [
                order._replace(
                    attempts=order.attempts + 1, next_at=now + delay_s(order.attempts + 1, now - order.opened_at)
                )
                for order in due
            ]
            await connection.executemany(
                "UPDATE rail_order SET attempts = $2, next_at = $3 WHERE id = $1",
                [(order.id, order.attempts, order.next_at) for order in claimed],
            )
        return claimed


class RailWorker:
    """Works on open orders, a bounded number at a time."""

    def __init__(self, claims: Claims, executor: Submits, rails: Rails, clock: Clock) -> None:
        self._claims = claims
        self._executor = executor
        self._rails = rails
        self._clock = clock

    async def run(self) -> int:
        """One turn; returns how many orders were worked on."""
        claimed = await self._claims.claim(self._clock(), MAX_CLAIMED)
        done = await asyncio.gather(*(self._work(order) for order in claimed), return_exceptions=True)
        for order, problem in zip(claimed, done, strict=True):
            if isinstance(problem, BaseException):
                log.warning("rail_order_postponed", order=order.id, rail=order.rail, kind=type(problem).__name__)
        return len(claimed)

    async def _work(self, order: RailOrder) -> None:
        """Send it, or ask for it; one that the rail never saw is sent in the same turn."""
        rail = self._rails.get(order.rail)
        sent = Order(order.id, order.service, order.token, order.amount_minor, order.currency)
        if rail is None:
            await self._heard(order, Report("not_sent"), "none")
            return
        if step(order.attempts) == "submit":
            await self._heard(order, await rail.submit(sent), "submit")
            return
        report = await rail.status(order.id)
        await self._heard(order, report, "status")
        if report.event == "not_known":
            await self._heard(order, await rail.submit(sent), "submit")

    async def _heard(self, order: RailOrder, report: Report, how: str) -> None:
        name = (ORIGIN, f"{order.id}:{order.attempts}:{how}")
        command = heard_command(name, order.rail, order.id, report, self._clock())
        try:
            await self._executor.submit(command)
        except SubmitError:
            log.warning("rail_word_postponed", order=order.id, rail=order.rail, event=report.event)


def heard_command(name: tuple[str, str], rail: str, order: str, report: Report, at: int) -> Command:
    """The command that brings a rail's word to the books; its name (origin and id) says where the word came from."""
    body: dict[str, Any] = {
        "order": order,
        "rail": rail,
        "event": report.event,
        "rail_reference": report.reference,
        "receipt": report.receipt,
        "reason": report.reason,
    }
    digest = hashlib.sha256(repr(sorted(body.items())).encode()).digest()
    return Command("rail.heard", *name, digest, at, body)
