"""The right side: messages as they pass, ledger postings, the drawer, the hub's spool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from simulators.counter import markup

if TYPE_CHECKING:
    from simulators.run.world import World

_ROWS_SHOWN = 60
_SETTLED = "last known"


class Panel:
    """A card with a title, a note and one block of HTML that is sent only when it has changed."""

    def __init__(self, title: str, testid: str, classes: str = "", *, scroll: bool = True) -> None:
        with ui.element("section").classes(f"card {classes}").props(f"data-testid={testid}"):
            with ui.element("div").classes("title"):
                ui.label(title)
                self._note = ui.label("").classes("note")
            self._body = ui.html("", sanitize=False).classes("rows" if scroll else "")

    def show(self, html: str, note: str = "", *, stale: bool = False) -> None:
        """Show the block and the note."""
        if self._body.content != html:
            self._body.set_content(html)
        if self._note.text != note:
            self._note.set_text(note)
        self._note.classes(add="stale" if stale else "", remove="" if stale else "stale")


class LivePanels:
    """All live views of one terminal."""

    def __init__(self, world: World, terminal: str) -> None:
        self._world = world
        self._terminal = terminal
        self._messages = Panel("Messages on the terminal's link", "messages", "grow")
        self._postings = Panel("Ledger postings", "postings", "grow")
        with ui.element("div").classes("two"):
            self._drawer = Panel("Drawer", "drawer", scroll=False)
            self._hub = Panel("Hub", "hub", scroll=False)

    def refresh(self) -> None:
        """Show the newest."""
        self._show_messages()
        picture = self._world.live.picture
        old = "backend" in picture.stale
        self._postings.show(
            markup.table(
                "postings-table",
                ("time", "for", "debit", "credit", ">amount", "operation"),
                map(markup.posting_row, picture.postings),
                "Nothing is booked yet. Open the drawer on the terminal: the float is the first posting.",
            ),
            _SETTLED if old else self._world.demo.currency,
            stale=old,
        )
        self._show_drawer(stale=old)
        self._show_hub()

    def _show_messages(self) -> None:
        newest = [m for m in reversed(self._world.traffic.messages.values()) if m.terminal == self._terminal]
        self._messages.show(
            markup.table(
                "messages-table",
                ("time", "kind", "type", "id", "outcome", ">sent", ">took"),
                map(markup.message_row, newest[:_ROWS_SHOWN]),
                "Nothing has passed yet.",
            ),
            f"{len(newest)} seen",
        )

    def _show_drawer(self, *, stale: bool) -> None:
        drawer, demo = self._world.live.picture.drawer, self._world.demo
        cash = drawer.get("cash_minor")
        rows = [
            ("Cash", markup.money(cash, demo.currency), "cash"),
            ("State", str(drawer.get("state") or "closed"), "state"),
            ("Operator", str(drawer.get("operator") or "–"), "operator"),
            ("Promised to holds", markup.money(drawer.get("held_minor", 0), demo.currency), "held"),
        ]
        self._drawer.show(markup.figures("drawer", rows), _SETTLED if stale else demo.currency, stale=stale)

    def _show_hub(self) -> None:
        picture = self._world.live.picture
        hub, stale = picture.hub, "hub" in picture.stale
        rows = [
            ("Tells in the spool", str(hub.get("tells_waiting", "–")), "spool"),
            ("Oldest", f"{hub['oldest_tell_s']:.0f} s" if hub.get("oldest_tell_s") else "–", "oldest"),
            ("Asks in memory", str(hub.get("asks_waiting", "–")), "asks"),
            ("In quarantine", str(hub.get("quarantined", "–")), "quarantine"),
        ]
        self._hub.show(markup.figures("hub", rows), "stopped" if stale else "running", stale=stale)
