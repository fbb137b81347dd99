"""Fees by table and limits by KYC level, on both stores: what is refused, what is counted, what is given back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from backend.executor import Executor
from backend.operations.entities import LimitRule, Tariff
from backend.store.postgres import PostgresStore
from backend.testing import (
    GOOD_PIN,
    NOW,
    RICH,
    TERMINALS,
    World,
    check_pin,
    memory_world,
    postgres_world,
)
from deskwire.messages import build_refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.operations.command import Command, Outcome

DAY_S = 86_400
#: NOW is 2027-01-15, 08:00 UTC: this many seconds before the next day.
TO_MIDNIGHT_S = 16 * 3600


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    made: World = await memory_world() if request.param == "memory" else await postgres_world(database_url)
    yield made
    assert await made.faults() == []
    await made.close()


def limit(service: str, **limits: Any) -> LimitRule:
    return LimitRule(1, service, "AZN", 0, 0)._replace(**limits)


def money(amount_minor: int, **more: Any) -> dict[str, Any]:
    return {"operator": "101", "amount_minor": amount_minor, "currency": "AZN", **more}


def authorize(world: World, amount_minor: int, **options: Any) -> Command:
    return world.command("cash_out.authorize", money(amount_minor, account=RICH), pin=GOOD_PIN, **options)


async def cash_out(world: World, amount_minor: int) -> Outcome:
    return await world.executor.submit(authorize(world, amount_minor))


def refused(outcome: Outcome) -> tuple[str, dict[str, Any]]:
    assert outcome.refused is not None, outcome.body
    reason, details = outcome.refused
    build_refusal("0" * 26, TERMINALS[0], NOW, reason, dict(details))  # what the wire cannot say is not refused so
    return reason, dict(details)


async def test_each_operation_day_and_month_has_its_limit(world: World) -> None:
    await world.begin_shift()
    await world.set_limit(limit("cash_out", operation_minor=500, day_minor=700, day_count=3, month_minor=1000))
    reason, details = refused(await cash_out(world, 501))
    assert (reason, details["limit_minor"], details["period"]) == ("amount_over_limit", 500, "operation")
    assert (await cash_out(world, 500)).body
    reason, details = refused(await cash_out(world, 201))
    assert (reason, details["limit_minor"], details["left_minor"], details["period"]) == (
        "amount_over_limit",
        700,
        200,
        "day",
    )
    assert (await cash_out(world, 100)).body
    assert (await cash_out(world, 1)).body
    assert refused(await cash_out(world, 1)) == ("count_over_limit", {"period": "day", "limit_count": 3})
    assert await world.used(RICH, "cash_out") == (601, 3, 601, 3)
    world.now += TO_MIDNIGHT_S
    assert (await cash_out(world, 399)).body
    assert refused(await cash_out(world, 1))[1]["period"] == "month"
    world.now += 31 * DAY_S
    assert (await cash_out(world, 500)).body
    assert await world.used(RICH, "cash_out") == (500, 1, 500, 1)


async def test_a_limit_is_checked_before_the_pin(world: World) -> None:
    await world.begin_shift()
    await world.set_limit(limit("cash_out", day_count=0))
    wrong = world.command("cash_out.authorize", money(100, account=RICH), pin=b"wrong")
    assert refused(await world.executor.submit(wrong))[0] == "count_over_limit"


async def test_a_released_hold_gives_its_usage_back(world: World) -> None:
    await world.begin_shift()
    first, second = authorize(world, 300), authorize(world, 200)
    for command in (first, second):
        assert (await world.executor.submit(command)).body
    await world.say("cash_out.void", {"operation": first.id, "why": "cancelled"})
    assert await world.used(RICH, "cash_out") == (200, 1, 200, 1)
    world.now += TO_MIDNIGHT_S
    third = authorize(world, 50)
    assert (await world.executor.submit(third)).body
    await world.say("cash_out.void", {"operation": second.id, "why": "cancelled"})
    assert await world.used(RICH, "cash_out") == (50, 1, 50, 1)  # yesterday's day is over; its month is not
    await world.say("cash_out.void", {"operation": second.id, "why": "cancelled"})
    assert await world.used(RICH, "cash_out") == (50, 1, 50, 1)


async def test_a_payout_told_after_its_hold_ended_counts_again(world: World) -> None:
    drawer = await world.begin_shift()
    command = authorize(world, 300)
    said = (await world.executor.submit(command)).body
    assert said is not None
    await world.say("cash_out.void", {"operation": command.id, "why": "no_answer"})
    assert await world.used(RICH, "cash_out") == (0, 0, 0, 0)
    told = money(300, operation=command.id, account=RICH, drawer=drawer)
    await world.say("cash_out.paid", told | {"authorisation_code": said["authorisation_code"]})
    assert await world.used(RICH, "cash_out") == (300, 1, 300, 1)


async def test_cash_in_is_limited_when_quoted_and_counted_when_taken(world: World) -> None:
    drawer = await world.begin_shift()
    await world.set_limit(limit("cash_in", day_minor=1000))
    quotes = [world.command("cash_in.quote", money(600, account=RICH)) for _ in range(2)]
    for quote in quotes:
        assert (await world.executor.submit(quote)).body
    for quote in quotes:
        told = money(600, operation=quote.id, account=RICH, fee_minor=0, drawer=drawer)
        taken = await world.say("cash_in.taken", told)
        assert taken.body == {"booked": "as_told"}
    assert await world.used(RICH, "cash_in") == (1200, 2, 1200, 2)
    assert await world.alarms() == ["cash_in_over_limit"]
    again = world.command("cash_in.quote", money(1, account=RICH))
    assert refused(await world.executor.submit(again))[1]["left_minor"] == 0


async def test_payments_from_the_phone_are_limited_too(world: World) -> None:
    await world.begin_shift()
    await world.set_limit(limit("sale", day_minor=1000))
    sales = [(await world.say("sale.open", money(600))).body for _ in range(2)]
    outcomes = [await world.pay(sale["sale"], 600) for sale in sales if sale]
    assert outcomes[0].body
    assert refused(outcomes[1])[0] == "amount_over_limit"
    assert await world.used(RICH, "sale") == (600, 1, 600, 1)


async def test_a_later_rule_lies_over_an_earlier_one_while_it_is_in_force(world: World) -> None:
    await world.begin_shift()
    await world.set_limit(limit("cash_out", operation_minor=100))
    await world.set_limit(limit("cash_out", operation_minor=1000, valid_from=NOW + 10, valid_to=NOW + 20))
    await world.set_limit(limit("cash_out", operation_minor=9)._replace(level=2))
    assert refused(await cash_out(world, 200))[1]["limit_minor"] == 100
    world.now = NOW + 10
    assert (await cash_out(world, 200)).body
    world.now = NOW + 20
    assert refused(await cash_out(world, 200))[1]["limit_minor"] == 100


async def test_one_batch_cannot_pass_a_limit_together(world: World) -> None:
    await world.begin_shift()
    await world.begin_shift(TERMINALS[1])
    await world.set_limit(limit("cash_out", day_minor=1000, day_count=4))
    commands = [authorize(world, 300, terminal=TERMINALS[n % 2]) for n in range(12)]
    outcomes = await asyncio.gather(*(world.executor.submit(command) for command in commands))
    assert sum(outcome.body is not None for outcome in outcomes) == 3
    assert await world.used(RICH, "cash_out") == (900, 3, 900, 3)


async def test_two_processes_cannot_pass_a_limit_together(database_url: str) -> None:
    world = await postgres_world(database_url)
    store = PostgresStore(database_url)
    await store.start()
    other = Executor(store, check_pin)
    await other.start()
    await world.begin_shift()
    await world.begin_shift(TERMINALS[1])
    await world.set_limit(limit("cash_out", day_count=5))
    for _ in range(2):
        commands = [authorize(world, 10, terminal=TERMINALS[n % 2]) for n in range(20)]
        places = (world.executor, other)
        outcomes = await asyncio.gather(*(places[n % 2].submit(command) for n, command in enumerate(commands)))
        assert sum(outcome.body is not None for outcome in outcomes) == 5
        assert (await world.used(RICH, "cash_out"))[:2] == (50, 5)
        world.now += DAY_S
    await other.stop()
    await store.stop()
    assert await world.faults() == []
    await world.close()


async def test_a_dated_tariff_with_tiers_is_quoted_and_booked(world: World) -> None:
    drawer = await world.begin_shift()
    tiers: dict[str, Any] = {"tier_from_minor": (5_000,), "tier_fixed_minor": (0,), "tier_rate_basis_points": (50,)}
    await world.set_tariff(Tariff("cash_in", "AZN", 0, 100, 100_000)._replace(minimum_minor=20, cap_minor=60, **tiers))
    await world.set_tariff(Tariff("cash_in", "AZN", 0, 0, 100_000, NOW + 10, NOW + 20))
    shown = []
    for amount_minor, at in ((1_000, 0), (4_900, 0), (5_000, 0), (90_000, 0), (4_900, 10), (4_900, 20)):
        world.now = NOW + at
        quote = world.command("cash_in.quote", money(amount_minor, account=RICH))
        said = (await world.executor.submit(quote)).body
        assert said is not None
        shown.append(said["fee_minor"])
    assert shown == [20, 49, 25, 60, 0, 49]
    told = money(4_900, operation=quote.id, account=RICH, fee_minor=49, drawer=drawer)
    assert (await world.say("cash_in.taken", told)).body == {"booked": "as_told"}
    assert (await world.balance("fees:AZN"))[3] == 49


async def test_the_merchant_pays_for_a_sale_out_of_what_it_brings(world: World) -> None:
    await world.begin_shift()
    await world.set_tariff(Tariff("sale", "AZN", 0, 150, 100_000, payer="merchant"))
    sale = (await world.say("sale.open", money(1_000))).body
    assert sale is not None
    assert (await world.pay(sale["sale"], 1_000)).body
    assert (await world.balance(f"wallet:{RICH}"))[1] == 1_000
    assert [(await world.balance(name))[3] for name in ("merchant:M001", "fees:AZN")] == [1_000, 15]
    assert (await world.balance("merchant:M001"))[1] == 15


async def test_a_waived_fee_is_neither_shown_nor_booked(world: World) -> None:
    await world.begin_shift()
    await world.set_tariff(Tariff("cash_out", "AZN", 25, 0, 100_000, payer="house"))
    said = (await cash_out(world, 500)).body
    assert said is not None
    assert said["fee_minor"] == 0
    assert (await world.balance(f"wallet:{RICH}"))[0] == 500
