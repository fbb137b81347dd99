"""A hub between a real broker and a shipped fake backend, and a terminal that repeats until its ack."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import aiohttp
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hub.testing import FakeBackend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from hub.broker.embedded import EmbeddedBroker


async def until(condition: Callable[[], Any], seconds: float = 8.0) -> None:
    """Wait until the condition holds; fail with its source position when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


class Desk:
    """A terminal by its wire: publishes, and keeps what it is sent. A thread of paho's own, apart from the hub's."""

    def __init__(self, broker: EmbeddedBroker, name: str = "T0000001") -> None:
        self.name = name
        self.received: list[tuple[str, bytes]] = []
        self.at: dict[bytes, float] = {}
        self.counts: dict[bytes, int] = defaultdict(int)
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name)
        self.client.username_pw_set(name, broker.accounts[name].password)
        self.client.on_message = self._message
        self.client.on_connect = self._connected
        self.client.on_socket_open = lambda _client, _data, sock: sock.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        self.client.max_inflight_messages_set(200)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    def _connected(self, client: Any, *_rest: Any) -> None:
        client.subscribe(
            [(f"kassa/1/{self.name}/answer", 1), (f"kassa/1/{self.name}/news", 1), ("kassa/1/hub/+/state", 1)]
        )

    def _message(self, _client: Any, _data: Any, message: Any) -> None:
        self.received.append((message.topic.rsplit("/", 1)[1], message.payload))
        self.at.setdefault(message.payload, time.monotonic())
        self.counts[message.payload] += 1

    def send(self, kind: str, text: str) -> None:
        self.client.publish(f"kassa/1/{self.name}/{kind}", text, 1)

    def got(self, text: str) -> bool:
        return text.encode() in self.at

    @property
    def hub_state(self) -> str:
        states = [payload.decode() for kind, payload in self.received if kind == "state"]
        return states[-1] if states else ""

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class HubProcess:
    """`kassa hub serve` as an operating-system process."""

    def __init__(self, broker: EmbeddedBroker, backend: FakeBackend, folder: Path, mqtt: str = "paho") -> None:
        self.environment = {
            **os.environ,
            "KASSA_HUB_ID": "H001",
            "KASSA_HUB_CREDENTIAL": backend.credential,
            "KASSA_HUB_BROKER_URL": f"mqtt://{broker.host}:{broker.port}",
            "KASSA_HUB_BROKER_USER": "H001",
            "KASSA_HUB_BROKER_PASSWORD": broker.accounts["H001"].password,
            "KASSA_HUB_BACKEND_URL": backend.url,
            "KASSA_HUB_SPOOL": str(folder / "spool.sqlite"),
            "KASSA_HUB_HTTP_PORT": "0",
            "KASSA_HUB_MQTT": mqtt,
        }
        self.folder = folder
        self.process: asyncio.subprocess.Process | None = None
        self.http = ""

    @property
    def log(self) -> str:
        return (self.folder / "hub.log").read_text(errors="replace")

    async def start(self, **more: str) -> None:
        with (self.folder / "hub.log").open("ab") as log:
            before = log.tell()
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub", "serve", env={**self.environment, **more}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 15
        while "hub_ready" not in self.log[before:]:
            if self.process.returncode is not None or time.monotonic() > deadline:
                return
            await asyncio.sleep(0.01)
        self.http = self.log[before:].split('"http": "')[1].split('"')[0]

    async def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    async def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 10)

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.http + path) as response:
            return response.status, await response.text()


@pytest.fixture
async def backend() -> AsyncIterator[FakeBackend]:
    made = FakeBackend()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def desk_on() -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def build(broker: EmbeddedBroker, name: str = "T0000001") -> Desk:
        made.append(Desk(broker, name))
        return made[-1]

    yield build
    for one in made:
        one.close()


@pytest.fixture
async def hub_on(tmp_path: Path) -> AsyncIterator[Callable[..., HubProcess]]:
    made: list[HubProcess] = []

    def build(broker: EmbeddedBroker, backend: FakeBackend, mqtt: str = "paho") -> HubProcess:
        made.append(HubProcess(broker, backend, tmp_path, mqtt))
        return made[-1]

    yield build
    for one in made:
        await one.kill()


@pytest.fixture(name="until")
def until_fixture() -> Any:
    return until
