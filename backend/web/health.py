"""Whether the process is up (/health/live) and whether it can work (/health)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
from starlette.routing import Route

from backend.web.problems import Problem
from backend.web.responses import JsonResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: Longest time a health check waits for the database.
TIMEOUT_S = 2.0


async def check_database(pool: asyncpg.Pool) -> None:
    """Raise Problem 503 unless the database answers in time."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await pool.fetchval("SELECT 1")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        raise Problem("unavailable", "The database does not answer.") from None


async def _ready(request: Request) -> Response:
    await check_database(request.state.backend.pool)
    return JsonResponse({"status": "ok"})


async def _live(_request: Request) -> Response:
    return JsonResponse({"status": "ok"})


def health_routes() -> list[Route]:
    """GET /health and /health/live; they name nothing and need no credential."""
    return [Route("/health", _ready, methods=["GET"]), Route("/health/live", _live, methods=["GET"])]
