"""The store on PostgreSQL: asyncpg, one statement to load, one to write, one transaction a batch."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from backend.operations.entities import OneTimeCode, TerminalState, Usage
from backend.store import commit_sql, load_sql
from backend.store.columns import array_of, text_column
from backend.store.port import ConflictError, StoreDownError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from backend.operations.keys import Keys
    from backend.operations.loaded import Changes, Loaded

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
    " UNION ALL SELECT code, 'pickup', expires_at FROM pickup WHERE state IN ('waiting', 'blocked')"
    " AND expires_at <= $1 ORDER BY expires_at LIMIT $2"
)
#: In the order of the ids. Only units past their load come here, so that two never wait for each other in a circle.
FIRST_USAGES: Final = (
    "INSERT INTO usage (id, day, day_minor, day_count, month, month_minor, month_count)"  # noqa: S608  (constants)
    f" SELECT id, 0, 0, 0, 0, 0, 0 FROM unnest({array_of('$1', 'text')}) AS wanted (id)"
    " ON CONFLICT (id) DO NOTHING"
)
LOCKED_USAGES: Final = (
    "SELECT id, day, day_minor, day_count, month, month_minor, month_count FROM usage"  # noqa: S608  (constants)
    f" WHERE id = ANY({array_of('$1', 'text')}) ORDER BY id FOR NO KEY UPDATE"
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
    asyncpg.InternalClientError,
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

    __slots__ = ("_connection", "is_open")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        #: Whether the connection is still inside the transaction.
        self.is_open = True

    async def load(self, keys: Keys) -> Loaded:
        """The terminals' turns, then one statement; rows are locked in the order of kinds, then ids."""
        states, codes = {}, {}
        with translated():
            if keys.terminals:
                key = text_column(keys.terminals, len(keys.terminals))
                for row in await self._connection.fetch(load_sql.TERMINAL_STATES, key):
                    states[row[0]] = TerminalState(*row)
            if keys.codes or keys.proofs:
                hashes, proofs = (text_column(names, len(names)) for names in (keys.codes, keys.proofs))
                for row in await self._connection.fetch(load_sql.CODES, hashes, proofs):
                    codes[row[0]] = OneTimeCode(*row)
            keys.add_holders(codes.values())
            names, statement, parameters = load_sql.request(keys)
            row = await self._connection.fetchrow(statement, *parameters) if names else None
        loaded = load_sql.loaded_from(names, row)
        loaded.terminal_states, loaded.codes = states, codes
        if missing := sorted(keys.usages - loaded.usages.keys()):
            await self._begin_usages(missing, loaded)
        return loaded

    async def _begin_usages(self, missing: list[str], loaded: Loaded) -> None:
        """Make the rows that wallets' first uses of a service need, and lock them.

        Left to the commit, two batches that both serve a new wallet would fail on each other's row again and again: the
        later one waits for the wallet, but its snapshot was taken before the earlier one's commit.
        """
        key = text_column(missing, len(missing))
        with translated():
            await self._connection.execute(FIRST_USAGES, key)
            for row in await self._connection.fetch(LOCKED_USAGES, key):
                loaded.usages[row[0]] = Usage(*row)

    async def commit(self, changes: Changes) -> None:
        """One statement, then COMMIT, which returns when the write-ahead log is on disk."""
        with translated():
            if not changes.is_empty:
                statement, parameters = commit_sql.request(changes)
                await self._connection.fetchrow(statement, *parameters)
            await self._connection.execute("COMMIT")
        self.is_open = False


class PostgresStore:
    """Units of work on a few connections of its own. Start it on the running loop; several may share a database."""

    def __init__(self, url: str, *, max_connections: int = 4) -> None:
        self._url = url
        self._free = asyncio.Semaphore(max_connections)
        #: Connections outside of any transaction, the last used on top: its prepared statements are warm.
        self._idle: list[Any] = []
        self._is_started = False

    async def start(self) -> None:
        """Prove that the database answers."""
        with translated():
            self._idle.append(await self._connect())
        self._is_started = True

    async def stop(self) -> None:
        """Close the connections that no unit is using; the others close when they are given back."""
        self._is_started = False
        idle, self._idle = self._idle, []
        for connection in idle:
            with contextlib.suppress(asyncpg.PostgresError, *_DOWN):
                await connection.close(timeout=CONNECT_TIMEOUT_S)

    async def due(self, now: int, limit: int) -> list[tuple[str, str, int]]:
        """(id, type, expires_at) of open sales, held cash and pickups (by code) whose time is over, oldest first."""
        async with self._connection() as connection:
            with translated():
                rows = await connection.fetch(DUE, now, limit)
        return [(row["id"], row["type"], row["expires_at"]) for row in rows]

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresUnit]:
        """A transaction; what is not committed is rolled back, and a connection in doubt is closed."""
        async with self._connection() as connection:
            with translated():
                await connection.execute("BEGIN")
            unit = PostgresUnit(connection)
            try:
                yield unit
            finally:
                if unit.is_open:
                    await _undo(connection)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """A connection for as long as the context."""
        if not self._is_started:
            raise StoreDownError("the store is not started")
        async with self._free:
            with translated():
                connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            finally:
                if not self._is_started:
                    connection.terminate()
                elif not connection.is_closed():
                    self._idle.append(connection)

    async def _connect(self) -> Any:
        """A new connection with the session's settings."""
        return await asyncpg.connect(
            self._url,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            statement_cache_size=STATEMENTS,
            max_cached_statement_lifetime=0,
            server_settings=SESSION,
        )


async def _undo(connection: Any) -> None:
    """Roll back; a connection that cannot even do that is closed, which makes the server roll back."""
    try:
        await connection.execute("ROLLBACK", timeout=CONNECT_TIMEOUT_S)
    except (asyncpg.PostgresError, *_DOWN):
        connection.terminate()
