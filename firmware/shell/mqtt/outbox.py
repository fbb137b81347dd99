"""Publishes on their way out: a bounded queue, a bounded number in flight, in order, across reconnects."""

import asyncio
import time

from shell.mqtt.errors import FullError, LinkDownError

#: Unacknowledged at once. A terminal does one thing at a time; four hide a round trip when a backlog of tells goes out.
MAX_IN_FLIGHT = 4
#: Waiting and in flight together. Each may hold a 2 KB envelope, and the heap of an ESP32 has room for few of those.
MAX_WAITING = 12


class Pending:
    """One publish: what to send, and what became of it."""

    def __init__(self, topic, payload, retain, keep) -> None:
        self.topic = topic
        self.payload = payload
        self.retain = retain
        self.keep = keep
        self.packet_id = 0
        self.sent_ms = time.ticks_ms()
        self.again = False
        self.code = -1
        self.error = None
        self.done = asyncio.Event()


class Outbox:
    """All publishes that are not finished: those in flight first, then those that wait, in the order they came."""

    def __init__(self) -> None:
        self._flying: list[Pending] = []
        self._queue: list[Pending] = []
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._flying) + len(self._queue)

    def add(self, topic, payload, retain, keep):
        """Queue a publish, or FullError."""
        if len(self) >= MAX_WAITING:
            raise FullError("%d publishes wait for the broker already" % len(self))
        pending = Pending(topic, payload, retain, keep)
        self._queue.append(pending)
        return pending

    def take(self, limit):
        """The next publish to send, now in flight, or None if there is none or `limit` are unacknowledged."""
        if not self._queue or len(self._flying) >= limit:
            return None
        pending = self._queue.pop(0)
        if not pending.packet_id:
            self._last_id = self._last_id % 65535 + 1
            pending.packet_id = self._last_id
        pending.sent_ms = time.ticks_ms()
        self._flying.append(pending)
        return pending

    def acknowledge(self, packet_id, code) -> None:
        """The broker's PUBACK. One for a publish its caller gave up is no surprise and changes nothing."""
        for pending in self._flying:
            if pending.packet_id == packet_id:
                self._flying.remove(pending)
                pending.code = code
                pending.done.set()
                return

    def remove(self, pending) -> None:
        """The caller gave up or is done: forget it."""
        for where in (self._flying, self._queue):
            if pending in where:
                where.remove(pending)

    def oldest_ms(self, now) -> int:
        """How long the oldest publish in flight has been unacknowledged; 0 if none is."""
        return time.ticks_diff(now, self._flying[0].sent_ms) if self._flying else 0

    def link_lost(self) -> None:
        """What was in flight goes first on the next connection; what was not to be kept fails now."""
        for pending in self._flying:
            pending.again = True
        everything = self._flying + self._queue
        self._flying = []
        self._queue = [pending for pending in everything if pending.keep]
        for pending in everything:
            if not pending.keep:
                self._fail(pending)

    def stop(self) -> None:
        """The client ends: everything fails."""
        for pending in self._flying + self._queue:
            self._fail(pending)
        self._flying = []
        self._queue = []

    def _fail(self, pending) -> None:
        """Wake the caller with the news."""
        pending.error = LinkDownError("the connection to the broker was lost")
        pending.done.set()
