"""A holder's new PIN on both stores: approved, typed twice, not too easy; or from the app by the old one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from backend.operations.command import Command, PinBlock
from backend.operations.entities import Operator
from backend.testing import BAD_PIN, GOOD_PIN, RICH, World, make_id, memory_world, postgres_world
from backend.testing_pins import WEAK_PIN
from deskwire.catalogue import check_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.operations.command import Outcome

NEW_PIN = b"new"


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    made: Any
    if request.param == "memory":
        made = await memory_world()
        made.store.tables.rows.operators["201"] = Operator(
            "201", "B001", "Supervisor", "supervisor", "active", GOOD_PIN, 0
        )
    else:
        made = await postgres_world(database_url)
        query = (
            "INSERT INTO operator (number, branch, name, role, verifier) VALUES ('201', 'B001', 'S', 'supervisor', $1)"
        )
        await made.connection.execute(query + " ON CONFLICT DO NOTHING", GOOD_PIN)
    await made.begin_shift()
    yield made
    assert await made.faults() == []
    await made.close()


async def approve(world: World, purpose: str = "pin_reset") -> str:
    command = world.command("approval.grant", {"operator": "201", "purpose": purpose}, pin=GOOD_PIN)
    assert (await world.executor.submit(command)).body
    return command.id


async def choose(world: World, approval: str, pin: bytes, again: bytes) -> Outcome:
    body = {"operator": "101", "account": RICH, "approval": approval}
    return await world.say("customer_pin.set", body, pin=pin, again=again)


async def balance(world: World, pin: bytes) -> str:
    outcome = await world.say("balance", {"operator": "101", "account": RICH}, pin=pin)
    return outcome.refused[0] if outcome.refused else "ok"


def reason(outcome: Outcome) -> str:
    assert outcome.refused is not None, outcome.body
    return outcome.refused[0]


async def test_a_blocked_pin_is_replaced_once_for_each_approval(world: World) -> None:
    for _ in range(3):
        await balance(world, BAD_PIN)
    assert await balance(world, GOOD_PIN) == "pin_blocked"
    approval = await approve(world)
    assert reason(await choose(world, approval, NEW_PIN, BAD_PIN)) == "pin_mismatch"
    assert reason(await choose(world, approval, WEAK_PIN, WEAK_PIN)) == "pin_weak"
    assert await balance(world, GOOD_PIN) == "pin_blocked"
    done = await choose(world, approval, NEW_PIN, NEW_PIN)
    assert done.body is not None
    check_answer("customer_pin.set", dict(done.body))
    assert reason(await choose(world, approval, GOOD_PIN, GOOD_PIN)) == "approval_spent"
    assert [await balance(world, pin) for pin in (GOOD_PIN, NEW_PIN)] == ["pin_wrong", "ok"]
    (made,) = [row for row in await world.audits() if row[1] == "pin_set"]
    assert made[0] == "o:101"
    assert made[2] == f"w:{RICH}"
    assert (made[3]["supervisor"], made[3]["was"]) == ("201", "pin_blocked")
    ((_, _, name, notice),) = await world.outbox("notice")
    assert (name, notice["amount_minor"]) == ("pin.changed", 0)


async def test_without_the_right_approval_nothing_changes(world: World) -> None:
    body = {"operator": "101", "account": RICH, "approval": make_id("none")}
    assert reason(await world.say("customer_pin.set", body, pin=NEW_PIN, again=NEW_PIN)) == "approval_needed"
    other = await approve(world, "variance")
    assert reason(await choose(world, other, NEW_PIN, NEW_PIN)) == "approval_needed"
    late = await approve(world)
    world.now += 121
    assert reason(await choose(world, late, NEW_PIN, NEW_PIN)) == "approval_spent"
    await world.set_wallet(RICH, "frozen")
    assert reason(await choose(world, await approve(world), NEW_PIN, NEW_PIN)) == "account_frozen"


async def change(world: World, old: bytes, new: bytes, name: str) -> Outcome:
    digest = hashlib.sha256(name.encode()).digest()
    pins: dict[str, Any] = {"pin": PinBlock(old, b""), "pin_again": PinBlock(new, b"")}
    return await world.executor.submit(
        Command("customer_pin.change", f"w:{RICH}", make_id(name), digest, world.now, {}, **pins)
    )


async def test_the_app_changes_it_by_the_old_one_and_counts_wrong_tries(world: World) -> None:
    assert reason(await change(world, BAD_PIN, NEW_PIN, "wrong")) == "pin_wrong"
    assert reason(await change(world, GOOD_PIN, WEAK_PIN, "weak")) == "pin_weak"
    assert (await change(world, GOOD_PIN, NEW_PIN, "good")).body
    assert [await balance(world, pin) for pin in (GOOD_PIN, NEW_PIN)] == ["pin_wrong", "ok"]
    for place in range(3):
        await change(world, BAD_PIN, NEW_PIN, f"guess {place}")
    assert reason(await change(world, NEW_PIN, GOOD_PIN, "late")) == "pin_blocked"
