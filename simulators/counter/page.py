"""The page itself: the frame around its parts, refreshed a few times a second."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nicegui import ui

from simulators.counter import guide
from simulators.counter.device import Device
from simulators.counter.faults_panel import FaultsPanel
from simulators.counter.live_panels import LivePanels
from simulators.counter.paper_panel import PaperPanel
from simulators.counter.phone_panel import PhonePanel

if TYPE_CHECKING:
    from simulators.run.world import World

CSS = (Path(__file__).parent / "static" / "counter.css").read_text("utf-8")
_REFRESH_S = 0.25  # the device is live by its own socket; tables are read by eye


def build(world: World, terminal: str) -> None:
    """Build the page of one terminal for one browser."""
    ui.add_css(CSS)
    ui.colors(primary="#1f5fbf", positive="#1b7f4b", dark="#1d2733")
    with ui.element("main").classes("counter"):
        with ui.element("header").classes("bar"):
            bar = _Bar(world, terminal)
        with ui.element("div").classes("area-device"):
            Device(terminal)
        with ui.element("div").classes("area-phone"):
            phone = PhonePanel(world, terminal)
            paper = PaperPanel(world, terminal)
            with ui.element("section").classes("card grow"):
                with ui.element("div").classes("title"):
                    ui.label("Try this")
                ui.html(guide.html(world.demo), sanitize=False).classes("grow overflow-auto")
        with ui.element("div").classes("area-live"):
            live = LivePanels(world, terminal)
        with ui.element("div").classes("area-faults").props("data-testid=faults"):
            faults = FaultsPanel(world, terminal)

    def refresh() -> None:
        bar.refresh()
        phone.refresh()
        paper.refresh()
        live.refresh()
        faults.refresh()

    refresh()
    ui.timer(_REFRESH_S, refresh)


class _Bar:
    """The head line: the name, the other terminals, the parts and whether they run."""

    def __init__(self, world: World, terminal: str) -> None:
        self._world = world
        ui.html("<h1>Virtual counter</h1>", sanitize=False)
        for name in world.terminals if len(world.terminals) > 1 else ():
            link = ui.link(name, f"/?terminal={name}").props(f"data-testid=terminal-{name}")
            link.style("font-weight: 700" if name == terminal else "")
        ui.element("div").classes("spacer")
        self._parts = {name: self._part(name) for name in world.parts()}
        ui.link("Operations page ↗", world.ops_url, new_tab=True).props("data-testid=ops-link")

    @staticmethod
    def _part(name: str) -> ui.label:
        return ui.label(name).classes("part").props(f"data-testid=part-{name}")

    def refresh(self) -> None:
        """Show which parts run."""
        for name, running in self._world.parts().items():
            label = self._parts[name]
            wanted = name if running else f"{name} stopped"
            if label.text != wanted:
                label.set_text(wanted)
                label.classes(replace="part" if running else "part down")
