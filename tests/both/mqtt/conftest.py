"""Make the firmware's `shell` importable under CPython, as it is on the device."""

from __future__ import annotations

import sys
from pathlib import Path

FIRMWARE = str(Path(__file__).resolve().parents[3] / "firmware")
if FIRMWARE not in sys.path:
    sys.path.append(FIRMWARE)
