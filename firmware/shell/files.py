"""Small files on the flash: replaced whole or not at all, and checked when read."""

import binascii
import os


def exists(path):
    """Whether there is such a file."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def remove(path):
    """Remove a file if it is there."""
    if exists(path):
        os.remove(path)


def replace(path, parts):
    """Write the byte strings of `parts` as the new content of `path`: after a power cut it is the old or the new."""
    fresh = path + ".new"
    with open(fresh, "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
    os.rename(fresh, path)


def checked(data):
    """`data` with its CRC-32 before it."""
    return (binascii.crc32(data) & 0xFFFFFFFF).to_bytes(4, "big") + data


def unchecked(stored):
    """The data of `checked`, or None if it is torn or changed."""
    if len(stored) < 4:
        return None
    data = stored[4:]
    return data if (binascii.crc32(data) & 0xFFFFFFFF).to_bytes(4, "big") == stored[:4] else None
