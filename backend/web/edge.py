"""The outermost layer: announces sizes and types of bodies before anything parses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from backend.web.bodies import in_time
from backend.web.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Requests of people and phones: a form or a few fields.
MAX_BODY_BYTES = 16 * 1024
#: These read their bodies themselves, with a bound of their own.
OWN_BOUND = ("/v1/hub/", "/ops/")
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Edge:
    """ASGI middleware: bodies of the API are JSON (415) and bounded (413), whoever parses them later."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a bounded body, or answer it with a problem."""
        if scope["type"] != "http" or scope["method"] not in BODY_METHODS or scope["path"].startswith(OWN_BOUND):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            if scope["path"].startswith("/v1/") and scope["method"] == "POST":
                _require_json(headers)
            async with in_time():
                body = await _read(headers, receive)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def _require_json(headers: Headers) -> None:
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Problem("unsupported_media_type", "The body is not announced as application/json.")


async def _read(headers: Headers, receive: Receive) -> bytes:
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        raise Problem("too_large", f"The body has {announced} bytes; at most {MAX_BODY_BYTES} are taken.")
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise Problem("too_large", f"The body has more than {MAX_BODY_BYTES} bytes.")
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once, and then what the connection gives."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
