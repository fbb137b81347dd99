"""Tells: in each terminal's order to the backend, as fast as it takes them, until its own ack."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from deskwire import topics
from hub.core.commands import PostTells, Quarantined, TellItem
from hub.core.outgoing import Letter
from hub.core.retry import decide, delay_ms

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from hub.core.commands import NewTell
    from hub.core.events import Answer, SpoolRow
    from hub.core.limits import Limits


class Entry:
    """A pending tell. `jws` is None when only the spool has its text."""

    __slots__ = ("attempts", "jws", "received_at_ms", "seq", "size", "terminal")

    def __init__(self, seq: int, terminal: str, received_at_ms: int, size: int, jws: str | None) -> None:
        self.seq = seq
        self.terminal = terminal
        self.received_at_ms = received_at_ms
        self.size = size
        self.jws = jws
        self.attempts = 0


class Tells:
    """The index of pending tells. A terminal is ready, in a call, or waiting after a failure; never two of them."""

    def __init__(
        self, limits: Limits, counters: Counter[tuple[str, str]], jitter: Callable[[], float], calls: Iterator[int]
    ) -> None:
        self._limits = limits
        self._counters = counters
        self._jitter = jitter
        self._calls = calls
        self._batch_items = limits.batch_items
        self._failures = 0
        self._paused_until_ms = 0
        self._clear()

    def _clear(self) -> None:
        self.entries: dict[int, Entry] = {}
        self._queues: dict[str, deque[Entry]] = {}
        self._ready: deque[str] = deque()
        self._waiting: list[tuple[int, str]] = []
        self._in_flight: dict[int, tuple[Entry, ...]] = {}
        self._cached_bytes = 0

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def calls_in_flight(self) -> int:
        """Calls under way."""
        return len(self._in_flight)

    def owns(self, call: int) -> bool:
        """Whether this call carries tells."""
        return call in self._in_flight

    def opened(self, rows: tuple[SpoolRow, ...]) -> None:
        """Start from what the spool holds."""
        self._clear()
        for row in rows:
            self._add(Entry(row.seq, row.terminal, row.received_at_ms, row.size, None))

    def added(self, new: list[tuple[int, NewTell]]) -> None:
        """These tells are on disk now."""
        for seq, tell in new:
            size = len(tell.jws)
            cached = self._cached_bytes + size <= self._limits.payload_cache_bytes
            self._cached_bytes += size if cached else 0
            self._add(Entry(seq, tell.terminal, tell.received_at_ms, size, tell.jws if cached else None))

    def has_room(self, terminal: str) -> bool:
        """Whether this terminal may have one more tell in the spool."""
        return len(self._queues.get(terminal, ())) < self._limits.tells_per_terminal

    def post(self, now_ms: int) -> list[PostTells]:
        """Start as many calls as may be under way with the heads of the ready terminals' queues."""
        self._wake(now_ms)
        posts = []
        while self._ready and now_ms >= self._paused_until_ms and self.calls_in_flight < self._limits.calls_in_flight:
            batch = self._take()
            call = next(self._calls)
            self._in_flight[call] = batch
            items = tuple(TellItem(one.seq, one.terminal, one.received_at_ms, one.jws) for one in batch)
            posts.append(PostTells(call, items))
        return posts

    def answered(
        self, call: int, answers: tuple[Answer, ...], now_ms: int
    ) -> tuple[list[Letter], list[int], list[Quarantined]]:
        """The call's answers: acks to publish, tells to remove, tells to quarantine."""
        batch = self._in_flight.pop(call)
        self._failures = 0
        self._batch_items = min(self._limits.batch_items, self._batch_items * 2)
        letters: list[Letter] = []
        done: list[int] = []
        refused: list[Quarantined] = []
        held: dict[str, int] = {}
        for entry, answer in zip(batch, answers, strict=True):
            if answer.error and answer.transient:
                entry.attempts += 1
                held.setdefault(entry.terminal, delay_ms("transient", entry.attempts, self._jitter()))
                continue
            self._drop(entry)
            if answer.error:
                refused.append(Quarantined(entry.seq, answer.error))
                self._counters["quarantined", answer.error] += 1
                continue
            done.append(entry.seq)
            self._counters["answered", "tell"] += 1
            life = now_ms + self._limits.ack_life_ms
            letters.append(Letter("ack", topics.answer(entry.terminal), answer.jws.encode(), life))
        self._release(batch, held, now_ms)
        return letters, done, refused

    def failed(self, call: int, outcome: str, now_ms: int) -> list[Quarantined]:
        """The call failed: its tells stay at the heads of their queues; returns the one that can never pass."""
        batch = self._in_flight.pop(call)
        self._failures += 1
        alone = len(batch) == 1
        batch[0].attempts += alone
        decision = decide(outcome, batch[0].attempts if alone else self._failures, len(batch), self._jitter())
        self._batch_items = decision.batch_items or self._batch_items
        self._paused_until_ms = max(self._paused_until_ms, now_ms + decision.pause_ms)
        refused = []
        if decision.give_up:
            self._drop(batch[0])
            refused.append(Quarantined(batch[0].seq, outcome))
            self._counters["quarantined", outcome] += 1
        held = {batch[0].terminal: decision.item_ms} if decision.item_ms else {}
        self._release(batch, held, now_ms, first=True)
        return refused

    def resume(self) -> None:
        """The backend is back: try now."""
        self._paused_until_ms = 0

    def _add(self, entry: Entry) -> None:
        self.entries[entry.seq] = entry
        queue = self._queues.get(entry.terminal)
        if queue is None:
            self._queues[entry.terminal] = deque((entry,))
            self._ready.append(entry.terminal)
        else:
            queue.append(entry)

    def _drop(self, entry: Entry) -> None:
        del self.entries[entry.seq]
        if entry.jws is not None:
            self._cached_bytes -= entry.size

    def _take(self) -> tuple[Entry, ...]:
        batch: list[Entry] = []
        while self._ready and len(batch) < self._batch_items:
            queue = self._queues[self._ready.popleft()]
            count = min(len(queue), self._limits.tells_per_terminal_batch, self._batch_items - len(batch))
            batch.extend(queue[position] for position in range(count))
        return tuple(batch)

    def _release(self, batch: tuple[Entry, ...], held: dict[str, int], now_ms: int, *, first: bool = False) -> None:
        terminals = list(dict.fromkeys(entry.terminal for entry in batch))
        for terminal in reversed(terminals) if first else terminals:
            queue = self._queues[terminal]
            count = min(len(queue), self._limits.tells_per_terminal_batch)
            kept = [one for one in (queue.popleft() for _ in range(count)) if one.seq in self.entries]
            queue.extendleft(reversed(kept))
            if not queue:
                del self._queues[terminal]
            elif terminal in held:
                heapq.heappush(self._waiting, (now_ms + held[terminal], terminal))
            elif first:
                self._ready.appendleft(terminal)
            else:
                self._ready.append(terminal)

    def _wake(self, now_ms: int) -> None:
        while self._waiting and self._waiting[0][0] <= now_ms:
            self._ready.append(heapq.heappop(self._waiting)[1])
