"""The services of an outlet: what each terminal may offer, read and set by staff."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from backend.operations.command import Busy, Command, SubmitError
from backend.ops.routes import Api, staff
from backend.web.problems import Problem
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    from backend.web.clock import Fresh
    from backend.web.executing import Submits

Service = Literal[
    "sale",
    "cash_in",
    "cash_out",
    "balance",
    "transfer",
    "bills",
    "pickup",
    "refund",
    "statement",
    "customer_pin",
    "drawer",
]
Login = Annotated[str, Depends(staff)]
Terminal = Annotated[str, Path(max_length=16)]


class ServicesWanted(BaseModel):
    """PUT /v1/ops/terminals/{terminal}/services: the whole list; what is not in it is off."""

    model_config = ConfigDict(extra="forbid")

    services: list[Service] = Field(max_length=24)


class Services(BaseModel):
    """What a terminal may offer, and the version of its configuration that says so."""

    services: list[str]
    config_version: int


router = APIRouter(prefix="/v1/ops", tags=["operations"], dependencies=[Depends(staff)])


@router.get("/terminals/{terminal}/services", summary="What a terminal may offer")
async def services(api: Api, terminal: Terminal) -> Services:
    """The services that are on."""
    row = await api.pool.fetchrow("SELECT services, config_version FROM terminal WHERE id = $1", terminal)
    if row is None:
        raise Problem("not_found", "The terminal is not known.")
    return Services(services=row[0], config_version=row[1])


@router.put("/terminals/{terminal}/services", summary="Set what a terminal may offer")
async def set_services(
    request: Request, api: Api, terminal: Terminal, wanted: ServicesWanted, login: Login
) -> Services:
    """Switch services on and off. The terminal's menu follows; asks for what is off are refused at once."""
    executor: Submits = request.state.backend.executor
    fresh: Fresh = request.state.backend.fresh
    body = {"terminal": terminal, "services": list(wanted.services)}
    name = fresh.id()
    digest = hashlib.sha256(name.encode() + orjson.dumps(body)).digest()
    command = Command("outlet.services", f"s:{login}", name, digest, api.clock(), body, fresh=name)
    try:
        outcome = await executor.submit(command)
    except SubmitError as error:
        reason = "busy" if isinstance(error, Busy) else "unavailable"
        raise Problem(reason, BY_NAME[reason].text) from None
    if outcome.refused is not None:
        raise Problem("not_found", "The terminal is not known.")
    return Services.model_validate(outcome.body)
