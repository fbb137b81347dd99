"""A terminal's flash: files in memory that survive power cuts, and every way in which a write can end early."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK_BYTES = 4096
BLOCKS = 256


class PowerCutError(BaseException):
    """The terminal lost its power. No code of the terminal runs after it; nothing of the terminal may catch it."""


class Flash:
    """Files by path. `harm(kind, size)` is asked at each durable step how it ends.

    Its answer is None (well), or (what, share): "cut" takes the power away when `share` of the bytes are there,
    "error" raises OSError then, and leaves at least one byte out.
    """

    def __init__(self, harm: Callable[[str, int], tuple[str, float] | None]) -> None:
        self.files: dict[str, bytes] = {}
        self.dead = False
        self.steps = 0
        self._harm = harm

    def check_power(self) -> None:
        """Nothing happens on a terminal without power."""
        if self.dead:
            raise PowerCutError

    def cut(self) -> None:
        """Take the power away, here and now."""
        self.dead = True
        raise PowerCutError

    def put(self, path: str, before: bytes, data: bytes) -> None:
        """Bring `before + data` to the flash under that path; the old content is gone at the first byte."""
        self.check_power()
        harm = self._step("write", len(data))
        if harm is None:
            self.files[path] = before + data
            return
        what, share = harm
        if what == "error":
            self.files[path] = before + data[: min(int(len(data) * share), max(0, len(data) - 1))]
            raise OSError(errno.EIO, "the flash failed")
        self.files[path] = before + data[: round(len(data) * share)]
        self.cut()

    def rename(self, old: str, new: str) -> None:
        """Atomic: before or after a power cut, never between."""
        self.check_power()
        harm = self._step("rename", 0)
        if harm is not None and harm[0] == "error":
            raise OSError(errno.EIO, "the flash failed")
        if harm is None or harm[1] >= 0.5:
            self.files[new] = self.files.pop(old)
        if harm is not None:
            self.cut()

    def remove(self, path: str) -> None:
        """Remove a file."""
        self.check_power()
        self._need(path)
        harm = self._step("remove", 0)
        if harm is None or harm[0] == "error" or harm[1] >= 0.5:
            del self.files[path]
        if harm is not None and harm[0] == "cut":
            self.cut()

    def stat(self, path: str) -> tuple[int, ...]:
        """As os.stat gives it: the size stands at place 6."""
        self.check_power()
        return (0, 0, 0, 0, 0, 0, len(self._need(path)), 0, 0, 0)

    def statvfs(self, _path: str) -> tuple[int, ...]:
        """Block size, and free blocks at place 3."""
        used = sum(len(data) for data in self.files.values()) // BLOCK_BYTES
        return (BLOCK_BYTES, BLOCK_BYTES, BLOCKS, BLOCKS - used, BLOCKS - used, 0, 0, 0, 0, 255)

    def open(self, path: str, mode: str = "r") -> Any:
        """A file object, as the builtin gives it."""
        self.check_power()
        if mode == "rb":
            return io.BytesIO(self._need(path))
        if mode not in {"wb", "ab"}:
            raise ValueError(f"the simulated flash does not open files as {mode}")
        return Writer(self, path, self.files.get(path, b"") if mode == "ab" else b"")

    def _need(self, path: str) -> bytes:
        try:
            return self.files[path]
        except KeyError:
            raise OSError(errno.ENOENT, f"no such file: {path}") from None

    def _step(self, kind: str, size: int) -> tuple[str, float] | None:
        self.steps += 1
        return self._harm(kind, size)


class Writer:
    """A file opened for writing. Its bytes are on the flash after `flush` or `close`."""

    def __init__(self, flash: Flash, path: str, before: bytes) -> None:
        self._flash = flash
        self._path = path
        self._before = before
        self._data = b""

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *problem: object) -> None:
        if not self._flash.dead and problem[0] is None:
            self.close()

    def write(self, data: bytes) -> int:
        """Collect bytes."""
        self._flash.check_power()
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Bring what was collected to the flash."""
        if self._data:
            data, self._data = self._data, b""
            self._flash.put(self._path, self._before, data)
            self._before += data

    def close(self) -> None:
        """Flush; a new file is there even when it is empty."""
        self.flush()
        if self._path not in self._flash.files:
            self._flash.put(self._path, self._before, b"")
