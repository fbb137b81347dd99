"""How a program is started on the host's MicroPython with the firmware's import path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
STANDINS = ROOT / "simulators" / "terminal" / "standins"
#: 64-bit objects take about twice the room: 256K here stands for the 128K an ESP32 without PSRAM leaves MicroPython.
HEAP = os.environ.get("KASSA_SIM_HEAP", "256K")


def micropython_path() -> str:
    """MICROPYPATH: the stand-ins first, then the firmware, its libraries, and what MicroPython has frozen in."""
    return ":".join([str(STANDINS), str(FIRMWARE), str(FIRMWARE / "lib"), ".frozen"])


#: The wheel is an extension module of CPython: a program runs inside a Python that hands it the whole process.
_HAND_OVER = Path(__file__).with_name("hand_over.py")


def command(program: Path, *, heap: str = HEAP) -> list[str]:
    """The command line that runs one program on MicroPython."""
    return [sys.executable, "-I", str(_HAND_OVER), "-X", f"heapsize={heap}", str(program)]


def environment(**extra: str) -> dict[str, str]:
    """A small environment: nothing of the caller's but the path, the home directory and the import path."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "MICROPYPATH": micropython_path(), **extra}
