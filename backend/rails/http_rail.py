"""A rail over HTTP: JSON, signed requests, bounded answers. The only file of the backend that calls out.

POST /lookup, POST /orders and GET /orders/<id> below the rail's URL (docs/rails.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson

from backend.rails.port import Found, Order, Report, report_of
from backend.rails.signing import HEADER, Said, sign

if TYPE_CHECKING:
    from backend.web.clock import Clock

#: A terminal waits 10 s for its answer and the hub drops an ask after 8 s: a lookup must leave time for the rest.
LOOKUP_TIMEOUT_S: Final = 4.0
#: Nobody waits for these two: an answer that comes late is better than an unknown outcome.
SUBMIT_TIMEOUT_S: Final = 10.0
STATUS_TIMEOUT_S: Final = 5.0
CONNECT_TIMEOUT_S: Final = 2.0
#: Orders under way to one rail at a time.
MAX_CONNECTIONS: Final = 20
#: An answer is a few hundred bytes.
MAX_ANSWER_BYTES: Final = 16_384

#: (status, body) of an answer; status 0: we did not reach the rail; -1: we did, and it did not answer.
Answer = tuple[int, dict[str, Any]]
_NOT_REACHED: Final[Answer] = (0, {})
_NO_ANSWER: Final[Answer] = (-1, {})


class HttpRail:
    """One rail at one URL."""

    def __init__(self, url: str, secret: bytes, clock: Clock) -> None:
        self._url = url.rstrip("/")
        self._path = urlsplit(self._url).path
        self._secret = secret
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def lookup(self, service: str, reference: str, currency: str) -> Found:
        """Ask who is behind a reference."""
        asked = {"service": service, "reference": reference, "currency": currency}
        status, said = await self._call("POST", "/lookup", asked, LOOKUP_TIMEOUT_S)
        if status == 404 and said.get("error") == "reference_unknown":
            return Found("unknown")
        token, shown, debt_minor = said.get("token"), said.get("shown"), said.get("debt_minor")
        if status != 200 or not isinstance(token, str) or not isinstance(shown, str) or not _is_amount(debt_minor):
            return Found("away")
        if not 0 < len(token) <= 64 or not 0 < len(shown) <= 64 or not (token + shown).isprintable():
            return Found("away")
        return Found("found", token, shown, int(debt_minor or 0))

    async def submit(self, order: Order) -> Report:
        """Give the order. Only what certainly never left us is `not_sent`."""
        status, said = await self._call("POST", "/orders", order._asdict(), SUBMIT_TIMEOUT_S)
        if status == 0:
            return Report("not_sent")
        return report_of(said.get("state"), said) if status in {200, 202, 409} else Report("no_answer")

    async def status(self, order_id: str) -> Report:
        """Ask for the order. A 404 counts only in the rail's own words: a proxy may have made it."""
        status, said = await self._call("GET", f"/orders/{order_id}", None, STATUS_TIMEOUT_S)
        if status == 404 and said.get("error") == "order_unknown":
            return Report("not_known")
        return report_of(said.get("state"), said) if status == 200 else Report("no_answer")

    async def close(self) -> None:
        """Release the connections."""
        if self._session is not None:
            await self._session.close()

    async def _call(self, method: str, path: str, body: dict[str, Any] | None, timeout_s: float) -> Answer:
        """One request; never raises for anything a network or a rail can do."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector)
        raw = b"" if body is None else orjson.dumps(body)
        signature = sign(self._secret, self._clock(), Said(method, self._path + path, raw))
        headers = {HEADER: signature, "Content-Type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        try:
            async with self._session.request(
                method, self._url + path, data=raw, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                said = await answer.content.read(MAX_ANSWER_BYTES)
                while (more := await answer.content.read(MAX_ANSWER_BYTES)) and len(said) <= MAX_ANSWER_BYTES:
                    said += more
                return answer.status, _object(said)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return _NOT_REACHED
        except (aiohttp.ClientError, OSError, TimeoutError):
            return _NO_ANSWER


def _object(said: bytes) -> dict[str, Any]:
    """The answer's JSON object; anything else says nothing."""
    if len(said) > MAX_ANSWER_BYTES:
        return {}
    try:
        value = orjson.loads(said)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_amount(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12
