"""What processes cost: CPU time between two moments, and the most memory each has had."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_SAMPLE_S = 0.25


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def cpu_s(pid: int) -> float:
    """User and system time of a process and its living children, in seconds."""
    total = 0.0
    for process in _family(pid):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def memory_mb(pid: int) -> float:
    """Memory of a process and its children: resident for one, proportional (shared pages counted once) for a family."""
    family = _family(pid)
    total = 0
    for process in family:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss if len(family) == 1 else process.memory_full_info().pss
    return total / 1e6


class Meter:
    """CPU time and peak memory of named processes while a block runs."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self.cpu_s: dict[str, float] = {}
        self.peak_mb: dict[str, float] = dict.fromkeys(pids, 0.0)

    def sample(self) -> None:
        """Look at the memory now."""
        for name, pid in self._pids.items():
            self.peak_mb[name] = max(self.peak_mb[name], memory_mb(pid))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Meter]:
        """Measure what runs inside."""
        before = {name: cpu_s(pid) for name, pid in self._pids.items()}
        sampler = asyncio.ensure_future(self._sample_for_ever())
        try:
            yield self
        finally:
            sampler.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sampler
            self.cpu_s = {name: cpu_s(pid) - before[name] for name, pid in self._pids.items()}

    async def _sample_for_ever(self) -> None:
        while True:
            self.sample()
            await asyncio.sleep(_SAMPLE_S)
