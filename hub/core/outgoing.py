"""Publishing with a window: at most so many without the broker's acknowledgement, again after a broken connection."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from hub.core.commands import Publish

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from hub.core.limits import Limits


class Letter(NamedTuple):
    """Something to publish. `expires_ms` None never expires; `news` is the outbox position to settle by its PUBACK."""

    kind: str
    topic: str
    payload: bytes
    expires_ms: int | None = None
    news: int | None = None
    retain: bool = False


class Outgoing:
    """The queue to the broker, in order, bounded."""

    def __init__(self, limits: Limits, counters: Counter[tuple[str, str]]) -> None:
        self._limits = limits
        self._counters = counters
        self._window = 0
        self._token = 0
        self._waiting: deque[Letter] = deque()
        self._in_flight: dict[int, Letter] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_flight)

    @property
    def up(self) -> bool:
        """Whether the publishing connection stands."""
        return self._window > 0

    def connected(self, window: int, presence: Letter, now_ms: int) -> list[Publish]:
        """The connection stands: publish who we are, then what waits."""
        self._window = max(1, min(window, self._limits.publish_window))
        self._waiting.appendleft(presence)
        return self.pump(now_ms)

    def disconnected(self) -> None:
        """The connection is gone: all that was not acknowledged waits again, before the rest; presence is said anew."""
        self._window = 0
        self._waiting.extendleft(reversed(self._in_flight.values()))
        self._waiting = deque([letter for letter in self._waiting if letter.kind != "state"])
        self._in_flight.clear()

    def send(self, letters: Iterable[Letter], now_ms: int) -> list[Publish]:
        """Take letters; publish as many as the window allows."""
        self._waiting.extend(letters)
        return self.pump(now_ms)

    def acknowledged(self, tokens: Iterable[int]) -> list[int]:
        """The broker has these. Returns the outbox positions among them."""
        letters = [self._in_flight.pop(token, None) for token in tokens]
        for letter in letters:
            if letter is not None:
                self._counters["published", letter.kind] += 1
        return [letter.news for letter in letters if letter is not None and letter.news is not None]

    def pump(self, now_ms: int) -> list[Publish]:
        """Publish from the queue while the window is open, dropping what came too late."""
        commands = []
        while self._waiting and len(self._in_flight) < self._window:
            letter = self._waiting.popleft()
            if letter.expires_ms is not None and letter.expires_ms <= now_ms:
                self._counters["dropped", f"{letter.kind}_late"] += 1
                continue
            self._token += 1
            self._in_flight[self._token] = letter
            commands.append(Publish(self._token, letter.topic, letter.payload, letter.retain))
        return commands

    def expire(self, now_ms: int) -> None:
        """Forget what is too late or too much; news never expire here, their number is bounded by their own window."""
        excess = len(self._waiting) - self._limits.outgoing_waiting
        kept: deque[Letter] = deque()
        for letter in self._waiting:
            late = letter.expires_ms is not None and letter.expires_ms <= now_ms
            if late or (excess > 0 and letter.expires_ms is not None):
                self._counters["dropped", f"{letter.kind}_late" if late else f"{letter.kind}_full"] += 1
                excess -= 1
            else:
                kept.append(letter)
        self._waiting = kept
