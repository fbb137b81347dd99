"""One-time codes, transfers, statements, refunds and pickups, on both stores. The ledger holds after each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backend.operations.entities import Policy, Tariff
from backend.operations.pickup import code_from
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
from deskwire.accounts import is_pickup_code, pickup_account
from deskwire.catalogue import check_answer
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.operations.command import Command, Outcome

TILL, WALLET, POOR_WALLET = f"till:{TERMINALS[0]}", f"wallet:{RICH}", f"wallet:{POOR}"
HASH = "ab" * 32


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    policy = Policy(refund_limit_minor=1_000)
    if request.param == "memory":
        made: World = await memory_world(policy)
    else:
        made = await postgres_world(database_url, policy)
    await made.begin_shift()
    yield made
    assert await made.faults() == []
    await made.close()


def money(amount_minor: int, **more: Any) -> dict[str, Any]:
    return {"operator": "101", "amount_minor": amount_minor, "currency": "AZN", **more}


async def posted(world: World, account: str) -> int:
    counters = await world.balance(account)
    return counters[3] - counters[1]


def refused(outcome: Outcome) -> str:
    assert outcome.body is None
    assert outcome.refused is not None
    assert outcome.refused[0] in BY_NAME
    return outcome.refused[0]


def body(outcome: Outcome) -> dict[str, Any]:
    assert outcome.refused is None, outcome.refused
    assert outcome.body is not None
    return dict(outcome.body)


async def identify(world: World, hashed: str = HASH, **options: Any) -> tuple[str, Outcome]:
    command = world.command("customer.identify", {"operator": "101", "code": hashed}, **options)
    return command.id, await world.executor.submit(command)


# -- one-time codes


async def test_a_code_identifies_its_holder_once_and_a_replay_hears_the_same(world: World) -> None:
    issued = body(await world.holder("code.issue", {"hash": HASH}))
    assert issued["expires_at"] - world.now == 90
    command = world.command("customer.identify", {"operator": "101", "code": HASH})
    first = await world.executor.submit(command)
    check_answer("customer.identify", body(first))
    assert body(first) == {"account": RICH, "holder": "D*** H*****", "authorise_by": "pin"}
    again = await world.executor.submit(command)
    assert (again.replayed, again.body) == (True, first.body)
    assert refused((await identify(world))[1]) == "code_used"
    assert refused((await identify(world, "cd" * 32))[1]) == "code_unknown"


async def test_a_code_ends_and_a_wallet_draws_only_so_many(world: World) -> None:
    for number in range(6):
        body(await world.holder("code.issue", {"hash": f"{number:064x}"}))
    assert refused(await world.holder("code.issue", {"hash": HASH})) == "code_too_often"
    body(await world.holder("code.issue", {"hash": "cd" * 32}, POOR))
    world.now += 60
    body(await world.holder("code.issue", {"hash": HASH}))
    world.now += 90
    assert refused((await identify(world))[1]) == "code_expired"


async def test_a_code_stands_for_the_pin_only_where_the_holder_prefers_it(world: World) -> None:
    async def cash_out(used_by: str, **options: Any) -> Outcome:
        return await world.say("cash_out.authorize", money(500, account=RICH, identified=used_by), **options)

    body(await world.holder("code.issue", {"hash": HASH}))
    used_by, outcome = await identify(world)
    assert body(outcome)["authorise_by"] == "pin"
    assert refused(await cash_out(used_by)) == "pin_needed"
    assert refused(await world.say("cash_out.authorize", money(500, account=RICH))) == "pin_needed"
    body(await world.holder("code.prefer", {"authorise_by": "code"}))
    body(await cash_out(used_by))
    assert refused(await cash_out(used_by)) == "code_used"
    assert refused(await cash_out(make_id("no such"))) == "code_unknown"
    other = money(500, account=POOR, identified=used_by)
    assert refused(await world.say("cash_out.authorize", other)) == "code_unknown"
    assert await posted(world, WALLET) == RICH_MINOR
    body(await world.holder("code.issue", {"hash": "cd" * 32}))
    late, outcome = await identify(world, "cd" * 32)
    assert body(outcome)["authorise_by"] == "code"
    world.now += 120
    assert refused(await cash_out(late)) == "code_expired"


async def test_a_code_shown_at_one_terminal_authorises_nothing_at_another(world: World) -> None:
    await world.begin_shift(TERMINALS[1])
    body(await world.holder("code.prefer", {"authorise_by": "code"}))
    body(await world.holder("code.issue", {"hash": HASH}))
    used_by, _ = await identify(world)
    elsewhere = money(500, account=RICH, identified=used_by)
    assert refused(await world.say("cash_out.authorize", elsewhere, terminal=TERMINALS[1])) == "code_unknown"


# -- transfers and statements


async def test_a_transfer_moves_money_once_between_two_wallets(world: World) -> None:
    await world.set_tariff(Tariff("transfer", "AZN", 20, 0, 100_000))
    quoted = body(await world.say("transfer.quote", money(3000, account=RICH, to=POOR)))
    check_answer("transfer.quote", quoted)
    assert quoted == {"holder": "D*** H*****", "fee_minor": 20, "total_minor": 3020}
    make = money(3000, account=RICH, to=POOR, fee_minor=20)
    command = world.command("transfer.make", make, pin=GOOD_PIN)
    first = await world.executor.submit(command)
    check_answer("transfer.make", body(first))
    assert (await world.executor.submit(command)).replayed
    assert await posted(world, WALLET) == RICH_MINOR - 3020
    assert (await posted(world, POOR_WALLET), await posted(world, "fees:AZN")) == (3000, 20)
    assert [(row[0], row[3]["amount_minor"]) for row in await world.outbox("notice")] == [(RICH, -3020), (POOR, 3000)]
    told = body(await world.say("operation.status", {"operations": [command.id]}))
    check_answer("operation.status", told)
    assert told["operations"][0]["state"] == "done"
    void = {"operation": command.id, "type": "transfer", "why": "no_answer"}
    assert body(await world.say("operation.void", void)) == {"booked": "nothing_to_do"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": RICH}, "same_account"),
        ({"to": "9" * 16}, "account_unknown"),
        ({"account": POOR, "to": RICH}, "insufficient_funds"),
        ({"fee_minor": 1}, "amount_invalid"),
        ({"amount_minor": RICH_MINOR + 1}, "insufficient_funds"),
    ],
)
async def test_a_transfer_refuses_what_does_not_fit(world: World, change: dict[str, Any], reason: str) -> None:
    make = money(100, account=RICH, to=POOR, fee_minor=0) | change
    assert refused(await world.say("transfer.make", make, pin=GOOD_PIN)) == reason
    assert (await posted(world, WALLET), await posted(world, POOR_WALLET)) == (RICH_MINOR, 0)


async def test_a_transfer_wants_the_payers_pin_and_its_void_comes_first(world: World) -> None:
    make = money(100, account=RICH, to=POOR, fee_minor=0)
    assert (await world.say("transfer.make", make, pin=BAD_PIN)).refused == ("pin_wrong", {"tries_left": 2})
    late = world.command("transfer.make", make, pin=GOOD_PIN)
    void = {"operation": late.id, "type": "transfer", "why": "no_answer"}
    assert body(await world.say("operation.void", void)) == {"booked": "remembered"}
    assert refused(await world.executor.submit(late)) == "operation_voided"
    assert await posted(world, WALLET) == RICH_MINOR


async def test_a_holder_sends_money_from_the_phone(world: World) -> None:
    send = {"to": POOR, "amount_minor": 700, "currency": "AZN"}
    asked = body(await world.holder("wallet.transfer", send | {"quote": True}))
    assert asked == {"holder": "D*** H*****", "fee_minor": 0, "total_minor": 700}
    body(await world.holder("wallet.transfer", send, name="send"))
    assert refused(await world.holder("wallet.transfer", send | {"to": RICH})) == "same_account"
    assert (await posted(world, WALLET), await posted(world, POOR_WALLET)) == (RICH_MINOR - 700, 700)


async def test_a_statement_shows_the_latest_movements_against_the_pin(world: World) -> None:
    for amount_minor in range(100, 112):
        body(await world.say("transfer.make", money(amount_minor, account=RICH, to=POOR, fee_minor=0), pin=GOOD_PIN))
    ask = {"operator": "101", "account": POOR}
    assert refused(await world.say("statement", ask, pin=BAD_PIN)) == "pin_wrong"
    shown = body(await world.say("statement", ask, pin=GOOD_PIN))
    check_answer("statement", shown)
    assert [row["amount_minor"] for row in shown["rows"]] == list(range(111, 103, -1))
    assert {row["type"] for row in shown["rows"]} == {"transfer"}
    rich = body(await world.say("statement", {"operator": "101", "account": RICH}, pin=GOOD_PIN))
    assert [row["amount_minor"] for row in rich["rows"]][:2] == [-111, -110]


# -- refunds


async def paid_sale(world: World, amount_minor: int) -> tuple[str, str]:
    sale = body(await world.say("sale.open", money(amount_minor)))["sale"]
    return sale, body(await world.pay(sale, amount_minor))["authorisation_code"]


async def test_refunds_go_to_the_payer_and_never_exceed_the_sale(world: World) -> None:
    sale, code = await paid_sale(world, 900)
    found = body(await world.say("refund.find", {"operator": "101", "code": code}))
    check_answer("refund.find", found)
    assert found["sales"][0] | {"paid_at": 0} == {
        "sale": sale,
        "amount_minor": 900,
        "refunded_minor": 0,
        "currency": "AZN",
        "paid_at": 0,
        "payer": "D*** H*****",
    }
    command = world.command("refund.make", money(400, sale=sale))
    made = await world.executor.submit(command)
    check_answer("refund.make", body(made))
    assert (await world.executor.submit(command)).replayed
    assert (await world.say("refund.make", money(501, sale=sale))).refused == (
        "refund_too_much",
        {"limit_minor": 500, "currency": "AZN"},
    )
    body(await world.say("refund.make", money(500, sale=sale)))
    assert refused(await world.say("refund.make", money(1, sale=sale))) == "refund_too_much"
    assert (await posted(world, "merchant:M001"), await posted(world, WALLET)) == (0, RICH_MINOR)
    assert [row[3]["amount_minor"] for row in await world.outbox("notice")] == [-900, 400, 500]
    by_id = body(await world.say("refund.find", {"operator": "101", "sale": sale}))
    assert by_id["sales"][0]["refunded_minor"] == 900


async def test_a_large_refund_needs_a_supervisors_approval_once(world: World) -> None:
    sale, _ = await paid_sale(world, 3000)
    body(await world.say("refund.make", money(1000, sale=sale)))
    assert refused(await world.say("refund.make", money(500, sale=sale))) == "approval_needed"
    wanted = {"operator": "201", "purpose": "refund", "operation": sale, "amount_minor": 500, "currency": "AZN"}
    granted = body(await world.say("approval.grant", wanted, pin=GOOD_PIN))["approval"]
    assert refused(await world.say("refund.make", money(501, sale=sale, approval=granted))) == "approval_needed"
    body(await world.say("refund.make", money(500, sale=sale, approval=granted)))
    assert refused(await world.say("refund.make", money(500, sale=sale, approval=granted))) == "approval_spent"
    assert await posted(world, "merchant:M001") == 1500


async def test_only_a_paid_sale_of_this_merchant_is_refunded(world: World) -> None:
    sale = body(await world.say("sale.open", money(900)))["sale"]
    assert refused(await world.say("refund.make", money(100, sale=sale))) == "sale_unknown"
    assert refused(await world.say("refund.find", {"operator": "101", "code": "999999"})) == "sale_unknown"
    _, old = await paid_sale(world, 500)
    world.now += 181 * 86_400
    assert refused(await world.say("refund.find", {"operator": "101", "code": old})) == "sale_unknown"


# -- pickups


async def quote(world: World, amount_minor: int = 2000, **more: Any) -> dict[str, Any]:
    command = world.command("pickup.quote", money(amount_minor, **more))
    said = body(await world.executor.submit(command))
    check_answer("pickup.quote", said)
    assert said["code"] == code_from(command.fresh)
    assert is_pickup_code(said["code"])
    return {"operator": "101", "operation": command.id, "code": said["code"]}


async def seal(world: World, named: dict[str, Any], secret: bytes = b"secret") -> None:
    body(await world.say("pickup.secret", named, pin=secret))


async def cash_pickup(world: World, amount_minor: int = 2000) -> str:
    named = await quote(world, amount_minor)
    await seal(world, named)
    drawer = body(await world.say("hello", HELLO))["drawer"]["drawer"]
    told = money(amount_minor, **named) | {"fee_minor": 0, "drawer": drawer}
    assert body(await world.say("pickup.taken", told)) == {"booked": "as_told"}
    assert body(await world.say("pickup.taken", told)) == {"booked": "nothing_to_do"}
    return str(named["code"])


HELLO = {"firmware": "1.0", "config_version": 1, "waiting_tells": 0, "boot_reason": "power", "news_seen": 0}


def redeem(world: World, code: str, secret: bytes = b"secret", **options: Any) -> Command:
    return world.command("pickup.redeem", {"operator": "101", "code": code}, pin=secret, **options)


async def pay_out(world: World, command: Command, amount_minor: int = 2000, terminal: str = TERMINALS[0]) -> str:
    said = body(await world.executor.submit(command))
    check_answer("pickup.redeem", said)
    drawer = body(await world.say("hello", HELLO, terminal=terminal))["drawer"]["drawer"]
    tell = money(
        amount_minor,
        operation=command.id,
        account=said["account"],
        authorisation_code=said["authorisation_code"],
        drawer=drawer,
    )
    return str(body(await world.say("cash_out.paid", tell, terminal=terminal))["booked"])


async def expire(world: World) -> bool:
    return await expire_due(world.store, world.executor, world.now) > 0  # type: ignore[attr-defined]


async def test_cash_sent_here_is_paid_out_there_once(world: World) -> None:
    code = await cash_pickup(world)
    assert (await posted(world, f"pickup:{code}"), await posted(world, TILL)) == (2000, -12_000)
    await world.begin_shift(TERMINALS[1])
    assert await pay_out(world, redeem(world, code, terminal=TERMINALS[1]), terminal=TERMINALS[1]) == "as_told"
    assert (await posted(world, f"pickup:{code}"), await posted(world, f"till:{TERMINALS[1]}")) == (0, -8000)
    assert refused(await world.executor.submit(redeem(world, code))) == "pickup_closed"
    world.now += 31 * 86_400
    assert not await expire(world)


async def test_a_pickup_from_a_wallet_returns_to_it_when_its_time_is_over(world: World) -> None:
    await world.set_tariff(Tariff("pickup", "AZN", 50, 0, 100_000))
    named = await quote(world, account=RICH)
    fund = named | {"account": RICH, "currency": "AZN"}
    assert refused(await world.say("pickup.fund", fund, pin=GOOD_PIN)) == "pickup_closed"  # no secret yet
    await seal(world, named)
    assert refused(await world.say("pickup.fund", fund, pin=BAD_PIN)) == "pin_wrong"
    check_answer("pickup.fund", body(await world.say("pickup.fund", fund, pin=GOOD_PIN)))
    assert refused(await world.say("pickup.fund", fund, pin=GOOD_PIN)) == "pickup_closed"
    assert refused(await world.say("pickup.secret", named, pin=b"other")) == "pickup_closed"
    assert await posted(world, WALLET) == RICH_MINOR - 2050
    assert not await expire(world)
    world.now += 30 * 86_400
    assert refused(await world.executor.submit(redeem(world, named["code"]))) == "pickup_expired"
    assert await expire(world)
    assert await posted(world, WALLET) == RICH_MINOR - 50
    assert [row[2] for row in await world.outbox("notice")] == ["pickup.sent", "pickup.returned"]


async def test_a_cash_senders_money_waits_as_a_claim(world: World) -> None:
    code = await cash_pickup(world)
    world.now += 30 * 86_400
    assert await expire(world)
    assert (await posted(world, "suspense:AZN"), await posted(world, f"pickup:{code}")) == (2000, 0)
    assert (await world.alarms())[-1] == "pickup_claim"
    assert refused(await world.executor.submit(redeem(world, code))) == "pickup_closed"


async def test_wrong_secrets_block_the_pickup_and_its_money_comes_back(world: World) -> None:
    code = await cash_pickup(world)
    reasons = [refused(await world.executor.submit(redeem(world, code, b"wrong"))) for _ in range(5)]
    assert reasons == ["secret_wrong"] * 4 + ["pickup_blocked"]
    assert refused(await world.executor.submit(redeem(world, code))) == "pickup_blocked"
    world.now += 30 * 86_400
    assert await expire(world)


async def test_a_pickup_being_paid_out_is_not_returned_and_not_paid_twice(world: World) -> None:
    code = await cash_pickup(world)
    world.now += 30 * 86_400 - 10
    first = redeem(world, code)
    body(await world.executor.submit(first))
    assert refused(await world.executor.submit(redeem(world, code))) == "pickup_closed"
    world.now += 10
    assert not await expire(world)
    void = {"operation": first.id, "why": "cancelled"}
    assert body(await world.say("cash_out.void", void)) == {"booked": "as_told"}
    assert await expire(world)
    assert (await posted(world, f"pickup:{code}")) == 0
    paid = money(2000, operation=first.id, account=pickup_account(code), authorisation_code="000000", drawer=first.id)
    assert body(await world.say("cash_out.paid", paid)) == {"booked": "suspense"}


async def test_a_holder_sends_a_pickup_from_the_phone(world: World) -> None:
    code = code_from("phone")
    send = {"code": code, "verifier": b"secret".hex(), "amount_minor": 2000, "currency": "AZN"}
    assert body(await world.holder("wallet.pickup", send, name="send"))["code"] == code
    assert await posted(world, WALLET) == RICH_MINOR - 2000
    assert await pay_out(world, redeem(world, code)) == "as_told"
    assert [row[2] for row in await world.outbox("notice")] == ["pickup.sent", "pickup.paid_out"]
    assert refused(await world.holder("wallet.pickup", send | {"amount_minor": 10**6, "code": code_from("x")})) == (
        "insufficient_funds"
    )
