"""What the live views show: polled from the backend and the hub, kept while they are away."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulators.http import ApiError, JsonClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_PERIOD_S = 0.5  # fast enough to follow by eye; traffic wakes the poll earlier
_SETTLE_S = 0.03  # after traffic: the commit is a few milliseconds behind the message
_POSTINGS_SHOWN = 60


@dataclass
class Picture:
    """The newest known state; `stale` names what could not be asked just now."""

    postings: list[dict[str, Any]] = field(default_factory=list)
    drawer: dict[str, Any] = field(default_factory=dict)
    balances: dict[str, dict[str, Any]] = field(default_factory=dict)
    hub: dict[str, Any] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    version: int = 0


class OpsClient:
    """The operations interface with a staff session that renews itself."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self._client = JsonClient(base_url)
        self._user = user
        self._password = password

    async def get(self, path: str, **query: Any) -> Any:
        """GET under /v1/ops; logs in first when needed."""
        if not self._client.token:
            await self._log_in()
        try:
            return await self._client.get(f"/v1/ops{path}", **query)
        except ApiError as error:
            if error.status != 401:
                raise
        await self._log_in()
        return await self._client.get(f"/v1/ops{path}", **query)

    async def _log_in(self) -> None:
        self._client.token = ""
        session = await self._client.post("/v1/ops/sessions", {"user": self._user, "password": self._password})
        self._client.token = session["token"]

    async def accounts(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """Balances by account id."""
        answer = await self.get("/accounts", ids=",".join(ids))
        rows = answer["items"] if isinstance(answer, dict) and "items" in answer else answer
        return {str(row["account"]): row for row in rows}

    async def postings(self, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
        """Ledger postings after a sequence number, oldest first."""
        answer = await self.get("/postings", after=after, limit=limit)
        return list(answer["items"] if isinstance(answer, dict) else answer)

    async def drawer(self, terminal: str) -> dict[str, Any]:
        """The drawer of a terminal."""
        found: dict[str, Any] = await self.get(f"/drawers/{terminal}")
        return found

    async def close(self) -> None:
        """Release the connections."""
        await self._client.close()


class Live:
    """Keeps the picture fresh in the background and tells listeners when it has changed."""

    def __init__(
        self, ops: OpsClient, terminal: str, accounts: list[str], hub_state: Callable[[], Awaitable[dict[str, Any]]]
    ) -> None:
        self.picture = Picture()
        self._ops = ops
        self._terminal = terminal
        self._accounts = accounts
        self._hub_state = hub_state
        self._after = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin polling."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    def poke(self) -> None:
        """Something passed: look again soon."""
        self._wake.set()

    async def stop(self) -> None:
        """End polling."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self.refresh()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _PERIOD_S)
            self._wake.clear()
            await asyncio.sleep(_SETTLE_S)

    async def refresh(self) -> None:
        """Ask everything once; what does not answer keeps its last value and is named stale."""
        stale = set()
        if not await self._ask_backend():
            stale.add("backend")
        try:
            hub = await self._hub_state()
        except (ApiError, OSError):
            stale.add("hub")
        else:
            self._take("hub", hub)
        if stale != self.picture.stale:
            self.picture.stale = stale
            self.picture.version += 1

    async def _ask_backend(self) -> bool:
        try:
            fresh = await self._ops.postings(self._after)
            if fresh:
                self._after = max(int(row["seq"]) for row in fresh)
                self._take("postings", (fresh[::-1] + self.picture.postings)[:_POSTINGS_SHOWN])
            self._take("drawer", await self._ops.drawer(self._terminal))
            self._take("balances", await self._ops.accounts(self._accounts))
        except ApiError:
            return False
        return True

    def _take(self, name: str, value: Any) -> None:
        if getattr(self.picture, name) != value:
            setattr(self.picture, name, value)
            self.picture.version += 1
