"""The board itself: flash, random bytes, clock, boot reason, radio."""

import asyncio
import json
import os
import sys
import time

import machine
import network

#: Where the terminal keeps its files. The ESP32 port mounts its littlefs at "/" before main.py runs.
FLASH = "/flash"
#: Seconds between 1970 and the epoch of this port (ESP32 counts from 2000, the host from 1970).
_EPOCH_OFFSET_S = 946_684_800 if time.gmtime(0)[0] == 2000 else 0
_FIRST_TRUE_YEAR = 2025
_CONNECT_POLL_MS = 200
#: Association and DHCP take 2 to 6 s; after 20 s the access point is away and a new attempt starts afresh.
_CONNECT_LIMIT_MS = 20_000
_BOOT_REASONS = {
    machine.PWRON_RESET: "power_on",
    machine.HARD_RESET: "hard_reset",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deep_sleep",
    machine.SOFT_RESET: "soft_reset",
}


def mount_flash(point: str = FLASH) -> str:
    """Make sure that the folder for the terminal's files is there; returns its path, raises OSError if it cannot be."""
    try:
        os.stat(point)
    except OSError:
        os.mkdir(point)
    return point


def unique_id() -> bytes:
    """The chip's id."""
    return machine.unique_id()


def boot_reason() -> str:
    """Why the board started: power_on, hard_reset, watchdog, deep_sleep or soft_reset."""
    return _BOOT_REASONS.get(machine.reset_cause(), "unknown")


def random_bytes(count: int) -> bytes:
    """`count` bytes of the chip's random number generator (true random while the radio is on)."""
    return os.urandom(count)


def ticks_ms() -> int:
    """A millisecond counter that wraps; compare with `time.ticks_diff`."""
    return time.ticks_ms()  # type: ignore[return-value]


def epoch_s() -> int:
    """UTC seconds since 1970 by the board's own clock; meaningless while `clock_set` is False."""
    return int(time.time()) + _EPOCH_OFFSET_S


def clock_set() -> bool:
    """Whether the board's own clock has been set since it had power."""
    return time.gmtime()[0] >= _FIRST_TRUE_YEAR


def log(text: str) -> None:
    """One line to whoever watches the serial port. Never holds a key, a PIN or a PIN block."""
    sys.stdout.write(text + "\n")


def _known_network() -> dict[str, str]:
    """The network's name (ssid) and password."""
    with open(FLASH + "/network.json") as file:
        known: dict[str, str] = json.load(file)
    return known


class Network:
    """The radio. The network's name and password stand in network.json beside the terminal's other files."""

    def __init__(self) -> None:
        self._station = network.WLAN(network.STA_IF)

    async def connect(self) -> bool:
        """Join the network; True when joined, False when that failed within 20 s."""
        if self.is_connected():
            return True
        known = _known_network()
        self._station.active(True)  # noqa: FBT003
        self._station.connect(known["ssid"], known["password"])
        for _ in range(_CONNECT_LIMIT_MS // _CONNECT_POLL_MS):
            if self.is_connected():
                return True
            await asyncio.sleep_ms(_CONNECT_POLL_MS)
        self._station.disconnect()
        return False

    def is_connected(self) -> bool:
        """Whether the radio has a network now."""
        return bool(self._station.isconnected())
