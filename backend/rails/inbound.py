"""What rails tell us: callbacks on orders, and top-ups that arrive. Signed, idempotent, harmless when repeated."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend.operations.command import Busy, Command, SubmitError
from backend.rails.port import report_of
from backend.rails.signing import HEADER, Said, is_signed
from backend.rails.worker import heard_command
from backend.web.bodies import parse_object, read_body, require_json
from backend.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.operations.command import Outcome
    from backend.web.clock import Clock, Fresh
    from backend.web.executing import Submits

MAX_BODY_BYTES: Final = 4_096

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Text = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Strict(BaseModel):
    """A rail's request: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Callback(Strict):
    """POST /v1/rails/<rail>/callbacks: the state of an order, in the rail's words."""

    order: Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    state: Annotated[str, StringConstraints(pattern="^(pending|done|failed)$")]
    reference: Text = ""
    receipt: Text = ""
    reason: Text = ""


class TopUp(Strict):
    """POST /v1/rails/<rail>/top-ups: money that was paid outside into a wallet. `id` is the rail's own and final."""

    id: Name
    wallet: Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
    amount_minor: Annotated[int, Field(ge=1, le=10**12 - 1, strict=True)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    source: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f]*$")]


class CallbackTaken(BaseModel):
    """The order's state in our books after the callback."""

    state: str


class TopUpTaken(BaseModel):
    """Where the money was booked: as told, or in suspense for our staff. It is ours now; do not send it again."""

    booked: str


class Inbound:
    """What the routes work with."""

    def __init__(self, secrets: Mapping[str, bytes], executor: Submits, clock: Clock, fresh: Fresh) -> None:
        self._secrets = secrets
        self._executor = executor
        self._clock = clock
        self._fresh = fresh

    async def read(self, request: Request, rail: str) -> bytes:
        """The signed body. An unknown rail and a bad signature look the same from outside."""
        require_json(request)
        raw = await read_body(request, MAX_BODY_BYTES)
        secret = self._secrets.get(rail, b"")
        signature = request.headers.get(HEADER, "")
        if not secret or not is_signed(secret, signature, Said("POST", request.url.path, raw), self._clock()):
            raise Problem("unauthorized", f"The {HEADER} header does not sign this request.")
        return raw

    async def callback(self, rail: str, said: Callback, raw: bytes) -> str:
        """Bring the rail's word to the books; the same callback again is the same command."""
        report = report_of(said.state, said.model_dump())
        name = "callback:" + hashlib.sha256(raw).hexdigest()[:32]
        outcome = await self._submit(heard_command((f"r:{rail}", name), rail, said.order, report, self._clock()))
        if outcome.refused is not None:
            raise Problem("not_found", "The order is not one of this rail.")
        return str((outcome.body or {})["state"])

    async def top_up(self, rail: str, said: TopUp) -> str:
        """Book the money once, whatever comes again. The digest is of what was meant, not of its spelling."""
        body: dict[str, Any] = {
            "rail": rail,
            "wallet": said.wallet,
            "amount_minor": said.amount_minor,
            "currency": said.currency,
            "from": said.source,
        }
        digest = hashlib.sha256(repr(sorted(body.items())).encode()).digest()
        command = Command("rail.top_up", f"r:{rail}", said.id, digest, self._clock(), body, fresh=self._fresh.id())
        outcome = await self._submit(command)
        if outcome.refused is not None:
            reason = outcome.refused[0]
            raise Problem("conflict", f"Refused: {reason}.", reason=reason)
        return str((outcome.body or {})["booked"])

    async def _submit(self, command: Command) -> Outcome:
        try:
            return await self._executor.submit(command)
        except SubmitError as error:
            raise Problem("busy" if isinstance(error, Busy) else "unavailable", "Not booked.") from None


def inbound_of(request: Request) -> Inbound:
    """The Inbound of this process, from the lifespan's state."""
    inbound: Inbound = request.state.backend.rails.inbound
    return inbound


Model = TypeVar("Model", bound=BaseModel)


def _parse(model: type[Model], raw: bytes) -> Model:
    try:
        return model.model_validate(parse_object(raw))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Problem("invalid", f"{where}: {first['msg']}", field=where) from None


def _documented(model: type[BaseModel]) -> dict[str, Any]:
    """The body's schema for the OpenAPI document: the routes read it by hand, because its bytes are signed."""
    schema = {"schema": model.model_json_schema()}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


router = APIRouter(prefix="/v1/rails", tags=["rails"])
In = Annotated[Inbound, Depends(inbound_of)]


@router.post("/{rail}/callbacks", summary="The state of an order", openapi_extra=_documented(Callback))
async def callback(rail: Name, request: Request, inbound: In) -> CallbackTaken:
    """A rail tells what became of an order. Repeats are harmless; a contradiction changes nothing and alarms staff."""
    raw = await inbound.read(request, rail)
    return CallbackTaken(state=await inbound.callback(rail, _parse(Callback, raw), raw))


@router.post("/{rail}/top-ups", summary="Money for a wallet", openapi_extra=_documented(TopUp))
async def top_up(rail: Name, request: Request, inbound: In) -> TopUpTaken:
    """A rail brings money: from another e-wallet, a bank card or a kiosk. Repeat the same id until it is answered."""
    raw = await inbound.read(request, rail)
    return TopUpTaken(booked=await inbound.top_up(rail, _parse(TopUp, raw)))
