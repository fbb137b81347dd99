"""Asks: in memory only, in batches that grow with the load, dropped when their time is over."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from deskwire import topics
from hub.core.commands import AskItem, PostAsks
from hub.core.outgoing import Letter
from hub.core.retry import decide, delay_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hub.core.events import Answer, Moment
    from hub.core.limits import Limits

#: a single ask that the backend fails on holds the others back no longer than this; it dies of age
ALONE_PAUSE_MS = 500


class Asks:
    """The queue of asks and the calls that carry them."""

    def __init__(
        self, limits: Limits, counters: Counter[tuple[str, str]], jitter: Callable[[], float], calls: Iterator[int]
    ) -> None:
        self._limits = limits
        self._counters = counters
        self._jitter = jitter
        self._calls = calls
        self._queue: deque[AskItem] = deque()
        self._of_terminal: Counter[str] = Counter()
        self._in_flight: dict[int, tuple[AskItem, ...]] = {}
        self._batch_items = limits.batch_items
        self._failures = 0
        self._paused_until_ms = 0

    def __len__(self) -> int:
        return len(self._queue) + sum(map(len, self._in_flight.values()))

    def owns(self, call: int) -> bool:
        """Whether this call carries asks."""
        return call in self._in_flight

    @property
    def calls_in_flight(self) -> int:
        """Calls under way."""
        return len(self._in_flight)

    def arrived(self, terminal: str, jws: str, moment: Moment) -> None:
        """Queue an ask, or drop it when its terminal or the hub has too many."""
        if self._of_terminal[terminal] >= self._limits.asks_per_terminal:
            self._counters["dropped", "ask_terminal_full"] += 1
            return
        if len(self._queue) >= self._limits.asks_waiting:
            self._counters["dropped", "ask_hub_full"] += 1
            return
        self._of_terminal[terminal] += 1
        self._queue.append(AskItem(terminal, moment.epoch_ms, jws, moment.now_ms + self._limits.ask_life_ms))

    def post(self, now_ms: int) -> list[PostAsks]:
        """Start as many calls as may be under way, each with all that waits up to the batch's bound."""
        posts = []
        while now_ms >= self._paused_until_ms and len(self._in_flight) < self._limits.calls_in_flight:
            batch: list[AskItem] = []
            while self._queue and len(batch) < self._batch_items:
                item = self._queue.popleft()
                if self._alive(item, now_ms):
                    batch.append(item)
            if not batch:
                break
            call = next(self._calls)
            self._in_flight[call] = tuple(batch)
            posts.append(PostAsks(call, self._in_flight[call]))
        return posts

    def answered(self, call: int, answers: tuple[Answer, ...], now_ms: int) -> list[Letter]:
        """The call's answers: envelopes are to be published; transient errors wait for another turn, others end."""
        items = self._in_flight.pop(call)
        self._failures = 0
        self._batch_items = min(self._limits.batch_items, self._batch_items * 2)
        letters, again = [], []
        for item, answer in zip(items, answers, strict=True):
            if answer.error and answer.transient:
                again.append(item)
                continue
            self._forget(item)
            if answer.error:
                self._counters["ask_refused", answer.error] += 1
                continue
            self._counters["answered", "ask"] += 1
            life = item.expires_ms - self._limits.ask_life_ms + self._limits.answer_life_ms
            letters.append(Letter("answer", topics.answer(item.terminal), answer.jws.encode(), life))
        if again:
            self._queue.extendleft(reversed(again))
            self._paused_until_ms = now_ms + delay_ms("transient", 1, self._jitter())
        return letters

    def failed(self, call: int, outcome: str, now_ms: int) -> None:
        """The call failed: its asks go back to the head of the queue, unless one alone can never pass."""
        items = self._in_flight.pop(call)
        self._failures += 1
        decision = decide(outcome, self._failures, len(items), self._jitter())
        self._batch_items = decision.batch_items or self._batch_items
        self._paused_until_ms = now_ms + (decision.pause_ms or min(decision.item_ms, ALONE_PAUSE_MS))
        if decision.give_up:
            self._forget(items[0])
            self._counters["ask_refused", outcome] += 1
            return
        if decision.item_ms:
            self._queue.extend(items)
        else:
            self._queue.extendleft(reversed(items))

    def resume(self) -> None:
        """The backend is back: try now."""
        self._paused_until_ms = 0

    def expire(self, now_ms: int) -> None:
        """Drop the asks whose time is over."""
        if self._queue and any(item.expires_ms <= now_ms for item in self._queue):
            self._queue = deque([item for item in self._queue if self._alive(item, now_ms)])

    def _alive(self, item: AskItem, now_ms: int) -> bool:
        if item.expires_ms > now_ms:
            return True
        self._forget(item)
        self._counters["dropped", "ask_late"] += 1
        return False

    def _forget(self, item: AskItem) -> None:
        self._of_terminal[item.terminal] -= 1
        if not self._of_terminal[item.terminal]:
            del self._of_terminal[item.terminal]
