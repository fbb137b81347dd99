"""One child process: its command, its log file, its start, its stop and its death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

_STOP_GRACE_S = 8.0  # the hub finishes a batch and the backend a commit well within this; then SIGKILL
_SHOWN_LINES = 25
ROOT = Path(__file__).resolve().parents[2]


class ChildError(SimulatorError):
    """A process did not start or ended by itself; the message carries the end of its log."""


def kassa(*arguments: str) -> list[str]:
    """The command line of a `kassa` subcommand in this same environment."""
    return [sys.executable, "-c", "from kassa.cli import main; main()", *arguments]


class Child:
    """A process in a session of its own, so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    async def start(self, ready: Callable[[], Awaitable[bool]], *, timeout_s: float = 30.0) -> None:
        """Start and wait until `ready()` is true; a process that dies or never gets ready is an error."""
        if self.running:
            return
        await asyncio.to_thread(end_leftover, self._pid_file)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self.env},
                cwd=ROOT,
                start_new_session=True,
            )
        self._remember(self._process.pid)
        deadline = time.monotonic() + timeout_s
        while not await ready():
            if not self.running:
                raise ChildError(f"{self.name} ended with exit status {self._process.returncode}. {self.tail()}")
            if time.monotonic() > deadline:
                await self.kill()
                raise ChildError(f"{self.name} was not ready after {timeout_s:.0f} s. {self.tail()}")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Ask it to end (SIGTERM); kill it when it does not."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_GRACE_S)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL, as a power failure would."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    @property
    def _pid_file(self) -> Path:
        return self.log.with_suffix(".pid")

    def _remember(self, pid: int) -> None:
        """Note who it is: its start time tells it from a later process with the same number."""
        with contextlib.suppress(psutil.Error):
            self._pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()!r}", "ascii")

    async def status(self) -> int:
        """The exit status, once it has ended."""
        return await self._process.wait() if self._process is not None else 0

    def tail(self) -> str:
        """The end of the log, for an error message."""
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()[-_SHOWN_LINES:]
        except OSError:
            lines = []
        return f"Its log is {self.log}:\n" + "\n".join(lines)


async def run_to_end(name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
    """Run a command that ends by itself; a non-zero exit status is an error with the end of its log."""
    child = Child(name, command, env, log)
    finished = asyncio.Event()

    async def ended() -> bool:
        if not child.running:
            finished.set()
        return finished.is_set()

    try:
        await child.start(ended, timeout_s=120.0)
    except asyncio.CancelledError:
        await child.kill()
        raise
    status = await child.status()
    if status:
        raise ChildError(f"{name} failed with exit status {status}. {child.tail()}")


def end_leftover(pid_file: Path) -> None:
    """End the process that a killed supervisor left behind: it would hold the port and the files."""
    try:
        number, born = pid_file.read_text("ascii").split()
        process = psutil.Process(int(number))
        if repr(process.create_time()) == born:
            process.kill()
            process.wait(_STOP_GRACE_S)
    except (OSError, ValueError, psutil.Error):
        return
