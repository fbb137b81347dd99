"""A flash chip in a file: a block device of 4 KiB blocks under the real littlefs.

Every program and erase goes to the file at once, so killing the process is a power cut between two flash operations.
"""

import os

import vfs

BLOCK_BYTES = 4096
BLOCKS = 256  # 1 MiB, the data partition of a 4 MiB ESP32 module


#: Erased flash, made once: a real chip needs no heap to erase a block.
_ERASED = b"\xff" * 256


class FlashFile:
    """The block-device protocol of MicroPython over an image file (extended form: reads and writes inside a block)."""

    def __init__(self, path):
        self._file = open(path, "r+b")
        self.write_budget = int(os.getenv("KASSA_SIM_FLASH_WRITES") or "-1")

    def readblocks(self, block, buf, offset=0):
        """Read into buf."""
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=None):
        """Program buf; without an offset the block is erased first."""
        if self.write_budget >= 0:
            self._spend(block, buf, offset)
        if offset is None:
            offset = 0
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(buf)

    def _spend(self, block, buf, offset):
        """Count down to a power cut in the middle of a program operation (KASSA_SIM_FLASH_WRITES)."""
        if self.write_budget == 0:
            self._file.seek(block * BLOCK_BYTES + (offset or 0))
            self._file.write(memoryview(buf)[: len(buf) // 2])
            self._file.close()
            os.system("kill -9 $PPID")
        self.write_budget -= 1

    def ioctl(self, op, arg):
        """The four questions littlefs asks: count, size, erase, sync."""
        if op == 4:
            return BLOCKS
        if op == 5:
            return BLOCK_BYTES
        if op == 6:
            self._file.seek(arg * BLOCK_BYTES)
            for _ in range(BLOCK_BYTES // len(_ERASED)):
                self._file.write(_ERASED)
        return 0


def image_path():
    """Where the image is: KASSA_SIM_FLASH."""
    path = os.getenv("KASSA_SIM_FLASH")
    if not path:
        raise OSError("KASSA_SIM_FLASH is not set: it names the flash image file")
    return path


def mount(point="/flash"):
    """Mount the image, making a new file system when there is none."""
    path = image_path()
    try:
        os.stat(path)
        fresh = False
    except OSError:
        fresh = True
        with open(path, "wb") as image:
            for _ in range(BLOCKS):
                image.write(b"\xff" * BLOCK_BYTES)
    device = FlashFile(path)
    if fresh:
        vfs.VfsLfs2.mkfs(device)
    vfs.mount(vfs.VfsLfs2(device, mtime=False), point)
    return device
