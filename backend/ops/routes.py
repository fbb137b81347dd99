"""The operations API: read only, with a staff session as bearer token or as the page's cookie."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from backend.ops import queries
from backend.ops.models import (
    AccountBalance,
    AlarmRow,
    DrawerState,
    LedgerState,
    MessageRow,
    Page,
    Posting,
    StaffSignedIn,
    StaffSignIn,
    TerminalRow,
)
from backend.web.openapi import problem
from backend.web.problems import Problem
from backend.web.sessions import bearer
from backend.web.wakes import wait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import asyncpg

    from backend.web.clock import Clock
    from backend.web.sessions import Sessions
    from backend.web.traffic import Traffic

MAX_PAGE = 1000
MAX_ACCOUNTS = 200
MAX_NUMBER = 2**63 - 1
#: A silent stream says so after this time.
HEARTBEAT_S = 5.0


class OpsApi:
    """What the routes and the page work with."""

    def __init__(self, *, pool: asyncpg.Pool, sessions: Sessions, traffic: Traffic, clock: Clock) -> None:
        self.pool = pool
        self.sessions = sessions
        self.traffic = traffic
        self.clock = clock
        self.stopping = False


def api_of(request: Request) -> OpsApi:
    """The OpsApi of this process, from the lifespan's state."""
    api: OpsApi = request.state.backend.ops_api
    return api


async def staff(request: Request, api: Annotated[OpsApi, Depends(api_of)]) -> str:
    """The login of the bearer session."""
    return (await api.sessions.find(bearer(request.headers.get("authorization")))).name


Api = Annotated[OpsApi, Depends(api_of)]
After = Annotated[int, Query(ge=0, le=MAX_NUMBER)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]

#: Signing in is the one route without a session.
open_router = APIRouter(prefix="/v1/ops", tags=["operations"])
router = APIRouter(prefix="/v1/ops", tags=["operations"], dependencies=[Depends(staff)])


@open_router.post("/sessions", summary="Sign in")
async def sign_in(request: Request, credentials: StaffSignIn, api: Api) -> StaffSignedIn:
    """Open a staff session."""
    address = request.client.host if request.client else ""
    token, session = await api.sessions.sign_in(credentials.user, credentials.password, address)
    return StaffSignedIn(token=token, expires_at=session.expires_at)


@router.delete("/sessions", status_code=204, summary="Sign out")
async def sign_out(request: Request, api: Api) -> Response:
    """End the session of the bearer token."""
    await api.sessions.close(bearer(request.headers.get("authorization")))
    return Response(status_code=204)


@router.get("/postings", summary="Ledger rows")
async def postings(api: Api, after: After = 0, limit: Limit = 100) -> Page[Posting]:
    """Rows later than `after`, oldest first."""
    return Page(items=await queries.postings(api.pool, after, limit))


@router.get("/accounts", summary="Account balances")
async def accounts(api: Api, ids: Annotated[str, Query(max_length=20_000)]) -> Page[AccountBalance]:
    """The accounts named in `ids`, separated by commas; unknown ones are left out."""
    names = [name for name in ids.split(",") if name]
    if len(names) > MAX_ACCOUNTS:
        raise Problem("invalid", f"ids: at most {MAX_ACCOUNTS} accounts at once.", field="ids")
    return Page(items=await queries.accounts(api.pool, names))


@router.get("/terminals", summary="Terminals and their health")
async def terminals(
    api: Api, after: Annotated[str, Query(max_length=16)] = "", limit: Limit = 100
) -> Page[TerminalRow]:
    """Terminals in the order of their ids, later than `after`."""
    return Page(items=await queries.terminals(api.pool, after, limit, api.clock()))


@router.get("/drawers/{terminal}", summary="A terminal's drawer", responses=problem(404, "The terminal is not known."))
async def drawer(api: Api, terminal: Annotated[str, Path(max_length=16)]) -> DrawerState:
    """The drawer's state and cash."""
    found = await queries.drawer(api.pool, terminal)
    if found is None:
        raise Problem("not_found", "The terminal is not known.")
    return found


@router.get("/alarms", summary="Alarms")
async def alarms(api: Api, limit: Limit = 100) -> Page[AlarmRow]:
    """The last alarms, latest first."""
    return Page(items=await queries.alarms(api.pool, limit))


@router.get("/ledger", summary="Whether the ledger balances, and how far it is sealed")
async def ledger(api: Api) -> LedgerState:
    """Sums of all accounts and the head of the day chain. `kassa ledger verify` recomputes everything."""
    return await queries.ledger(api.pool)


@router.get("/messages", summary="Messages as they passed")
async def messages(api: Api, after: After = 0, limit: Limit = 200) -> Page[MessageRow]:
    """The last messages of this backend process, later than `after`."""
    return Page(items=[MessageRow(**message.as_dict()) for message in api.traffic.after(after, limit)])


@router.get("/messages/stream", summary="Messages as they pass", response_class=StreamingResponse)
async def message_stream(request: Request, api: Api, after: After = 0) -> StreamingResponse:
    """Server-sent events, until the session ends; send the last event's id as `after` to go on."""

    async def still_valid() -> bool:
        try:
            await staff(request, api)
        except Problem:
            return False
        return True

    events = _stream(api, after, still_valid)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _stream(api: OpsApi, after: int, still_valid: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    yield b": open\n\n"
    clock = asyncio.get_running_loop().time
    check_at = clock() + HEARTBEAT_S
    while not api.stopping:
        if clock() >= check_at:
            if not await still_valid():
                return
            check_at = clock() + HEARTBEAT_S
        ticket = api.traffic.ticket()
        for message in api.traffic.after(after):
            after = message.number
            yield b"id: %d\ndata: %b\n\n" % (after, orjson.dumps(message.as_dict()))
        if not await wait(ticket, HEARTBEAT_S):
            yield b": beat\n\n"
        await asyncio.sleep(0)
