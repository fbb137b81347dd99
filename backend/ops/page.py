"""The operations page: terminals, drawers, alarms, messages and postings on one screen, refreshed each second."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog
from nicegui import ui
from starlette.requests import Request  # noqa: TC002  (NiceGUI reads the annotation at run time)
from starlette.responses import RedirectResponse, Response

from backend.ops import markup, queries
from backend.ops.login import PATH

if TYPE_CHECKING:
    from fastapi import FastAPI

    from backend.ops.login import StaffDoor
    from backend.ops.routes import OpsApi

log = structlog.get_logger(__name__)

REFRESH_S: Final = 1.0
#: Sums over the whole ledger are only taken at every tenth refresh.
LEDGER_TURNS: Final = 10
#: Rows of each panel: what a person can look over.
MAX_TERMINALS: Final = 200
MAX_MESSAGES: Final = 100
MAX_POSTINGS: Final = 100
MAX_ALARMS: Final = 30
MAX_DRAWERS: Final = 50
STYLE: Final = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


class Panel:
    """A titled part of the page that scrolls by itself and is only sent again when it changed."""

    def __init__(self, title: str, name: str) -> None:
        with ui.element("section").classes(f"panel {name}").props(f'data-testid="{name}"'):
            ui.html(f"<h2>{title}</h2>", sanitize=False)
            with ui.element("div").classes("scroll"):
                self._body = ui.html("", sanitize=False)
        self._shown = ""

    def show(self, html: str) -> None:
        """Show this; every value in it has been escaped by `markup`."""
        if html != self._shown:
            self._shown = html
            self._body.set_content(html)


class OpsPage:
    """One open page of one member of staff."""

    def __init__(self, api: OpsApi, door: StaffDoor, request: Request, name: str) -> None:
        self._api = api
        self._door = door
        self._request = request
        self._turns = 0
        ui.add_css(STYLE)
        ui.query(".nicegui-content").classes("whole")
        with ui.element("header").classes("bar"):
            ui.html('<h1>Kassa operations</h1> <a href="/ops/customers">Customers</a>', sanitize=False)
            self._ledger = ui.html("", sanitize=False).classes("ledger").props('data-testid="ledger"')
            self._stale = ui.html("", sanitize=False)
            leave = f'<form method="post" action="{PATH}/logout"><span class="soft">{escape(name)}</span>'
            ui.html(f'{leave} <button type="submit">Sign out</button></form>', sanitize=False).classes("leave")
        with ui.element("main").classes("grid"):
            self._terminals = Panel("Terminals", "terminals")
            self._postings = Panel("Postings", "postings")
            self._messages = Panel("Messages", "messages")
            self._drawers = Panel("Drawers", "drawers")
            self._alarms = Panel("Alarms", "alarms")

    async def refresh(self) -> None:
        """Read everything again; when the database is away, say so and keep what was shown."""
        if await self._door.session(self._request) is None:
            ui.navigate.to(f"{PATH}/login")
            return
        pool, now = self._api.pool, self._api.clock()
        terminals = await queries.terminals(pool, "", MAX_TERMINALS, now)
        self._terminals.show(markup.terminals(terminals, now))
        postings = await queries.latest_postings(pool, MAX_POSTINGS)
        self._postings.show(markup.postings(postings))
        self._messages.show(markup.messages(reversed(self._api.traffic.after(0, MAX_MESSAGES))))
        drawers = await queries.open_drawers(pool, MAX_DRAWERS)
        self._drawers.show(markup.drawers(drawers, now))
        self._alarms.show(markup.alarms(await queries.alarms(pool, MAX_ALARMS)))
        if self._turns % LEDGER_TURNS == 0:
            self._ledger.set_content(markup.ledger(await queries.ledger(pool), now))
        self._turns += 1
        self._stale.set_content("")

    async def turn(self) -> None:
        """One refresh of the timer."""
        try:
            await self.refresh()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("ops_page_stale", kind=type(error).__name__)
            self._stale.set_content('<span class="pill bad">database away: figures are old</span>')


def mount(app: FastAPI, *, https: bool) -> None:
    """Serve the page under /ops of `app`. NiceGUI has one set of pages in a process: mount it once."""

    @ui.page("/", title="Kassa operations")
    async def page(request: Request) -> Response | None:
        backend = app.state.backend
        door: StaffDoor = backend.staff_door
        session = await door.session(request)
        if session is None:
            return RedirectResponse(f"{PATH}/login", 303)
        shown = OpsPage(backend.ops_api, door, request, session.name)
        await shown.turn()
        ui.timer(REFRESH_S, shown.turn)
        return None

    ui.run_with(
        app,
        mount_path=PATH,
        title="Kassa operations",
        show_welcome_message=False,
        binding_refresh_interval=None,
        tailwind=False,
        session_middleware_kwargs={"https_only": https, "same_site": "strict"},
    )
