"""Routes of customers' care: staff sessions, and the role admin for everything that changes something."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from backend.ops import care
from backend.ops.care_models import AuditRow, Customer, CustomerDetail, Freeze, NewProposal, Proposal
from backend.ops.models import Page
from backend.ops.routes import MAX_NUMBER, Api, staff
from backend.web.clock import SystemFresh

MAX_ROWS = 200

Staff = Annotated[str, Depends(staff)]
Limit = Annotated[int, Query(ge=1, le=MAX_ROWS)]
Wallet = Annotated[str, Path(pattern=r"^[0-9]{16}$")]
Name = Annotated[str, Path(max_length=26)]


async def admin(api: Api, who: Staff) -> str:
    """The login of the bearer session, which must be an admin's."""
    await care.require_admin(api.pool, who)
    return who


Admin = Annotated[str, Depends(admin)]
router = APIRouter(prefix="/v1/ops", tags=["customers"])


@router.get("/customers", summary="Search customers")
async def customers(
    api: Api, _who: Staff, query: Annotated[str, Query(min_length=2, max_length=64)], limit: Limit = 50
) -> Page[Customer]:
    """Customers whose number begins with the text, or whose name holds it."""
    return Page[Customer](items=await care.search(api.pool, query, limit))


@router.get("/customers/{wallet}", summary="A customer")
async def customer(api: Api, _who: Staff, wallet: Wallet) -> CustomerDetail:
    """Status, level, balance, use of limits, and linked cards."""
    return await care.detail(api.pool, wallet)


@router.post("/customers/{wallet}/freeze", status_code=204, summary="Freeze a wallet")
async def freeze(api: Api, who: Admin, wallet: Wallet, asked: Freeze) -> None:
    """At once, by one person: to stop money is never wrong. To unfreeze takes two."""
    await care.freeze(api.pool, wallet, asked.reason, who, api.clock())


@router.post("/proposals", status_code=201, summary="Propose a change")
async def propose(api: Api, who: Admin, asked: NewProposal) -> Proposal:
    """Unfreeze a wallet, or change its KYC level: nothing happens until another person confirms."""
    return await care.propose(api.pool, asked, SystemFresh().id(), who, api.clock())


@router.get("/proposals", summary="Proposals")
async def proposals(
    api: Api, _who: Staff, state: Literal["", "open", "confirmed", "rejected"] = "", limit: Limit = 50
) -> Page[Proposal]:
    """Latest first."""
    return Page[Proposal](items=await care.proposals(api.pool, state, limit))


@router.post("/proposals/{name}/confirm", summary="Confirm a proposal")
async def confirm(api: Api, who: Admin, name: Name) -> Proposal:
    """Carry it out. 403 for the person who proposed it."""
    return await care.decide(api.pool, name, who, api.clock(), confirm=True)


@router.post("/proposals/{name}/reject", summary="Reject or take back a proposal")
async def reject(api: Api, who: Admin, name: Name) -> Proposal:
    """Nothing changes."""
    return await care.decide(api.pool, name, who, api.clock(), confirm=False)


@router.get("/audit", summary="The audit log")
async def audit(
    api: Api,
    _who: Staff,
    subject: Annotated[str, Query(max_length=64)] = "",
    who: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int, Query(ge=0, le=MAX_NUMBER)] = MAX_NUMBER,
    limit: Limit = 100,
) -> Page[AuditRow]:
    """Latest first; `subject` and `who` as the rows have them ("w:<wallet>", "o:<operator>", "s:<login>")."""
    return Page[AuditRow](items=await care.audit(api.pool, subject=subject, who=who, before=before, limit=limit))
