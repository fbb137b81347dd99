"""The terminal's shell on CPython: private copies of its modules, each bound to one simulated machine.

The modules are the firmware's own files. What they take from MicroPython (files, clock, scheduler, collector, link) is
put into their globals here; no line of theirs is changed. Each slot has its own copy, so that terminals never share a
module's state, and so that other users of the package in this process never meet these stand-ins.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from simulators.terminal.launcher import FIRMWARE

if TYPE_CHECKING:
    from types import ModuleType

_WRAP = 1 << 30
#: Deadlines are looked at once a second instead of four times: the same code with coarser time.
STEP_MS = 1000
#: The journal is written anew at this size, so that schedules of a minute meet it; on the device it is 64 KB.
COMPACT_BYTES = 6_000
MODULES = (
    "asks",
    "clock",
    "dispatcher",
    "files",
    "journal",
    "keystore",
    "news",
    "outbox",
    "presence",
    "signer",
    "store",
    "terminal",
    "mqtt.errors",
)


class Slot:
    """One copy of the shell's modules. `machine` is the simulated terminal that now runs on it."""

    def __init__(self) -> None:
        self.machine: Any = None
        self.modules: dict[str, Any] = _load()
        self._bind()

    def __getattr__(self, name: str) -> Any:
        """A module by its name."""
        return self.modules[name]

    def _bind(self) -> None:
        """Put the stand-ins in. Each looks its machine up when it is called: the machine changes with the schedule."""
        files = SimpleNamespace(
            stat=lambda path: self.machine.flash.stat(path),  # noqa: PLW0108
            remove=lambda path: self.machine.flash.remove(path),  # noqa: PLW0108
            rename=lambda old, new: self.machine.flash.rename(old, new),  # noqa: PLW0108
            statvfs=lambda path: self.machine.flash.statvfs(path),  # noqa: PLW0108
        )
        scheduler = SimpleNamespace(
            Event=asyncio.Event,
            TimeoutError=asyncio.TimeoutError,
            CancelledError=asyncio.CancelledError,
            create_task=lambda work: self.machine.spawn(work),  # noqa: PLW0108
            sleep_ms=lambda delay_ms: self.machine.sleep_ms(delay_ms),  # noqa: PLW0108
            wait_for_ms=lambda work, limit_ms: asyncio.wait_for(work, limit_ms / 1000),
        )
        stand_ins: dict[str, Any] = {
            "os": files,
            "asyncio": scheduler,
            "time": SimpleNamespace(ticks_diff=ticks_diff),
            "gc": SimpleNamespace(collect=lambda: None, mem_free=lambda: 60_000),
        }
        for module in self.modules.values():
            for name, stand_in in stand_ins.items():
                if hasattr(module, name):
                    setattr(module, name, stand_in)
            module.open = lambda path, mode="r": self.machine.flash.open(path, mode)
        terminal = self.modules["terminal"]
        terminal.Client = lambda *args, **settings: self.machine.make_client(*args, **settings)  # noqa: PLW0108
        terminal.STEP_MS = STEP_MS
        terminal._STEPS_A_TICK = 1  # noqa: SLF001  (the shell's own constant, at this simulation's grain)
        self.modules["journal"]._COMPACT_BYTES = COMPACT_BYTES  # noqa: SLF001


def ticks_diff(end: int, start: int) -> int:
    """MicroPython's difference of two wrapping millisecond counts."""
    return (end - start + _WRAP // 2) % _WRAP - _WRAP // 2


def ticks(now_ms: float) -> int:
    """The board's wrapping counter."""
    return int(now_ms) % _WRAP


@functools.cache
def slot(number: int) -> Slot:
    """The slot of that number, loaded when it is first used."""
    assert number >= 0  # noqa: S101  (the number only tells the copies apart)
    return Slot()


def _load() -> dict[str, Any]:
    """Import the shell from the firmware folder, apart from any other copy in this process."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "shell"}
    sys.path.insert(0, str(FIRMWARE))
    try:
        loaded: dict[str, ModuleType] = {name: importlib.import_module(f"shell.{name}") for name in MODULES}
    finally:
        sys.path.remove(str(FIRMWARE))
        for name in [name for name in sys.modules if name.partition(".")[0] == "shell"]:
            del sys.modules[name]
        sys.modules.update(kept)
    return dict(loaded)
