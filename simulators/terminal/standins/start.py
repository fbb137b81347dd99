"""Starts the firmware: mounts its ROM where the host has mapped one, and runs main.py with the stand-ins before it."""

import os
import sys

import uctypes
import vfs

_at = os.getenv("KASSA_SIM_ROM_AT")
if _at:
    _address, _size = _at.split(":")
    vfs.mount(vfs.VfsRom(uctypes.bytearray_at(int(_address), int(_size))), "/rom")
    sys.path[:] = ["/rom/sim", "/rom", "/rom/lib", ".frozen"]

import main  # main.py runs when it is imported, as on the board after boot.py
