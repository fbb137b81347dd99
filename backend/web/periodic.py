"""A background task that does one thing every so often and outlives its failures."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)


class Periodic:
    """Runs `work` every `period_s` seconds. A failure is logged by its kind and tried again at the next turn."""

    def __init__(self, name: str, period_s: float, work: Callable[[], Awaitable[object]]) -> None:
        self._name = name
        self._period_s = period_s
        self._work = work
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=f"kassa-{self._name}")

    async def stop(self) -> None:
        """End; work under way is cancelled (each work is one transaction, so that it is done or not done)."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001  (whatever it is, the next turn tries again)
                log.warning("periodic_failed", work=self._name, kind=type(error).__name__)
            await asyncio.sleep(self._period_s)
