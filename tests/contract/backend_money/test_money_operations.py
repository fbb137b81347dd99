"""Every operation, on both stores: what is answered, booked and told to whom. The ledger holds after each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from backend.operations.entities import Tariff
from backend.store.expiry import expire_due
from backend.testing import (
    BAD_PIN,
    GOOD_PIN,
    POOR,
    RICH,
    RICH_MINOR,
    TERMINALS,
    World,
    make_id,
    memory_world,
    postgres_world,
)
from deskwire.catalogue import check_answer, check_body
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.operations.command import Outcome

TILL, WALLET, POOR_WALLET = f"till:{TERMINALS[0]}", f"wallet:{RICH}", f"wallet:{POOR}"


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    if request.param == "memory":
        made: World = await memory_world()
    else:
        made = await postgres_world(database_url)
    yield made
    assert await made.faults() == []
    await made.close()


@pytest.fixture
async def drawer(world: World) -> str:
    return await world.begin_shift()


def money(amount_minor: int, **more: Any) -> dict[str, Any]:
    return {"operator": "101", "amount_minor": amount_minor, "currency": "AZN", **more}


async def posted(world: World, account: str) -> int:
    counters = await world.balance(account)
    return counters[3] - counters[1]


async def held(world: World, account: str) -> int:
    counters = await world.balance(account)
    return counters[0] + counters[2]


def refused(outcome: Outcome) -> str:
    assert outcome.body is None
    assert outcome.refused is not None
    assert outcome.refused[0] in BY_NAME
    return outcome.refused[0]


def body(outcome: Outcome) -> dict[str, Any]:
    assert outcome.refused is None, outcome.refused
    assert outcome.body is not None
    return dict(outcome.body)


def booked(outcome: Outcome) -> str:
    assert outcome.kind == "ack"
    return str(body(outcome)["booked"])


async def quote(world: World, amount_minor: int, account: str = RICH) -> str:
    command = world.command("cash_in.quote", money(amount_minor, account=account))
    body(await world.executor.submit(command))
    return command.id


def taken(operation: str, amount_minor: int, drawer: str, account: str = RICH, fee_minor: int = 0) -> dict[str, Any]:
    return money(amount_minor, operation=operation, account=account, fee_minor=fee_minor, drawer=drawer)


async def authorize(world: World, amount_minor: int, account: str = RICH, **options: Any) -> tuple[str, Outcome]:
    command = world.command("cash_out.authorize", money(amount_minor, account=account), pin=GOOD_PIN, **options)
    return command.id, await world.executor.submit(command)


def paid(operation: str, amount_minor: int, code: str, drawer: str, account: str = RICH) -> dict[str, Any]:
    return money(amount_minor, operation=operation, account=account, authorisation_code=code, drawer=drawer)


async def test_hello_answers_by_the_catalogue_and_opens_the_session(world: World, drawer: str) -> None:
    about = {"firmware": "1.0", "config_version": 1, "waiting_tells": 0, "boot_reason": "power", "news_seen": 0}
    command = world.command("hello", about)
    said = body(await world.executor.submit(command))
    check_answer("hello", said)
    assert said["session"] == command.ksn.hex().upper()
    assert said["drawer"] == {"drawer": drawer, "state": "open", "operator": "101", "cash_minor": 10_000}


async def test_sale_is_paid_once_and_told_to_terminal_and_payer(world: World, drawer: str) -> None:
    command = world.command("sale.open", money(1250, reference="BILL7"))
    opened = body(await world.executor.submit(command))
    check_answer("sale.open", opened)
    first = await world.pay(command.id, 1250, name="pay")
    again = await world.pay(command.id, 1250, name="pay")
    assert (again.replayed, again.body) == (False, None) or again.body == first.body
    assert refused(await world.pay(command.id, 1250)) == "sale_paid"
    assert (await posted(world, "merchant:M001"), await posted(world, WALLET)) == (1250, RICH_MINOR - 1250)
    ((target, number, name, payload),) = await world.outbox("news")
    assert (target, number, name) == (TERMINALS[0], 1, "sale.paid")
    check_body("news", "sale.paid", payload)
    assert payload["payer"] == "D*** H*****"
    ((wallet, _, _, notice),) = await world.outbox("notice")
    assert (wallet, notice["amount_minor"]) == (RICH, -1250)
    status = body(await world.say("sale.status", {"sale": command.id}))
    check_answer("sale.status", status)
    assert status["state"] == "paid"
    assert booked(await world.say("sale.cancel", {"sale": command.id, "why": "cancelled"})) == "nothing_to_do"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_minor": 1251}, "amount_invalid"),
        ({"sale": "X" * 26}, "sale_unknown"),
        ({"wallet": POOR}, "insufficient_funds"),
    ],
)
async def test_sale_refuses_what_does_not_fit(world: World, drawer: str, change: dict[str, Any], reason: str) -> None:
    sale = body(await world.say("sale.open", money(1250)))["sale"]
    assert refused(await world.pay(**{"sale": sale, "amount_minor": 1250} | change)) == reason
    assert await posted(world, "merchant:M001") == 0


async def test_sale_expires_by_itself_and_is_not_paid_late(world: World, drawer: str) -> None:
    sale = body(await world.say("sale.open", money(500)))["sale"]
    world.now += 180
    assert refused(await world.pay(sale, 500)) == "sale_expired"
    assert body(await world.say("sale.status", {"sale": sale}))["state"] == "expired"
    assert await expire_due(world.store, world.executor, world.now) == 1  # type: ignore[attr-defined]
    assert await expire_due(world.store, world.executor, world.now) == 0  # type: ignore[attr-defined]
    assert [(row[2], row[3]) for row in await world.outbox("news")] == [("sale.expired", {"sale": sale})]


async def test_cancel_of_a_sale_not_heard_of_refuses_the_late_open(world: World, drawer: str) -> None:
    late = world.command("sale.open", money(500))
    assert booked(await world.say("sale.cancel", {"sale": late.id, "why": "timeout"})) == "remembered"
    assert refused(await world.executor.submit(late)) == "sale_cancelled"
    assert refused(await world.pay(late.id, 500)) == "sale_cancelled"


async def test_another_terminals_operation_is_not_touched(world: World, drawer: str) -> None:
    await world.begin_shift(TERMINALS[1])
    sale = body(await world.say("sale.open", money(500)))["sale"]
    other = {"terminal": TERMINALS[1]}
    assert booked(await world.say("sale.cancel", {"sale": sale, "why": "cancelled"}, **other)) == "nothing_to_do"
    assert body(await world.say("sale.status", {"sale": sale}, **other))["state"] == "unknown"
    assert refused(await world.say("sale.open", money(700), id=sale, **other)) == "id_reused"
    assert body(await world.pay(sale, 500))["state"] == "paid"
    assert await world.alarms() == ["foreign_operation", "operation_id_reused"]


async def test_cash_in_credits_wallet_and_drawer_once(world: World, drawer: str) -> None:
    await world.set_tariff(Tariff("cash_in", "AZN", 10, 100, 100_000))
    command = world.command("cash_in.quote", money(5000, account=RICH))
    quoted = body(await world.executor.submit(command))
    check_answer("cash_in.quote", quoted)
    assert quoted == {"holder": "D*** H*****", "fee_minor": 60, "total_minor": 5060}
    tell = world.command("cash_in.taken", taken(command.id, 5000, drawer, fee_minor=60))
    assert booked(await world.executor.submit(tell)) == "as_told"
    assert (await world.executor.submit(tell)).replayed
    assert await posted(world, WALLET) == RICH_MINOR + 5000
    assert (await posted(world, TILL), await posted(world, "fees:AZN")) == (-15_060, 60)
    assert booked(await world.say("cash_in.taken", taken(command.id, 5000, drawer, fee_minor=60))) == "nothing_to_do"
    assert await world.alarms() == ["cash_in_told_twice"]
    assert (await world.outbox("notice"))[0][3]["amount_minor"] == 5000
    assert refused(await world.say("cash_in.quote", money(100_001, account=RICH))) == "amount_over_limit"


@pytest.mark.parametrize("case", ["unknown", "frozen", "differs", "no_account"])
async def test_cash_that_cannot_be_booked_as_told_goes_to_suspense(world: World, drawer: str, case: str) -> None:
    operation = make_id("never quoted") if case in {"unknown", "no_account"} else await quote(world, 700)
    if case == "frozen":
        await world.set_wallet(RICH, "frozen")
    account = "1" * 16 if case == "no_account" else RICH
    amount_minor = 701 if case == "differs" else 700
    assert booked(await world.say("cash_in.taken", taken(operation, amount_minor, drawer, account))) == "suspense"
    assert (await posted(world, "suspense:AZN"), await posted(world, WALLET)) == (amount_minor, RICH_MINOR)
    assert await world.alarms() == ["cash_in_in_suspense"]
    states = body(await world.say("operation.status", {"operations": [operation]}))
    check_answer("operation.status", states)
    assert states["operations"][0]["state"] == "suspense"


async def test_cash_out_holds_then_pays(world: World, drawer: str) -> None:
    await world.set_tariff(Tariff("cash_out", "AZN", 25, 0, 100_000))
    operation, outcome = await authorize(world, 3000)
    said = body(outcome)
    check_answer("cash_out.authorize", said)
    assert (await held(world, WALLET), await held(world, TILL)) == (3025, 3000)
    shown = body(await world.say("balance", {"operator": "101", "account": RICH}, pin=GOOD_PIN))
    check_answer("balance", shown)
    assert (shown["available_minor"], shown["held_minor"]) == (RICH_MINOR - 3025, 3025)
    tell = paid(operation, 3000, said["authorisation_code"], drawer)
    assert booked(await world.say("cash_out.paid", tell)) == "as_told"
    assert (await posted(world, WALLET), await held(world, WALLET)) == (RICH_MINOR - 3025, 0)
    assert (await posted(world, TILL), await posted(world, "fees:AZN")) == (-7000, 25)
    assert booked(await world.say("cash_out.paid", tell)) == "nothing_to_do"
    assert booked(await world.say("cash_out.void", {"operation": operation, "why": "timeout"})) == "nothing_to_do"
    assert await world.alarms() == ["cash_out_told_twice"]


async def test_void_releases_and_a_void_ahead_of_its_ask_refuses_it(world: World, drawer: str) -> None:
    operation, outcome = await authorize(world, 3000)
    body(outcome)
    assert booked(await world.say("cash_out.void", {"operation": operation, "why": "cancelled"})) == "as_told"
    assert await world.balance(WALLET) == (0, 0, 0, RICH_MINOR)
    assert await held(world, TILL) == 0
    late = world.command("cash_out.authorize", money(3000, account=RICH), pin=GOOD_PIN)
    assert booked(await world.say("cash_out.void", {"operation": late.id, "why": "no_answer"})) == "remembered"
    assert refused(await world.executor.submit(late)) == "operation_voided"


async def test_third_wrong_pin_blocks_and_a_replay_does_not_count(world: World, drawer: str) -> None:
    def wrong() -> Any:
        return world.command("cash_out.authorize", money(100, account=RICH), pin=BAD_PIN)

    first = wrong()
    assert (await world.executor.submit(first)).refused == ("pin_wrong", {"tries_left": 2})
    replay = await world.executor.submit(first)
    assert (replay.replayed, replay.refused) == (True, ("pin_wrong", {"tries_left": 2}))
    assert (await world.executor.submit(wrong())).refused == ("pin_wrong", {"tries_left": 1})
    body((await authorize(world, 100))[1])
    assert (await world.executor.submit(wrong())).refused == ("pin_wrong", {"tries_left": 2})
    await world.executor.submit(wrong())
    assert refused(await world.executor.submit(wrong())) == "pin_blocked"
    assert refused((await authorize(world, 100))[1]) == "pin_blocked"
    assert refused(await world.say("balance", {"operator": "101", "account": RICH}, pin=GOOD_PIN)) == "pin_blocked"
    states = body(await world.say("operation.status", {"operations": [first.id, make_id("nothing")]}))["operations"]
    assert [(s["state"], s.get("reason")) for s in states] == [("refused", "pin_wrong"), ("unknown", None)]
    assert booked(await world.say("cash_out.void", {"operation": first.id, "why": "timeout"})) == "nothing_to_do"


async def test_an_empty_drawer_or_wallet_is_refused_before_cash_moves(world: World, drawer: str) -> None:
    assert refused((await authorize(world, 10_001))[1]) == "drawer_short"
    assert refused((await authorize(world, 1, POOR))[1]) == "insufficient_funds"
    body((await authorize(world, 9000))[1])
    assert refused((await authorize(world, 1001))[1]) == "drawer_short"


async def test_late_payout_is_booked_to_the_wallet_or_else_to_suspense(world: World, drawer: str) -> None:
    first, outcome = await authorize(world, 5000)
    second, other = await authorize(world, 4000)
    world.now += 180
    assert await expire_due(world.store, world.executor, world.now) == 2  # type: ignore[attr-defined]
    assert [row[2] for row in await world.outbox("news")] == ["hold.expired"] * 2
    tell = paid(first, 5000, body(outcome)["authorisation_code"], drawer)
    assert booked(await world.say("cash_out.paid", tell)) == "as_told"
    await world.transfer(WALLET, POOR_WALLET, RICH_MINOR - 5000)
    tell = paid(second, 4000, body(other)["authorisation_code"], drawer)
    assert booked(await world.say("cash_out.paid", tell)) == "suspense"
    assert (await posted(world, "suspense:AZN"), await posted(world, TILL)) == (-4000, -1000)
    assert await world.alarms() == ["cash_out_paid_late", "cash_out_in_suspense"]


async def test_payout_nobody_authorised_never_touches_the_wallet(world: World, drawer: str) -> None:
    operation, outcome = await authorize(world, 100)
    body(outcome)
    assert booked(await world.say("cash_out.paid", paid(operation, 9000, "000000", drawer))) == "suspense"
    assert await world.balance(WALLET) == (0, 0, 0, RICH_MINOR)
    assert booked(await world.say("cash_out.paid", paid(make_id("x"), 2000, "000000", drawer))) == "suspense"
    assert await posted(world, TILL) == -1000
    assert await posted(world, "over_short:B001") == 2000  # the drawer's books held less than was paid out
    assert await posted(world, "suspense:AZN") == -11_000


async def test_cash_told_under_another_kinds_operation_is_booked_to_suspense(world: World, drawer: str) -> None:
    quote = await world.say("cash_in.quote", money(3000, account=RICH), id=make_id("in"))
    assert quote.refused is None
    assert booked(await world.say("cash_in.taken", taken(make_id("in"), 5000, drawer))) == "suspense"
    assert booked(await world.say("cash_out.paid", paid(make_id("in"), 2000, "000000", drawer))) == "suspense"
    assert booked(await world.say("cash_out.paid", paid(make_id("out"), 1000, "000000", drawer))) == "suspense"
    assert booked(await world.say("cash_in.taken", taken(make_id("out"), 700, drawer))) == "suspense"
    assert (await posted(world, "suspense:AZN"), await posted(world, WALLET)) == (2700, RICH_MINOR)
    assert await posted(world, TILL) == -12_700


async def test_operator_tries_services_and_drawers(world: World) -> None:
    async def sign_on(pin: bytes) -> Outcome:
        return await world.say("operator.sign_on", {"operator": "101"}, pin=pin)

    opening = {"operator": "101", "float_minor": 100, "currency": "AZN"}
    assert refused(await world.say("drawer.open", opening)) == "not_signed_on"
    assert (await sign_on(BAD_PIN)).refused == ("operator_pin_wrong", {"tries_left": 2})
    said = body(await sign_on(GOOD_PIN))
    check_answer("operator.sign_on", said)
    assert refused(await world.say("sale.open", money(100))) == "drawer_closed"
    assert refused(await world.say("drawer.open", opening | {"float_minor": 2_000_000})) == "vault_short"
    assert refused(await world.say("drawer.open", opening | {"currency": "KGS"})) == "currency_mismatch"
    check_answer("drawer.open", body(await world.say("drawer.open", opening)))
    assert refused(await world.say("drawer.open", opening)) == "drawer_already_open"
    assert await posted(world, "branch_vault:B001") == -(1_000_000 - 100)
    assert [refused(await sign_on(BAD_PIN)) for _ in range(3)][-1] == "operator_blocked"
    assert refused(await sign_on(GOOD_PIN)) == "operator_blocked"
    assert refused(await world.say("sale.open", money(100))) == "operator_blocked"


async def test_news_go_out_again_until_seen(world: World, drawer: str) -> None:
    for amount_minor in (100, 200, 300):
        await world.pay(body(await world.say("sale.open", money(amount_minor)))["sale"], amount_minor)
    assert booked(await world.say("news.seen", {"number": 1})) == "as_told"
    about = {"firmware": "1.0", "config_version": 1, "waiting_tells": 0, "boot_reason": "power", "news_seen": 2}
    await world.say("hello", about)
    assert [row[1] for row in await world.outbox("news")] == [1, 2, 3, 3]
    await world.say("hello", about | {"news_seen": 3})
    await world.say("hello", about | {"news_seen": 0})
    assert len(await world.outbox("news")) == 4


async def test_same_id_same_bytes_replays_and_other_bytes_alarm(world: World, drawer: str) -> None:
    first = world.command("sale.open", money(100))
    said = await world.executor.submit(first)
    again = await world.executor.submit(first)
    assert (again.replayed, again.at, list(again.body.items())) == (True, said.at, list(said.body.items()))  # type: ignore[union-attr]
    forged = world.command("sale.open", money(999), id=first.id)
    assert refused(await world.executor.submit(forged)) == "id_reused"
    assert await world.alarms() == ["id_reused"]
    assert (await world.executor.submit(first)).replayed


async def test_ksn_is_used_once_and_only_tells_may_be_very_late(world: World, drawer: str) -> None:
    await world.say("sale.open", money(100), counter=100)
    assert refused(await world.say("sale.open", money(100), counter=100)) == "ksn_reused"
    body(await world.say("sale.open", money(100), counter=60))
    assert refused(await world.say("sale.open", money(100), counter=60)) == "ksn_reused"
    assert refused(await world.say("sale.open", money(100), counter=36)) == "ksn_out_of_window"
    body(await world.say("sale.open", money(100), counter=37))
    health = {
        "free_heap": 1,
        "free_flash": 1,
        "waiting_tells": 0,
        "oldest_tell_s": 0,
        "uptime_s": 1,
        "boot_reason": "x",
    }
    assert booked(await world.say("health", health, counter=5)) == "as_told"
    body(await world.say("sale.open", money(100), counter=5000))
    assert await world.alarms() == ["ksn_reused", "ksn_reused", "ksn_out_of_window"]


async def test_undecidable_command_spoils_nobody_and_may_be_sent_again(world: World, drawer: str) -> None:
    broken = world.command("sale.open", {"operator": "101", "amount_minor": None, "currency": "AZN"})
    good = [world.command("sale.open", money(100 + n)) for n in range(5)]
    outcomes = await asyncio.gather(*(world.executor.submit(c) for c in (*good[:2], broken, *good[2:])))
    assert refused(outcomes.pop(2)) == "unavailable"
    assert all(outcome.body for outcome in outcomes)
    assert refused(await world.executor.submit(broken)) == "unavailable"
    assert set(await world.alarms()) == {"undecided"}


async def test_tamper_and_gaps_are_recorded_and_raise_alarms(world: World) -> None:
    assert booked(await world.say("tamper", {"what": "case opened"})) == "as_told"
    assert booked(await world.say("journal.gap", {"lost": 2, "why": "torn"})) == "as_told"
    assert await world.alarms() == ["tamper", "journal.gap"]
