"""A flash for tests: real littlefs on a block device in RAM under MicroPython, a temporary folder under CPython."""

# ruff: noqa: PTH116, PTH123  (there is no pathlib on the device)

import os
import sys

from both import ROOT

if ROOT + "/firmware" not in sys.path:
    sys.path.append(ROOT + "/firmware")  # the host's packages hold deskwire and desk; the shell is the device's

try:
    import vfs
except ImportError:
    vfs = None

BLOCK_BYTES = 4096
BLOCKS = 64
POINT = "/ram"


class PowerCutError(OSError):
    """The flash lost power in the middle of an operation."""


class RamFlash:
    """A block device in RAM; with `budget` >= 0, power goes after so many program and erase operations."""

    def __init__(self):
        self.data = bytearray(BLOCK_BYTES * BLOCKS)
        self.budget = -1
        self.operations = 0

    def _spend(self, place, buf):
        self.operations += 1
        if self.budget == 0:
            half = len(buf) // 2  # the operation that was going on is left half done
            self.data[place : place + half] = buf[:half]
            self.budget = -2
        if self.budget == -2:
            raise PowerCutError(5)
        if self.budget > 0:
            self.budget -= 1

    def readblocks(self, block, buf, offset=0):
        place = block * BLOCK_BYTES + offset
        buf[:] = self.data[place : place + len(buf)]

    def writeblocks(self, block, buf, offset=None):
        place = block * BLOCK_BYTES + (offset or 0)
        self._spend(place, buf)
        self.data[place : place + len(buf)] = buf

    def ioctl(self, op, arg):
        if op == 4:
            return BLOCKS
        if op == 5:
            return BLOCK_BYTES
        if op == 6:
            blank = b"\xff" * BLOCK_BYTES
            self._spend(arg * BLOCK_BYTES, blank)
            self.data[arg * BLOCK_BYTES : (arg + 1) * BLOCK_BYTES] = blank
        return 0


_mounted = [False]


def mount(device):
    """Mount (again): what was not on the flash is gone."""
    if _mounted[0]:
        vfs.umount(POINT)
    vfs.mount(vfs.VfsLfs2(device, mtime=False), POINT)
    _mounted[0] = True


def fresh():
    """An empty folder on an empty flash."""
    if vfs is None:
        import tempfile

        return tempfile.mkdtemp()
    device = RamFlash()
    vfs.VfsLfs2.mkfs(device)
    mount(device)
    return POINT


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def size(path):
    return os.stat(path)[6]
