"""One `kassa run` at a terminal: progress while starting, a summary, and a clean end at Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
import webbrowser
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulators.run import ports
from simulators.run.world import World
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from simulators.counter.server import CounterServer
    from simulators.run.options import Options


class Session:
    """Runs a world with its counter page until somebody stops it."""

    def __init__(self, options: Options, port: int, *, browser: bool) -> None:
        self._options = options
        self._port = ports.choose(port)
        self._browser = browser and has_display()
        self._console = Console(highlight=False)
        self._began = time.monotonic()
        self._world = World(options, self._progress)

    def _progress(self, line: str) -> None:
        self._console.print(f"[dim]{time.monotonic() - self._began:5.1f} s[/dim]  {escape(line)}")

    async def run(self) -> int:
        """Start, serve, stop; returns the exit status."""
        try:
            lock = take_lock(self._options)
        except OSError as error:
            self._refuse("cannot be used", f"{error.strerror or error}. Give another --state")
            return 1
        if lock is None:
            self._refuse("is in use by another `kassa run`", "stop it, or give another --state")
            return 3
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        with lock:
            return await self._serve(stop)

    def _refuse(self, why: str, what_to_do: str) -> None:
        self._console.print(f"[red]{escape(str(self._options.state))} {why}[/red]: {escape(what_to_do)}")

    async def _serve(self, stop: asyncio.Event) -> int:
        page: CounterServer | None = None
        starting = asyncio.ensure_future(self._start())
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                self._progress("stopping before everything was up")
                return 130
            page = await starting
            self._summary(page)
            await stopped
        except SimulatorError as error:
            self._console.print(f"[red]could not start:[/red] {escape(str(error))}")
            return 1
        finally:
            stopped.cancel()
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, SimulatorError):
                await starting
            self._progress("stopping")
            if page is not None:
                await page.stop()
            await self._world.stop()
            self._progress("stopped")
        return 0

    async def _start(self) -> CounterServer:
        if not (self._options.state / "postgres").exists():
            self._console.print("First start: a database is made and filled; this takes a few seconds longer.")
        await self._world.start()
        self._progress("counter page")
        from simulators.counter.server import CounterServer  # noqa: PLC0415  (NiceGUI: after the parts are up)

        page = CounterServer(self._world, self._port)
        await page.start()
        return page

    def _summary(self, page: CounterServer) -> None:
        demo = self._world.demo
        table = Table.grid(padding=(0, 2))
        table.add_row("[bold]Virtual counter[/bold]", f"[bold cyan]{page.url}[/bold cyan]")
        table.add_row("Operations page", f"{self._world.ops_url}   login {demo.staff_user} / {demo.staff_password}")
        table.add_row("Cashier", f"operator {demo.operator}, PIN {demo.operator_pin}")
        for number, wallet in enumerate(demo.wallets, 1):
            table.add_row(f"Wallet {number}", f"{wallet.number}, PIN {wallet.pin}, {escape(wallet.holder)}")
        table.add_row("Logs", escape(str(self._world.logs)))
        self._console.print()
        self._console.print(table)
        self._console.print("\nCtrl-C stops everything. The state stays for the next start.")
        if self._browser:
            webbrowser.open(page.url)


def has_display() -> bool:
    """Whether a browser could appear anywhere."""
    if sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def take_lock(options: Options) -> TextIO | None:
    """Lock the state directory for this process; None when another one has it."""
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = options.state / "lock"
    file = path.open("w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
