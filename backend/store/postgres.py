"""The store on PostgreSQL: asyncpg, one statement to load, one to write, one transaction a batch."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from backend.store import commit_sql, load_sql
from backend.store.port import ConflictError, StoreDownError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from backend.operations.keys import Keys
    from backend.operations.state import Changes, Loaded

#: Plans: batches differ in size only, so one generic plan serves all; nested loops over the batch's keys keep the order
#: in which rows are locked, and never read a whole table.
SESSION: Final = {
    "application_name": "kassa",
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "jit": "off",
    "synchronous_commit": "on",
    # a batch lasts milliseconds: one that waits this long for locks is stuck behind something broken
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
DUE: Final = (
    "SELECT id, type, expires_at FROM operation WHERE state IN ('open', 'held') AND expires_at <= $1"
    " ORDER BY expires_at LIMIT $2"
)
CONNECT_TIMEOUT_S: Final = 5.0
#: Well above lock_timeout; a server that stopped answering is found by this.
COMMAND_TIMEOUT_S: Final = 15.0
#: Shapes of batches (load and commit statements) kept prepared on a connection.
STATEMENTS: Final = 512

_CONFLICTS: Final = (
    asyncpg.UniqueViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)
_DOWN: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    OSError,
    TimeoutError,
)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the port's; anything else is a fault of ours and passes."""
    try:
        yield
    except _CONFLICTS as error:
        raise ConflictError(type(error).__name__) from error
    except _DOWN as error:
        raise StoreDownError(type(error).__name__) from error


class PostgresUnit:
    """One transaction on one connection."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def load(self, keys: Keys) -> Loaded:
        """One statement; rows are locked in the order of kinds, then ids."""
        names, statement, parameters = load_sql.request(keys)
        if not names:
            return load_sql.loaded_from((), None)
        with translated():
            return load_sql.loaded_from(names, await self._connection.fetchrow(statement, *parameters))

    async def commit(self, changes: Changes) -> None:
        """One statement, then COMMIT, which returns when the write-ahead log is on disk."""
        with translated():
            if not changes.is_empty:
                statement, parameters = commit_sql.request(changes)
                await self._connection.fetchrow(statement, *parameters)
            await self._connection.execute("COMMIT")


class PostgresStore:
    """Units of work on a pool of connections. Start it on the running loop; several may share a database."""

    def __init__(self, url: str, *, max_connections: int = 4) -> None:
        self._url = url
        self._max_connections = max_connections
        self._pool: asyncpg.Pool[Any] | None = None

    async def start(self) -> None:
        """Open the pool."""
        with translated():
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._max_connections,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=COMMAND_TIMEOUT_S,
                statement_cache_size=STATEMENTS,
                max_cached_statement_lifetime=0,
                max_inactive_connection_lifetime=0,
                server_settings=SESSION,
                reset=_keep_session,
            )

    async def stop(self) -> None:
        """Close the pool."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def due(self, now: int, limit: int) -> list[tuple[str, str, int]]:
        """(id, type, expires_at) of open sales and held cash-outs whose time is over, oldest first."""
        if self._pool is None:
            raise StoreDownError("the store is not started")
        with translated():
            rows = await self._pool.fetch(DUE, now, limit)
        return [(row["id"], row["type"], row["expires_at"]) for row in rows]

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresUnit]:
        """A transaction; what is not committed is rolled back, and a connection in doubt is closed."""
        if self._pool is None:
            raise StoreDownError("the store is not started")
        pool = self._pool
        with translated():
            connection = await pool.acquire(timeout=CONNECT_TIMEOUT_S)
        try:
            with translated():
                await connection.execute("BEGIN")
            yield PostgresUnit(connection)
        finally:
            if connection.is_closed() or await _is_left_open(connection):
                connection.terminate()
            await pool.release(connection)


async def _keep_session(connection: Any) -> None:
    """Returning a connection costs no round trip: units leave nothing behind."""


async def _is_left_open(connection: Any) -> bool:
    """Roll back what a unit left; True when even that failed, and the connection cannot be used again."""
    if not connection.is_in_transaction():
        return False
    try:
        await connection.execute("ROLLBACK", timeout=CONNECT_TIMEOUT_S)
    except (*_DOWN, asyncpg.PostgresError):
        return True
    return False
