"""The services of an outlet, on both stores: staff set them, the terminal hears of it, the backend keeps to them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from backend.operations.command import Command
from backend.testing import RICH, TERMINALS, make_id

if TYPE_CHECKING:
    from backend.operations.command import Outcome
    from backend.testing import World


async def set_services(world: World, name: str, *services: str, terminal: str = TERMINALS[0]) -> Outcome:
    body: dict[str, Any] = {"terminal": terminal, "services": list(services)}
    digest = hashlib.sha256(f"{name}{body}".encode()).digest()
    return await world.executor.submit(Command("outlet.services", "s:ops", make_id(name), digest, world.now, body))


async def test_a_service_that_is_off_is_refused_and_the_terminal_is_told(world: World, drawer: str) -> None:
    assert drawer
    sale = {"operator": "101", "amount_minor": 500, "currency": "AZN"}
    quote = {**sale, "account": RICH}
    assert (await world.say("cash_in.quote", quote)).refused is None
    changed = await set_services(world, "payments only", "drawer", "sale")
    assert changed.body == {"services": ["sale", "drawer"], "config_version": 2}
    refused = await world.say("cash_in.quote", quote)
    assert refused.refused is not None
    assert refused.refused[0] == "service_off"
    assert (await world.say("sale.open", sale)).refused is None
    news = [row for row in await world.outbox("news") if row[2] == "config.changed"]
    assert news == [(TERMINALS[0], 1, "config.changed", {"config_version": 2})]
    ((who, what, subject, details),) = [a for a in await world.audits() if a[1] == "outlet.services"]
    assert (who, what, subject) == ("s:ops", "outlet.services", f"terminal:{TERMINALS[0]}")
    assert "cash_in" in details["from"]
    assert details["to"] == ["sale", "drawer"]


async def test_the_same_services_again_change_nothing_and_none_at_all_may_be_on(world: World) -> None:
    assert (await set_services(world, "first", "sale")).body == {"services": ["sale"], "config_version": 2}
    assert (await set_services(world, "again", "sale")).body == {"services": ["sale"], "config_version": 2}
    assert (await set_services(world, "none")).body == {"services": [], "config_version": 3}
    assert (await set_services(world, "back", "sale")).body == {"services": ["sale"], "config_version": 4}
    unknown = await set_services(world, "nobody", "sale", terminal="T9999999")
    assert unknown.refused is not None
    assert unknown.refused[0] == "unknown_terminal"
