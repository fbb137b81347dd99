"""What an account may do on the broker, tried by clients that mean harm, on Mosquitto and amqtt."""

from __future__ import annotations

import queue
from typing import Any

import pytest

OWN, FOREIGN = "kassa/1/T0000001", "kassa/1/T0000002"


def test_nobody_connects_without_the_right_password(broker: Any, host_client: Any) -> None:
    assert not host_client(broker, None).accepted
    assert not host_client(broker, "T0000001", password="not the right password").accepted
    assert not host_client(broker, "T0000009", password=broker.accounts["T0000001"].password).accepted
    assert host_client(broker, "T0000001").accepted


def test_a_terminal_cannot_speak_as_another_or_as_the_hub(broker: Any, host_client: Any) -> None:
    hub, victim = host_client(broker), host_client(broker, "T0000002")
    hub.subscribe("kassa/1/+/ask", "kassa/1/+/tell", "kassa/1/+/state", "kassa/1/hub/+/state")
    victim.subscribe(f"{FOREIGN}/answer", f"{FOREIGN}/news")
    thief = host_client(broker, "T0000001")
    for topic in ("ask", "tell", "state", "answer", "news"):
        thief.publish(f"{FOREIGN}/{topic}", "forged")
    thief.publish("kassa/1/hub/H001/state", "forged")
    thief.publish(f"{OWN}/answer", "forged")
    thief.publish(f"{OWN}/ask", "honest")
    assert hub.next() == (f"{OWN}/ask", "honest")
    hub.publish(f"{FOREIGN}/answer", "real")
    assert victim.next() == (f"{FOREIGN}/answer", "real")


def test_a_terminal_cannot_listen_to_another(broker: Any, host_client: Any) -> None:
    hub, honest = host_client(broker), host_client(broker, "T0000002")
    honest.subscribe(f"{FOREIGN}/answer")
    thief = host_client(broker, "T0000001")
    for wanted in (
        f"{FOREIGN}/answer",
        "kassa/1/+/answer",
        "kassa/#",
        "#",
        "$share/g/kassa/1/+/ask",
        f"{FOREIGN}/news",
    ):
        thief.subscribe(wanted)
    thief.subscribe(f"{OWN}/answer")
    honest.publish(f"{FOREIGN}/ask", "a PIN block")
    hub.publish(f"{FOREIGN}/answer", "theirs")
    hub.publish(f"{FOREIGN}/news", "theirs")
    hub.publish(f"{OWN}/answer", "mine")
    assert honest.next() == (f"{FOREIGN}/answer", "theirs")
    assert thief.next() == (f"{OWN}/answer", "mine")
    with pytest.raises(queue.Empty):
        thief.next(0.2)


def test_a_retained_state_reaches_those_who_may_read_it(broker: Any, host_client: Any) -> None:
    hub, till = host_client(broker), host_client(broker, "T0000001")
    hub.publish("kassa/1/hub/H001/state", "up", retain=True)
    till.publish(f"{OWN}/state", "up", retain=True)
    other = host_client(broker, "T0000002")
    other.subscribe("kassa/1/hub/H001/state")
    assert other.next() == ("kassa/1/hub/H001/state", "up")
    hub.subscribe("kassa/1/+/state")
    assert hub.next() == (f"{OWN}/state", "up")
    with pytest.raises(queue.Empty):
        other.next(0.2)


def test_a_will_is_held_to_the_same_rules(broker: Any, host_client: Any) -> None:
    hub = host_client(broker)
    hub.subscribe("kassa/1/+/state")
    thief = host_client(broker, "T0000001", will=f"{FOREIGN}/state")
    if thief.accepted:
        thief.paho.socket().close()
    honest = host_client(broker, "T0000001", will=f"{OWN}/state")
    assert honest.accepted
    honest.paho.socket().shutdown(2)
    assert hub.next() == (f"{OWN}/state", "dead")


def test_an_observer_sees_everything_and_says_nothing(broker: Any, host_client: Any) -> None:
    hub, watcher, till = host_client(broker), host_client(broker, "watcher"), host_client(broker, "T0000001")
    hub.subscribe("kassa/1/+/ask")
    watcher.subscribe("kassa/1/#")
    watcher.publish(f"{OWN}/ask", "forged")
    till.publish(f"{OWN}/ask", "honest")
    assert hub.next() == (f"{OWN}/ask", "honest")
    assert watcher.next() == (f"{OWN}/ask", "honest")


def test_a_stranger_cannot_end_a_session(broker: Any, host_client: Any) -> None:
    hub = host_client(broker, "H001", client_id="H001-tells")
    hub.subscribe("kassa/1/+/tell")
    assert not host_client(broker, "T0000001", password="not the right password", client_id="H001-tells").accepted
    host_client(broker, "T0000001").publish(f"{OWN}/tell", "still here")
    assert hub.next() == (f"{OWN}/tell", "still here")


def test_asks_are_not_kept_for_a_hub_that_is_away_and_tells_are(mosquitto_broker: Any, host_client: Any) -> None:
    options: dict[str, Any] = {"protocol": 5}
    asks = host_client(mosquitto_broker, "H001", client_id="H001-asks", **options)
    asks.subscribe("kassa/1/+/ask")
    asks.close()
    till = host_client(mosquitto_broker, "T0000001")
    till.publish(f"{OWN}/ask", "with a PIN block")
    back = host_client(mosquitto_broker, "H001", client_id="H001-asks", **options)
    back.subscribe("kassa/1/+/ask")
    till.publish(f"{OWN}/ask", "later")
    assert back.next() == (f"{OWN}/ask", "later")
    mosquitto_broker.stop()
    kept = [path.name for path in mosquitto_broker.directory.rglob("*")]
    assert sorted(kept) == ["acl", "broker.log", "mosquitto.conf", "passwords"], "the broker stored something"
