"""The wallet's routes: bearer sessions, and payments through the executor like any other command."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import Response, StreamingResponse

from backend.operations.command import Busy, Command, SubmitError
from backend.sales.read import find_sale, sale_of_payload
from backend.wallet_api import queries
from backend.wallet_api.models import Cards, History, Lookup, Me, Paid, Payment, SaleFound, SignedIn, SignIn
from backend.web.bodies import read_object
from backend.web.openapi import problem
from backend.web.problems import Problem
from backend.web.sessions import bearer
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    import asyncpg

    from backend.outbox.stream import NoticeStream
    from backend.web.clock import Clock, Fresh
    from backend.web.executing import Submits
    from backend.web.sessions import Sessions

#: A request of the wallet API is a few hundred bytes.
MAX_BODY_BYTES = 4096
MAX_PAGE = 100
MAX_NUMBER = 2**63 - 1


class WalletApi:
    """What the routes work with."""

    def __init__(
        self,
        *,
        pool: asyncpg.Pool,
        sessions: Sessions,
        executor: Submits,
        notices: NoticeStream,
        clock: Clock,
        fresh: Fresh,
    ) -> None:
        self.pool = pool
        self.sessions = sessions
        self.notices = notices
        self.clock = clock
        self._executor = executor
        self._fresh = fresh

    async def pay(self, wallet: str, payment: Payment, raw: bytes) -> Paid:
        """Submit the payment; the same bytes again give the first answer again.

        Raises:
            Problem: 409 with the refusal's reason, 503 when it was not decided (repeating it is safe).
        """
        command = Command(
            operation="wallet.pay",
            origin="w:" + wallet,
            id=payment.id,
            digest=hashlib.sha256(raw).digest(),
            at=self.clock(),
            body={
                "wallet": wallet,
                "sale": payment.sale,
                "amount_minor": payment.amount_minor,
                "currency": payment.currency,
            },
            fresh=self._fresh.id(),
            fresh_code=self._fresh.code(),
        )
        try:
            outcome = await self._executor.submit(command)
        except SubmitError as error:
            name = "busy" if isinstance(error, Busy) else "unavailable"
            raise Problem(name, BY_NAME[name].text) from None
        if outcome.refused is not None:
            reason = outcome.refused[0]
            raise Problem(reason, BY_NAME[reason].text if reason in BY_NAME else reason, status=409)
        body: dict[str, Any] = dict(outcome.body or {})
        return Paid(state="paid", authorisation_code=body["authorisation_code"], paid_at=body["paid_at"])


def api_of(request: Request) -> WalletApi:
    """The WalletApi of this process, from the lifespan's state."""
    api: WalletApi = request.state.backend.wallet_api
    return api


async def signed_in(request: Request, api: Annotated[WalletApi, Depends(api_of)]) -> str:
    """The wallet number of the bearer session."""
    return (await api.sessions.find(bearer(request.headers.get("authorization")))).name


Api = Annotated[WalletApi, Depends(api_of)]
Wallet = Annotated[str, Depends(signed_in)]

router = APIRouter(prefix="/v1/wallet", tags=["wallet"])


@router.post("/sessions", summary="Sign in")
async def sign_in(request: Request, credentials: SignIn, api: Api) -> SignedIn:
    """Open a session with the wallet's number and app password. Five wrong passwords lock the wallet's sign-in."""
    address = request.client.host if request.client else ""
    token, session = await api.sessions.sign_in(credentials.wallet, credentials.password, address)
    return SignedIn(token=token, expires_at=session.expires_at)


@router.delete("/sessions", status_code=204, summary="Sign out")
async def sign_out(request: Request, api: Api, _wallet: Wallet) -> Response:
    """End the session of the bearer token."""
    await api.sessions.close(bearer(request.headers.get("authorization")))
    return Response(status_code=204)


@router.get("/me", summary="Holder and balance", responses=problem(404, "The wallet is not known."))
async def me(api: Api, wallet: Wallet) -> Me:
    """The wallet's holder, what can be spent, and what is held."""
    found = await queries.me(api.pool, wallet)
    if found is None:
        raise Problem("not_found", "The wallet is not known.")
    return found


@router.post(
    "/lookup",
    summary="What a scanned code or link asks for",
    responses={
        **problem(404, "There is no such sale."),
        **problem(409, "The code shows another amount than the sale."),
    },
)
async def lookup(request: Lookup, api: Api, _wallet: Wallet) -> SaleFound:
    """The sale behind an EMVCo payload or a payment link, as the backend knows it."""
    sale, shown_minor = sale_of_payload(request.payload)
    found = await find_sale(api.pool, sale, api.clock())
    if found is None:
        raise Problem("sale_unknown", BY_NAME["sale_unknown"].text, status=404)
    if shown_minor is not None and shown_minor != found.amount_minor:
        raise Problem("conflict", "The code shows another amount than the sale has: do not pay it.")
    return SaleFound.model_validate(found, from_attributes=True)


@router.post(
    "/payments",
    summary="Pay a sale",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Payment.model_json_schema()}},
        }
    },
    responses=problem(409, "The payment is refused: `error` is the wire's reason."),
)
async def pay(request: Request, api: Api, wallet: Wallet) -> Paid:
    """Pay once, by the id that the phone made: the same bytes again give the first answer, other bytes are refused."""
    body, raw = await read_object(request, MAX_BODY_BYTES)
    try:
        payment = Payment.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Problem("invalid", f"{where}: {first['msg']}", field=where) from None
    return await api.pay(wallet, payment, raw)


@router.get("/cards", summary="Linked cards")
async def cards(api: Api, wallet: Wallet) -> Cards:
    """The cards linked to the wallet, by the rail that knows them."""
    return Cards(rails=await queries.cards(api.pool, wallet))


@router.get("/history", summary="Movements")
async def history(
    api: Api,
    wallet: Wallet,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 20,
    before: Annotated[int, Query(ge=0, le=MAX_NUMBER)] = MAX_NUMBER,
) -> History:
    """Posted movements, latest first."""
    return History(items=await queries.history(api.pool, wallet, before, limit))


@router.get(
    "/notices",
    summary="Notices as they happen",
    response_class=StreamingResponse,
    responses=problem(429, "Too many streams are open."),
)
async def notices(request: Request, api: Api, wallet: Wallet, after: str = "") -> StreamingResponse:
    """Server-sent events: {name, text, amount_minor, currency, at}; send the last event's id as `after` to go on."""

    async def still_valid() -> bool:
        try:
            await signed_in(request, api)
        except Problem:
            return False
        return True

    events = api.notices.events(wallet, after or request.headers.get("last-event-id", ""), still_valid)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
