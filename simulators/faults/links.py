"""One line between two parts: delay, and for a while loss, duplicates, overtaking, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulators.faults.loop import VirtualLoop

#: A healthy line, in milliseconds one way.
FASTEST_MS, SLOWEST_MS = 2.0, 20.0
#: How far messages may be thrown apart while the line overtakes itself.
SCATTER_MS = 1_500.0
MOODS = ("cut", "lossy", "doubling", "overtaking", "slow")


class Link:
    """A line. `watchers` are told when it is cut, so that connections over it break."""

    def __init__(self, name: str, loop: VirtualLoop, random: Random) -> None:
        self.name = name
        self.watchers: list[Callable[[], None]] = []
        self._loop = loop
        self._random = random
        self._until: dict[str, float] = {}
        self._share: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def afflict(self, mood: str, for_ms: float, share: float) -> None:
        """Begin a fault that ends by itself. `share`: of messages lost or doubled, or how slow."""
        self._until[mood] = max(self._until.get(mood, 0), self._loop.now_ms + for_ms)
        self._share[mood] = share
        if mood == "cut":
            for watcher in list(self.watchers):
                watcher()

    def heal(self) -> None:
        """End every fault."""
        self._until.clear()

    def has(self, mood: str) -> bool:
        """Whether that fault is on."""
        return self._loop.now_ms < self._until.get(mood, 0)

    def carry_in_order(self, way: str, deliver: Callable[..., object], *args: Any) -> bool:
        """Like `carry`, but never doubled or overtaken: presence relies on the order within a TCP connection."""
        if self.has("cut"):
            return False
        self._later(way, self._random.uniform(FASTEST_MS, SLOWEST_MS), deliver, *args)
        return True

    def carry(self, way: str, deliver: Callable[..., object], *args: Any) -> bool:
        """Bring something over; False when it is lost on the way (the sender must not look at that)."""
        random = self._random
        delay_ms = random.uniform(FASTEST_MS, SLOWEST_MS)
        if self._until:
            if self.has("cut") or (self.has("lossy") and random.random() < self._share["lossy"]):
                return False
            if self.has("slow"):
                delay_ms += random.uniform(0, 6_000) * self._share["slow"]
            if self.has("overtaking"):
                self._loop.after(delay_ms + random.uniform(0, SCATTER_MS), deliver, *args)
                return True
            if self.has("doubling") and random.random() < self._share["doubling"]:
                self._loop.after(delay_ms + random.uniform(0, SCATTER_MS), deliver, *args)
        self._later(way, delay_ms, deliver, *args)
        return True

    def _later(self, way: str, delay_ms: float, deliver: Callable[..., object], *args: Any) -> None:
        at_ms = max(self._loop.now_ms + delay_ms, self._last.get(way, 0))
        self._last[way] = at_ms
        self._loop.after(at_ms - self._loop.now_ms, deliver, *args)
