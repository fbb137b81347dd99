"""Hubs' credentials and the directory of terminals: read from the database, remembered for a short while."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.web.problems import Problem
from backend.web.sessions import hash_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    import asyncpg

    from backend.web.clock import Clock

#: Credentials remembered: more than any backend has hubs; strangers' guesses are not remembered.
MAX_CREDENTIALS = 10_000
#: Terminals remembered, known or not; about 300 bytes each.
MAX_TERMINALS = 50_000


@dataclass(frozen=True, slots=True)
class Hub:
    """An authenticated hub and the one branch it serves."""

    hub: str
    branch: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the edge knows of a terminal: the branch it stands in and the owner of its keys."""

    branch: str
    ikid: bytes


class HubAccess:
    """Finds the hub of a bearer token. Credentials are dropped at once when the database tells of a change."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, ttl_s: int) -> None:
        self._pool = pool
        self._clock = clock
        self._ttl_s = ttl_s
        self._known: OrderedDict[bytes, tuple[Hub, int]] = OrderedDict()
        self._changes = 0

    def forget(self) -> None:
        """Forget everything: some credential changed. What is being read meanwhile is not remembered."""
        self._known.clear()
        self._changes += 1

    async def find(self, token: str) -> Hub:
        """The hub of a token. Raises Problem 401 for an unknown or revoked one."""
        hashed = hash_token(token)
        known = self._known.get(hashed)
        if known is not None and self._clock() - known[1] < self._ttl_s:
            return known[0]
        changes = self._changes
        row = await self._pool.fetchrow(
            """
            SELECT hub.hub, hub.branch FROM hub_credential JOIN hub USING (hub)
            WHERE token_hash = $1 AND revoked_at IS NULL
            """,
            hashed,
        )
        if row is None:
            self._known.pop(hashed, None)
            raise Problem("unauthorized", "The hub's credential is unknown or revoked.")
        hub = Hub(row["hub"], row["branch"])
        if changes != self._changes:
            return hub
        self._known[hashed] = (hub, self._clock())
        if len(self._known) > MAX_CREDENTIALS:
            self._known.popitem(last=False)
        return hub


class Directory:
    """Terminal id to branch and IKID, looked up for a whole batch in one round trip."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, ttl_s: int) -> None:
        self._pool = pool
        self._clock = clock
        self._ttl_s = ttl_s
        self._known: OrderedDict[str, tuple[Terminal | None, int]] = OrderedDict()
        self._changes = 0

    def forget(self) -> None:
        """Forget everything: some terminal changed. What is being read meanwhile is not remembered."""
        self._known.clear()
        self._changes += 1

    async def find(self, terminals: Iterable[str]) -> dict[str, Terminal | None]:
        """Each terminal's entry, None for one that is not known."""
        oldest = self._clock() - self._ttl_s
        found: dict[str, Terminal | None] = {}
        missing: list[str] = []
        for terminal in set(terminals):
            known = self._known.get(terminal)
            if known is not None and known[1] > oldest:
                found[terminal] = known[0]
            else:
                missing.append(terminal)
        if missing:
            found.update(await self._load(missing))
        return found

    async def _load(self, missing: list[str]) -> dict[str, Terminal | None]:
        changes = self._changes
        rows = await self._pool.fetch("SELECT id, branch, ikid FROM terminal WHERE id = ANY($1::text[])", missing)
        now = self._clock()
        loaded: dict[str, Terminal | None] = dict.fromkeys(missing)
        loaded.update({row["id"]: Terminal(row["branch"], row["ikid"]) for row in rows})
        if changes != self._changes:
            return loaded
        for terminal, entry in loaded.items():
            self._known[terminal] = (entry, now)
            self._known.move_to_end(terminal)
        while len(self._known) > MAX_TERMINALS:
            self._known.popitem(last=False)
        return loaded
