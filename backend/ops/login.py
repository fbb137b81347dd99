"""The operations page's sign-in: a form, and a cookie that no other site can make a browser send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from backend.web.bodies import read_body
from backend.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from backend.web.sessions import Session, Sessions

COOKIE = "kassa_staff"
PATH = "/ops"
MAX_FORM_BYTES = 2048
MAX_FIELDS = 4
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
)


class StaffDoor:
    """Opens and closes staff sessions for browsers."""

    def __init__(self, sessions: Sessions, *, https: bool) -> None:
        self._sessions = sessions
        self._https = https

    async def session(self, request: Request) -> Session | None:
        """The session of the request's cookie, None without one that holds."""
        try:
            return await self._sessions.find(request.cookies.get(COOKIE, ""))
        except Problem as problem:
            if problem.error != "unauthorized":
                raise
            return None

    async def enter(self, request: Request) -> Response:
        """POST /ops/login: open a session and go to the page, or show the form with what was wrong."""
        refuse_other_origins(request)
        form = _fields(await read_body(request, MAX_FORM_BYTES))
        user, password = form.get("user", [""])[0], form.get("password", [""])[0]
        address = request.client.host if request.client else ""
        try:
            token, _ = await self._sessions.sign_in(user, password, address)
        except Problem as problem:
            return form_page(problem.text, problem.status)
        response = RedirectResponse(f"{PATH}/", 303)
        response.set_cookie(
            COOKIE, token, path=PATH, httponly=True, samesite="strict", secure=self._https, max_age=None
        )
        return response

    async def leave(self, request: Request) -> Response:
        """POST /ops/logout: end the session."""
        refuse_other_origins(request)
        await self._sessions.close(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(f"{PATH}/login", 303)
        response.delete_cookie(COOKIE, path=PATH)
        return response


def refuse_other_origins(request: Request) -> None:
    """Raise Problem 403 when a browser says that another site made it send this form."""
    origin = request.headers.get("origin")
    if origin is not None and _site(origin) != request.headers.get("host", ""):
        raise Problem("forbidden", "The form was sent by another site.")


def _site(origin: str) -> str | None:
    """Host and port of an Origin header; None for one that is no URL."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _fields(body: bytes) -> dict[str, list[str]]:
    """The form's fields. Raises Problem 400 when there are more than a browser sends of ours."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Problem("bad_request", f"The form has more than {MAX_FIELDS} fields.") from None


def form_page(wrong: str = "", status: int = 200) -> HTMLResponse:
    """The sign-in form."""
    return HTMLResponse(pages.get_template("login.html").render(wrong=wrong), status, headers=HEADERS)


def routes() -> list[Route]:
    """The form's routes; they stand before the page's mount."""

    async def show(_request: Request) -> Response:
        return form_page()

    async def enter(request: Request) -> Response:
        door: StaffDoor = request.state.backend.staff_door
        return await door.enter(request)

    async def leave(request: Request) -> Response:
        door: StaffDoor = request.state.backend.staff_door
        return await door.leave(request)

    return [
        Route(f"{PATH}/login", show, methods=["GET"]),
        Route(f"{PATH}/login", enter, methods=["POST"]),
        Route(f"{PATH}/logout", leave, methods=["POST"]),
    ]
