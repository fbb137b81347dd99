"""The audit log on both stores: what is written, and with whose name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backend.testing import BAD_PIN, RICH, World, memory_world, postgres_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    made: World = await memory_world() if request.param == "memory" else await postgres_world(database_url)
    yield made
    assert await made.faults() == []
    await made.close()


async def test_a_blocked_pin_is_in_the_audit_log_once(world: World) -> None:
    await world.begin_shift()
    before = len(await world.audits())
    asked = {"operator": "101", "account": RICH}
    for _ in range(4):
        await world.say("balance", asked, pin=BAD_PIN)
    assert (await world.audits())[before:] == [("o:101", "pin_blocked", f"w:{RICH}", {"tries": 3})]
