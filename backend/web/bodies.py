"""Reading request bodies by hand: bounded, UTF-8, JSON; for the routes that skip per-item models."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from backend.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

#: A body is at most a megabyte: whoever needs longer for it holds a place that others want.
BODY_TIMEOUT_S = 10


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Refuse (408) a body that does not come within BODY_TIMEOUT_S."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            yield
    except TimeoutError:
        raise Problem("too_slow", f"The body did not come within {BODY_TIMEOUT_S} seconds.") from None


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body, refused (413) as soon as it is known to be larger than `max_bytes`."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > max_bytes:
        raise Problem("too_large", f"The body has {announced} bytes; at most {max_bytes} are taken.")
    chunks: list[bytes] = []
    size = 0
    async with in_time():
        async for chunk in request.stream():
            size += len(chunk)
            if size > max_bytes:
                raise Problem("too_large", f"The body has more than {max_bytes} bytes.")
            chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def require_json(request: Request) -> None:
    """Refuse (415) a body that does not call itself JSON."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Problem("unsupported_media_type", "The body is not announced as application/json.")


def parse_object(body: bytes) -> dict[str, Any]:
    """The body's one JSON object. A body that is not UTF-8 is told apart from one that is not JSON (both 400)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Problem("not_utf8", "The body is not UTF-8.") from None
        raise Problem("not_json", "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Problem("not_json", "The body is not a JSON object.")
    return value


async def read_object(request: Request, max_bytes: int) -> tuple[dict[str, Any], bytes]:
    """The body's JSON object and the bytes it came in."""
    require_json(request)
    body = await read_body(request, max_bytes)
    return parse_object(body), body
