"""Customers, proposals and the audit log, as the operations API shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
Account = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]


class Customer(BaseModel):
    """A wallet and its holder."""

    wallet: str
    holder: str
    currency: str
    status: str
    kyc_level: int
    pin_tries: int
    available_minor: int
    held_minor: int


class UsageRow(BaseModel):
    """What the wallet has used of a service's limits in its current day and month."""

    service: str
    day_minor: int
    day_count: int
    month_minor: int
    month_count: int


class CardRow(BaseModel):
    """A linked card, as its rail knows it."""

    rail: str
    brand: str
    masked_number: str
    expires: str
    status: str
    linked_at: int


class CustomerDetail(Customer):
    """A customer with what is known beyond the balance."""

    usage: list[UsageRow]
    cards: list[CardRow]


class Freeze(BaseModel):
    """POST /v1/ops/customers/{wallet}/freeze."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class NewProposal(BaseModel):
    """POST /v1/ops/proposals. `level` belongs to `wallet.kyc_level`, and to nothing else."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["wallet.unfreeze", "wallet.kyc_level"]
    wallet: Account
    reason: Reason
    level: Annotated[int, Field(ge=0, le=9, strict=True)] | None = None


class Proposal(BaseModel):
    """What one member of staff proposed, and what another decided."""

    id: str
    kind: str
    subject: str
    body: dict[str, Any]
    reason: str
    state: str
    proposed_by: str
    proposed_at: int
    expires_at: int
    decided_by: str
    decided_at: int


class AuditRow(BaseModel):
    """Who did what to whom."""

    seq: int
    at: int
    who: str
    what: str
    subject: str
    details: dict[str, Any]
    origin: str
    id: str
