"""What desks and holders ask of rails before a command is decided: the catalogue, and a customer's debt."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from backend.operations.rail_quote import KINDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from backend.operations.command import Command
    from backend.rails.port import Rails

#: Services of one group: the pages that the wire can count.
MAX_SERVICES: Final = 600

_CATALOGUE: Final = """
SELECT id AS service, name, label, min_digits, max_digits FROM rail_service
WHERE status = 'active' AND kind = ANY($1::text[]) ORDER BY place, id LIMIT $2
"""
_SERVICE: Final = """
SELECT id, rail, kind, name, label, min_digits, max_digits, min_minor, max_minor, currency FROM rail_service
WHERE id = $1 AND status = 'active'
"""


class RailDesk:
    """Adds to a command what the outside world says. Commands it does not know pass unchanged."""

    def __init__(self, pool: asyncpg.Pool, rails: Rails) -> None:
        self._pool = pool
        self._rails = rails
        self._steps: dict[str, Callable[[Command], Awaitable[dict[str, Any]]]] = {
            "bill.catalogue": self._group,
            "bill.lookup": self._lookup,
            "rail.quote": self._lookup,
        }

    async def prepare(self, command: Command) -> Command:
        """The command with `found` filled in, where it needs that."""
        found = self._steps.get(command.operation)
        return command if found is None else dataclasses.replace(command, found=await found(command))

    async def catalogue(self, group: str) -> list[dict[str, Any]]:
        """The active services of a group, in the catalogue's order."""
        kinds = [kind for kind, (of, _) in KINDS.items() if of == group]
        return [dict(row) for row in await self._pool.fetch(_CATALOGUE, kinds, MAX_SERVICES)]

    async def _group(self, command: Command) -> dict[str, Any]:
        return {"services": await self.catalogue(command.body["group"])}

    async def _lookup(self, command: Command) -> dict[str, Any]:
        """Ask the rail of the named service; a reference of the wrong length is not worth asking for."""
        body = command.body
        row = await self._pool.fetchrow(_SERVICE, body["service"])
        if row is None:
            return {"service": None}
        service = dict(row)
        reference, rail = body["reference"], self._rails.get(service["rail"])
        if not service["min_digits"] <= len(reference) <= service["max_digits"]:
            return {"service": service, "outcome": "unknown"}
        if rail is None:
            return {"service": service, "outcome": "away"}
        found = await rail.lookup(service["id"], reference, body["currency"])
        return {"service": service, **found._asdict()}
