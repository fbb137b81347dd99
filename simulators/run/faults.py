"""The fault switches of the counter page and of the scenarios: what each breaks, and how it is repaired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.rails import books as rail_books
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from simulators.run.world import World


#: Prefix of the rails' own faults, which are switched in their process.
RAIL = "rail-"


@dataclass(frozen=True)
class Fault:
    """One switch: its name in scripts, its label, and what a person should expect."""

    name: str
    label: str
    effect: str


FAULTS = (
    Fault("cut-network", "Cut terminal's network", "The terminal has no link to the broker."),
    Fault("stop-hub", "Stop the hub", "Killed; its spool stays on disk."),
    Fault("stop-backend", "Stop the backend", "Killed; the hub keeps what it was told."),
    Fault("power-cut", "Power-cut the terminal", "Killed; its flash stays as it was."),
    Fault("duplicate", "Duplicate every message", "Each message is sent twice, both ways."),
)
#: For scripts alone: faults that need no button.
MORE = (
    Fault("stall-network", "Stall terminal's network", "The link stays up and carries nothing."),
    Fault("stop-broker", "Stop the broker", "The broker is killed."),
    Fault("cut-backend", "Cut the hub's link to the backend", "The hub cannot reach the backend."),
    *(Fault(f"{RAIL}{fault}", f"Rails: {fault}", "See docs/rails.md.") for fault in rail_books.FAULTS),
)
NAMES = tuple(fault.name for fault in (*FAULTS, *MORE))


class Faults:
    """Which switches are on, and the way to flip them. One terminal's faults touch that terminal alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._on: set[tuple[str, str]] = set()

    def is_on(self, name: str, terminal: str) -> bool:
        """Whether the switch is on; shared parts are the same for every terminal."""
        return (name, self._scope(name, terminal)) in self._on

    async def set(self, name: str, terminal: str, *, on: bool) -> None:
        """Flip a switch; returns when the fault is in place or repaired."""
        if name not in NAMES:
            raise SimulatorError(f"no fault is called {name!r}. Faults: {', '.join(NAMES)}")
        key = (name, self._scope(name, terminal))
        if on == (key in self._on):
            return
        await self._apply(name, terminal, on=on)
        if on:
            self._on.add(key)
        else:
            self._on.discard(key)

    async def repair_all(self) -> None:
        """Switch every fault off, the deepest part first."""
        order = {name: place for place, name in enumerate(reversed(NAMES))}
        for name, scope in sorted(self._on, key=lambda key: order[key[0]]):
            await self.set(name, scope, on=False)

    def _scope(self, name: str, terminal: str) -> str:
        return terminal if name in {"cut-network", "stall-network", "power-cut"} else ""

    async def _apply(self, name: str, terminal: str, *, on: bool) -> None:
        world = self._world
        if name == "cut-network":
            world.terminal_link(terminal).cut(on=on)
            world.terminals[terminal].switch_network(up=not on)
        elif name == "stall-network":
            world.terminal_link(terminal).stall(on=on)
        elif name == "power-cut":
            await (world.terminals[terminal].power_cut() if on else world.power_on(terminal))
        elif name == "duplicate":
            for link in world.mqtt_links():
                link.duplicate_messages(on=on)
        elif name == "cut-backend":
            world.backend_link.cut(on=on)
        elif name.startswith(RAIL):
            await world.rails.switch("*", name.removeprefix(RAIL), on=on)
        else:
            part = name.removeprefix("stop-")
            await (world.kill_part(part) if on else world.start_part(part))
