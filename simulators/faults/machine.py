"""A simulated terminal: the firmware's shell and desk on a simulated board, with its flash, its link and its power."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from typing import TYPE_CHECKING, Any

from simulators.faults import device, people
from simulators.faults.broker import Message
from simulators.faults.flash import Flash, PowerCutError
from simulators.faults.hub import HUB

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.faults.broker import Connection
    from simulators.faults.world import World

FOLDER = "/flash"
#: An answer is not older than this.
ASK_LIMIT_MS = 12_000.0
#: Fields of a view that belong to the status bar.
_STATUS = ("link", "waiting", "notice")
#: Lines of the log that tell of a fault of the program itself.
BROKEN = ("the desk failed", "too many events", "no memory", "means nothing in", "a work ended")


@functools.cache
def _provisioned(number: int) -> dict[str, bytes]:
    """The files that provisioning leaves on that terminal's flash."""
    flash = Flash(lambda _kind, _size: None)
    slot = device.slot(number)
    slot.machine = type("Bench", (), {"flash": flash})()
    slot.keystore.load_initial_key(FOLDER, people.initial_key(number), people.ikid_of(number))
    return dict(flash.files)


class Client:
    """The link to the broker, with the interface of shell.mqtt.client."""

    def __init__(self, machine: Machine, **settings: Any) -> None:
        self._machine = machine
        self._on_message: Callable[[str, bytes], None] = settings["on_message"]
        self._on_link: Callable[[bool, str], None] = settings["on_link"]
        self._topics = frozenset(settings["subscriptions"])
        self._will = Message(*settings["will"])
        self._life = machine.life
        self._connection: Connection | None = None
        self._waiting: dict[asyncio.Future[None], None] = {}
        self._running = False
        self.up = False

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        self._running = True
        self._connect()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._running = False
            self.up = False
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.cut("the radio is off")
            self._fail()

    def _connect(self) -> None:
        if self._running and self._life == self._machine.life:
            world = self._machine.world
            link = world.links[self._machine.name]
            wants = self._topics.__contains__
            self._connection = world.broker.connect(link, self._machine.name, self, wants, will=self._will)

    async def publish(self, topic: str, payload: bytes, retain: bool = False, keep: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002
        """Returns when the broker has it; LinkDownError when the link is lost before."""
        down = self._machine.slot.modules["mqtt.errors"].LinkDownError
        if not self.up or self._connection is None:
            raise down("there is no connection to the broker")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[done] = None
        self._connection.publish(Message(topic, bytes(payload), retain), lambda: self._done(done))
        try:
            await done
        except ConnectionError:
            raise down("the link was lost") from None
        finally:
            self._waiting.pop(done, None)

    def _done(self, waiting: asyncio.Future[None]) -> None:
        if not waiting.done():
            waiting.set_result(None)

    def _fail(self) -> None:
        for done in list(self._waiting):
            if not done.done():
                done.set_exception(ConnectionError())
        self._waiting.clear()

    def connected(self, connection: Connection) -> None:
        """The broker has accepted."""
        if connection is self._connection and self._life == self._machine.life:
            self.up = True
            self._machine.guard(self._on_link, True, "")  # noqa: FBT003  (the shell's own shape)

    def lost(self, connection: Connection, reason: str) -> None:
        """The connection is gone; try again after a while."""
        if connection is not self._connection or self._life != self._machine.life:
            return
        self.up = False
        self._connection = None
        self._fail()
        self._machine.guard(self._on_link, False, reason)  # noqa: FBT003
        self._machine.world.loop.after(self._machine.random.uniform(200, 2_500), self._connect)

    def message(self, topic: str, payload: bytes, mid: int, *, retained: bool) -> None:  # noqa: ARG002
        """A message came: handled, then acknowledged."""
        connection = self._connection
        if self._running and self._life == self._machine.life:
            self._machine.guard(self._on_message, topic, payload)
            if connection is not None and connection.alive:
                connection.acknowledge(mid)


class Board:
    """drivers.board: randomness, clocks, radio, log."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._reason = "power_on"

    def random_bytes(self, count: int) -> bytes:
        """Random bytes of this terminal."""
        return self._machine.random.randbytes(count)

    def ticks_ms(self) -> int:
        """The wrapping counter."""
        return device.ticks(self._machine.world.loop.now_ms + self._machine.ticks_from)

    def epoch_s(self) -> int:
        """The board's own clock."""
        return self._machine.world.epoch_ms(self._machine.name) // 1000

    def clock_set(self) -> bool:
        """Whether the board's own clock was set."""
        return False

    def boot_reason(self) -> str:
        """Why it started."""
        return self._reason

    def log(self, text: str) -> None:
        """A line on the serial port."""
        self._machine.heard(text)

    def Network(self) -> Board:  # noqa: N802  (the driver's name)
        """The radio."""
        return self

    def is_connected(self) -> bool:
        """Whether the radio has a network."""
        return self._machine.radio

    async def connect(self) -> bool:
        """Join the network."""
        await asyncio.sleep(0.5)
        return self._machine.radio


class Keypad:
    """Keys as they are pressed."""

    def __init__(self) -> None:
        self._keys: deque[str] = deque()
        self._wake = asyncio.Event()

    def press(self, keys: str) -> None:
        """Press these."""
        self._keys.extend(keys)
        self._wake.set()

    async def get(self) -> str:
        """The next key."""
        while not self._keys:
            self._wake.clear()
            await self._wake.wait()
        return self._keys.popleft()


class Machine:
    """One terminal. Its flash outlives its power."""

    def __init__(self, world: World, number: int, name: str) -> None:
        self.world = world
        self.number = number
        self.name = name
        self.random = world.random_for(name)
        self.slot = device.slot(number)
        self.flash = Flash(self._harm)
        self.flash.files.update(_provisioned(number))
        self.life = 0
        self.alive = False
        self.radio = True
        self.ticks_from = self.random.randrange(1 << 30)
        #: [steps left, what, share, milliseconds without power]
        self.harms: list[list[Any]] = []
        self.view: tuple[str, dict[str, Any]] | None = None
        self.operation = ""
        self.off_ms = 2_000
        self.keypad = Keypad()
        self.terminal: Any = None
        #: Whether the drawer's figure came from the backend while a tell about its cash was on the way to it.
        self.is_drawer_old = False
        self._shown_operation = ""
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self.slot.machine = self

    @property
    def desk(self) -> Any:
        """The desk of the running terminal."""
        return self.terminal._desk  # noqa: SLF001  (the simulation looks into the machine)

    @property
    def journal(self) -> Any:
        """The journal of the running terminal."""
        return self.terminal._journal  # noqa: SLF001

    # -- power ------------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Power on."""
        if self.alive:
            return
        self.life += 1
        self.alive = True
        self.flash.dead = False
        self.keypad = Keypad()
        config = {
            "terminal": self.name,
            "hub": HUB,
            "currency": people.CURRENCY,
            "broker": {"host": "broker", "port": 1883, "user": self.name, "password": ""},
        }
        try:
            self.terminal = self.slot.terminal.Terminal(
                config, FOLDER, Board(self), screen=self._paint, keypad=self.keypad, buzzer=self
            )
        except PowerCutError:
            self.die()
            return
        except OSError:  # the flash fails while it starts: the watchdog starts it again
            self.alive = False
            self.world.loop.after(self.off_ms, self.boot)
            return
        except Exception as error:  # noqa: BLE001  (a terminal that does not start is a finding)
            self.world.object(f"{self.name} cannot start: {error!r}")
            self.alive = False
            return
        self._watch()
        self.spawn(self.terminal.run())

    def die(self, off_ms: float = 0) -> None:
        """Power off; on again after a while."""
        if not self.alive:
            return
        self.world.note(self.name, "loses power")
        self.alive = False
        self.life += 1
        self.flash.dead = True
        self.view = None
        tasks, self._tasks = self._tasks, {}
        for task in tasks:
            task.cancel()
        session = self.world.broker.sessions.get(self.name)
        if session is not None and session.connection is not None:
            session.connection.cut("the terminal lost its power")
        self.world.loop.after(off_ms or self.off_ms, self.boot)

    def guard(self, work: Callable[..., object], *args: Any) -> None:
        """Run a callback of the shell; a power cut in it ends the terminal, any other error is a finding."""
        try:
            work(*args)
        except PowerCutError:
            self.die()
        except Exception as error:  # noqa: BLE001  (reported with the seed)
            self.world.object(f"{self.name}: {work.__qualname__} raised {error!r}")

    def _harm(self, kind: str, size: int) -> tuple[str, float] | None:
        if not self.harms:
            return None
        harm = self.harms[0]
        harm[0] -= 1
        if harm[0] > 0:
            return None
        del self.harms[0]
        self.off_ms = harm[3]
        self.world.note(self.name, f"flash {harm[1]} in a {kind} of {size} bytes at {harm[2]:.2f}")
        return harm[1], harm[2]

    # -- what the stand-ins ask -------------------------------------------------------------------------------------

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        """A task of this terminal."""
        task = self.world.loop.spawn(work)
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, PowerCutError):
            self.die()
        elif error is not None:
            self.world.object(f"{self.name}: a task ended with {error!r}")

    def sleep_ms(self, delay_ms: float) -> Any:
        """Sleep; in quiet time the regular looks come less often."""
        if delay_ms == device.STEP_MS and self.world.is_quiet:
            delay_ms *= 2
        return asyncio.sleep(delay_ms / 1000)

    def make_client(self, *_args: Any, **settings: Any) -> Client:
        """The link, as the shell asks for it."""
        return Client(self, **settings)

    def play(self, name: str) -> None:
        """The buzzer."""

    def heard(self, text: str) -> None:
        """A line of the log."""
        self.world.note(self.name, text)
        if text.startswith(("store failed", "flash:")):
            self.world.unrecorded.update(row["operation"] for row in self.desk.rows)
        if any(mark in text for mark in BROKEN):
            self.world.object(f"{self.name}: {text}")

    # -- the screen -------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Remember with each view which operation it is about."""
        desk = self.desk
        handle = desk.handle
        told_ms = [-ASK_LIMIT_MS]

        def watched(event: Any) -> Any:
            before, shown = desk.op, desk.shown
            if "drawer" in (getattr(event, "body", None) or ()):
                lately = self.world.loop.now_ms - told_ms[0] < ASK_LIMIT_MS
                self.is_drawer_old = lately or len(self.journal) > 0
            out = handle(event)
            for command in out:
                if command.kind == "tell":
                    told_ms[0] = self.world.loop.now_ms
                    if command.type == "cash_out.void":
                        self.world.voids[command.id] = command.body["operation"]
            if desk.shown is not shown and desk.shown is not None:
                about = desk.op or before
                same = shown is not None and _main(shown) == _main(desk.shown)
                if not same or about is not None:
                    self._shown_operation = about["operation"] if about is not None else ""
            return out

        desk.handle = watched

    def _paint(self, view: tuple[str, dict[str, Any]]) -> None:
        before = self.view
        self.view = view
        self.operation = self._shown_operation
        if before is None or _main(before) != _main(view):
            self.world.screen(self, view)

    def press(self, keys: str) -> None:
        """Somebody presses keys."""
        if self.alive:
            self.world.note(self.name, f"{len(keys)} keys on {self.view[0] if self.view else 'nothing'}")
            self.keypad.press(keys)

    @property
    def is_settled(self) -> bool:
        """Nothing waits in the terminal."""
        if not self.alive or self.terminal._asks.pending or len(self.journal):  # noqa: SLF001
            return False
        rows = self.desk.rows
        return self.desk.link == "online" and not any(row["tell"] or row["state"] == "checking" for row in rows)


def _main(view: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A view without its status bar and its countdowns."""
    left = ("seconds", "seconds_left", "oldest_s", *_STATUS)
    return view[0], {name: value for name, value in view[1].items() if name not in left}
