"""TLS between terminal and broker: the right broker is taken, every other one refused before a byte is said."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hub.broker import pki

if TYPE_CHECKING:
    from pathlib import Path

ASK = "kassa/1/T0000001/ask"


async def test_a_terminal_works_over_tls(tls_broker: Any, terminal: Any) -> None:
    till = await terminal(tls_broker, "T0000001", ca=ca_file(tls_broker), server_name="localhost")
    await till.event("link", up=True)
    await till.publish("one", ASK, "y" * 2048)
    await till.event("published", name="one")
    tls_broker.kill()
    await till.event("link", up=False)
    tls_broker.start()
    await till.event("link", up=True, within_s=5)
    await till.say("heap")
    assert (await till.event("heap"))["used"] < 80_000


async def test_answers_over_tls_are_quick(tls_broker: Any, terminal: Any) -> None:
    till = await terminal(tls_broker, "T0000001", ca=ca_file(tls_broker), subscriptions=["kassa/1/T0000001/answer"])
    await till.event("link", up=True)
    start = asyncio.get_running_loop().time()
    for number in range(20):
        await till.publish(f"n{number}", ASK)
        await till.event("published", name=f"n{number}")
    assert (asyncio.get_running_loop().time() - start) / 20 < 0.02


async def test_a_broker_of_another_authority_is_refused(tls_broker: Any, terminal: Any, tmp_path: Path) -> None:
    pki.write_server(tmp_path / "other", ["localhost"])
    till = await terminal(tls_broker, "T0000001", ca=str(tmp_path / "other" / "ca.der"), server_name="localhost")
    for _ in range(2):
        assert not (await till.event("link"))["up"]


async def test_a_certificate_for_another_name_is_refused(tls_broker: Any, terminal: Any) -> None:
    till = await terminal(tls_broker, "T0000001", ca=ca_file(tls_broker), server_name="broker.example")
    for _ in range(2):
        assert not (await till.event("link"))["up"]


@pytest.mark.parametrize("trick", ["authority", "name", "expired", "plain"])
async def test_an_impostor_learns_nothing(mosquitto_broker: Any, terminal: Any, tmp_path: Path, trick: str) -> None:
    now = datetime.now(UTC) - (timedelta(days=4000) if trick == "expired" else timedelta())
    pki.write_server(tmp_path / "impostor", ["evil.example" if trick == "name" else "localhost"], now)
    if trick == "authority":
        pki.write_server(tmp_path / "trusted", ["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "impostor" / "server.pem", tmp_path / "impostor" / "server.key")
    heard = bytearray()
    called = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        heard.extend(await reader.read(4096))
        writer.close()

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=None if trick == "plain" else context)
    folder = tmp_path / ("trusted" if trick == "authority" else "impostor")
    till = await terminal(
        mosquitto_broker,
        "T0000001",
        port=server.sockets[0].getsockname()[1],
        ca=str(folder / "ca.der"),
        server_name="localhost",
    )
    for _ in range(2):
        assert not (await till.event("link"))["up"]
    assert b"MQTT" not in heard
    assert b"T0000001" not in heard
    if trick != "plain":
        assert not heard
    server.close()


def ca_file(broker: Any) -> str:
    """The path of the CA that a terminal has to trust."""
    return str(broker.ca_pem.with_suffix(".der"))
