"""kill -9 of the hub at any moment: every tell is booked, none is booked as two, and the order holds."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from hub.crash_points import POINTS

if TYPE_CHECKING:
    from hub.broker.embedded import EmbeddedBroker
    from hub.testing import FakeBackend


async def repeat_until_acked(desk: Any, texts: list[str]) -> None:
    """A terminal's law: one tell after another is told, and told again, until the backend's own ack."""
    while waiting := [text for text in texts if not desk.got(f"ack:{text}")]:
        for text in waiting[:20]:
            desk.send("tell", text)
        for _ in range(50):
            await asyncio.sleep(0.01)
            if all(desk.got(f"ack:{text}") for text in waiting[:20]):
                break


def check(backend: FakeBackend, desk: Any, texts: list[str]) -> None:
    mine = [jws for terminal, jws in backend.order if terminal == desk.name]
    assert sorted(mine) == sorted(texts), "each told once to the books, none missing, none invented"
    assert all(desk.got(f"ack:{text}") for text in texts)


@pytest.mark.parametrize("mqtt", ["paho", "gmqtt"])
async def test_a_hub_killed_again_and_again_loses_and_doubles_nothing(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, desk_on: Any
) -> None:
    seed = 20_240
    chance = random.Random(seed)
    hub = hub_on(mosquitto_broker, backend, mqtt)
    desks = [desk_on(mosquitto_broker), desk_on(mosquitto_broker, "T0000002")]
    texts = {desk.name: [f"{desk.name}-{number:04d}" for number in range(400)] for desk in desks}
    working = asyncio.gather(*[repeat_until_acked(desk, texts[desk.name]) for desk in desks])
    for _ in range(8):
        await hub.start()
        await asyncio.sleep(chance.uniform(0.02, 0.5))
        await hub.kill()
    await hub.start()
    await asyncio.wait_for(working, 40)
    for desk in desks:
        check(backend, desk, texts[desk.name])
    assert await hub.stop() == 0


@pytest.mark.parametrize("step", POINTS)
async def test_a_hub_killed_at_each_durable_step_goes_on_where_it_was(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, step: str, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(mosquitto_broker, backend), desk_on(mosquitto_broker)
    texts = [f"tell-{number}" for number in range(20)]
    working = asyncio.ensure_future(repeat_until_acked(desk, texts))
    backend.tell_news("T0000001", "news-1")
    await hub.start(KASSA_CRASH_AT=step)
    assert await asyncio.wait_for(hub.process.wait(), 10) == -9, "the step was passed"
    await hub.start()
    await asyncio.wait_for(working, 15)
    await until(lambda: desk.got("news-1"))
    check(backend, desk, texts)
    assert await hub.stop() == 0
    await hub.start()
    await until(lambda: len(backend.after) >= 2)
    await until(lambda: backend.after[-1] == "1")


async def test_terminals_that_do_not_repeat_still_lose_nothing_once_the_broker_is_acknowledged(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(mosquitto_broker, backend), desk_on(mosquitto_broker)
    await hub.start()
    await until(lambda: '"backend": true' in desk.hub_state)
    await backend.stop()
    for number in range(100):
        desk.send("tell", f"tell-{number}")
    await asyncio.sleep(0.2)
    await hub.kill()
    for number in range(100, 200):
        desk.send("tell", f"tell-{number}")
    await backend.start()
    await hub.start()
    await until(lambda: len(backend.booked) == 200, 15)
    assert [jws for _, jws in backend.order] == [f"tell-{number}" for number in range(200)]
