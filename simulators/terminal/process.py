"""One terminal as an operating-system process: keys in; pixels, views, tones and logs out; the plug to pull."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from simulators.terminal import launcher, rom
from simulators.terminal.paper import Paper, PaperError
from simulators.terminal.screen import Screen
from simulators.waiting import WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

KEYS = "123A456B789C*0#D"
_MAX_FRAME_BYTES = 240 * 320 * 2 + 4  # a whole panel in one band: nothing longer is legal
_MAX_SCAN_BYTES = 512  # what the stand-in's link takes
_KEPT_LINES = 400  # of the conversation: what a person reads when a wait fails
_START_TIMEOUT_S = 15.0  # MicroPython starts in 23 ms; the rest is compiling the firmware on a busy machine
_KEY_GAP_S = 0.02  # the firmware's keypad queue is short, as a person's fingers are

Event = tuple[str, Any]


class Terminal:
    """The host of one terminal. Flash is a file, so `power_cut` and `start` again is a real power cycle."""

    def __init__(
        self, name: str, flash: Path, *, program: Path | None = None, extra_environment: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.program = program or launcher.STANDINS / "start.py"
        self.flash = flash
        self.screen = Screen()
        self.paper = Paper()
        self.view: dict[str, Any] = {"screen": "off", "fields": {}}
        self.conversation: deque[str] = deque(maxlen=_KEPT_LINES)
        self.tones: deque[str] = deque(maxlen=_KEPT_LINES)
        self.powered = False
        self._extra = extra_environment or {}
        self._server: asyncio.Server | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected = asyncio.Event()
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[Event], None]] = []
        self._boot_reason = "power_on"

    # -- what others hear

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener((kind, value))` for frame, view, tone, paper, log and power; returns the way to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _tell(self, kind: str, value: Any) -> None:
        self._changed.set()
        for listener in list(self._listeners):
            listener((kind, value))

    def _note(self, line: str) -> None:
        self.conversation.append(f"{time.strftime('%H:%M:%S')} {line}")

    # -- power

    async def start(self) -> None:
        """Switch on; returns when the firmware has connected to its panel."""
        if self.powered:
            return
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2 * _MAX_FRAME_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        self._connected.clear()
        env = launcher.environment(
            KASSA_SIM_PORT=str(port),
            KASSA_SIM_FLASH=str(self.flash),
            KASSA_SIM_UID=self.name[-6:],
            KASSA_SIM_BOOT_REASON=self._boot_reason,
            KASSA_SIM_ROM=str(rom.image()),
            **self._extra,
        )
        self._process = await asyncio.create_subprocess_exec(
            *launcher.command(self.program),
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self.powered = True
        self._note("-- power on")
        self._spawn(self._read_output(self._process))
        if not await self._reached_display(self._process):
            await self.power_cut()
            raise WaitTimeoutError(f"{self.name}: the firmware did not reach its display", self.dialogue())
        self._tell("power", "on")

    async def _reached_display(self, process: asyncio.subprocess.Process) -> bool:
        """Wait for the firmware's first connection; false when it ends or hangs before."""
        connected, ended = asyncio.ensure_future(self._connected.wait()), asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({connected, ended}, timeout=_START_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            return connected.done()
        finally:
            connected.cancel()
            ended.cancel()

    async def power_cut(self) -> None:
        """Pull the plug: SIGKILL between any two instructions. The flash image stays as it is."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._went_dark("-- power cut")

    async def close(self) -> None:
        """Switch off for good and release the socket."""
        await self.power_cut()
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _went_dark(self, why: str) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self.powered:
            self.powered = False
            self._note(why)
            self.screen.blank()
            self.view = {"screen": "off", "fields": {}}
            self._tell("power", "off")

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- in and out

    async def _read_output(self, process: asyncio.subprocess.Process) -> None:
        while process.stdout is not None and (line := await process.stdout.readline()):
            self._log(line.decode("utf-8", "replace").rstrip())
        await process.wait()
        if process is self._process:
            self._process = None
            self._went_dark(f"-- the firmware ended with exit status {process.returncode}")

    def _log(self, line: str) -> None:
        self._note(f"   {line}")
        self._tell("log", line)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._connected.set()
        try:
            while True:
                kind, length = struct.unpack(">cI", await reader.readexactly(5))
                if length > _MAX_FRAME_BYTES:
                    self._log(f"frame of {length} bytes is longer than a panel: closing")
                    break
                self._take(kind.decode("latin-1"), await reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _take(self, kind: str, body: bytes) -> None:
        if kind == "F":
            y, height = struct.unpack_from(">HH", body)
            self.screen.band(y, height, memoryview(body)[4:])
        elif kind == "E":
            self.screen.end()
            self._tell("frame", self.screen.frames)
        elif kind == "V":
            self._take_view(json.loads(body))
        elif kind == "T":
            name = body.decode()
            self.tones.append(name)
            if name != "key":
                self._note(f"<< tone {name}")
            self._tell("tone", name)
        elif kind == "P":
            self._print(body)
        elif kind == "L":
            self._log(body.decode("utf-8", "replace"))

    def _print(self, body: bytes) -> None:
        try:
            receipt = self.paper.feed(body)
        except PaperError as error:
            self._log(f"the printer: {error}")
            return
        self._note(f"<< paper: {' / '.join(line.strip() for line in receipt.text)}"[:160])
        self._tell("paper", len(self.paper.receipts))

    def _take_view(self, view: dict[str, Any]) -> None:
        before, self.view = self.view, view
        if not _is_tick(before, view):
            self._note(f"<< {view['screen']} {_brief(view['fields'])}")
        self._tell("view", view)

    def key(self, name: str) -> None:
        """Press one key now; a terminal without power ignores it."""
        if name not in KEYS or len(name) != 1:
            raise ValueError(f"no such key: {name!r}. The keypad has {' '.join(KEYS)}")
        if self._writer is not None:
            self._writer.write(b"K\x00\x00\x00\x01" + name.encode())

    def scan(self, text: str) -> None:
        """Hold a code before the terminal's scanner; a terminal without power reads nothing."""
        body = text.encode()
        if len(body) > _MAX_SCAN_BYTES:
            raise ValueError(f"a code of {len(body)} bytes is longer than the scanner reads ({_MAX_SCAN_BYTES})")
        self._note(">> a code is held before the scanner")
        if self._writer is not None:
            self._writer.write(b"S" + struct.pack(">I", len(body)) + body)

    async def press(self, keys: str | Iterable[str]) -> None:
        """Press keys one after another; blanks in a string are only for reading."""
        pressed = [key for key in keys if key != " "]
        if self.view["screen"] not in {"pin_entry", "operator_pin", "staff_pin"}:
            self._note(f">> {' '.join(pressed)}")
        else:
            self._note(f">> {len(pressed)} keys of a secret")
        for name in pressed:
            self.key(name)
            await asyncio.sleep(_KEY_GAP_S)

    def switch_network(self, *, up: bool) -> None:
        """Take the radio away or give it back."""
        self._note(f"-- network {'up' if up else 'down'}")
        if self._writer is not None:
            self._writer.write(b"N\x00\x00\x00\x01" + (b"1" if up else b"0"))

    # -- waiting

    async def wait_for(
        self, wanted: str | Callable[[dict[str, Any]], bool], *, timeout_s: float = 10.0, what: str = ""
    ) -> dict[str, Any]:
        """Wait for a screen by name, or for a view that satisfies a predicate; a failure shows the conversation."""
        deadline = time.monotonic() + timeout_s
        while True:
            self._changed.clear()
            if self.view["screen"] == wanted if isinstance(wanted, str) else wanted(self.view):
                return self.view
            left = deadline - time.monotonic()
            try:
                await asyncio.wait_for(self._changed.wait(), max(left, 0))
            except TimeoutError:
                name = what or (wanted if isinstance(wanted, str) else "the wanted view")
                raise WaitTimeoutError(
                    f"{self.name}: waited {timeout_s:.0f} s for {name}, the screen is {self.view}", self.dialogue()
                ) from None

    async def wait_text(self, text: str, *, timeout_s: float = 10.0) -> dict[str, Any]:
        """Wait until some field of the view contains the text (letter case does not count)."""
        return await self.wait_for(lambda view: shows(view, text), timeout_s=timeout_s, what=f"the text {text!r}")

    def dialogue(self) -> str:
        """The last of the conversation, one line each."""
        return "\n".join(list(self.conversation)[-60:])


def shows(view: dict[str, Any], text: str) -> bool:
    """Whether the view's name or any of its fields contains the text."""
    return text.lower() in json.dumps(view, ensure_ascii=False).lower()


def _is_tick(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether only a countdown or the digits being typed moved: not worth a line."""
    moving = {"seconds", "seconds_left", "oldest_s", "waiting", "time", "digits", "stars"}
    if after["screen"] in {"amount_entry", "drawer_float"}:
        moving.add("amount")
    still = [{k: v for k, v in view["fields"].items() if k not in moving} for view in (before, after)]
    return bool(before["screen"] == after["screen"] and still[0] == still[1])


def _brief(fields: dict[str, Any]) -> str:
    return " ".join(
        f"{key}={value}" for key, value in fields.items() if key not in {"qr", "services"} and value not in (None, "")
    )[:160]
