"""Four eyes, on both stores: who may approve, the counted tries, and that an approval serves once, for one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backend.operations import approval
from backend.operations.decision import Decision, answer
from backend.operations.registry import OPERATIONS, Rule
from backend.testing import BAD_PIN, GOOD_PIN, TERMINALS, World, make_id
from deskwire.catalogue import check_answer

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.state import State

WANTED = {"operator": "201", "purpose": "refund", "operation": make_id("a sale"), "amount_minor": 500}


@pytest.fixture
def _uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that does nothing but use an approval."""

    def decide(state: State, command: Command) -> Decision:
        body = command.body
        found = approval.use(
            state, command, body["purpose"], operation=body["operation"], amount_minor=body["amount_minor"]
        )
        return found if isinstance(found, Decision) else answer({"used": found.id}, found)

    monkeypatch.setitem(OPERATIONS, "test.use", Rule(approval.needs_use, decide))


async def grant(world: World, pin: bytes = GOOD_PIN, **change: Any) -> Any:
    return await world.say("approval.grant", {**WANTED, "currency": "AZN", **change}, pin=pin)


async def use(world: World, name: str, terminal: str = TERMINALS[0], **change: Any) -> str:
    body = {"approval": name, **{k: v for k, v in WANTED.items() if k != "operator"}, **change}
    outcome = await world.say("test.use", body, terminal=terminal)
    return outcome.refused[0] if outcome.refused else "used"


@pytest.mark.usefixtures("_uses", "drawer")
async def test_an_approval_serves_once_for_one_thing_at_one_terminal(world: World) -> None:
    outcome = await grant(world)
    assert outcome.body is not None
    check_answer("approval.grant", outcome.body)
    name = outcome.body["approval"]
    assert outcome.body["name"] == "Supervisor One"
    assert await use(world, name, amount_minor=501) == "approval_needed"
    assert await use(world, name, purpose="variance") == "approval_needed"
    assert await use(world, name, operation=make_id("another")) == "approval_needed"
    assert await use(world, name, terminal=TERMINALS[1]) == "approval_needed"
    assert await use(world, "") == "approval_needed"
    assert await use(world, name) == "used"
    assert await use(world, name) == "approval_spent"
    late = (await grant(world)).body["approval"]
    world.now += approval.TTL_S + 1
    assert await use(world, late) == "approval_spent"


@pytest.mark.usefixtures("drawer")
async def test_who_may_approve_and_the_tries_are_counted(world: World) -> None:
    assert (await grant(world, operator="101")).refused[0] == "role_missing"
    assert (await grant(world, operator="999")).refused[0] == "operator_unknown"
    assert (await grant(world, BAD_PIN)).refused == ("operator_pin_wrong", {"tries_left": 2})
    assert (await grant(world)).body is not None, "a right PIN resets the tries"
    for left in (("operator_pin_wrong", 2), ("operator_pin_wrong", 1), ("operator_blocked", None)):
        refused = (await grant(world, BAD_PIN)).refused
        assert (refused[0], refused[1].get("tries_left")) == left
    assert (await grant(world)).refused[0] == "operator_blocked"


async def test_nobody_approves_for_oneself_or_at_an_idle_terminal(world: World) -> None:
    assert (await grant(world)).refused[0] == "not_signed_on"
    await world.say("operator.sign_on", {"operator": "201"}, pin=GOOD_PIN)
    assert (await grant(world)).refused[0] == "second_person"
