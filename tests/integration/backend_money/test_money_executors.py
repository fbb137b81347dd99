"""Executors on a real PostgreSQL: several at once, the same message twice, connections killed under load."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from backend.executor import Executor
from backend.operations.command import Busy, Outcome, Unavailable
from backend.store.memory import MemoryStore
from backend.store.port import ConflictError
from backend.store.postgres import PostgresStore
from backend.testing import (
    CURRENCY,
    GOOD_PIN,
    RICH,
    TERMINALS,
    PostgresWorld,
    check_pin,
    postgres_world,
    transfer_command,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


ACCOUNTS = [f"pool:{number}" for number in range(6)]
COMMANDS = 600


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[PostgresWorld]:
    made = await postgres_world(database_url)
    await made.connection.executemany(
        "INSERT INTO account (id, currency, flags) VALUES ($1, $2, $3)",
        [(name, CURRENCY, number % 3) for number, name in enumerate(ACCOUNTS)],
    )
    for name in ACCOUNTS:
        await made.transfer(f"cash_supply:{CURRENCY}", name, 10_000)
        await made.transfer(name, "fees:AZN", 5_000)
    yield made
    assert await made.faults() == []
    await made.close()


@pytest.fixture
async def second(world: PostgresWorld) -> AsyncIterator[Executor]:
    store = PostgresStore(world.url)
    await store.start()
    executor = Executor(store, check_pin)
    await executor.start()
    yield executor
    await executor.stop()
    await store.stop()


async def until_decided(executor: Executor, command: Any) -> Outcome:
    """As a hub does: the same message again until there is an answer."""
    while True:
        try:
            return await executor.submit(command)
        except Unavailable:
            await asyncio.sleep(0.02)


def transfers(seed: int) -> list[Any]:
    chance = random.Random(seed)
    return [
        transfer_command(*chance.sample(ACCOUNTS, 2), chance.randint(1, 40), f"{seed}-{number}")
        for number in range(COMMANDS)
    ]


async def deadlocks(world: PostgresWorld) -> int:
    return int(await world.connection.fetchval("SELECT sum(deadlocks) FROM pg_stat_database"))


async def booked(world: PostgresWorld, commands: list[Any]) -> int:
    ids = [command.id for command in commands]
    return int(await world.connection.fetchval("SELECT count(*) FROM transfer WHERE id = ANY($1)", ids))


async def test_two_executors_share_accounts_without_deadlock(world: PostgresWorld, second: Executor) -> None:
    before = await deadlocks(world)
    one, two = transfers(1), transfers(2)
    outcomes = await asyncio.gather(
        *(world.executor.submit(command) for command in one), *(second.submit(command) for command in two)
    )
    agreed = sum(outcome.body is not None for outcome in outcomes)
    assert await booked(world, one + two) == agreed > COMMANDS
    assert await deadlocks(world) == before
    assert world.executor.stats.failed == second.stats.failed == 0


async def test_the_same_messages_to_two_executors_are_decided_once(world: PostgresWorld, second: Executor) -> None:
    commands = transfers(3)[:300]
    shuffled = random.Random(3).sample(commands, len(commands))
    sides = await asyncio.gather(
        asyncio.gather(*(world.executor.submit(command) for command in commands)),
        asyncio.gather(*(second.submit(command) for command in shuffled)),
    )
    by_id = {command.id: outcome for command, outcome in zip(shuffled, sides[1], strict=True)}
    for command, outcome in zip(commands, sides[0], strict=True):
        other = by_id[command.id]
        assert (outcome.body, outcome.refused, outcome.at) == (other.body, other.refused, other.at)
        assert outcome.replayed != other.replayed
    assert await booked(world, commands) == sum(outcome.body is not None for outcome in sides[0])


async def test_a_terminals_message_submitted_many_times_at_once(world: PostgresWorld, second: Executor) -> None:
    await world.begin_shift()
    body = {"operator": "101", "account": RICH, "amount_minor": 500, "currency": CURRENCY}
    command = world.command("cash_out.authorize", body, pin=GOOD_PIN)
    outcomes = await asyncio.gather(
        *(executor.submit(command) for executor in (world.executor, second) for _ in range(20))
    )
    assert len({str(outcome.body) for outcome in outcomes}) == 1
    assert sum(not outcome.replayed for outcome in outcomes) == 1
    assert (await world.balance(f"wallet:{RICH}"))[0] == 500


async def test_a_wallets_first_uses_on_two_executors_need_no_retry(world: PostgresWorld, second: Executor) -> None:
    for terminal in TERMINALS[:2]:
        await world.begin_shift(terminal)
    body = {"operator": "101", "account": RICH, "amount_minor": 10, "currency": CURRENCY}
    pairs = zip((world.executor, second), TERMINALS, strict=False)
    asked = [
        executor.submit(world.command("cash_out.authorize", body, terminal=terminal, pin=GOOD_PIN))
        for executor, terminal in pairs
    ]
    assert all(outcome.body is not None for outcome in await asyncio.gather(*asked))
    assert (await world.used(RICH, "cash_out"))[1] == 2
    assert world.executor.stats.retries == second.stats.retries == 0


async def test_cash_desks_on_two_executors_share_wallet_and_news(world: PostgresWorld, second: Executor) -> None:
    await world.begin_shift()
    sales = []
    for number in range(60):
        command = world.command("sale.open", {"operator": "101", "amount_minor": 10 + number, "currency": CURRENCY})
        assert (await world.executor.submit(command)).body
        sales.append((command.id, 10 + number))
    main = world.executor

    async def pay(number: int, sale: str, amount_minor: int) -> Outcome:
        world.executor = (main, second)[number % 2]
        return await world.pay(sale, amount_minor)

    outcomes = await asyncio.gather(*(pay(number, *sale) for number, sale in enumerate(sales)))
    world.executor = main
    assert all(outcome.body for outcome in outcomes)
    assert sorted(row[1] for row in await world.outbox("news")) == list(range(1, 61))
    # a reader that follows the sequence below the horizon sees each terminal's numbers in order
    assert [row[1] for row in await world.outbox("news")] == list(range(1, 61))


async def test_connections_killed_under_load_lose_and_double_nothing(world: PostgresWorld, second: Executor) -> None:
    kills: list[int] = []
    chaos = asyncio.create_task(_kill(world, kills))
    commands: list[Any] = []
    outcomes: list[Outcome] = []
    while len(kills) < 5:
        fresh = transfers(100 + len(commands))
        commands += fresh
        outcomes += await asyncio.gather(
            *(until_decided((world.executor, second)[n % 2], command) for n, command in enumerate(fresh))
        )
    chaos.cancel()
    assert world.executor.stats.retries + second.stats.retries > 0
    assert await booked(world, commands) == sum(outcome.body is not None for outcome in outcomes)
    again = await asyncio.gather(*(until_decided(second, command) for command in commands))
    assert [(o.body, o.refused) for o in again] == [(o.body, o.refused) for o in outcomes]
    assert all(outcome.replayed for outcome in again)


async def _kill(world: PostgresWorld, kills: list[int]) -> None:
    admin = await asyncpg.connect(world.url)
    try:
        while True:
            await asyncio.sleep(0.05)
            rows = await admin.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'kassa' AND datname = current_database()"
            )
            kills.append(len(rows))
    finally:
        await admin.close()


async def test_a_batch_the_database_refuses_is_halved_until_the_culprit_is_alone(world: PostgresWorld) -> None:
    good = transfers(6)[:20]
    poison = transfer_command(*ACCOUNTS[:2], 1, "poison")
    poison = type(poison)(poison.operation, poison.origin, "nul\x00byte", poison.digest, poison.at, poison.body)
    outcomes = await asyncio.gather(
        *(world.executor.submit(command) for command in (*good[:10], poison, *good[10:])), return_exceptions=True
    )
    assert isinstance(outcomes.pop(10), Unavailable)
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)


async def test_later_numbers_never_appear_below_the_horizon(world: PostgresWorld) -> None:
    slow, fast = await asyncpg.connect(world.url), await asyncpg.connect(world.url)
    row = "'news', '{}', 1, 'config.changed', '{{}}', 1, 2)"
    insert = "INSERT INTO outbox (kind, target, number, name, payload, created_at, expires_at) VALUES ("
    visible = "SELECT target FROM outbox WHERE seq > $1 AND seq < kassa_horizon() ORDER BY seq"
    start = await fast.fetchval("SELECT kassa_horizon()")
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute(insert + row.format("first"))
    await fast.execute(insert + row.format("second"))
    assert await fast.fetch(visible, start - 1) == []
    await transaction.commit()
    assert [row[0] for row in await fast.fetch(visible, start - 1)] == ["first", "second"]
    await slow.close()
    await fast.close()


class _Stuck(MemoryStore):
    """A store that always conflicts."""

    def begin(self) -> Any:
        raise ConflictError("always")


async def test_a_store_that_never_lets_us_is_unavailable_and_a_full_queue_is_busy() -> None:
    executor = Executor(_Stuck(), check_pin, max_waiting=4, lanes=1)
    with pytest.raises(Unavailable):
        await executor.submit(transfer_command("a", "b", 1, "early"))
    await executor.start()
    waiting = [asyncio.create_task(executor.submit(transfer_command("a", "b", 1, str(n)))) for n in range(5)]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 4 + [Busy]
    await executor.stop()


async def test_same_origin_is_decided_in_order(world: PostgresWorld) -> None:
    await world.begin_shift(TERMINALS[1])
    sales = [
        world.command("sale.open", {"operator": "101", "amount_minor": 5, "currency": CURRENCY}, terminal=TERMINALS[1])
        for _ in range(50)
    ]
    cancels = [
        world.command("sale.cancel", {"sale": sale.id, "why": "cancelled"}, terminal=TERMINALS[1]) for sale in sales
    ]
    outcomes = await asyncio.gather(*(world.executor.submit(command) for command in sales + cancels))
    assert [outcome.body for outcome in outcomes[50:]] == [{"booked": "as_told"}] * 50
