"""The parts of the rails in one backend process, made from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.rails.desk import RailDesk
from backend.rails.http_rail import HttpRail
from backend.rails.inbound import Inbound
from backend.rails.worker import PostgresClaims, RailWorker

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

    from backend.settings import RailSettings
    from backend.web.clock import Clock, Fresh
    from backend.web.executing import Submits


class RailParts:
    """Adapters, worker, the desk's questions, and what rails tell us."""

    def __init__(
        self, settings: Mapping[str, RailSettings], pool: asyncpg.Pool, executor: Submits, clock: Clock, fresh: Fresh
    ) -> None:
        secrets = {name: one.secret.get_secret_value().encode() for name, one in settings.items()}
        self._rails = {name: HttpRail(one.url, secrets[name], clock) for name, one in settings.items()}
        self.desk = RailDesk(pool, dict(self._rails))
        self.worker = RailWorker(PostgresClaims(pool), executor, dict(self._rails), clock)
        self.inbound = Inbound(secrets, executor, clock, fresh)

    async def close(self) -> None:
        """Release the rails' connections."""
        for rail in self._rails.values():
            await rail.close()
