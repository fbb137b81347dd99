"""The terminal's MQTT client as a real MicroPython process, against Mosquitto and amqtt."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any

import pytest

ASK, TELL = "kassa/1/T0000001/ask", "kassa/1/T0000001/tell"
ANSWER, STATE = "kassa/1/T0000001/answer", "kassa/1/T0000001/state"


async def test_a_message_goes_up_and_an_answer_comes_down(broker: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(broker)
    assert hub.subscribe("kassa/1/+/ask") == [True]
    till = await terminal(broker, "T0000001")
    link = await till.event("link", up=True)
    assert link["version"] == (5 if broker.kind == "mosquitto" else 4)
    await till.publish("one", ASK, "question")
    assert await hub.next_async() == (ASK, "question")
    await till.event("published", name="one")
    hub.publish(ANSWER, "reply")
    assert (await till.event("message", topic=ANSWER))["payload"] == "reply"


@pytest.mark.parametrize("version", [4, 5])
async def test_both_versions_of_the_protocol_work(mosquitto_broker: Any, terminal: Any, version: int) -> None:
    till = await terminal(mosquitto_broker, "T0000001", version=version)
    assert (await till.event("link", up=True))["version"] == version
    await till.publish("one", ASK)
    await till.event("published", name="one")


async def test_the_client_is_back_within_three_seconds_of_the_broker(
    broker: Any, terminal: Any, host_client: Any
) -> None:
    till = await terminal(broker, "T0000001")
    await till.event("link", up=True)
    broker.kill()
    await till.event("link", up=False)
    await till.publish("kept", TELL, "told while away")
    await till.publish("not kept", ASK, "asked while away", keep=False)
    assert (await till.event("failed", name="not kept"))["kind"] == "LinkDownError"
    await asyncio.sleep(4)  # the attempts have reached their longest distance by now
    broker.start()
    back = time.time()
    hub = host_client(broker)
    hub.subscribe("kassa/1/+/tell")
    up = await till.event("link", up=True, within_s=5)
    assert up["at"] - back < 3
    await till.event("published", name="kept")
    hub.publish(ANSWER, "after the restart")
    await till.event("message", topic=ANSWER, payload="after the restart")


async def test_an_unacknowledged_publish_is_repeated_after_the_link_broke(
    broker: Any, proxy: Any, terminal: Any, host_client: Any
) -> None:
    hub = host_client(broker)
    hub.subscribe("kassa/1/+/tell")
    till = await terminal(broker, "T0000001", port=proxy.port)
    await till.event("link", up=True)
    proxy.silence(up=False, down=True)
    await till.publish("twice", TELL, "cash taken")
    assert await hub.next_async() == (TELL, "cash taken")
    proxy.cut()
    assert await hub.next_async() == (TELL, "cash taken")
    await till.event("published", name="twice")


async def test_a_silent_link_is_noticed_and_replaced(broker: Any, proxy: Any, terminal: Any) -> None:
    till = await terminal(broker, "T0000001", port=proxy.port, keepalive_s=1)
    await till.event("link", up=True)
    proxy.silence()
    start = time.monotonic()
    lost = await till.event("link", up=False, within_s=8)
    assert "ping" in lost["reason"]
    assert time.monotonic() - start < 1 + 3 + 1.5
    proxy.cut()
    await till.event("link", up=True)


async def test_a_stopped_broker_process_is_noticed_early_when_something_waits(broker: Any, terminal: Any) -> None:
    till = await terminal(broker, "T0000001", keepalive_s=60)
    await till.event("link", up=True)
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        await till.publish("ask", ASK, keep=False)
        start = time.monotonic()
        assert (await till.event("failed", name="ask", within_s=10))["kind"] == "LinkDownError"
        assert time.monotonic() - start < 6
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    await till.event("link", up=True)


async def test_a_busy_caller_is_held_back(broker: Any, proxy: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(broker)
    hub.subscribe("kassa/1/+/tell")
    till = await terminal(broker, "T0000001", port=proxy.port)
    await till.event("link", up=True)
    proxy.silence(up=False, down=True)
    for number in range(13):
        await till.publish(f"n{number}", TELL, f"tell {number}")
    refused = await till.event("failed")
    assert (refused["name"], refused["kind"]) == ("n12", "FullError")
    assert [(await hub.next_async())[1] for _ in range(4)] == [f"tell {number}" for number in range(4)]
    assert hub.messages.empty(), "more than four were in flight"
    proxy.cut()
    for number in range(12):
        await till.event("published", name=f"n{number}")
    seen = [(await hub.next_async())[1] for _ in range(12)]
    assert seen == [f"tell {number}" for number in range(12)], "the order changed"
    await till.say("heap")
    assert (await till.event("heap"))["waiting"] == 0


async def test_a_burst_of_small_messages_arrives_whole_and_in_order(
    broker: Any, terminal: Any, host_client: Any
) -> None:
    hub = host_client(broker)
    till = await terminal(broker, "T0000001")
    await till.event("link", up=True)
    for number in range(300):
        hub.paho.publish(ANSWER, str(number), 1)
    seen = [(await till.event("message"))["payload"] for _ in range(300)]
    assert seen == [str(number) for number in range(300)]


async def test_the_broker_speaks_the_last_will_of_a_dead_terminal(broker: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(broker)
    hub.subscribe("kassa/1/+/state")
    till = await terminal(broker, "T0000001", will=[STATE, json.dumps({"up": False})])
    await till.event("link", up=True)
    till.process.kill()
    assert await hub.next_async() == (STATE, '{"up": false}')


async def test_a_goodbye_is_not_a_death(broker: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(broker)
    hub.subscribe("kassa/1/+/state", "kassa/1/+/ask")
    till = await terminal(broker, "T0000001", will=[STATE, "dead"])
    await till.event("link", up=True)
    await till.say("close")
    await till.event("closed")
    other = await terminal(broker, "T0000002")
    await other.event("link", up=True)
    await other.publish("mark", "kassa/1/T0000002/ask", "later")
    assert await hub.next_async() == ("kassa/1/T0000002/ask", "later")


async def test_a_reply_takes_under_ten_milliseconds(broker: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(broker)
    hub.paho.on_message = lambda client, _data, found: client.publish(ANSWER, found.payload, 1)
    hub.subscribe("kassa/1/+/ask")
    till = await terminal(broker, "T0000001")
    await till.event("link", up=True)
    await till.say("latency", ASK, 200)
    found = await till.event("latency", within_s=30)
    assert found["p50"] < 10_000, f"p50 {found['p50']} us: is TCP_NODELAY missing somewhere?"


async def test_wrong_credentials_are_told_and_not_hammered(broker: Any, terminal: Any) -> None:
    till = await terminal(broker, "T0000001", password="not the right password", version=4)
    for _ in range(3):
        link = await till.event("link", up=False)
        assert "not authorised" in link["reason"] or "wrong user or password" in link["reason"]


async def test_a_denied_publish_is_reported_with_its_reason(mosquitto_broker: Any, terminal: Any) -> None:
    till = await terminal(mosquitto_broker, "T0000001")
    await till.event("link", up=True)
    await till.publish("foreign", "kassa/1/T0000002/ask")
    failed = await till.event("failed", name="foreign")
    assert (failed["kind"], failed["code"]) == ("RefusedError", 0x87)


async def test_a_session_that_the_broker_kept_is_taken_up(broker: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(broker)
    for payload in ("first", "second"):
        till = await terminal(broker, "T0000001", clean=False)
        await till.event("link", up=True)
        if payload == "second":
            assert "while away" in [each.get("payload") for each in till.events]
        hub.publish(ANSWER, payload)
        await till.event("message", topic=ANSWER, payload=payload)
        till.process.kill()
        await till.process.wait()
        await asyncio.sleep(0.3)
        hub.publish(ANSWER, "while away")


async def test_a_thousand_messages_leave_the_small_heap_as_it_was(
    mosquitto_broker: Any, terminal: Any, host_client: Any
) -> None:
    hub = host_client(mosquitto_broker)
    hub.paho.on_message = lambda client, _data, found: client.publish(ANSWER, found.payload, 1)
    hub.subscribe("kassa/1/+/ask")
    till = await terminal(mosquitto_broker, "T0000001")
    await till.event("link", up=True)
    used = []
    for count in (200, 1000, 100, 100):
        await till.say("latency", ASK, count)
        await till.event("latency", within_s=30)
        await till.say("heap")
        used.append((await till.event("heap"))["used"])
    # The collector is conservative: a stale pointer on the stack may keep something for a while, so the best of three.
    assert min(used[1:]) - used[0] < 4096
    assert used[1] < 80_000, "client, codec and asyncio use more than a third of the heap"
