"""The one place where the desk's commands are performed, in order; what fails comes back as an event."""

import asyncio
import gc

from desk.events import EffectFailed
from deskwire.errors import WireError
from shell.journal import JournalFullError

#: Events that wait while a picture is painted. A person, a network and a clock make a few a second.
MAX_EVENTS = 48


class Dispatcher:
    """Feeds events to the desk and performs what it returns.

    `effects` maps a command's kind (ask, tell, store, tone, note) to a function of the command; `paint(view)` shows a
    view and is called when nothing else is waiting, with the latest view alone.
    """

    def __init__(self, desk, effects, paint, log):
        self._desk = desk
        self._effects = effects
        self._paint = paint
        self._log = log
        self._events = []
        self._wake = asyncio.Event()
        self._view = None

    def post(self, event):
        """Queue an event. When too many wait, a tick is dropped first, then the new event."""
        if len(self._events) >= MAX_EVENTS:
            ticks = [waiting for waiting in self._events if waiting.kind == "tick"]
            if not ticks:
                self._log("too many events: one was dropped")
                return
            self._events.remove(ticks[0])
        self._events.append(event)
        self._wake.set()

    async def run(self):
        """Handle events for ever."""
        while True:
            self._drain()
            if self._view is not None:
                self._show()
                await asyncio.sleep_ms(0)
                continue
            self._wake.clear()
            await self._wake.wait()

    def _drain(self):
        """Handle what waits."""
        while self._events:
            self.handle(self._events.pop(0))

    def handle_now(self, event):
        """Handle what waits, then `event`: when this returns, everything it asked for is done or has failed."""
        self._drain()
        self.handle(event)

    def handle(self, event):
        """Give one event to the desk and perform its commands."""
        try:
            commands = self._desk.handle(event)
        except Exception as error:  # noqa: BLE001  (a fault of the core must not stop the terminal)
            self._log("the desk failed on {}: {!r}".format(event.kind, error))
            return
        failed = None
        for command in commands:
            if failed is None:
                failed = self._perform(command)
            elif command.kind == "ask" and command.pin is not None:
                command.pin.wipe()
        if failed is not None:
            self.handle(failed)

    def _perform(self, command):
        """Perform one command; returns the event that tells of its failure, or None."""
        if command.kind == "show":
            self._view = command.view
            self._wake.set()
            return None
        try:
            self._effects[command.kind](command)
        except (OSError, WireError, JournalFullError) as error:
            self._log("{} failed: {!r}".format(command.kind, error))
            return EffectFailed(command.kind, str(error) or repr(error), getattr(command, "id", ""))
        return None

    def _show(self):
        """Paint the latest view. Without memory for it, clear up and try once more."""
        view = self._view
        self._view = None
        for _ in range(2):
            try:
                self._paint(view)
            except MemoryError:
                gc.collect()
            else:
                return
        self._log("no memory to paint a screen")
