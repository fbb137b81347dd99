"""The bottom: the fault switches, each a button that says what it breaks and whether it is broken now."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from nicegui import ui

from simulators.run.faults import FAULTS, Fault
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from simulators.run.world import World


class FaultsPanel:
    """One switch a fault."""

    def __init__(self, world: World, terminal: str) -> None:
        self._world = world
        self._terminal = terminal
        self._busy: set[str] = set()
        self._buttons: dict[str, tuple[ui.element, ui.label]] = {}
        for fault in FAULTS:
            self._add(fault)
        self.refresh()

    def _add(self, fault: Fault) -> None:
        button = ui.element("button").classes("fault").props(f"type=button data-testid=fault-{fault.name}")
        button.on("click", functools.partial(self._flip, fault.name))
        with button:
            ui.label(fault.label).classes("name")
            state = ui.label("OFF").classes("state")
            ui.label(fault.effect).classes("effect")
        self._buttons[fault.name] = (button, state)

    async def _flip(self, name: str) -> None:
        if name in self._busy:
            return
        self._busy.add(name)
        self.refresh()
        try:
            await self._world.faults.set(name, self._terminal, on=not self._world.faults.is_on(name, self._terminal))
        except SimulatorError as error:
            ui.notify(str(error).splitlines()[0], type="negative")
        finally:
            self._busy.discard(name)
            self.refresh()

    def refresh(self) -> None:
        """Show which switches are on."""
        for name, (button, state) in self._buttons.items():
            on = self._world.faults.is_on(name, self._terminal)
            busy = name in self._busy
            wanted = "…" if busy else "ON" if on else "OFF"
            if state.text != wanted:
                state.set_text(wanted)
                button.classes(replace=" ".join(["fault", *(["on"] if on else []), *(["busy"] if busy else [])]))
                button.props(f"aria-pressed={'true' if on else 'false'}")
