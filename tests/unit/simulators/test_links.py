"""The link proxy: what passes, what a cut does, and that a duplicated message is acknowledged once to its sender."""

from __future__ import annotations

import asyncio

import pytest

from simulators.links.mqtt_duplicator import Duplicator
from simulators.links.proxy import LinkProxy


def publish(packet_id: int, qos: int = 1, payload: bytes = b"hello") -> bytes:
    topic = b"kassa/1/T0000001/tell"
    body = len(topic).to_bytes(2) + topic + (packet_id.to_bytes(2) if qos else b"") + payload
    return bytes([0x30 | qos << 1]) + remaining(len(body)) + body


def remaining(length: int) -> bytes:
    out = bytearray()
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out)


def puback(packet_id: int) -> bytes:
    return b"\x40\x02" + packet_id.to_bytes(2)


@pytest.mark.parametrize("step", [1, 3, 10_000])
def test_a_publish_is_sent_twice_and_acknowledged_once(step: int) -> None:
    link = Duplicator()
    link.enabled = True
    stream = publish(7, payload=b"x" * 300) + b"\xc0\x00"
    sent = b"".join(link.feed("up", stream[at : at + step]) for at in range(0, len(stream), step))
    again = bytearray(publish(7, payload=b"x" * 300))
    again[0] |= 8
    assert sent == publish(7, payload=b"x" * 300) + bytes(again) + b"\xc0\x00"
    assert link.feed("down", puback(7)) == puback(7)
    assert link.feed("down", puback(7)) == b""
    assert link.feed("down", puback(7)) == puback(7)


def test_other_traffic_passes_untouched() -> None:
    link = Duplicator()
    assert link.feed("up", publish(1)) == publish(1)
    link.enabled = True
    assert link.feed("down", publish(0, qos=0)) == publish(0, qos=0)
    assert link.feed("down", b"\x90\x03\x00\x01\x01") == b"\x90\x03\x00\x01\x01"
    assert link.feed("down", puback(3)) == puback(3)


async def test_cut_stall_and_repair() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    target = server.sockets[0].getsockname()[:2]
    link = LinkProxy("terminal", lambda: target)
    await link.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    writer.write(b"one")
    assert await reader.read(10) == b"one"
    link.stall(on=True)
    writer.write(b"two")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting := asyncio.ensure_future(reader.read(10))), 0.1)
    link.stall(on=False)
    assert await waiting == b"two"
    link.cut(on=True)
    with pytest.raises(ConnectionError):
        raise ConnectionError if await reader.read(10) == b"" else AssertionError
    refused, refused_writer = await asyncio.open_connection("127.0.0.1", link.port)
    with pytest.raises(ConnectionError):
        raise ConnectionError if await refused.read(10) == b"" else AssertionError
    link.cut(on=False)
    reader2, writer2 = await asyncio.open_connection("127.0.0.1", link.port)
    writer2.write(b"three")
    assert await reader2.read(10) == b"three"
    for one in (writer, refused_writer, writer2):
        one.close()
    await link.stop()
    server.close()
    await asyncio.sleep(0.05)


def test_only_mqtt_can_be_duplicated() -> None:
    with pytest.raises(ValueError, match="does not carry MQTT"):
        LinkProxy("hub-backend", lambda: ("127.0.0.1", 1)).duplicate_messages(on=True)
