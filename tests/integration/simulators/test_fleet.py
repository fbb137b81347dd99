"""The fleet on a whole chain: every message is answered, none refused, and the ledger verifies afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.fleet import world as fleet_world
from simulators.story.runner import verify

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(90)
async def test_a_short_load_is_answered_whole_and_booked(tmp_path: Path) -> None:
    world = await fleet_world.start(tmp_path / "world", 8, "auto", lambda _line: None)
    try:
        fleet = fleet_world.make_fleet(world, 8)
        await fleet.connect("127.0.0.1", world.broker.port)
        await fleet.sign_on(world.demo.operator_pin.encode())
        measured = await fleet.load(1.5, hot=4)
        fleet.close()
        assert measured.refused == {}
        assert measured.lost == 0
        assert set(measured.by_type) == {
            "sale.open",
            "sale.status",
            "cash_in.quote",
            "cash_in.taken",
            "cash_out.authorize",
            "cash_out.paid",
            "balance",
        }
        till = await world.ops.accounts([f"till:{fleet.terminals[0].name}"])
        taken_less_paid = measured.by_type["cash_in.taken"] - measured.by_type["cash_out.paid"]
        assert 0 <= taken_less_paid <= 12, "each flow is at most one cash-out behind"
        assert till[f"till:{fleet.terminals[0].name}"]["balance_minor"] >= 2_000
        await verify(world)
    finally:
        await world.stop()
