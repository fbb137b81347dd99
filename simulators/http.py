"""A small JSON client for the backend's public interfaces, with errors that say what was asked and what came."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import aiohttp

from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_TIMEOUT = aiohttp.ClientTimeout(total=10)  # a person looks at a phone no longer before pressing again
_STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=30)  # heartbeats come every 5 s


class ApiError(SimulatorError):
    """The backend refused: `status`, the `error` name and its text. `unreachable` has status 0."""

    def __init__(self, status: int, error: str, text: str, body: dict[str, Any] | None = None) -> None:
        super().__init__(f"{error}: {text}" if text else error)
        self.status = status
        self.error = error
        self.text = text
        self.body = body or {}


class JsonClient:
    """One base URL, one bearer token, JSON in and out."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = ""
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self._session

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call and return the decoded answer; anything but 2xx raises ApiError."""
        params = {name: str(value) for name, value in query.items() if value is not None}
        try:
            async with self._open().request(
                method, self.base_url + path, json=body, params=params, headers=self._headers()
            ) as answer:
                data = await _decode(answer)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ApiError(0, "unreachable", f"{method} {path}: {error or type(error).__name__}") from None
        if status >= 300:
            name = str(data.get("error", status)) if isinstance(data, dict) else str(status)
            text = (
                str(data.get("text") or data.get("what_to_do") or data.get("detail") or "")
                if isinstance(data, dict)
                else ""
            )
            raise ApiError(status, name, text, data if isinstance(data, dict) else {})
        return data

    async def get(self, path: str, **query: Any) -> Any:
        """GET."""
        return await self.call("GET", path, None, **query)

    async def post(self, path: str, body: Any) -> Any:
        """POST."""
        return await self.call("POST", path, body)

    async def events(self, path: str, after: str = "") -> AsyncIterator[tuple[str, Any]]:
        """Server-sent events as (cursor, data), for one connection; ends when the connection does."""
        try:
            async with self._open().get(
                self.base_url + path,
                params={"after": after} if after else {},
                headers=self._headers(),
                timeout=_STREAM_TIMEOUT,
            ) as answer:
                if answer.status != 200:
                    raise ApiError(answer.status, str(answer.status), f"GET {path}")
                cursor, data = after, ""
                async for raw in answer.content:
                    line = raw.decode("utf-8", "replace").rstrip("\r\n")
                    if line.startswith("id:"):
                        cursor = line[3:].strip()
                    elif line.startswith("data:"):
                        data += line[5:].strip()
                    elif not line and data:
                        yield cursor, json.loads(data)
                        data = ""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ApiError(0, "unreachable", f"GET {path}: {error or type(error).__name__}") from None

    async def close(self) -> None:
        """Release the connections."""
        if self._session is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._session.close()


async def _decode(answer: aiohttp.ClientResponse) -> Any:
    raw = await answer.read()
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        return {"error": str(answer.status), "text": raw[:200].decode("utf-8", "replace")}
