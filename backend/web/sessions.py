"""Sign-in by password and bearer sessions, for wallets and staff alike: realms in one pair of tables."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import argon2

from backend.web.problems import Problem

if TYPE_CHECKING:
    import asyncpg

    from backend.web.clock import Clock
    from backend.web.metrics import Metrics

TOKEN_BYTES = 32
#: Wrong passwords in a row before a name is locked; the lock doubles with each further one.
FREE_FAILURES = 5
FIRST_LOCK_S = 30
MAX_LOCK_S = 900
#: Sign-ins from one address in one minute, over all names: a person needs a few, a guesser thousands.
MAX_PER_ADDRESS = 30
ADDRESS_WINDOW_S = 60
#: Addresses remembered: enough for a branch behind one proxy and for noise, small enough to be nothing.
MAX_ADDRESSES = 10_000
#: Argon2 takes about 30 ms and 19 MiB. One thread for all realms leaves the machine to the payments, and keeps what the
#: C library holds back for it to one arena (several threads cost 60 MB that never came back).
HASHING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
#: Sign-ins that may wait for a hashing place; more are told to come back.
MAX_HASHING_WAITING = 64
#: OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Who a bearer token stands for."""

    name: str
    expires_at: int


def hash_password(password: str) -> str:
    """An argon2id hash to store."""
    return HASHER.hash(password)


def hash_token(token: str) -> bytes:
    """What is stored of a token: it has 256 random bits, so that a plain SHA-256 hides it."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A bearer token of 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header. Raises Problem 401 without one."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("unauthorized", "No bearer token was sent.")
    return token


class AddressLimit:
    """How many attempts an address made in the current minute; forgets the oldest addresses."""

    def __init__(self, clock: Clock, max_attempts: int = MAX_PER_ADDRESS) -> None:
        self._clock = clock
        self._max_attempts = max_attempts
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def count(self, address: str) -> None:
        """Count one attempt. Raises Problem 429 above the limit."""
        window = self._clock() // ADDRESS_WINDOW_S
        at, attempts = self._seen.pop(address, (window, 0))
        attempts = attempts + 1 if at == window else 1
        self._seen[address] = (window, attempts)
        if len(self._seen) > MAX_ADDRESSES:
            self._seen.popitem(last=False)
        if attempts > self._max_attempts:
            raise Problem("too_many_attempts", "Too many sign-ins from this address in one minute.")


class Sessions:
    """Sessions of one realm ('wallet' or 'staff') in PostgreSQL, so that any backend process knows them."""

    def __init__(self, realm: str, pool: asyncpg.Pool, clock: Clock, life_s: int, metrics: Metrics) -> None:
        self._realm = realm
        self._pool = pool
        self._clock = clock
        self._life_s = life_s
        self._metrics = metrics
        self._addresses = AddressLimit(clock)
        self._waiting = 0
        self._decoy = hash_password(new_token())

    async def sign_in(self, name: str, password: str, address: str) -> tuple[str, Session]:
        """Check a password and open a session.

        The failure counter rises before the password is looked at, so that parallel guesses cannot pass it.

        Raises:
            Problem: 401 for a wrong name or password (not told apart), 429 when locked, 503 when overloaded.
        """
        try:
            self._addresses.count(address)
            stored = await self._count_attempt(name)
            right = await self._verify(stored or self._decoy, password)
        except Problem as problem:
            self._metrics.logins.labels(self._realm, problem.error).inc()
            raise
        if stored is None or not right:
            self._metrics.logins.labels(self._realm, "wrong").inc()
            raise Problem("unauthorized", "The name or the password is wrong.")
        self._metrics.logins.labels(self._realm, "ok").inc()
        return await self._open(name)

    async def find(self, token: str) -> Session:
        """The session of a token. Raises Problem 401 when there is none or it has expired."""
        row = await self._pool.fetchrow(
            "SELECT name, expires_at FROM session WHERE token_hash = $1 AND realm = $2 AND expires_at > $3",
            hash_token(token),
            self._realm,
            self._clock(),
        )
        if row is None:
            raise Problem("unauthorized", "The session is unknown or has expired.")
        return Session(row["name"], row["expires_at"])

    async def close(self, token: str) -> None:
        """End a session; an unknown one is ended already."""
        await self._pool.execute(
            "DELETE FROM session WHERE token_hash = $1 AND realm = $2", hash_token(token), self._realm
        )

    async def _count_attempt(self, name: str) -> str | None:
        """Count an attempt and give the stored hash; None for an unknown name. Raises Problem 429 when locked."""
        now = self._clock()
        row = await self._pool.fetchrow(
            """
            UPDATE login SET failures = failures + 1,
                   locked_until = CASE WHEN failures + 1 >= $3
                       THEN $4 + least($5 * power(2, least(failures + 1 - $3, 10)), $6)::bigint ELSE 0 END
            WHERE realm = $1 AND name = $2 AND locked_until <= $4 RETURNING password_hash
            """,
            self._realm,
            name,
            FREE_FAILURES,
            now,
            FIRST_LOCK_S,
            MAX_LOCK_S,
        )
        if row is not None:
            return str(row["password_hash"])
        locked_until = await self._pool.fetchval(
            "SELECT locked_until FROM login WHERE realm = $1 AND name = $2", self._realm, name
        )
        if locked_until is not None:
            raise Problem("too_many_attempts", "Too many wrong passwords.", retry_after_s=max(1, locked_until - now))
        return None

    async def _verify(self, stored: str, password: str) -> bool:
        if self._waiting >= MAX_HASHING_WAITING:
            raise Problem("busy", "Too many sign-ins at once.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(HASHING, _matches, stored, password)
        finally:
            self._waiting -= 1

    async def _open(self, name: str) -> tuple[str, Session]:
        """Store a new session, reset the failures and sweep the realm's expired sessions."""
        now = self._clock()
        token, session = new_token(), Session(name, now + self._life_s)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE login SET failures = 0, locked_until = 0 WHERE realm = $1 AND name = $2", self._realm, name
            )
            await connection.execute("DELETE FROM session WHERE realm = $1 AND expires_at <= $2", self._realm, now)
            await connection.execute(
                "INSERT INTO session (token_hash, realm, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
                hash_token(token),
                self._realm,
                name,
                now,
                session.expires_at,
            )
        return token, session


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except argon2.exceptions.VerificationError:
        return False
