"""Both MQTT libraries keep the same contract, on both brokers."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from hub.broker_port import BrokerRefusedError, BrokerUnreachableError, LinkOptions, Will
from hub.serve import make_link_of

if TYPE_CHECKING:
    from hub.broker.embedded import EmbeddedBroker


@pytest.fixture(params=["paho", "gmqtt"])
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def options_of(broker: EmbeddedBroker, **changes: Any) -> LinkOptions:
    options = LinkOptions(
        host=broker.host,
        port=broker.port,
        client_id="kassa-hub-H001-test",
        username="H001",
        password=broker.accounts["H001"].password,
        tls=None,
        clean=True,
        manual_ack=False,
        subscriptions=("kassa/1/+/tell",),
    )
    return dataclasses.replace(options, **changes)


class Seen:
    """What one link called back."""

    def __init__(self, library: str, options: LinkOptions) -> None:
        self.messages: list[tuple[str, bytes, int | None, bool]] = []
        self.published: list[int] = []
        self.link = make_link_of(library)(options, self._message, self.published.append)

    def _message(self, topic: str, payload: bytes, mid: int | None, *, retained: bool) -> None:
        self.messages.append((topic, payload, mid, retained))


async def test_messages_arrive_and_publishes_are_acknowledged(
    broker: EmbeddedBroker, library: str, desk_on: Any, until: Any
) -> None:
    seen = Seen(library, options_of(broker))
    assert await seen.link.open() >= 1
    desk = desk_on(broker)
    await until(desk.client.is_connected)
    texts = [f"tell-{number}" * 20 for number in range(300)]
    for text in texts:
        desk.send("tell", text)
    await until(lambda: len(seen.messages) == 300)
    assert [payload.decode() for _, payload, _, _ in seen.messages] == texts
    assert {(topic, mid, retained) for topic, _, mid, retained in seen.messages} == {
        ("kassa/1/T0000001/tell", None, False)
    }
    for token in range(200):
        seen.link.publish(token, "kassa/1/T0000001/answer", f"answer-{token}".encode(), retain=False)
    await until(lambda: len(seen.published) == 200)
    await until(lambda: desk.got("answer-199"))
    assert sorted(seen.published) == list(range(200))
    await seen.link.close()
    assert await seen.link.wait_closed()


async def test_what_was_not_acknowledged_by_hand_comes_again_to_the_persistent_session(
    mosquitto_broker: EmbeddedBroker, library: str, desk_on: Any, until: Any
) -> None:
    options = options_of(mosquitto_broker, clean=False, manual_ack=True)
    first = Seen(library, options)
    await first.link.open()
    desk = desk_on(mosquitto_broker)
    for number in range(4):
        desk.send("tell", f"tell-{number}")
    await until(lambda: len(first.messages) == 4)
    mids = [mid for _, _, mid, _ in first.messages]
    assert all(mid is not None for mid in mids)
    first.link.acknowledge(mids[0])
    first.link.acknowledge(mids[2])
    await asyncio.sleep(0.1)
    await first.link.close()
    first.link.acknowledge(mids[1])
    desk.send("tell", "tell-4")
    await asyncio.sleep(0.1)
    second = Seen(library, options)
    await second.link.open()
    await until(lambda: len(second.messages) == 3)
    assert {payload for _, payload, _, _ in second.messages} == {b"tell-1", b"tell-3", b"tell-4"}
    await second.link.close()


async def test_a_clean_session_gets_nothing_that_was_sent_while_it_was_away(
    broker: EmbeddedBroker, library: str, desk_on: Any, until: Any
) -> None:
    options = options_of(broker, subscriptions=("kassa/1/+/ask",))
    first = Seen(library, options)
    await first.link.open()
    await first.link.close()
    desk = desk_on(broker)
    await until(desk.client.is_connected)
    desk.send("ask", "while away")
    await asyncio.sleep(0.2)
    second = Seen(library, options)
    await second.link.open()
    desk.send("ask", "now")
    await until(lambda: second.messages)
    assert [payload for _, payload, _, _ in second.messages] == [b"now"]
    await second.link.close()


async def test_a_killed_broker_closes_the_link_and_the_will_speaks_for_a_killed_hub(
    mosquitto_broker: EmbeddedBroker, library: str, desk_on: Any, until: Any
) -> None:
    will = Will("kassa/1/hub/H001/state", b'{"up": false}')
    options = options_of(mosquitto_broker, will=will)
    desk = desk_on(mosquitto_broker)
    first, second = Seen(library, options), Seen(library, options)
    await first.link.open()
    await second.link.open()  # the same client id: the broker throws the first one out
    assert await asyncio.wait_for(first.link.wait_closed(), 5)
    await until(lambda: desk.hub_state == '{"up": false}')
    mosquitto_broker.kill()
    assert await asyncio.wait_for(second.link.wait_closed(), 5)
    second.link.publish(1, "kassa/1/T0000001/answer", b"x", retain=False)
    await first.link.close()
    await second.link.close()


async def test_refusals_say_what_to_do(broker: EmbeddedBroker, library: str) -> None:
    with pytest.raises(BrokerRefusedError, match="KASSA_HUB_BROKER_PASSWORD"):
        await Seen(library, options_of(broker, password="a wrong password 123")).link.open()
    if broker.kind == "amqtt":  # Mosquitto grants every subscription and filters what it delivers
        with pytest.raises(BrokerRefusedError, match="denies"):
            await Seen(library, options_of(broker, subscriptions=("kassa/1/#",))).link.open()
    port = broker.port
    broker.kill()
    with pytest.raises(BrokerUnreachableError, match=rf"no broker at 127.0.0.1:{port}.*KASSA_HUB_BROKER_URL"):
        await Seen(library, options_of(broker)).link.open()


async def test_tls_is_verified(tls_broker: EmbeddedBroker, library: str) -> None:
    from hub.broker_client import tls_context

    good = Seen(library, options_of(tls_broker, tls=tls_context(str(tls_broker.ca_pem))))
    await good.link.open()
    await good.link.close()
    with pytest.raises(BrokerUnreachableError, match="KASSA_HUB_BROKER_CA"):
        await Seen(library, options_of(tls_broker, tls=tls_context(None))).link.open()


async def test_a_server_that_is_no_broker_is_unreachable(library: str, broker: EmbeddedBroker) -> None:
    async def chatter(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(chatter, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(BrokerUnreachableError):
        await Seen(library, options_of(broker, port=port)).link.open()
    server.close()
