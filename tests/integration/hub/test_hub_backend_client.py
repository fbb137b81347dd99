"""The HTTP client against a real server: TLS, the stream, a backend that hangs."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING

import pytest

from hub.backend_client import BackendClient, CallFailedError, Posted
from hub.broker import pki
from hub.broker_client import tls_context
from hub.testing import FakeBackend

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = [Posted("T0000001", 1, "a.b.c")]


async def test_the_backends_certificate_is_verified(tmp_path: Path) -> None:
    pki.write_server(tmp_path, ["localhost", "127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    backend = FakeBackend(tls=context)
    await backend.start()
    trusting = BackendClient(backend.url, backend.credential, tls_context(str(tmp_path / "ca.pem")))
    assert (await trusting.post_tells(ITEMS))[0].jws == "ack:a.b.c"
    await trusting.close()
    stranger = BackendClient(backend.url, backend.credential, tls_context(None))
    with pytest.raises(CallFailedError) as caught:
        await stranger.post_tells(ITEMS)
    assert caught.value.outcome == "unreachable"
    await stranger.close()
    await backend.stop()


async def test_the_stream_goes_on_after_its_cursor(backend: FakeBackend) -> None:
    for number in range(3):
        backend.tell_news("T0000001", f"news-{number}")
    client = BackendClient(backend.url, backend.credential)
    seen = []
    async for item in client.outbox("1"):
        seen.append(item)
        if len(seen) == 3:
            break
    assert [one.cursor if one else None for one in seen] == [None, "2", "3"]
    await client.close()


async def test_a_backend_that_accepts_and_then_hangs_is_noticed_in_time() -> None:
    gone = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    client = BackendClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "x")
    started = time.monotonic()
    assert await client.probe() == "timeout"
    assert time.monotonic() - started < 2.0
    await client.close()
    await gone.wait()
    server.close()
    await server.wait_closed()
