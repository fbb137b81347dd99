"""The printer's paper beside the terminal: the last receipts as they came out, newest on top."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

if TYPE_CHECKING:
    from simulators.run.world import World
    from simulators.terminal.paper import Receipt

_SHOWN = 3


class PaperPanel:
    """A card that is there once something was printed."""

    def __init__(self, world: World, terminal: str) -> None:
        self._paper = world.terminals[terminal].paper
        self._printed = -1
        with ui.element("section").classes("card grow").props("data-testid=paper") as self._card:
            with ui.element("div").classes("title"):
                ui.label("Receipt printer")
                self._note = ui.label("").classes("note")
            self._body = ui.html("", sanitize=False).classes("paper")

    def refresh(self) -> None:
        """Show the newest."""
        if self._printed == self._paper.printed:
            return
        self._printed = self._paper.printed
        self._card.set_visibility(bool(self._printed))
        self._note.set_text(f"{self._printed} printed")
        newest = list(self._paper.receipts)[-_SHOWN:]
        self._body.set_content("".join(map(_strip, reversed(newest))))


def _strip(receipt: Receipt) -> str:
    picture = base64.b64encode(receipt.png()).decode()
    text = escape("\n".join(receipt.text), quote=True)
    return f'<img data-testid="receipt" src="data:image/png;base64,{picture}" alt="{text}">'
