"""An event loop on a virtual clock: everything that waits, waits here, and runs in one order for one seed."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

#: Callbacks of one schedule. A whole schedule takes some 20,000; more is a loop that does not end.
MAX_CALLBACKS = 2_000_000


class RunawayError(Exception):
    """The schedule did not come to an end."""


class Timer:
    """Something that will be called; `cancel` undoes it. What asyncio takes for a handle."""

    __slots__ = ("args", "callback", "dead", "when_ms")

    def __init__(self, when_ms: float, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.when_ms = when_ms
        self.callback = callback
        self.args = args
        self.dead = False

    def cancel(self) -> None:
        """Do not call it."""
        self.dead = True

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self.dead

    def when(self) -> float:
        """Loop time in seconds, as asyncio asks for it."""
        return self.when_ms / 1000


class VirtualLoop(asyncio.AbstractEventLoop):
    """As much of an event loop as tasks, futures, sleeps and timeouts need, without a selector or a real clock."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.faults: list[str] = []
        self._ready: deque[Timer] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0

    # -- what the simulation uses -----------------------------------------------------------------------------------

    def after(self, delay_ms: float, callback: Callable[..., object], *args: Any) -> Timer:
        """Call it so many milliseconds from now."""
        timer = Timer(self.now_ms + delay_ms, callback, args)
        self._count += 1
        heapq.heappush(self._timers, (timer.when_ms, self._count, timer))
        return timer

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task."""
        return asyncio.Task(work, loop=self)

    def run_until(self, end_ms: float) -> None:
        """Run everything that is due up to that time."""
        before = asyncio._get_running_loop()  # noqa: SLF001  (exported for makers of loops)
        asyncio._set_running_loop(self)  # noqa: SLF001
        try:
            self._run(end_ms)
        finally:
            asyncio._set_running_loop(before)  # noqa: SLF001

    def _run(self, end_ms: float) -> None:
        ready, timers = self._ready, self._timers
        while True:
            while ready:
                timer = ready.popleft()
                if not timer.dead:
                    timer.callback(*timer.args)
            if not timers or timers[0][0] > end_ms:
                break
            when_ms, _, timer = heapq.heappop(timers)
            if timer.dead:
                continue
            self.now_ms = max(self.now_ms, when_ms)
            if self._count > MAX_CALLBACKS:
                raise RunawayError(f"more than {MAX_CALLBACKS} timers in one schedule")
            timer.callback(*timer.args)
        self.now_ms = max(self.now_ms, end_ms)

    # -- what asyncio asks of a loop --------------------------------------------------------------------------------

    def time(self) -> float:
        """Virtual seconds."""
        return self.now_ms / 1000

    def call_soon(  # type: ignore[override]  # handles here are timers of our own
        self,
        callback: Callable[..., object],
        *args: Any,
        context: Any = None,  # noqa: ARG002
    ) -> Any:
        """Call it before time goes on."""
        timer = Timer(self.now_ms, callback, args)
        self._ready.append(timer)
        return timer

    def call_later(  # type: ignore[override]  # see call_at
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Any = None,  # noqa: ARG002
    ) -> Any:
        """Call it so many seconds from now."""
        return self.after(delay * 1000, callback, *args)

    def call_at(  # type: ignore[override]  # handles here are timers of our own
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Any = None,  # noqa: ARG002
    ) -> Any:
        """Call it at that loop time in seconds."""
        return self.after(when * 1000 - self.now_ms, callback, *args)

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Any = None) -> asyncio.Task[Any]:  # noqa: ARG002
        """A task of this loop."""
        return asyncio.Task(coro, loop=self, name=name)

    def get_debug(self) -> bool:
        """Never in debug mode."""
        return False

    def is_running(self) -> bool:
        """Whether tasks may be made: always."""
        return True

    def is_closed(self) -> bool:
        """Never."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A task or future failed and nobody looked: the schedule fails by it."""
        self.faults.append(f"{context.get('message')}: {context.get('exception')!r}")


def make_loop() -> VirtualLoop:
    """A loop at time zero."""
    return VirtualLoop()  # type: ignore[abstract]  # sockets, signals and processes are never asked for
