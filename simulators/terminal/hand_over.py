"""Hands this process to MicroPython. Run as a script: its arguments are MicroPython's.

With KASSA_SIM_ROM in the environment, that file is mapped into memory first, and KASSA_SIM_ROM_AT says where: to the
program inside it is what memory-mapped flash is on a board.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path


def map_rom(path: str) -> mmap.mmap:
    """Map the image, privately, for as long as the process lives."""
    with Path(path).open("rb") as file:
        block = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    os.environ["KASSA_SIM_ROM_AT"] = f"{ctypes.addressof(ctypes.c_char.from_buffer(block))}:{len(block)}"
    return block


def main() -> int:
    """Become MicroPython."""
    import micropython_unix  # noqa: PLC0415  (an extension module that takes the process over)

    rom = map_rom(os.environ["KASSA_SIM_ROM"]) if "KASSA_SIM_ROM" in os.environ else None
    sys.argv[0] = "micropython"
    status = int(micropython_unix.main() or 0)
    del rom
    return status


if __name__ == "__main__":
    sys.exit(main())
