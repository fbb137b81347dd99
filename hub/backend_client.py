"""The hub's HTTP client: batches, the outbox stream, health. The only file that imports aiohttp's client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import orjson

from hub.core.events import Answer, NewsItem

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

#: seconds for one batch: an ask is of no use later, and a tell is simply sent again
POST_TIMEOUT_S = 8.0

#: seconds for the health probe: with its interval of one second, a hanging backend shows within three
PROBE_TIMEOUT_S = 1.5

#: seconds of silence after which the stream counts as dead: the backend sends a heartbeat every 5 s
STREAM_SILENCE_S = 12.0

#: bytes of one answered batch: 200 items of at most 4,096 bytes and what surrounds them
ANSWER_BYTES = 1_200_000

#: bytes of one envelope from the backend, by the wire
DOWN_BYTES = 4096

#: characters of an error's name, of a cursor: longer ones are not ours
NAME_LENGTH = 64

#: HTTP status -> outcome (hub.core.retry.OUTCOMES); other 5xx are server_error, anything else is garbage
OUTCOME_OF_STATUS = {
    401: "unauthorized",
    403: "unauthorized",
    408: "timeout",
    413: "too_large",
    400: "malformed",
    422: "malformed",
    429: "busy",
    503: "busy",
    502: "unreachable",
    504: "timeout",
}


class CallFailedError(Exception):
    """A call failed as a whole; `outcome` says how (hub.core.retry.OUTCOMES)."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


class Posted(NamedTuple):
    """One item of a batch, as the wire has it."""

    terminal: str
    received_at_ms: int
    jws: str


class BackendClient:
    """Calls one backend with one hub's credential."""

    def __init__(self, url: str, credential: str, tls: ssl.SSLContext | None = None) -> None:
        self._url = url.rstrip("/")
        connector = aiohttp.TCPConnector(ssl=tls if tls is not None else True, limit=8, keepalive_timeout=60)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"Authorization": f"Bearer {credential}"},
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def post_asks(self, items: Sequence[Posted]) -> tuple[Answer, ...]:
        """POST /v1/hub/asks. Raises CallFailedError."""
        return await self._post("/v1/hub/asks", items)

    async def post_tells(self, items: Sequence[Posted]) -> tuple[Answer, ...]:
        """POST /v1/hub/tells. Raises CallFailedError."""
        return await self._post("/v1/hub/tells", items)

    async def probe(self) -> str:
        """GET /v1/hub/health. Returns the outcome, empty when the backend is well."""
        timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_S)
        try:
            async with self._session.get(f"{self._url}/v1/hub/health", timeout=timeout) as response:
                return "" if response.status == 200 else outcome_of(response.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            return translate(problem).outcome

    async def outbox(self, after: str) -> AsyncIterator[NewsItem | None]:
        """GET /v1/hub/outbox: first None, when the stream is open, then the items. Raises CallFailedError."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=PROBE_TIMEOUT_S, sock_read=STREAM_SILENCE_S)
        params = {"after": after} if after else {}
        try:
            async with self._session.get(f"{self._url}/v1/hub/outbox", params=params, timeout=timeout) as response:
                if response.status != 200 or response.content_type != "text/event-stream":
                    outcome = "garbage" if response.status == 200 else outcome_of(response.status)
                    raise CallFailedError(outcome, f"the outbox stream is refused with status {response.status}")
                yield None
                async for item in read_stream(response.content):
                    yield item
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
            raise translate(problem) from problem

    async def _post(self, path: str, items: Sequence[Posted]) -> tuple[Answer, ...]:
        body = orjson.dumps(
            {"items": [{"terminal": one.terminal, "received_at": one.received_at_ms, "jws": one.jws} for one in items]}
        )
        timeout = aiohttp.ClientTimeout(total=POST_TIMEOUT_S)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.post(self._url + path, data=body, headers=headers, timeout=timeout) as response:
                if response.status != 200:
                    raise CallFailedError(outcome_of(response.status), f"{path} answers with status {response.status}")
                text = await read_bounded(response.content)
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise translate(problem) from problem
        return parse_answers(text, items)


def outcome_of(status: int) -> str:
    """The outcome that an HTTP status means."""
    return OUTCOME_OF_STATUS.get(status, "server_error" if status >= 500 else "garbage")


def translate(problem: Exception) -> CallFailedError:
    """The outcome that a failure of the client means."""
    if isinstance(problem, aiohttp.ConnectionTimeoutError):
        return CallFailedError("unreachable", "no connection in time")
    if isinstance(problem, TimeoutError):
        return CallFailedError("timeout", "no answer in time")
    if isinstance(problem, aiohttp.ClientConnectorError):
        return CallFailedError("unreachable", f"{type(problem).__name__}: {problem}")
    if isinstance(problem, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return CallFailedError("garbage", f"not a sound HTTP answer: {type(problem).__name__}")
    return CallFailedError("unreachable", f"{type(problem).__name__}: {problem}")


async def read_bounded(content: aiohttp.StreamReader) -> bytes:
    """The whole body, or an error when it is longer than any honest answer."""
    parts = bytearray()
    async for part in content.iter_any():
        parts += part
        if len(parts) > ANSWER_BYTES:
            raise CallFailedError("garbage", f"the answer is longer than {ANSWER_BYTES} bytes")
    return bytes(parts)


def parse_answers(text: bytes, items: Sequence[Posted]) -> tuple[Answer, ...]:
    """Check and take apart an answered batch. Raises CallFailedError("garbage") naming what is wrong."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        raise CallFailedError("garbage", "the answer is not JSON") from problem
    answers = found.get("items") if isinstance(found, dict) else None
    if not isinstance(answers, list) or len(answers) != len(items):
        raise CallFailedError("garbage", f"the answer does not hold {len(items)} items")
    return tuple(parse_answer(answer, item.terminal) for answer, item in zip(answers, items, strict=True))


def parse_answer(found: Any, terminal: str) -> Answer:
    """Check one item of an answered batch."""
    if not isinstance(found, dict) or found.get("terminal") != terminal:
        raise CallFailedError("garbage", "an item is for another terminal than was asked for")
    error, jws = found.get("error"), found.get("jws")
    if isinstance(error, str) and 0 < len(error) <= NAME_LENGTH:
        return Answer(terminal, error=error, transient=found.get("transient") is True)
    if error is None and isinstance(jws, str) and 0 < len(jws) <= DOWN_BYTES and jws.isascii():
        return Answer(terminal, jws)
    raise CallFailedError("garbage", "an item holds neither an envelope nor an error")


async def read_stream(content: aiohttp.StreamReader) -> AsyncIterator[NewsItem]:
    """Server-sent events with `id` and `data`; comments and other fields are passed over. ValueError when unsound."""
    cursor, data = "", ""
    async for raw in content:
        name, _, value = raw.decode("utf-8").rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            cursor = value
        elif name == "data":
            data = value
        elif not name and not value and data:
            yield parse_news(cursor, data)
            data = ""


def parse_news(cursor: str, data: str) -> NewsItem:
    """One item of the stream. ValueError when it is not one."""
    found = orjson.loads(data)
    if not 0 < len(cursor) <= NAME_LENGTH or not isinstance(found, dict):
        raise ValueError("an outbox item has no cursor or no data")
    terminal, jws = found.get("terminal"), found.get("jws")
    if not isinstance(terminal, str) or not isinstance(jws, str) or not jws.isascii():
        raise ValueError("an outbox item has no terminal or no envelope")
    return NewsItem(cursor, terminal, jws)
