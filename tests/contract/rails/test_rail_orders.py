"""Orders to the outside world on both stores: whatever a rail does, money is never both out and given back."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Any

import pytest

from backend.operations.codes import RAIL_RETURN
from backend.operations.command import Command
from backend.rails.port import Report
from backend.rails.testing import FakeRail, MemoryClaims
from backend.rails.worker import PostgresClaims, RailWorker, heard_command
from backend.testing import (
    GOOD_PIN,
    RICH,
    RICH_MINOR,
    TERMINALS,
    MemoryWorld,
    make_id,
    memory_world,
    postgres_world,
)
from deskwire.catalogue import check_answer, check_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.operations.command import Outcome
    from backend.testing import World

TILL, WALLET, CASH, RAIL = f"till:{TERMINALS[0]}", f"wallet:{RICH}", "order_cash:AZN", "rail:billers:AZN"
FLOAT = 10_000
SERVICE = {
    "id": "water",
    "rail": "billers",
    "kind": "bill",
    "name": "Water",
    "label": "Customer number",
    "min_digits": 6,
    "max_digits": 12,
    "min_minor": 10,
    "max_minor": 50_000,
    "currency": "AZN",
}
FOUND = {"service": SERVICE, "outcome": "found", "token": "tk-1", "shown": "A**** M**** 6789", "debt_minor": 4_250}


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    made: World = await memory_world() if request.param == "memory" else await postgres_world(database_url)
    yield made
    assert await made.faults() == []
    await made.close()


@pytest.fixture
async def drawer(world: World) -> str:
    return await world.begin_shift()


def with_found(command: Command, found: Any) -> Command:
    import dataclasses

    return dataclasses.replace(command, found=found)


async def look_up(world: World, *, found: Any = None, **more: Any) -> tuple[str, Outcome]:
    """(operation, outcome) of a lookup at the desk."""
    body = {"operator": "101", "service": "water", "reference": "123456789", "currency": "AZN", **more}
    check_body("ask", "bill.lookup", body)
    command = with_found(world.command("bill.lookup", body), found or FOUND)
    outcome = await world.executor.submit(command)
    if outcome.body is not None:
        check_answer("bill.lookup", dict(outcome.body))
    return command.id, outcome


async def take_cash(world: World, drawer: str, amount_minor: int = 4_250, fee_minor: int = 0) -> str:
    """A looked-up bill whose cash is in the drawer."""
    operation, _ = await look_up(world)
    body = taken(operation, drawer, amount_minor, fee_minor)
    outcome = await world.say("bill.taken", body)
    assert outcome.body == {"booked": "as_told"}, outcome
    return operation


def taken(operation: str, drawer: str, amount_minor: int = 4_250, fee_minor: int = 0) -> dict[str, Any]:
    body = {
        "operation": operation,
        "operator": "101",
        "amount_minor": amount_minor,
        "fee_minor": fee_minor,
        "currency": "AZN",
        "drawer": drawer,
    }
    check_body("tell", "bill.taken", body)
    return body


async def pay_from_wallet(world: World, pin: bytes = GOOD_PIN) -> tuple[str, Outcome]:
    operation, _ = await look_up(world)
    body = {"operation": operation, "operator": "101", "account": RICH, "amount_minor": 4_250, "fee_minor": 0}
    return operation, await world.say("bill.pay", body | {"currency": "AZN"}, pin=pin)


async def hear(world: World, order: str, event: Any, name: str = "", **more: str) -> Outcome:
    """A rail's word."""
    key = ("k:rails", name or f"{order}:{event}:{more}")
    return await world.executor.submit(heard_command(key, "billers", order, Report(event, **more), world.now))


async def give_back(world: World, operation: str, drawer: str, amount_minor: int = 4_250) -> Outcome:
    body = {
        "operation": operation,
        "operator": "101",
        "amount_minor": amount_minor,
        "currency": "AZN",
        "drawer": drawer,
    }
    check_body("tell", "bill.returned", body)
    return await world.say("bill.returned", body)


async def test_a_lookup_shows_the_debt_and_moves_nothing(world: World, drawer: str) -> None:
    _, outcome = await look_up(world)
    assert outcome.body is not None
    assert (outcome.body["debt_minor"], outcome.body["total_minor"], outcome.body["shown"]) == (
        4_250,
        4_250,
        "A**** M**** 6789",
    )
    assert await world.balance(RAIL) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("found", "more", "reason"),
    [
        ({"service": None}, {}, "service_off"),
        ({"service": SERVICE, "outcome": "unknown"}, {}, "reference_unknown"),
        ({"service": SERVICE, "outcome": "away"}, {}, "provider_unavailable"),
        (FOUND, {"amount_minor": 50_001}, "amount_over_limit"),
        (FOUND, {"amount_minor": 9}, "amount_invalid"),
        (FOUND, {"currency": "GEL"}, "currency_mismatch"),
    ],
)
async def test_a_lookup_that_cannot_be_paid_is_refused(
    world: World, drawer: str, found: Any, more: Any, reason: str
) -> None:
    _, outcome = await look_up(world, found=found, **more)
    assert outcome.refused is not None
    assert outcome.refused[0] == reason


async def test_a_bill_paid_in_cash_is_held_then_posted_and_news_carries_the_receipt(world: World, drawer: str) -> None:
    operation = await take_cash(world, drawer)
    assert (await world.balance(TILL))[:2] == (0, FLOAT + 4_250)
    assert await world.balance(CASH) == (4_250, 0, 0, 4_250)
    assert await world.balance(RAIL) == (0, 0, 4_250, 0)
    await hear(world, operation, "done", receipt="R-77")
    assert await world.balance(CASH) == (0, 4_250, 0, 4_250)
    assert await world.balance(RAIL) == (0, 0, 0, 4_250)
    ((target, _, name, body),) = await world.outbox("news")
    check_body("news", "bill.done", body)
    assert (target, name, body["receipt"]) == (TERMINALS[0], "bill.done", "R-77")


async def test_a_failed_bill_frees_the_cash_which_is_given_back_once(world: World, drawer: str) -> None:
    operation = await take_cash(world, drawer)
    await hear(world, operation, "failed", reason="account closed")
    ((_, _, name, body),) = await world.outbox("news")
    check_body("news", "bill.failed", body)
    assert (name, body["return_minor"], body["why"]) == ("bill.failed", 4_250, "account closed")
    assert (await give_back(world, operation, drawer)).body == {"booked": "as_told"}
    assert await world.balance(CASH) == (0, 4_250, 0, 4_250)
    assert (await world.balance(RAIL))[2:] == (0, 0)
    again = await give_back(world, operation, drawer)
    assert (again.body, again.alarm) == ({"booked": "nothing_to_do"}, "bill_returned_twice")


async def test_unknown_keeps_the_hold_and_cash_given_back_meanwhile_is_suspense(world: World, drawer: str) -> None:
    operation = await take_cash(world, drawer)
    await hear(world, operation, "no_answer")
    assert await world.balance(RAIL) == (0, 0, 4_250, 0)
    early = await give_back(world, operation, drawer)
    assert (early.body, early.alarm) == ({"booked": "suspense"}, "bill_return_in_suspense")
    await hear(world, operation, "done", receipt="R-1")
    assert await world.balance(RAIL) == (0, 0, 0, 4_250)
    assert (await world.balance("suspense:AZN"))[1] == 4_250


async def test_a_wallet_pays_with_its_pin_and_gets_its_money_back_when_declined(world: World, drawer: str) -> None:
    _, wrong = await pay_from_wallet(world, b"wrong")
    assert wrong.refused == ("pin_wrong", {"tries_left": 2})
    operation, outcome = await pay_from_wallet(world)
    assert outcome.body == {"operation": operation, "state": "pending"}
    assert await world.balance(WALLET) == (4_250, 0, 0, RICH_MINOR)
    await hear(world, operation, "failed", reason="declined")
    assert await world.balance(WALLET) == (0, 0, 0, RICH_MINOR)
    ((target, _, name, body),) = await world.outbox("notice")
    assert (target, name, body["amount_minor"]) == (RICH, "bill.failed", 0)


async def test_words_that_repeat_change_nothing_and_contradictions_alarm(world: World, drawer: str) -> None:
    operation = await take_cash(world, drawer)
    for name in ("callback 1", "callback 2", "status"):
        assert (await hear(world, operation, "done", name, receipt="R-1")).body == {"state": "done"}
    after = await world.balance(RAIL)
    contradiction = await hear(world, operation, "failed", "late")
    assert (contradiction.body, contradiction.alarm) == ({"state": "done"}, "rail_contradiction")
    assert await world.balance(RAIL) == after == (0, 0, 0, 4_250)
    assert len(await world.outbox("news")) == 1


async def test_cash_that_does_not_fit_its_quote_is_suspense_and_nothing_is_sent(world: World, drawer: str) -> None:
    operation, _ = await look_up(world)
    outcome = await world.say("bill.taken", taken(operation, drawer, 4_000))
    assert (outcome.body, outcome.alarm) == ({"booked": "suspense"}, "bill_in_suspense")
    unheard = await world.say("bill.taken", taken(make_id("never asked"), drawer, 700))
    assert unheard.body == {"booked": "suspense"}
    assert await world.balance(RAIL) == (0, 0, 0, 0)
    assert (await world.balance("suspense:AZN"))[3] == 4_700
    again = await world.say("bill.taken", taken(operation, drawer, 4_000))
    assert again.alarm == "bill_told_twice"


async def test_a_quote_given_up_cannot_be_paid_any_more(world: World, drawer: str) -> None:
    operation, _ = await look_up(world)
    assert (await world.say("bill.void", {"operation": operation, "why": "timeout"})).body == {"booked": "as_told"}
    body = {"operation": operation, "operator": "101", "account": RICH, "amount_minor": 4_250, "fee_minor": 0}
    late = await world.say("bill.pay", body | {"currency": "AZN"}, pin=GOOD_PIN)
    assert late.refused == ("operation_voided", {})


async def top_up(world: World, wallet: str, name: str = "kiosk-1", amount_minor: int = 500) -> Outcome:
    body = {"rail": "billers", "wallet": wallet, "amount_minor": amount_minor, "currency": "AZN", "from": "Kiosk 7"}
    digest = hashlib.sha256(repr(sorted(body.items())).encode()).digest()
    return await world.executor.submit(
        Command("rail.top_up", "r:billers", name, digest, world.now, body, fresh=make_id(f"top-up {name}"))
    )


async def test_a_top_up_is_booked_once_and_told_and_an_unknown_wallet_is_suspense(world: World) -> None:
    assert (await top_up(world, RICH)).body == {"booked": "as_told"}
    assert (await top_up(world, RICH)).replayed
    assert (await top_up(world, RICH, amount_minor=600)).refused == ("id_reused", {})
    assert (await world.balance(WALLET))[3] == RICH_MINOR + 500
    lost = await top_up(world, "9000000000009999", "kiosk-2")
    assert (lost.body, lost.alarm) == ({"booked": "suspense"}, "top_up_in_suspense")
    assert [(target, name) for target, _, name, _ in await world.outbox("notice")] == [(RICH, "top_up.done")]


async def test_two_workers_share_the_due_orders(world: World, drawer: str) -> None:
    """Claims count the attempt and put the row off, so that no order is worked on twice at a time."""
    orders = {await take_cash(world, drawer) for _ in range(3)}
    rail = FakeRail()
    workers = [RailWorker(await claims_of(world), world.executor, {"billers": rail}, lambda: world.now) for _ in "ab"]
    done = [await worker.run() for worker in workers]
    assert sum(done) == 3
    assert rail.paid == dict.fromkeys(orders, 1)
    assert await world.balance(RAIL) == (0, 0, 0, 3 * 4_250)


async def claims_of(world: World) -> Any:
    if isinstance(world, MemoryWorld):
        return MemoryClaims(world.store)
    import asyncpg

    url = world.url  # type: ignore[attr-defined]
    return PostgresClaims(await asyncpg.create_pool(url, min_size=1, max_size=2))


async def test_a_lost_answer_is_settled_by_asking_and_never_sent_blindly(world: World, drawer: str) -> None:
    rail = FakeRail()
    worker = RailWorker(await claims_of(world), world.executor, {"billers": rail}, lambda: world.now)
    operation = await take_cash(world, drawer)
    rail.loses_answers = True
    await worker.run()
    assert await world.balance(RAIL) == (0, 0, 4_250, 0)
    rail.loses_answers = False
    world.now += 2
    await worker.run()
    assert await world.balance(RAIL) == (0, 0, 0, 4_250)
    assert rail.paid == {operation: 1}


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_a_rail_does_money_is_never_both_out_and_given_back(seed: int) -> None:
    """A seeded run of orders, faults, callbacks, clock steps and returned cash; then the faults end."""
    chance = random.Random(seed)
    world = await memory_world()
    drawer = await world.begin_shift()
    rail = FakeRail()
    worker = RailWorker(MemoryClaims(world.store), world.executor, {"billers": rail}, lambda: world.now)
    orders: list[str] = []
    returned: list[str] = []
    for turn in range(60):
        await random_step(world, chance, rail, drawer, orders, returned, turn)
        world.now += chance.randrange(4)
        await worker.run()
        assert await world.faults() == [], f"seed {seed}"
    rail.is_away = rail.loses_answers = rail.is_late = False
    for name in list(rail.orders):
        rail.close(name)
    for _ in range(3):
        world.now += 60
        await worker.run()
    rows = world.store.tables.rows
    assert {rows.rail_orders[name].state for name in orders} <= {"done", "failed"}, f"seed {seed}"
    for name in orders:
        paid = rail.paid.get(name, 0)
        posted = [t for t in world.store.tables.transfers if t.pending_id == name and t.kind == 2]
        back = [t for t in world.store.tables.transfers if t.operation == name and t.code == RAIL_RETURN]
        assert paid <= 1
        assert len(posted) == paid, f"seed {seed}: {name}"
        assert not (posted and back), f"seed {seed}: {name}"
        assert len(back) <= 1
    assert (await world.balance(RAIL))[2] == 0
    await world.close()


async def random_step(  # noqa: PLR0917  (what a run consists of)
    world: World,
    chance: random.Random,
    rail: FakeRail,
    drawer: str,
    orders: list[str],
    returned: list[str],
    turn: int,
) -> None:
    """One thing that happens: a new order, a switched fault, a callback (again), cash given back (rightly or not)."""
    what = chance.choice(["cash", "wallet", "fault", "callback", "callback", "late", "return"])
    if what == "cash":
        orders.append(await take_cash(world, drawer))
    elif what == "wallet":
        operation, outcome = await pay_from_wallet(world)
        if outcome.body is not None:
            orders.append(operation)
    elif what == "fault":
        switch = chance.choice(["is_away", "loses_answers", "is_late", "declines"])
        setattr(rail, switch, not getattr(rail, switch))
    elif what == "callback" and rail.orders:
        order = chance.choice(sorted(rail.orders))
        key = ("r:billers", f"callback {turn}")
        await world.executor.submit(heard_command(key, "billers", order, rail.word(order), world.now))
    elif what == "late" and rail.orders:
        rail.close(chance.choice(sorted(rail.orders)))
    elif what == "return":
        failed = [name for name, row in world.store.tables.rows.rail_orders.items() if row.state == "failed"]  # type: ignore[attr-defined]
        owed = [name for name in failed if name not in returned and name in orders]
        for name in owed[:1]:
            returned.append(name)
            await give_back(world, name, drawer)
