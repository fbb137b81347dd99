"""Board stand-in: flash in a file, the host's clock and randomness, a network that the host can switch."""

import asyncio
import os
import time

import flashfile
import simlink

FLASH = "/flash"
_mounted = False


def mount_flash(point=FLASH):
    """Mount the flash image."""
    global _mounted
    if not _mounted:
        flashfile.mount(point)
        _mounted = True
    return point


def unique_id():
    """Six bytes, as a chip's MAC address."""
    return (os.getenv("KASSA_SIM_UID") or "simsim").encode()[:6]


def boot_reason():
    """Why the terminal started."""
    return os.getenv("KASSA_SIM_BOOT_REASON") or "power_on"


def random_bytes(count):
    """Random bytes from the hardware generator."""
    return os.urandom(count)


def ticks_ms():
    """A monotonic millisecond counter that wraps (compare with time.ticks_diff)."""
    return time.ticks_ms()


def epoch_s():
    """UTC seconds since 1970."""
    return int(time.time()) + int(os.getenv("KASSA_SIM_CLOCK_SKEW_S") or "0")


def clock_set():
    """Whether the clock has been set."""
    return True


def log(text):
    """Write one log line."""
    simlink.log(text)


class Network:
    """The radio: connected while the host's switch is on."""

    async def connect(self):
        """Join the network; True when joined, False when there was none for two seconds."""
        for _ in range(20):
            if simlink.network_up:
                return True
            await asyncio.sleep_ms(100)
        return False

    def is_connected(self):
        """Whether the link is up."""
        return simlink.network_up
