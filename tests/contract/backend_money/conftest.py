"""A populated world on each of the two stores; after each test the ledger must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backend.testing import World, memory_world, postgres_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    """The world; its faults are looked for at the end."""
    if request.param == "memory":
        made: World = await memory_world()
    else:
        made = await postgres_world(database_url)
    yield made
    assert await made.faults() == []
    await made.close()


@pytest.fixture
async def drawer(world: World) -> str:
    """The open drawer of operator 101 at the first terminal."""
    return await world.begin_shift()
