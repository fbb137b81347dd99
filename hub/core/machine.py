"""The hub's machine: one table from event to handler; each handler returns the commands that follow."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from deskwire import topics
from deskwire.errors import TopicError
from hub.core import events as e
from hub.core.asks import Asks
from hub.core.backend_state import WHAT_TO_DO, BackendState
from hub.core.commands import Acknowledge, Command, Log, OutboxFlow
from hub.core.limits import LIMITS, Limits
from hub.core.news import News
from hub.core.outgoing import Letter, Outgoing
from hub.core.spooling import Spooling
from hub.core.tells import Tells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hub.core.commands import Quarantined
    from hub.core.events import Event, Message, Moment


class Hub:
    """Decides for one hub. Holds no sockets, files, clocks or keys; `jitter` gives numbers from 0 to 1."""

    def __init__(self, hub_id: str, jitter: Callable[[], float], limits: Limits = LIMITS) -> None:
        self._state_topic = topics.hub_state(hub_id)
        self._limits = limits
        #: (name, label) -> count, read by the metrics
        self.counters: Counter[tuple[str, str]] = Counter()
        calls = itertools.count(1)
        self.asks = Asks(limits, self.counters, jitter, calls)
        self.tells = Tells(limits, self.counters, jitter, calls)
        self.spooling = Spooling(limits, self.counters, jitter)
        self.news = News(limits, self.counters)
        self.outgoing = Outgoing(limits, self.counters)
        self.backend = BackendState()
        self.draining = False
        self._since_s = 0
        self._said_up = False

    def handle(self, event: Event, moment: Moment) -> list[Command]:
        """Take one event; returns what is to be done, in order. An event that is not in the table is an error."""
        return TRANSITIONS[type(event)](self, event, moment)

    @property
    def idle(self) -> bool:
        """Nothing is under way that a stopping process should wait for."""
        calls = self.asks.calls_in_flight + self.tells.calls_in_flight
        quiet = self.spooling.idle or self.spooling.failing
        return not calls and quiet and (len(self.outgoing) == 0 or not self.outgoing.up)

    def spool_opened(self, event: e.SpoolOpened, moment: Moment) -> list[Command]:
        """At start, and after a broken spool was set aside."""
        self.spooling.reset()
        self.tells.opened(event.rows)
        self.news.received = event.cursor
        self._since_s = self._since_s or moment.epoch_ms // 1000
        return [*self._write(moment), *self.tells.post(moment.now_ms)]

    def messages_arrived(self, event: e.MessagesArrived, moment: Moment) -> list[Command]:
        """Sort what the broker handed over into asks and tells; the rest is dropped and counted."""
        useless = []
        for message in event.messages:
            reason = self._take(message, moment)
            if reason:
                self.counters["dropped", reason] += 1
                useless.append(message.handle)
        handles = tuple(handle for handle in useless if handle is not None)
        commands: list[Command] = [Acknowledge(handles)] if handles else []
        return [*commands, *self._write(moment), *self.asks.post(moment.now_ms)]

    def _take(self, message: Message, moment: Moment) -> str:
        """Queue one message; returns the reason when it is of no use, and may be acknowledged and forgotten."""
        try:
            kind, terminal = topics.parse(message.topic)
        except TopicError:
            return "topic"
        if kind not in ("ask", "tell"):
            return "topic"
        if message.retained:
            return "retained"
        if not 0 < len(message.payload) <= self._limits.up_bytes:
            return "size"
        if not message.payload.isascii():
            return "not_text"
        jws = message.payload.decode("ascii")
        self.counters["received", kind] += 1
        if kind == "ask":
            self.asks.arrived(terminal, jws, moment)
        elif not self.tells.has_room(terminal):
            return "tell_terminal_full"
        else:
            self.spooling.arrived(terminal, jws, message.handle, moment)
        return ""

    def spool_written(self, event: e.SpoolWritten, moment: Moment) -> list[Command]:
        """PUBACK what is on disk, then send it on."""
        new, acknowledge = self.spooling.written(event.appended)
        self.tells.added(new)
        return [*acknowledge, *self._write(moment), *self._post_tells(moment)]

    def spool_write_failed(self, event: e.SpoolWriteFailed, moment: Moment) -> list[Command]:
        """Keep everything for the next commit."""
        self.counters["spool_write_failed", ""] += 1
        return self.spooling.write_failed(event.reason, moment.now_ms)

    def batch_answered(self, event: e.BatchAnswered, moment: Moment) -> list[Command]:
        """Publish answers and acks; the backend's ack is what removes a tell."""
        changed = self._backend_changed(self.backend.served(), moment)
        if self.asks.owns(event.call):
            letters = self.asks.answered(event.call, event.answers, moment.now_ms)
            sent = self.outgoing.send(letters, moment.now_ms)
            return [*changed, *sent, *self.asks.post(moment.now_ms)]
        if not self.tells.owns(event.call):
            return changed
        letters, done, refused = self.tells.answered(event.call, event.answers, moment.now_ms)
        for seq in done:
            self.spooling.remove(seq)
        noted = self._quarantine(refused)
        sent = self.outgoing.send(letters, moment.now_ms)
        return [*changed, *sent, *noted, *self._write(moment), *self._post_tells(moment)]

    def batch_failed(self, event: e.BatchFailed, moment: Moment) -> list[Command]:
        """Decide when to try again, and whether somebody must be told."""
        self.counters["batch_failed", event.outcome] += 1
        changed = self._backend_changed(self.backend.failed(event.outcome), moment)
        if self.asks.owns(event.call):
            self.asks.failed(event.call, event.outcome, moment.now_ms)
            return [*changed, *self.asks.post(moment.now_ms)]
        if not self.tells.owns(event.call):
            return changed
        noted = self._quarantine(self.tells.failed(event.call, event.outcome, moment.now_ms))
        return [*changed, *noted, *self._write(moment), *self._post_tells(moment)]

    def news_arrived(self, event: e.NewsArrived, moment: Moment) -> list[Command]:
        """Publish an item; hold the stream when the broker is behind."""
        letters = self.news.arrived(event.item)
        return [*self.outgoing.send(letters, moment.now_ms), *self._settle_news((), moment)]

    def outbox_opened(self, _event: e.OutboxOpened, moment: Moment) -> list[Command]:
        """The backend took our credential."""
        return self._backend_changed(self.backend.served(), moment)

    def outbox_lost(self, event: e.OutboxLost, moment: Moment) -> list[Command]:
        """The first sign of a backend that went away."""
        self.counters["outbox_lost", event.outcome] += 1
        changed = self._backend_changed(self.backend.failed(event.outcome), moment)
        if event.outcome != "malformed" or not self.news.received:
            return changed
        self.news.received = ""
        what = "the backend does not know our place in its outbox; unseen news come again from the start"
        return [*changed, Log("warning", "outbox_cursor_reset", {"what_to_do": what})]

    def backend_probed(self, event: e.BackendProbed, moment: Moment) -> list[Command]:
        """The backend's health, about once a second."""
        return self._backend_changed(self.backend.probed(event.outcome), moment)

    def broker_up(self, event: e.BrokerUp, moment: Moment) -> list[Command]:
        """Say first who we are, then what waited."""
        return [*self.outgoing.connected(event.window, self._presence(), moment.now_ms)]

    def broker_down(self, _event: e.BrokerDown, _moment: Moment) -> list[Command]:
        """Keep what was not acknowledged."""
        self.outgoing.disconnected()
        return []

    def published(self, event: e.Published, moment: Moment) -> list[Command]:
        """The broker has them; news are settled by it."""
        positions = self.outgoing.acknowledged(event.tokens)
        return [*self.outgoing.pump(moment.now_ms), *self._settle_news(positions, moment)]

    def tick(self, _event: e.Tick, moment: Moment) -> list[Command]:
        """Drop what is late, wake what has waited."""
        self.asks.expire(moment.now_ms)
        self.outgoing.expire(moment.now_ms)
        sent = self.outgoing.pump(moment.now_ms)
        return [*sent, *self._write(moment), *self.asks.post(moment.now_ms), *self._post_tells(moment)]

    def drain(self, _event: e.Draining, moment: Moment) -> list[Command]:
        """Say that nobody will answer; start nothing that can wait for the next start."""
        self.draining = True
        return self._say_presence(moment)

    def _post_tells(self, moment: Moment) -> list[Command]:
        return [] if self.draining else [*self.tells.post(moment.now_ms)]

    def _write(self, moment: Moment) -> list[Command]:
        return self.spooling.write(len(self.tells), moment.now_ms)

    def _quarantine(self, refused: Iterable[Quarantined]) -> list[Command]:
        commands: list[Command] = []
        for item in refused:
            self.spooling.quarantine(item)
            commands.append(Log("warning", "tell_quarantined", {"seq": item.seq, "reason": item.reason}))
        return commands

    def _settle_news(self, positions: Iterable[int], moment: Moment) -> list[Command]:
        cursor = self.news.settle(positions)
        if cursor is not None:
            self.spooling.keep_cursor(cursor)
        flow = self.news.flow()
        commands: list[Command] = [] if flow is None else [OutboxFlow(flow)]
        return [*commands, *self._write(moment)]

    def _backend_changed(self, changed: bool, moment: Moment) -> list[Command]:  # noqa: FBT001  (what a call returned)
        if not changed:
            return []
        commands: list[Command] = []
        if self.backend.up != self._said_up:
            self._said_up, self._since_s = self.backend.up, moment.epoch_ms // 1000
            commands = self._say_presence(moment)
        if self.backend.up:
            self.asks.resume()
            self.tells.resume()
            resumed = [*self.asks.post(moment.now_ms), *self._post_tells(moment)]
            return [*commands, Log("info", "backend_up", {}), *resumed]
        outcome = self.backend.outcome
        return [*commands, Log("warning", "backend_down", {"outcome": outcome, "what_to_do": WHAT_TO_DO.get(outcome)})]

    def _say_presence(self, moment: Moment) -> list[Command]:
        return [*self.outgoing.send([self._presence()], moment.now_ms)] if self.outgoing.up else []

    def _presence(self) -> Letter:
        said: dict[str, object] = {"up": not self.draining, "backend": self.backend.up, "since": self._since_s}
        return Letter("state", self._state_topic, json.dumps(said).encode(), retain=True)


#: event -> what the hub does. The whole machine in one place; an event that is missing here is a KeyError.
TRANSITIONS: dict[type[Any], Callable[[Hub, Any, Moment], list[Command]]] = {
    e.SpoolOpened: Hub.spool_opened,
    e.MessagesArrived: Hub.messages_arrived,
    e.SpoolWritten: Hub.spool_written,
    e.SpoolWriteFailed: Hub.spool_write_failed,
    e.BatchAnswered: Hub.batch_answered,
    e.BatchFailed: Hub.batch_failed,
    e.NewsArrived: Hub.news_arrived,
    e.OutboxOpened: Hub.outbox_opened,
    e.OutboxLost: Hub.outbox_lost,
    e.BackendProbed: Hub.backend_probed,
    e.BrokerUp: Hub.broker_up,
    e.BrokerDown: Hub.broker_down,
    e.Published: Hub.published,
    e.Tick: Hub.tick,
    e.Draining: Hub.drain,
}
