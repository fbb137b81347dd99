"""The branch hub: its real core, on a simulated disk, two broker connections and the line to the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from deskwire import topics
from hub.core import commands as c
from hub.core import events as e
from hub.core.limits import Limits
from hub.core.machine import Hub
from hub.spool.port import SpoolError
from simulators.faults.broker import Connection, Message
from simulators.faults.spool import MAX_PENDING, Disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.faults.world import World

HUB = "H001"
TICK_MS = 400
PROBE_MS = 2_000
#: HTTP calls end after this, as the real client's do.
CALL_LIMIT_MS = 5_000
STREAM_LIMIT_MS = 6_000
STREAM_PAUSE_MS = 700
LIMITS = Limits(tells_pending=MAX_PENDING, publish_window=20, news_window=8)


class Handle(NamedTuple):
    """What the hub gives back to acknowledge a message."""

    connection: Connection
    mid: int
    terminal: str
    jws: str


class Line:
    """One of the hub's two connections to the broker: asks (clean) or tells (persistent)."""

    def __init__(self, part: HubPart, name: str) -> None:
        self._part = part
        self._name = name
        self._life = part.life
        self.connection: Connection | None = None
        self._trying: Connection | None = None
        self._connect()

    def _connect(self) -> None:
        if self._life != self._part.life:
            return
        world, suffix = self._part.world, "/" + self._name[:-1]
        will = Message(topics.hub_state(HUB), b'{"up":false}', retained=True) if self._name == "asks" else None
        self._trying = world.broker.connect(
            world.links["hub"],
            f"{HUB}-{self._name}",
            self,
            lambda topic: topic.endswith(suffix),
            persistent=self._name == "tells",
            will=will,
        )

    def connected(self, connection: Connection) -> None:
        """Up."""
        if self._life == self._part.life and connection is self._trying:
            self.connection = connection
            if self._name == "asks":
                self._part.take(e.BrokerUp(20))

    def lost(self, connection: Connection, reason: str) -> None:  # noqa: ARG002  (the receiver's shape)
        """Down; again after a while."""
        if self._life != self._part.life or connection is not self._trying:
            return
        was, self.connection, self._trying = self.connection, None, None
        if was is not None and self._name == "asks":
            self._part.take(e.BrokerDown())
        self._part.world.loop.after(self._part.random.uniform(100, 1_500), self._connect)

    def message(self, topic: str, payload: bytes, mid: int, *, retained: bool) -> None:
        """A terminal's message."""
        if self._life != self._part.life or self.connection is None:
            return
        terminal = topic.split("/")[2]
        handle = Handle(self.connection, mid, terminal, payload.decode("ascii", "replace"))
        useful = handle if self._name == "tells" else None
        if useful is None:
            self.connection.acknowledge(mid)  # asks are never kept by anybody
        self._part.take(e.MessagesArrived((e.Message(topic, payload, useful, retained),)))


class HubPart:
    """The hub's process. `crash` loses everything but the disk."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = world.random_for("hub")
        self.disk = Disk()
        self.life = 0
        self.up = False
        #: Tells that the hub has acknowledged and the backend has not answered yet.
        self.custody: set[tuple[str, str]] = set()
        self._answered: set[tuple[str, str]] = set()
        self.doom = ""
        self._hub: Hub | None = None
        self._lines: dict[str, Line] = {}
        self._flow = True
        self._streaming = False
        #: (cursor, envelope) of news that the broker has not acknowledged
        self._unpublished: list[tuple[str, str]] = []
        self._perform: dict[type[Any], Callable[[Any], None]] = {
            c.Acknowledge: self._acknowledge,
            c.Publish: self._publish,
            c.PostAsks: lambda command: self._post("ask", command.call, command.items),
            c.PostTells: lambda command: self._post("tell", command.call, command.items),
            c.WriteSpool: self._write,
            c.OutboxFlow: self._hold,
            c.Log: lambda command: world.note("hub", command.event),
        }

    # -- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process on what the disk holds."""
        self.world.check_custody()
        self.life += 1
        self.up = True
        self._hub = Hub(HUB, self.random.random, LIMITS)
        self._flow = True
        self._streaming = False
        self._unpublished = []
        self.take(e.SpoolOpened(tuple(self.disk.pending()), self.disk.cursor()))
        self._lines = {name: Line(self, name) for name in ("tells", "asks")}
        self._tick(self.life)
        self._probe(self.life)
        self._stream(self.life)

    def crash(self) -> None:
        """The process is gone."""
        if not self.up:
            return
        self.up = False
        self.life += 1
        self._hub = None
        self.doom = ""
        for line in self._lines.values():
            if line.connection is not None:
                line.connection.cut("the hub is gone")

    def _doomed(self, step: str) -> bool:
        """Whether the hub dies at this step."""
        if self.doom != step:
            return False
        self.world.note("hub", f"dies {step}")
        self.crash()
        self.world.loop.after(self.random.uniform(500, 4_000), self.restart)
        return True

    def restart(self) -> None:
        """Start it, unless somebody has."""
        if not self.up:
            self.start()

    def _moment(self) -> e.Moment:
        return e.Moment(int(self.world.loop.now_ms), self.world.epoch_ms("hub"))

    def take(self, event: e.Event) -> None:
        """One event into the core, its commands out."""
        if self._hub is None:
            return
        life = self.life
        for command in self._hub.handle(event, self._moment()):
            self._perform[type(command)](command)
            if self.life != life:
                return

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits in the hub."""
        return self._hub is not None and not len(self._hub.tells) and not self.disk.pending()

    def _tick(self, life: int) -> None:
        if life == self.life:
            self.take(e.Tick())
            self.world.loop.after(TICK_MS, self._tick, life)

    # -- the broker -------------------------------------------------------------------------------------------------

    def _acknowledge(self, command: c.Acknowledge) -> None:
        if self._doomed("before puback"):
            return
        for handle in command.handles:
            if isinstance(handle, Handle):
                if (handle.terminal, handle.jws) not in self._answered:
                    self.custody.add((handle.terminal, handle.jws))
                handle.connection.acknowledge(handle.mid)
        self.world.check_custody()
        self._doomed("after puback")

    def _publish(self, command: c.Publish) -> None:
        connection = self._lines["asks"].connection if "asks" in self._lines else None
        if connection is None or self._doomed("before publish"):
            return
        life = self.life

        def acknowledged() -> None:
            if life == self.life and not self._doomed("after publish"):
                self._settled(command.payload.decode("ascii", "replace"))
                self.take(e.Published((command.token,)))

        connection.publish(Message(command.topic, command.payload, command.retain), acknowledged)

    def _settled(self, jws: str) -> None:
        for place, (_, waiting) in enumerate(self._unpublished):
            if waiting == jws:
                del self._unpublished[place]
                return

    # -- the disk ---------------------------------------------------------------------------------------------------

    def _write(self, command: c.WriteSpool) -> None:
        self.world.loop.after(self.random.uniform(1, 8), self._commit, self.life, command.changes)

    def _commit(self, life: int, changes: c.Changes) -> None:
        if life != self.life or self._doomed("before commit"):
            return
        if changes.cursor is not None:
            self.world.check_cursor(changes.cursor, [cursor for cursor, _ in self._unpublished])
        try:
            appended = self.disk.write(changes)
        except SpoolError as problem:
            self.take(e.SpoolWriteFailed(str(problem)))
            return
        if not self._doomed("after commit"):
            self.take(e.SpoolWritten(tuple(appended)))

    # -- the backend ------------------------------------------------------------------------------------------------

    def _post(self, kind: str, call: int, items: tuple[Any, ...]) -> None:
        if self._doomed("before post"):
            return
        texts = self.disk.read([one.seq for one in items if one.jws is None]) if kind == "tell" else {}
        posted = [
            {"terminal": one.terminal, "jws": one.jws if one.jws is not None else texts.get(one.seq, "")}
            for one in items
        ]

        def finish(result: list[dict[str, Any]] | str) -> None:
            if isinstance(result, str):
                self.take(e.BatchFailed(call, result))
                return
            answers = [
                e.Answer(one["terminal"], one.get("jws", ""), one.get("error", ""), one.get("transient", False))
                for one in result
            ]
            if kind == "tell":
                for one, answer in zip(posted, answers, strict=True):
                    if not (answer.error and answer.transient):
                        self._answered.add((one["terminal"], one["jws"]))
                        self.custody.discard((one["terminal"], one["jws"]))
                if self._doomed("after answer"):
                    return
            self.take(e.BatchAnswered(call, tuple(answers)))

        self._call(lambda reply: self.world.backend.serve(kind, posted, reply), finish, CALL_LIMIT_MS)

    def _call(
        self, ask: Callable[[Callable[[Any], object]], object], finish: Callable[[Any], object], limit_ms: int
    ) -> None:
        """One HTTP call: `finish` is called once with the answer, or with the name of what went wrong."""
        world, link, life, done = self.world, self.world.links["web"], self.life, [False]

        def end(result: Any) -> None:
            if not done[0] and life == self.life:
                done[0] = True
                finish(result)

        def arrive() -> None:
            if world.backend.up:
                ask(lambda result: link.carry("down", end, result))
            else:
                link.carry("down", end, "unreachable")

        if link.has("cut"):
            world.loop.after(self.random.uniform(20, 400), end, "unreachable")
            return
        link.carry("up", arrive)
        world.loop.after(limit_ms, end, "timeout")

    def _probe(self, life: int) -> None:
        if life != self.life:
            return

        def finish(result: str) -> None:
            self.take(e.BackendProbed(result))

        self._call(lambda reply: reply(self.world.backend.health()), finish, 2_000)
        self.world.loop.after(PROBE_MS, self._probe, life)

    def _hold(self, command: c.OutboxFlow) -> None:
        self._flow = command.running

    def _stream(self, life: int) -> None:
        """The outbox stream, as one long poll after another."""
        if life != self.life or self._hub is None:
            return
        if not self._flow:
            self.world.loop.after(TICK_MS, self._stream, life)
            return

        def finish(result: list[tuple[str, str, str]] | str) -> None:
            if isinstance(result, str):
                self._streaming = False
                self.take(e.OutboxLost(result))
            else:
                if not self._streaming:
                    self._streaming = True
                    self.take(e.OutboxOpened())
                for cursor, terminal, jws in result:
                    self._unpublished.append((cursor, jws))
                    self.take(e.NewsArrived(e.NewsItem(cursor, terminal, jws)))
            self.world.loop.after(20 if self._streaming else STREAM_PAUSE_MS, self._stream, life)

        received = self._hub.news.received
        self._call(lambda reply: self.world.backend.poll(received, reply), finish, STREAM_LIMIT_MS)
