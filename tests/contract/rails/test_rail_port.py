"""The port to a rail: the fake and the HTTP rail before the simulator keep the same contract, faults included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from backend.rails.http_rail import HttpRail
from backend.rails.port import Order
from backend.rails.testing import UNKNOWN_REFERENCE, FakeRail
from deskwire import ids
from simulators.rails import server as simulator
from simulators.rails.server import RailsServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET = "a secret of the simulated rails"


class OnFake:
    """The fake, its switches by the simulator's names."""

    SWITCHES: ClassVar = {"lost": "loses_answers", "late": "is_late", "decline": "declines", "away": "is_away"}

    def __init__(self) -> None:
        self.rail: Any = FakeRail()

    def switch(self, fault: str, *, on: bool) -> None:
        setattr(self.rail, self.SWITCHES[fault], on)

    def paid(self, order: str) -> int:
        return int(self.rail.paid.get(order, 0))

    def finish(self, order: str) -> None:
        self.rail.close(order)


class OnSimulator:
    """The HTTP rail before the simulator."""

    def __init__(self, server: RailsServer) -> None:
        self.server = server
        url = f"http://127.0.0.1:{server.port}/billers"
        self.rail: Any = HttpRail(url, SECRET.encode(), lambda: int(time.time()))

    def switch(self, fault: str, *, on: bool) -> None:
        self.server.books.switch("billers", fault, on=on)

    def paid(self, order: str) -> int:
        known = self.server.books.orders.get(order)
        return known.paid if known else 0

    def finish(self, order: str) -> None:
        self.server.books.close(order)


@pytest.fixture(params=["fake", "simulator"])
async def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OnFake | OnSimulator]:
    if request.param == "fake":
        yield OnFake()
        return
    monkeypatch.setattr(simulator, "SLOW_S", 0.05)
    monkeypatch.setattr(simulator, "USUAL_S", 0.0)
    server = RailsServer("http://127.0.0.1:1", SECRET)
    await server.start()
    made = OnSimulator(server)
    yield made
    await made.rail.close()
    await server.stop()


def order(number: int = 1) -> Order:
    return Order(ids.make(number.to_bytes(16, "big")), "water", "token-1", 4_250, "AZN")


async def test_a_known_customer_has_a_token_and_a_masked_name(at: OnFake | OnSimulator) -> None:
    found = await at.rail.lookup("water", "123456789", "AZN")
    assert found.outcome == "found"
    assert found.token
    assert "123456789" not in found.shown
    assert found.debt_minor > 0


async def test_an_unknown_customer_is_not_a_failure_of_the_rail(at: OnFake | OnSimulator) -> None:
    assert (await at.rail.lookup("water", UNKNOWN_REFERENCE, "AZN")).outcome == "unknown"
    at.switch("away", on=True)
    assert (await at.rail.lookup("water", "123456789", "AZN")).outcome == "away"


async def test_an_order_is_paid_once_however_often_it_is_sent(at: OnFake | OnSimulator) -> None:
    assert (await at.rail.submit(order())).event in {"accepted", "done"}
    at.finish(order().id)
    again = await at.rail.submit(order())
    assert (again.event, bool(again.receipt)) == ("done", True)
    assert await at.rail.status(order().id) == again
    assert at.paid(order().id) == 1


async def test_a_lost_answer_is_unknown_until_asked(at: OnFake | OnSimulator) -> None:
    at.switch("lost", on=True)
    assert (await at.rail.submit(order())).event == "no_answer"
    assert (await at.rail.status(order().id)).event == "no_answer"
    at.switch("lost", on=False)
    at.finish(order().id)
    assert (await at.rail.status(order().id)).event == "done"
    assert at.paid(order().id) == 1


async def test_a_late_order_is_accepted_first(at: OnFake | OnSimulator) -> None:
    at.switch("late", on=True)
    assert (await at.rail.submit(order())).event == "accepted"
    assert (await at.rail.status(order().id)).event == "accepted"
    at.finish(order().id)
    assert (await at.rail.status(order().id)).event == "done"


async def test_a_declined_order_failed_with_a_reason_and_stays_so(at: OnFake | OnSimulator) -> None:
    at.switch("decline", on=True)
    declined = await at.rail.submit(order())
    assert (declined.event, bool(declined.reason)) == ("failed", True)
    at.switch("decline", on=False)
    assert (await at.rail.submit(order())).event == "failed"
    assert at.paid(order().id) == 0


async def test_an_order_it_never_saw_is_not_known(at: OnFake | OnSimulator) -> None:
    assert (await at.rail.status(order(9).id)).event == "not_known"


async def test_a_rail_that_is_not_there_was_certainly_not_given_the_order() -> None:
    rail = HttpRail("http://127.0.0.1:1/billers", SECRET.encode(), lambda: 0)
    assert (await rail.submit(order())).event == "not_sent"
    assert (await rail.status(order().id)).event == "no_answer"
    assert (await rail.lookup("water", "123456789", "AZN")).outcome == "away"
    await rail.close()


async def test_a_wrong_signature_changes_nothing_and_closes_nothing() -> None:
    server = RailsServer("http://127.0.0.1:1", SECRET)
    await server.start()
    rail = HttpRail(f"http://127.0.0.1:{server.port}/billers", b"another secret", lambda: int(time.time()))
    assert (await rail.submit(order())).event == "no_answer"
    assert (await rail.status(order().id)).event == "no_answer"
    assert server.books.orders == {}
    await rail.close()
    await server.stop()
