"""The embedded broker: starts, keeps its port, is killed and comes back, clears what a killed run left."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from hub.broker.accounts import Accounts, covers, mosquitto_hash
from hub.broker.embedded import BrokerError, EmbeddedBroker

if TYPE_CHECKING:
    from pathlib import Path


def test_it_keeps_its_port_over_a_kill(broker: Any, host_client: Any) -> None:
    port = broker.port
    broker.kill()
    assert broker.pid is None
    broker.start()
    assert broker.port == port
    assert host_client(broker, "H001").accepted


def test_a_broker_left_by_a_killed_run_is_ended_first(broker: Any) -> None:
    left = broker.pid
    again = EmbeddedBroker(broker.directory, broker.accounts, broker.kind, port=broker.port)
    again.start()
    try:
        assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE
        assert again.port == broker.port
    finally:
        again.stop()


def test_a_taken_port_is_an_error_with_the_broker_s_own_words(broker: Any, tmp_path: Path) -> None:
    other = EmbeddedBroker(tmp_path / "other", broker.accounts, broker.kind, port=broker.port)
    with pytest.raises(BrokerError, match="ended at once"):
        other.start()
    assert other.pid is None


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="auto, mosquitto or amqtt"):
        EmbeddedBroker(tmp_path, Accounts(), "other")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "wanted", "covered"),
    [
        ("kassa/1/T1/ask", "kassa/1/T1/ask", True),
        ("kassa/1/T1/ask", "kassa/1/+/ask", False),
        ("kassa/1/T1/ask", "kassa/1/T1", False),
        ("kassa/1/T1/ask", "kassa/1/T1/ask/more", False),
        ("kassa/1/+/ask", "kassa/1/T1/ask", True),
        ("kassa/1/+/ask", "kassa/1/+/ask", True),
        ("kassa/1/+/ask", "kassa/1/#", False),
        ("kassa/1/+/ask", "#", False),
        ("kassa/1/#", "kassa/1/+/ask", True),
        ("kassa/1/#", "#", False),
        ("kassa/1/+/ask", "$share/hubs/kassa/1/+/ask", True),
        ("kassa/1/+/ask", "$share/hubs", False),
    ],
)
def test_a_rule_covers_a_filter_only_if_it_covers_all_of_it(rule: str, wanted: str, covered: bool) -> None:
    assert covers(rule, wanted) == covered


def test_a_password_is_hashed_as_mosquitto_does() -> None:
    # Made by mosquitto_passwd 2.0.11 for the password "an example password".
    line = (
        "$7$101$tjIxv73VfLRwDXS5$EQbA6sR5IjJ0p9IEtqvGj44UbgGgbFruQN6LTteuZjO33I"
        "3Rl0N+I+MdDeLpPwDpCtABZcPQCWNuMjKZgZqRPQ=="
    )
    _, kind, rounds, salt, _ = line.split("$")
    assert (kind, rounds) == ("7", "101")
    assert mosquitto_hash("an example password", base64.b64decode(salt)) == line
