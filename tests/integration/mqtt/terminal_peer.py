"""The terminal's MQTT client under MicroPython: settings and commands are JSON lines on stdin, events on stdout."""

import asyncio
import gc
import json
import sys
import time

from shell.mqtt.client import Client
from shell.mqtt.errors import LinkError
from shell.mqtt.transport import tls_context


def say(event, **fields):
    """One event line."""
    fields["event"] = event
    fields["at"] = time.time()
    sys.stdout.write(json.dumps(fields) + "\n")


def content(path):
    """A file's bytes."""
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


class Peer:
    """The client and what the test asks of it."""

    def __init__(self, config):
        tls = None
        if config.get("ca"):
            tls = tls_context(*[content(config[name]) for name in ("ca", "certificate", "key") if config.get(name)])
        will = config.get("will")
        self.echo = asyncio.Event()
        self.quiet = False
        self.tasks = []
        self.client = Client(
            config["host"],
            config["port"],
            config["client_id"],
            config["user"],
            config["password"],
            tls=tls,
            server_name=config.get("server_name"),
            will=(will[0], will[1].encode(), True) if will else None,
            keepalive_s=config.get("keepalive_s", 10),
            subscriptions=config.get("subscriptions", ()),
            version=config.get("version", 0),
            clean=config.get("clean", True),
            on_message=self.on_message,
            on_link=lambda up, reason: say("link", up=up, reason=reason, version=self.client.version),
        )

    def on_message(self, topic, payload):
        """Tell the test, or, while latency is measured, only the measuring task."""
        self.echo.set()
        if not self.quiet:
            say("message", topic=topic, payload=payload.decode())

    async def publish(self, name, topic, payload, keep):
        """Publish and report how it ended."""
        try:
            await self.client.publish(topic, payload.encode(), keep=keep)
            say("published", name=name)
        except LinkError as error:
            say("failed", name=name, kind=type(error).__name__, code=getattr(error, "code", 0), text=str(error))

    async def latency(self, topic, count):
        """Publish, wait for the reply, `count` times; report microseconds of the last 200."""
        self.quiet = True
        times = [0] * min(count, 200)
        for number in range(count):
            self.echo.clear()
            start = time.ticks_us()
            await self.client.publish(topic, b"x" * 300)
            await self.echo.wait()
            times[number % len(times)] = time.ticks_diff(time.ticks_us(), start)
        self.quiet = False
        times.sort()
        say("latency", p50=times[len(times) // 2], p99=times[len(times) * 99 // 100])

    def heap(self):
        """How much the process uses after a collection."""
        gc.collect()
        say("heap", used=gc.mem_alloc(), free=gc.mem_free(), waiting=self.client.waiting)

    async def commands(self):
        """Carry out what the test says until it closes stdin."""
        reader = asyncio.StreamReader(sys.stdin.buffer)
        while True:
            line = await reader.readline()
            if not line:
                return
            name, arguments = json.loads(line)
            self.tasks = [task for task in self.tasks if not task.done()]
            if name == "publish":
                self.tasks.append(asyncio.create_task(self.publish(*arguments)))
            elif name == "latency":
                self.tasks.append(asyncio.create_task(self.latency(*arguments)))
            elif name == "heap":
                self.heap()
            elif name == "close":
                await self.client.close()
                say("closed")


async def main():
    """Start the client and obey."""
    peer = Peer(json.loads(sys.stdin.readline()))
    peer.tasks.append(asyncio.create_task(peer.client.run()))
    await peer.commands()


asyncio.run(main())
