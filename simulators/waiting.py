"""Waiting with a deadline: one error that shows what was seen instead."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Value = TypeVar("Value")
_POLL_S = 0.05  # how often a condition without an event is looked at


class SimulatorError(Exception):
    """Base of what the simulators raise."""


class WaitTimeoutError(SimulatorError):
    """Something expected did not come in time; `dialogue` is what came instead."""

    def __init__(self, what: str, dialogue: str = "") -> None:
        super().__init__(f"{what}\n{dialogue}" if dialogue else what)
        self.dialogue = dialogue


async def until(check: Callable[[], Awaitable[Value | None]], what: str, *, timeout_s: float = 10.0) -> Value:
    """Call `check` until it returns something true; fail with `what` after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = await check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise WaitTimeoutError(f"waited {timeout_s:.0f} s for {what}")
        await asyncio.sleep(_POLL_S)
