"""Every HTTP error of the backend, made in one place: problem JSON that says what was wrong and what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from backend.web.responses import JsonResponse

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

log = structlog.get_logger(__name__)

#: error name -> (status, what the caller can do about it)
PROBLEMS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "Send the documented fields with the documented types."),
    "not_utf8": (400, "Send the body as UTF-8 JSON."),
    "not_json": (400, "Send the body as one JSON object."),
    "unauthorized": (401, "Send a valid credential as 'Authorization: Bearer <token>'; sign in again if it expired."),
    "forbidden": (403, "Use an account that has the right role."),
    "not_found": (404, "Check the address and the id."),
    "method_not_allowed": (405, "Use the documented method."),
    "too_slow": (408, "Send the whole body at once; look at the network if that fails again."),
    "conflict": (409, "Look at the named reason; do not repeat the same request."),
    "too_large": (413, "Send a smaller body or fewer items."),
    "unsupported_media_type": (415, "Send Content-Type: application/json."),
    "invalid": (422, "Correct the named field and send the request again."),
    "too_many_attempts": (429, "Wait before trying again."),
    "busy": (503, "Repeat the same request after a short wait; its id makes that safe."),
    "unavailable": (503, "Repeat the same request when the database is back; its id makes that safe."),
    "internal": (500, "Repeat the request; if it fails again, give the operator the time of the failure."),
}
#: What asyncpg and the socket below it raise when the server is away, full or shutting down.
DATABASE_AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
#: What PostgreSQL says of a text that it cannot hold: one with a NUL character.
UNSTORABLE_TEXT: Final = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_BY_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_attempts",
    503: "unavailable",
}


class Problem(Exception):  # noqa: N818  (RFC 9457's word)
    """An expected failure of a request. `error` names it; `text` says what was wrong, without secrets."""

    def __init__(self, error: str, text: str = "", *, status: int | None = None, **details: str | int) -> None:
        super().__init__(text or error)
        known, advice = PROBLEMS.get(error, PROBLEMS["conflict"])
        self.error = error
        self.status = known if status is None else status
        self.text = text
        self.what_to_do = advice
        self.details = details

    def response(self) -> Response:
        """The problem as a JSON response."""
        body: dict[str, Any] = {"error": self.error, "text": self.text, "what_to_do": self.what_to_do, **self.details}
        headers = {"WWW-Authenticate": "Bearer"} if self.status == HTTPStatus.UNAUTHORIZED else None
        return JsonResponse(body, self.status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Map every exception that leaves an endpoint to a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in DATABASE_AWAY:
        app.add_exception_handler(kind, _away)
    for refused in UNSTORABLE_TEXT:
        app.add_exception_handler(refused, _unstorable)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  (registered for this class)
    return error.response()


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for this class)
    name = _BY_STATUS.get(error.status_code, "bad_request")
    return Problem(name, str(error.detail), status=error.status_code).response()


async def _invalid(_request: Request, error: Exception) -> Response:
    """Name the first field that failed. Values are not repeated: one of them may be a password."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  (registered for this class)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return Problem("not_json", "The body is not JSON.").response()
    return Problem("invalid", f"{where}: {first['msg']}", field=where).response()


async def _away(request: Request, error: Exception) -> Response:
    log.warning("database_away", path=request.url.path, kind=type(error).__name__)
    return Problem("unavailable", "The database does not answer.").response()


async def _unstorable(_request: Request, _error: Exception) -> Response:
    return Problem("invalid", "A text holds a NUL character.").response()


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, kind=type(error).__name__)
    return Problem("internal", "The request failed for a reason that is not its own.").response()
