"""News on their way from the backend's outbox to the broker: the cursor moves only over what the broker has."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from deskwire import topics
from hub.core.outgoing import Letter

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from hub.core.events import NewsItem
    from hub.core.limits import Limits


class News:
    """A window over the outbox stream, in its order."""

    def __init__(self, limits: Limits, counters: Counter[tuple[str, str]]) -> None:
        self._limits = limits
        self._counters = counters
        self._order: deque[tuple[int, str]] = deque()
        self._settled: set[int] = set()
        self._position = 0
        self.running = True
        #: the cursor of the last item taken from the stream: where it goes on after a broken connection
        self.received = ""

    def __len__(self) -> int:
        return len(self._order)

    def arrived(self, item: NewsItem) -> list[Letter]:
        """Take one item; returns what to publish, nothing when the item is not fit for a terminal."""
        self._position += 1
        self._order.append((self._position, item.cursor))
        self.received = item.cursor
        if not topics.is_terminal_id(item.terminal) or not 0 < len(item.jws) <= self._limits.down_bytes:
            self._counters["dropped", "news_unfit"] += 1
            self._settled.add(self._position)
            return []
        payload = item.jws.encode()
        return [Letter("news", topics.news(item.terminal), payload, news=self._position)]

    def settle(self, positions: Iterable[int] = ()) -> str | None:
        """The broker has these positions. Returns the new cursor to store, None when it did not move."""
        self._settled.update(positions)
        cursor = None
        while self._order and self._order[0][0] in self._settled:
            position, cursor = self._order.popleft()
            self._settled.discard(position)
        return cursor

    def flow(self) -> bool | None:
        """True to let the stream run again, False to hold it, None to leave it as it is."""
        wanted = len(self._order) < (self._limits.news_window if self.running else self._limits.news_window // 2)
        if wanted == self.running:
            return None
        self.running = wanted
        return wanted
