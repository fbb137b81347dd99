"""The drawer's life, on both stores: drops, handover, blind count, variance, Z reports, and what comes late."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from backend.testing import BAD_PIN, GOOD_PIN, RICH, TERMINALS, MemoryWorld, World
from deskwire.catalogue import check_answer
from deskwire.denominations import faces

if TYPE_CHECKING:
    from backend.operations.command import Outcome

TILL = f"till:{TERMINALS[0]}"
VAULT, TRANSIT, OVER_SHORT = "branch_vault:B001", "cash_in_transit:B001", "over_short:B001"


def body(outcome: Outcome) -> dict[str, Any]:
    assert outcome.refused is None, outcome.refused
    assert outcome.body is not None
    return dict(outcome.body)


def refused(outcome: Outcome) -> str:
    assert outcome.refused is not None, outcome.body
    return outcome.refused[0]


async def cash(world: World, account: str) -> int:
    """What the account holds, for those whose balance is debits less credits."""
    counters = await world.balance(account)
    return counters[1] - counters[3]


async def ask(world: World, kind: str, pin: bytes = b"", operator: str = "101", **fields: Any) -> dict[str, Any]:
    said = body(await world.say(kind, {"operator": operator, **fields}, pin=pin))
    check_answer(kind, said)
    return said


async def pay_in(world: World, drawer: str, amount_minor: int) -> Any:
    """A pay-in up to its tell, which is returned to be told when the test wants."""
    fields = {"operator": "101", "account": RICH, "amount_minor": amount_minor, "currency": "AZN"}
    quote = world.command("cash_in.quote", fields)
    body(await world.executor.submit(quote))
    return world.command("cash_in.taken", {**fields, "operation": quote.id, "fee_minor": 0, "drawer": drawer})


def pieces_of(amount_minor: int) -> list[dict[str, int]]:
    """The amount in as few notes and coins as possible."""
    found = []
    for face in faces("AZN"):
        count, amount_minor = divmod(amount_minor, face)
        if count:
            found.append({"face_minor": face, "count": count})
    return found


async def count(world: World, amount_minor: int, **change: Any) -> Outcome:
    fields = {"currency": "AZN", "counted_minor": amount_minor, "pieces": pieces_of(amount_minor)}
    return await world.say("drawer.count", {"operator": "101", **fields, **change})


async def approve(world: World, drawer: str, amount_minor: int, operator: str = "201") -> str:
    fields = {"purpose": "variance", "operation": drawer, "amount_minor": amount_minor, "currency": "AZN"}
    return str((await ask(world, "approval.grant", GOOD_PIN, operator, **fields))["approval"])


async def z_reports(world: World) -> list[dict[str, Any]]:
    """Every Z report, in order."""
    if isinstance(world, MemoryWorld):
        return [{**report._asdict(), **json.loads(report.body)} for report in world.store.tables.z_reports]
    rows = await world.connection.fetch("SELECT * FROM z_report ORDER BY terminal, number")
    return [{**dict(row), **json.loads(row["body"])} for row in rows]


async def test_a_drop_goes_in_a_bag_and_a_supervisor_takes_it_in(world: World, drawer: str) -> None:
    dropped = await ask(world, "drawer.drop", amount_minor=4_000, currency="AZN")
    assert dropped["cash_minor"] == 6_000
    assert (await cash(world, TILL), await cash(world, TRANSIT)) == (6_000, 4_000)
    assert refused(await world.say("drawer.receive", {"operator": "101", "bag": dropped["bag"]})) == "role_missing"
    await ask(world, "operator.sign_on", GOOD_PIN, "201")
    assert refused(await world.say("drawer.receive", {"operator": "201", "bag": "999999"})) == "bag_unknown"
    taken = await ask(world, "drawer.receive", operator="201", bag=dropped["bag"])
    assert (taken["amount_minor"], taken["from"]) == (4_000, TERMINALS[0])
    assert (await cash(world, TRANSIT), await cash(world, VAULT)) == (0, 1_000_000 - 10_000 + 4_000)
    assert refused(await world.say("drawer.receive", {"operator": "201", "bag": dropped["bag"]})) == "bag_unknown"


async def test_a_drop_never_takes_what_the_drawer_does_not_have(world: World, drawer: str) -> None:
    fields = {"operator": "101", "amount_minor": 10_001, "currency": "AZN"}
    assert refused(await world.say("drawer.drop", fields)) == "drawer_short"
    fields = {"operator": "101", "account": RICH, "amount_minor": 8_000, "currency": "AZN"}
    body(await world.say("cash_out.authorize", fields, pin=GOOD_PIN))
    fields = {"operator": "101", "amount_minor": 2_001, "currency": "AZN"}
    assert refused(await world.say("drawer.drop", fields)) == "drawer_short", "8 000 are promised to a customer"


async def test_a_handover_needs_both_and_the_right_sum(world: World, drawer: str) -> None:
    fields = {"operator": "101", "to": "102", "counted_minor": 10_000, "currency": "AZN"}
    differs = await world.say("drawer.handover", {**fields, "counted_minor": 9_999}, pin=GOOD_PIN)
    assert differs.refused == ("count_differs", {}), "what the books say is not given away"
    assert "handover_differs" in await world.alarms()
    wrong = await world.say("drawer.handover", fields, pin=BAD_PIN)
    assert wrong.refused == ("operator_pin_wrong", {"tries_left": 2})
    assert refused(await world.say("drawer.handover", {**fields, "to": "101"}, pin=GOOD_PIN)) == "second_person"
    taken = await ask(world, "drawer.handover", GOOD_PIN, to="102", counted_minor=10_000, currency="AZN")
    assert (taken["operator"], taken["drawer"]["operator"], taken["drawer"]["drawer"]) == ("102", "102", drawer)
    late = {"operator": "101", "amount_minor": 100, "currency": "AZN"}
    assert refused(await world.say("drawer.drop", late)) == "not_signed_on"
    assert (await ask(world, "drawer.drop", operator="102", amount_minor=100, currency="AZN"))["cash_minor"] == 9_900


async def test_an_x_report_adds_up_and_shows_a_cashier_no_sum(world: World, drawer: str) -> None:
    sale = await ask(world, "sale.open", amount_minor=700, currency="AZN")
    body(await world.pay(sale["sale"], 700))
    body(await world.executor.submit(await pay_in(world, drawer, 1_500)))
    body(await world.executor.submit(await pay_in(world, drawer, 500)))
    await ask(world, "drawer.drop", amount_minor=3_000, currency="AZN")
    report = await ask(world, "drawer.report")
    assert "cash_minor" not in report
    lines = {line["line"]: (line["count"], line["in_minor"], line["out_minor"]) for line in report["lines"]}
    assert lines == {"sale": (1, 700, 0), "cash_in": (2, 2_000, 0), "drawer_drop": (1, 0, 3_000)}
    await ask(world, "operator.sign_on", GOOD_PIN, "201")
    assert (await ask(world, "drawer.report", operator="201"))["cash_minor"] == 10_000 + 2_000 - 3_000


async def test_a_drawer_that_agrees_closes_with_a_z_and_empties_into_a_bag(world: World, drawer: str) -> None:
    counted = body(await count(world, 10_000))
    check_answer("drawer.count", counted)
    assert counted == {"drawer": drawer, "counted_minor": 10_000, "expected_minor": 10_000, "currency": "AZN"}
    fields = {"operator": "101", "amount_minor": 100, "currency": "AZN"}
    assert refused(await world.say("drawer.drop", fields)) == "drawer_counted"
    assert refused(await count(world, 9_000)) == "drawer_counted", "a sealed count is not counted again"
    signed_on = await ask(world, "operator.sign_on", GOOD_PIN)
    assert (signed_on["drawer"]["state"], signed_on["drawer"]["counted_minor"]) == ("counted", 10_000)
    closed = await ask(world, "drawer.close", drawer=drawer)
    assert (closed["number"], closed["counted_minor"]) == (1, 10_000)
    assert (await cash(world, TILL), await cash(world, TRANSIT)) == (0, 10_000)
    assert refused(await world.say("drawer.close", {"operator": "101", "drawer": drawer})) == "drawer_closed"
    again = await world.begin_shift(float_minor=0)
    body(await count(world, 0))
    empty = await ask(world, "drawer.close", drawer=again)
    assert (empty["number"], empty.get("bag")) == (2, None)
    assert [report["number"] for report in await z_reports(world)] == [1, 2]


@pytest.mark.parametrize(("counted", "over_short"), [(9_850, 150), (10_025, -25)])
async def test_a_difference_needs_a_reason_and_a_supervisor(
    world: World, drawer: str, counted: int, over_short: int
) -> None:
    body(await count(world, counted))
    close = {"operator": "101", "drawer": drawer}
    assert refused(await world.say("drawer.close", close)) == "reason_needed"
    close["reason"] = "change"
    assert refused(await world.say("drawer.close", close)) == "approval_needed"
    other = await approve(world, drawer, abs(over_short) + 1)
    assert refused(await world.say("drawer.close", {**close, "approval": other})) == "approval_needed"
    close["approval"] = await approve(world, drawer, abs(over_short))
    check_answer("drawer.close", body(await world.say("drawer.close", close)))
    assert (await cash(world, TILL), await cash(world, OVER_SHORT)) == (0, over_short)
    assert await cash(world, TRANSIT) == counted
    (report,) = await z_reports(world)
    assert (report["reason"], report["supervisor"], report["operator"]) == ("change", "201", "101")
    assert (report["counted_minor"], report["expected_minor"]) == (counted, 10_000)
    assert report["pieces"][0] == [10_000 if counted > 10_000 else 5_000, 1]


async def test_a_count_must_be_of_real_pieces_and_add_up(world: World, drawer: str) -> None:
    assert refused(await count(world, 10_000, counted_minor=9_999)) == "amount_invalid"
    wrong = [{"face_minor": 300, "count": 1}]
    assert refused(await count(world, 300, pieces=wrong)) == "amount_invalid"
    twice = [{"face_minor": 100, "count": 1}, {"face_minor": 100, "count": 1}]
    assert refused(await count(world, 200, pieces=twice)) == "amount_invalid"
    fields = {"operator": "101", "account": RICH, "amount_minor": 8_000, "currency": "AZN"}
    body(await world.say("cash_out.authorize", fields, pin=GOOD_PIN))
    assert refused(await count(world, 10_000)) == "drawer_busy", "a pay-out is between approval and end"


async def test_only_its_operator_or_a_supervisor_closes_a_drawer(world: World, drawer: str) -> None:
    await ask(world, "operator.sign_on", GOOD_PIN, "102")
    assert refused(await count(world, 10_000, operator="102")) == "drawer_not_yours"
    await ask(world, "operator.sign_on", GOOD_PIN, "201")
    body(await count(world, 10_000, operator="201"))
    assert (await ask(world, "drawer.close", operator="201", drawer=drawer))["number"] == 1


async def test_what_comes_late_belongs_to_its_drawer_and_is_marked_in_the_next_z(world: World, drawer: str) -> None:
    tell = await pay_in(world, drawer, 1_500)  # the cash is in the drawer, the tell in a journal
    counted = body(await count(world, 11_500))
    assert counted["expected_minor"] == 10_000
    approval = await approve(world, drawer, 1_500)
    await ask(world, "drawer.close", drawer=drawer, reason="missing_slip", approval=approval)
    assert await cash(world, OVER_SHORT) == -1_500
    again = await world.begin_shift(float_minor=5_000)
    outcome = await world.executor.submit(tell)
    assert (outcome.kind, body(outcome)["booked"], outcome.alarm) == ("ack", "as_told", "late_item")
    assert await cash(world, OVER_SHORT) == 0, "the difference is explained"
    assert await cash(world, TILL) == 5_000, "the next drawer is not touched"
    lines = (await ask(world, "drawer.report"))["lines"]
    assert lines == [{"line": "late", "count": 1, "in_minor": 1_500, "out_minor": 0}]
    body(await count(world, 5_000))
    await ask(world, "drawer.close", drawer=again)
    first, second = await z_reports(world)
    assert (first["late"], [item["drawer"] for item in second["late"]]) == ([], [drawer])
    last = await world.begin_shift(float_minor=0)
    assert (await ask(world, "drawer.report"))["lines"] == [], "it is reported once"
    assert last


async def test_a_late_pay_out_is_booked_without_touching_the_next_drawer(world: World, drawer: str) -> None:
    fields = {"operator": "101", "account": RICH, "amount_minor": 2_000, "currency": "AZN"}
    authorize = world.command("cash_out.authorize", fields, pin=GOOD_PIN)
    code = body(await world.executor.submit(authorize))["authorisation_code"]
    told = {**fields, "operation": authorize.id, "authorisation_code": code, "drawer": drawer}
    tell = world.command("cash_out.paid", told)
    body(await world.say("cash_out.void", {"operation": authorize.id, "why": "timeout"}))
    body(await count(world, 8_000))
    approval = await approve(world, drawer, 2_000)
    await ask(world, "drawer.close", drawer=drawer, reason="unknown", approval=approval)
    await world.begin_shift(float_minor=5_000)
    assert body(await world.executor.submit(tell))["booked"] == "as_told"
    assert (await cash(world, OVER_SHORT), await cash(world, TILL)) == (0, 5_000)
    assert {"late_item", "cash_out_paid_late"} <= set(await world.alarms())


async def test_crossing_a_limit_alarms_once(world: World, drawer: str) -> None:
    await world.set_cash_limits(2_000, 12_000)
    opened = body(await world.say("operator.sign_on", {"operator": "101"}, pin=GOOD_PIN))["drawer"]
    assert (opened["low_minor"], opened["high_minor"]) == (2_000, 12_000)
    for _ in range(2):
        body(await world.executor.submit(await pay_in(world, drawer, 3_000)))
    assert (await world.alarms()).count("cash_high") == 1
    await ask(world, "drawer.drop", amount_minor=15_000, currency="AZN")
    assert (await world.alarms()).count("cash_low") == 1
