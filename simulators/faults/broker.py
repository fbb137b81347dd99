"""A broker at QoS 1, message by message: sessions, retained states, wills, redelivery; and what a hostile one does."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulators.faults.links import Link
    from simulators.faults.loop import VirtualLoop

#: A publish without an acknowledgement for so long breaks the connection, as a TCP timeout would.
ACK_LIMIT_MS = 5_000
#: A broker that lets messages lie hands them on after this, at the latest.
HELD_MS = 16_000
#: Messages kept for replays.
HISTORY = 60


class Receiver(Protocol):
    """The client's end of a connection."""

    def connected(self, connection: Connection) -> None:
        """The broker has accepted, and the subscriptions stand."""

    def lost(self, connection: Connection, reason: str) -> None:
        """The connection is gone."""

    def message(self, topic: str, payload: bytes, mid: int, *, retained: bool) -> None:
        """A message came."""


class Message(NamedTuple):
    """One publication."""

    topic: str
    payload: bytes
    retained: bool = False


class Session:
    """What the broker keeps of one client."""

    def __init__(self, wants: Callable[[str], bool], *, persistent: bool) -> None:
        self.wants = wants
        self.persistent = persistent
        self.connection: Connection | None = None
        self.queue: deque[Message] = deque()
        self.in_flight: dict[int, Message] = {}


class Connection:
    """One connection. Both ends learn of its end at their own time."""

    def __init__(self, broker: Broker, client: str, link: Link, receiver: Receiver, will: Message | None) -> None:
        self.broker = broker
        self.client = client
        self.link = link
        self.receiver = receiver
        self.will = will
        self.alive = True
        self.known_dead = False
        self.is_welcome = False

    def publish(self, message: Message, acknowledged: Callable[[], object]) -> None:
        """Client to broker at QoS 1."""
        if not self.alive:
            return
        done = [False]

        def ack() -> None:
            if self.alive and not done[0]:
                done[0] = True
                acknowledged()

        def arrive() -> None:
            if self.alive and self.broker.up:
                self.broker.publish(message, self.client)
                self.link.carry("down", ack)

        carry = self.link.carry_in_order if message.topic.endswith("/state") else self.link.carry
        carry("up", arrive)
        self.broker.loop.after(ACK_LIMIT_MS, self._overdue, done)

    def acknowledge(self, mid: int) -> None:
        """Client to broker: this message was received."""
        self.link.carry("up", self._acknowledged, mid)

    def cut(self, reason: str) -> None:
        """Break it: the client notices soon, the broker later."""
        if not self.alive:
            return
        self.alive = False
        self.link.watchers.remove(self.line_cut)
        random = self.broker.random
        self.broker.loop.after(random.uniform(0, 1_500), self.receiver.lost, self, reason)
        self.broker.loop.after(random.uniform(0, 4_000), self.broker.gone, self)

    def line_cut(self) -> None:
        """The line under it is cut."""
        self.cut("the line is cut")

    def _overdue(self, done: list[bool]) -> None:
        if not done[0]:
            self.cut("no acknowledgement")

    def _acknowledged(self, mid: int) -> None:
        session = self.broker.sessions.get(self.client)
        if self.alive and session is not None and session.connection is self:
            session.in_flight.pop(mid, None)


class Broker:
    """All sessions of one broker."""

    def __init__(self, loop: VirtualLoop, random: Random) -> None:
        self.loop = loop
        self.random = random
        self.up = True
        self.sessions: dict[str, Session] = {}
        self.history: deque[Message] = deque(maxlen=HISTORY)
        #: Every payload that a persistent session made the broker keep: what lies on its disk.
        self.disk: set[bytes] = set()
        self.corrupt = 0
        self.holds_until_ms = 0.0
        self._retained: dict[str, Message] = {}
        self._mid = 0

    def connect(
        self,
        link: Link,
        client: str,
        receiver: Receiver,
        wants: Callable[[str], bool],
        *,
        persistent: bool = False,
        will: Message | None = None,
    ) -> Connection:
        """Ask for a connection; `receiver` hears whether it stands, and how it ends."""
        connection = Connection(self, client, link, receiver, will)

        def arrive() -> None:
            if self.up and connection.alive:
                self._accept(connection, wants, persistent=persistent)

        def give_up() -> None:
            if not connection.is_welcome:
                connection.cut("the broker did not answer")

        link.carry("up", arrive)
        link.watchers.append(connection.line_cut)
        self.loop.after(3_000, give_up)
        return connection

    def _accept(self, connection: Connection, wants: Callable[[str], bool], *, persistent: bool) -> None:
        session = self.sessions.get(connection.client)
        if session is not None and session.connection is not None and session.connection is not connection:
            session.connection.cut("taken over")
            self._detach(session)
        if session is None or not (persistent and session.persistent):
            session = self.sessions[connection.client] = Session(wants, persistent=persistent)
        session.wants = wants
        session.connection = connection
        connection.link.carry("down", self._welcome, connection)
        for message in self._retained.values():
            if wants(message.topic):
                self._send(session, message._replace(retained=True))
        waiting, session.queue = session.queue, deque()
        for message in waiting:
            self._send(session, message)

    def _welcome(self, connection: Connection) -> None:
        if connection.alive and not connection.is_welcome:
            connection.is_welcome = True
            connection.receiver.connected(connection)

    def gone(self, connection: Connection) -> None:
        """The broker has noticed that a connection is dead: its will is published."""
        if connection.known_dead:
            return
        connection.known_dead = True
        session = self.sessions.get(connection.client)
        if session is not None and session.connection is connection:
            self._detach(session)
            if connection.will is not None and self.up:
                self.publish(connection.will, connection.client)

    def _detach(self, session: Session) -> None:
        session.connection = None
        session.queue.extendleft(reversed(session.in_flight.values()))
        session.in_flight.clear()
        if not session.persistent:
            session.queue.clear()

    def publish(self, message: Message, client: str = "") -> None:
        """Hand a message to every session that wants it."""
        if self.corrupt and message.topic.endswith(("/ask", "/tell", "/answer")):
            self.corrupt -= 1
            middle = len(message.payload) // 2
            flipped = b"A" if message.payload[middle : middle + 1] != b"A" else b"B"
            message = message._replace(payload=message.payload[:middle] + flipped + message.payload[middle + 1 :])
        if message.retained:
            self._retained[message.topic] = message
            message = message._replace(retained=False)
        elif client:
            self.history.append(message)
        held_ms = 0.0
        if self.loop.now_ms < self.holds_until_ms and message.topic.endswith(("/ask", "/tell", "/answer")):
            held_ms = self.random.uniform(4_000, HELD_MS)
        for name, session in list(self.sessions.items()):
            if session.wants(message.topic):
                if held_ms:
                    self.loop.after(held_ms, self._send_held, name, message)
                else:
                    self._send(session, message)

    def _send_held(self, name: str, message: Message) -> None:
        session = self.sessions.get(name)
        if session is not None:
            self._send(session, message)

    def _send(self, session: Session, message: Message) -> None:
        if session.persistent:
            self.disk.add(message.payload)
        connection = session.connection
        if connection is None or not connection.alive:
            if session.persistent:
                session.queue.append(message)
            return
        self._mid += 1
        mid = self._mid
        session.in_flight[mid] = message
        carry = connection.link.carry_in_order if message.topic.endswith("/state") else connection.link.carry
        carry("down", self._deliver, connection, message, mid)
        if not message.retained:
            self.loop.after(ACK_LIMIT_MS, self._unacknowledged, session, connection, mid)

    def _deliver(self, connection: Connection, message: Message, mid: int) -> None:
        if connection.alive:
            connection.receiver.message(message.topic, message.payload, mid, retained=message.retained)

    def _unacknowledged(self, session: Session, connection: Connection, mid: int) -> None:
        if session.connection is connection and mid in session.in_flight:
            connection.cut("the client did not acknowledge")

    def crash(self, *, forget: bool) -> None:
        """Stop; with `forget`, all that was queued and retained is lost."""
        self.up = False
        for session in list(self.sessions.values()):
            if session.connection is not None:
                session.connection.cut("the broker is down")
                self._detach(session)
        if forget:
            self.sessions.clear()
            self._retained.clear()

    def restart(self) -> None:
        """Listen again."""
        self.up = True
