"""4x4 matrix keypad: rows driven low in turn, columns read, presses debounced."""

import asyncio

from machine import Pin

from drivers import pins

_LAYOUT = ("123A", "456B", "789C", "*0#D")
_SCAN_MS = 8
#: A key counts when it reads the same in this many scans running: 24 ms, above the 5 to 20 ms that such keys bounce.
_STABLE_SCANS = 3
#: Keys pressed while a picture is painted wait here; more than a person types in that time is noise.
_MAX_WAITING = 16


class Keypad:
    """The keypad. `get` waits for the next press; holding a key down gives one press."""

    def __init__(self) -> None:
        self._rows = [Pin(pin, Pin.OPEN_DRAIN, value=1) for pin in pins.KEYPAD_ROWS]
        self._columns = [Pin(pin, Pin.IN, Pin.PULL_UP) for pin in pins.KEYPAD_COLUMNS]
        self._waiting: list[str] = []
        self._pressed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def _scan(self) -> str:
        """The key that is down now, or "" for none; with two keys down, the first in scan order."""
        for row, pin in enumerate(self._rows):
            pin.value(0)
            found = ""
            for column, line in enumerate(self._columns):
                if line.value() == 0:
                    found = _LAYOUT[row][column]
                    break
            pin.value(1)
            if found:
                return found
        return ""

    async def _watch(self) -> None:
        """Scan for ever; a press is reported once, when it has been stable."""
        candidate, scans, reported = "", 0, ""
        while True:
            now = self._scan()
            scans = scans + 1 if now == candidate else 1
            candidate = now
            if scans >= _STABLE_SCANS and now != reported:
                reported = now
                if now and len(self._waiting) < _MAX_WAITING:
                    self._waiting.append(now)
                    self._pressed.set()
            await asyncio.sleep_ms(_SCAN_MS)

    async def get(self) -> str:
        """The next key pressed, one of `0123456789ABCD*#`."""
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        while not self._waiting:
            self._pressed.clear()
            await self._pressed.wait()
        return self._waiting.pop(0)
