"""A hub process between a real broker and a backend that misbehaves: the truth is said, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from hub.broker.embedded import EmbeddedBroker
    from hub.testing import FakeBackend


@pytest.fixture(params=["paho", "gmqtt"])
def mqtt(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def serve(hub: Any, desk: Any, until: Any) -> None:
    """Start a hub and wait until terminals see it with its backend."""
    await hub.start()
    await until(lambda: '"backend": true' in desk.hub_state)


def on_disk(folder: Path, text: bytes) -> bool:
    """Whether any file below the folder holds the text."""
    return any(text in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_asks_tells_and_news_pass_and_health_shows_it(
    *, broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, desk_on: Any, until: Any, tmp_path: Path
) -> None:
    hub, desk = hub_on(broker, backend, mqtt), desk_on(broker)
    await serve(hub, desk, until)
    for number in range(30):
        desk.send("tell", f"tell-{number}")
    for number in range(6):
        desk.send("ask", f"secret-ask-{number}")
    await until(lambda: desk.got("answer:secret-ask-5"))
    await until(lambda: desk.got("ack:tell-29"))
    backend.tell_news("T0000001", "sale paid")
    await until(lambda: desk.got("sale paid"))
    assert [jws for _, jws in backend.order] == [f"tell-{number}" for number in range(30)]
    status, text = await hub.get("/health")
    assert (status, json.loads(text)["up"], json.loads(text)["tells_waiting"]) == (200, True, 0)
    metrics = (await hub.get("/metrics"))[1]
    assert 'kassa_hub_answered_total{kind="ask"} 6.0' in metrics
    assert 'kassa_hub_spooled_total{kind="new"} 30.0' in metrics
    assert await hub.stop() == 0
    await until(lambda: '"up": false' in desk.hub_state)
    assert not on_disk(tmp_path, b"secret-ask"), "asks never hit the disk"
    assert "tell-" not in hub.log
    assert "secret" not in hub.log


async def test_one_ask_on_an_idle_hub_is_quick(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(mosquitto_broker, backend, mqtt), desk_on(mosquitto_broker)
    await serve(hub, desk, until)
    times = []
    for number in range(40):
        started = time.monotonic()
        desk.send("ask", f"ask-{number}")
        await until(lambda number=number: desk.got(f"answer:ask-{number}"))
        times.append(desk.at[f"answer:ask-{number}".encode()] - started)
    assert sorted(times)[20] < 0.03, "the mark of a missing TCP_NODELAY is 40 ms"


async def test_a_backend_that_goes_and_comes_is_shown_within_two_seconds_and_loses_nothing(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(mosquitto_broker, backend, mqtt), desk_on(mosquitto_broker)
    await serve(hub, desk, until)
    await backend.stop()
    await until(lambda: '"backend": false' in desk.hub_state, 2)
    for number in range(50):
        desk.send("tell", f"tell-{number}")
    await asyncio.sleep(0.3)
    listed = json.loads((await hub.get("/spool"))[1])
    assert listed["pending"] == 50
    assert listed["tells"][0]["terminal"] == "T0000001"
    assert listed["tells"][0].keys() == {"seq", "terminal", "received_at", "size", "attempts"}
    await backend.start()
    await until(lambda: '"backend": true' in desk.hub_state, 2)
    await until(lambda: desk.got("ack:tell-49"))
    assert [jws for _, jws in backend.order] == [f"tell-{number}" for number in range(50)]


@pytest.mark.parametrize(
    "mood", ["401", "413", "422", "500", "503", "not_json", "too_few", "wrong_terminal", "too_long"]
)
async def test_a_backend_in_any_mood_loses_nothing_that_is_repeated(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, mood: str, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(mosquitto_broker, backend), desk_on(mosquitto_broker)
    backend.mood = mood
    await hub.start()
    await until(lambda: desk.hub_state)
    for number in range(12):
        desk.send("tell", f"tell-{number}")
        desk.send("ask", f"ask-{number % 2}")
    await asyncio.sleep(0.7)
    assert not any(kind == "answer" for kind, _ in desk.received)
    assert hub.process.returncode is None
    backend.mood = ""
    for number in range(12):
        desk.send("tell", f"tell-{number}")
    await until(lambda: desk.got("ack:tell-11"), 12)
    await until(lambda: len(backend.booked) == 12, 12)
    assert await hub.stop() == 0


async def test_a_refused_credential_says_what_to_do_and_is_shown_to_terminals(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(mosquitto_broker, backend), desk_on(mosquitto_broker)
    backend.credential = "another"
    await hub.start()
    await until(lambda: '"backend": false' in desk.hub_state)
    await until(lambda: "unauthorized" in hub.log)
    assert "check KASSA_HUB_ID and KASSA_HUB_CREDENTIAL" in hub.log
    status, text = await hub.get("/health")
    assert (status, json.loads(text)["backend_outcome"]) == (200, "unauthorized")


async def test_single_errors_spare_their_neighbours(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, hub_on: Any, desk_on: Any, until: Any, tmp_path: Path
) -> None:
    hub = hub_on(mosquitto_broker, backend)
    one, two = desk_on(mosquitto_broker), desk_on(mosquitto_broker, "T0000002")
    await serve(hub, one, until)
    refused = {"forged": ("not_authentic", False), "later": ("unavailable", True)}
    backend.refuse = lambda _terminal, jws: refused.get(jws)
    for text in ("forged", "good-1", "later", "good-2"):
        one.send("tell", text)
        two.send("tell", f"other-{text}")
    await until(lambda: two.got("ack:other-good-2"))
    await until(lambda: one.got("ack:good-1"))
    await asyncio.sleep(0.3)
    refused.pop("later")
    await until(lambda: one.got("ack:later"))
    await until(lambda: one.got("ack:good-2"))
    listed = json.loads((await hub.get("/spool"))[1])
    assert [(row["terminal"], row["reason"]) for row in listed["quarantine"]] == [("T0000001", "not_authentic")]
    assert not one.got("ack:forged")
    assert await hub.stop() == 0
    rows = sqlite3.connect(tmp_path / "spool.sqlite").execute("SELECT count(*) FROM tell").fetchone()
    assert rows == (0,)


async def test_a_slow_backend_gets_fuller_batches(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub = hub_on(mosquitto_broker, backend, mqtt)
    desks = [desk_on(mosquitto_broker), desk_on(mosquitto_broker, "T0000002")]
    await serve(hub, desks[0], until)
    backend.delay_s = 0.1
    for number in range(200):
        for desk in desks:
            desk.send("tell", f"{desk.name}-{number}")
    await until(lambda: all(desk.got(f"ack:{desk.name}-199") for desk in desks), 20)
    assert len(backend.batches) <= 30
    assert max(size for _, size in backend.batches) > 20


async def test_a_restarted_broker_is_joined_again(
    *, broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, desk_on: Any, until: Any
) -> None:
    hub, desk = hub_on(broker, backend, mqtt), desk_on(broker)
    await serve(hub, desk, until)
    broker.kill()
    await until(lambda: '"connection": "asks"' in hub.log and "broker_down" in hub.log)
    backend.tell_news("T0000001", "while the broker was away")
    broker.start()
    started = time.monotonic()
    before = len(desk.received)
    await until(lambda: any('"up": true' in payload.decode() for _, payload in desk.received[before:]), 12)
    assert time.monotonic() - started < 8
    desk.send("tell", "after")
    await until(lambda: desk.got("ack:after"))
    await until(lambda: hub.log.count('"event": "broker_up"') >= 4)


async def test_a_garbled_spool_is_set_aside_loudly_and_the_hub_serves(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, hub_on: Any, desk_on: Any, until: Any, tmp_path: Path
) -> None:
    (tmp_path / "spool.sqlite").write_bytes(b"garbage" * 1000)
    hub, desk = hub_on(mosquitto_broker, backend), desk_on(mosquitto_broker)
    await serve(hub, desk, until)
    assert "spool_set_aside" in hub.log
    assert 'kassa_hub_spool_set_aside_total{kind=""} 1.0' in (await hub.get("/metrics"))[1]
    desk.send("tell", "tell")
    await until(lambda: desk.got("ack:tell"))


async def test_a_wrong_broker_password_says_what_to_do(
    *, mosquitto_broker: EmbeddedBroker, backend: FakeBackend, mqtt: str, hub_on: Any, until: Any
) -> None:
    hub = hub_on(mosquitto_broker, backend, mqtt)
    await hub.start(KASSA_HUB_BROKER_PASSWORD="not the password!")
    await until(lambda: "broker_refused" in hub.log)
    assert "Check KASSA_HUB_BROKER_USER and KASSA_HUB_BROKER_PASSWORD" in hub.log
    assert "not the password!" not in hub.log
    status, text = await hub.get("/health")
    assert status == 503
    assert "refuses client" in json.loads(text)["broker"]["asks"]["error"]
