"""A holder's payments through rails: what can be paid, a quote, the order, and what became of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from backend.operations.command import Busy, Command, SubmitError
from backend.wallet_api.models import AmountMinor, Currency, Id, Strict
from backend.wallet_api.routes import MAX_BODY_BYTES, Api, Wallet
from backend.web.bodies import read_object
from backend.web.problems import Problem
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.rails.desk import RailDesk
    from backend.web.executing import Submits

_ORDER: Final = """
SELECT id AS operation, service, name, shown, state, amount_minor, currency, receipt, reason, opened_at, closed_at
FROM rail_order WHERE id = $1 AND origin = $2
"""

Group = Literal["bills", "transfers"]


class ServiceItem(BaseModel):
    """Something that can be paid: `label` says what the reference is, with its fewest and most digits."""

    service: str
    name: str
    label: str
    min_digits: int
    max_digits: int


class Services(BaseModel):
    """A group of the catalogue, in its order."""

    items: list[ServiceItem]


class QuoteAsked(Strict):
    """Whom to pay, and how much; without an amount, the debt that the provider names."""

    id: Id
    service: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    reference: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,34}$")] = Field(repr=False)
    amount_minor: AmountMinor | None = None
    currency: Currency


class Quote(BaseModel):
    """What is to be confirmed. With amount_minor 0 there is no debt: quote again with an amount, and a new id."""

    name: str
    shown: str
    debt_minor: int
    amount_minor: int
    fee_minor: int
    total_minor: int
    min_minor: int
    max_minor: int
    currency: str


class OrderAsked(Strict):
    """A confirmed quote: `operation` is the quote's id."""

    id: Id
    operation: Id
    amount_minor: AmountMinor
    fee_minor: Annotated[int, Field(ge=0, le=10**12 - 1, strict=True)]
    currency: Currency


class OrderTaken(BaseModel):
    """The money is held, and the provider is being paid; a notice tells the end."""

    operation: str
    state: str


class OrderState(BaseModel):
    """An order. `unknown` always ends as done or failed; the money is held until then."""

    operation: str
    service: str
    name: str
    shown: str
    state: Literal["quoted", "pending", "unknown", "done", "failed"]
    amount_minor: int
    currency: str
    receipt: str
    reason: str
    opened_at: int
    closed_at: int


router = APIRouter(prefix="/v1/wallet", tags=["wallet"])


def _documented(model: type[BaseModel]) -> dict[str, Any]:
    """The body's schema for the OpenAPI document: the routes read it by hand, because its bytes are its identity."""
    schema = {"schema": model.model_json_schema()}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


@router.get("/services", summary="What can be paid through rails")
async def services(request: Request, _wallet: Wallet, group: Group = "bills") -> Services:
    """Bills, or transfers to bank cards, other wallets and abroad."""
    desk: RailDesk = request.state.backend.rails.desk
    return Services.model_validate({"items": await desk.catalogue(group)})


@router.post("/quotes", summary="Look a payee up", openapi_extra=_documented(QuoteAsked))
async def quote(request: Request, api: Api, wallet: Wallet) -> Quote:
    """Ask the provider who is behind the reference and what is owed; nothing is paid yet."""
    asked, _ = await _read(request, QuoteAsked)
    body = asked.model_dump(exclude={"id"}, exclude_none=True)
    # a card number is among the references: what is kept of a request must not lead back to it
    meant = (asked.service, asked.amount_minor, asked.currency, len(asked.reference), asked.reference[-4:])
    command = Command("rail.quote", f"w:{wallet}", asked.id, _digest(repr(meant).encode()), api.clock(), body)
    return Quote.model_validate(await _submit(request, command))


@router.post("/orders", summary="Pay a quote", openapi_extra=_documented(OrderAsked))
async def pay(request: Request, api: Api, wallet: Wallet) -> OrderTaken:
    """Hold the money and give the order, once; the same bytes again give the first answer."""
    asked, raw = await _read(request, OrderAsked)
    command = Command("rail.pay", f"w:{wallet}", asked.id, _digest(raw), api.clock(), asked.model_dump(exclude={"id"}))
    return OrderTaken.model_validate(await _submit(request, command))


@router.get("/orders/{operation}", summary="What became of an order")
async def order(operation: Id, api: Api, wallet: Wallet) -> OrderState:
    """The state of one of the holder's orders, with the provider's receipt number when it is done."""
    row = await api.pool.fetchrow(_ORDER, operation, f"w:{wallet}")
    if row is None:
        raise Problem("not_found", "There is no such order of this wallet.")
    return OrderState.model_validate(dict(row))


async def _read(request: Request, model: type[Any]) -> tuple[Any, bytes]:
    """The parsed body and its bytes."""
    body, raw = await read_object(request, MAX_BODY_BYTES)
    try:
        return model.model_validate(body), raw
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Problem("invalid", f"{where}: {first['msg']}", field=where) from None


def _digest(said: bytes) -> bytes:
    return hashlib.sha256(said).digest()


async def _submit(request: Request, command: Command) -> Mapping[str, Any]:
    """Ask the rail where that is needed, decide, and give the answer or a problem."""
    desk: RailDesk = request.state.backend.rails.desk
    executor: Submits = request.state.backend.executor
    try:
        outcome = await executor.submit(await desk.prepare(command))
    except SubmitError as error:
        name = "busy" if isinstance(error, Busy) else "unavailable"
        raise Problem(name, BY_NAME[name].text) from None
    if outcome.refused is not None:
        reason = outcome.refused[0]
        raise Problem(reason, BY_NAME[reason].text if reason in BY_NAME else reason, status=409)
    return outcome.body or {}
