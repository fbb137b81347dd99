"""The operations API's answers, as they stand in the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Item = TypeVar("Item")


class StaffSignIn(BaseModel):
    """POST /v1/ops/sessions."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(repr=False)


class StaffSignedIn(BaseModel):
    """A session."""

    token: str = Field(repr=False)
    expires_at: int


class Posting(BaseModel):
    """One ledger row: what moved from where to where. Holds and their ends are rows too."""

    seq: int
    at: int
    what: str
    kind: str
    debit: str
    credit: str
    amount_minor: int
    currency: str
    operation: str
    id: str


class AccountBalance(BaseModel):
    """One ledger account. `balance_minor` is positive on the account's normal side."""

    account: str
    currency: str
    balance_minor: int
    available_minor: int
    held_minor: int
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int


class TerminalRow(BaseModel):
    """One terminal and what is known of its health."""

    terminal: str
    branch: str
    merchant: str
    outlet: str
    status: str
    online: bool
    heard_at: int
    hello_at: int
    firmware: str
    boot_reason: str
    operator: str
    drawer: str
    waiting_tells: int | None
    oldest_tell_s: int | None
    free_heap: int | None
    free_flash: int | None
    uptime_s: int | None
    unseen_news: int


class DrawerState(BaseModel):
    """A terminal's drawer: its cash is the till account's balance."""

    terminal: str
    state: str
    drawer: str | None
    operator: str | None
    opened_at: int | None
    float_minor: int | None
    cash_minor: int
    held_minor: int
    currency: str


class MessageRow(BaseModel):
    """One message as it passed. Never what it said."""

    number: int
    at_ms: int
    direction: str
    terminal: str
    kind: str
    type: str
    id: str
    outcome: str
    replayed: bool


class AlarmRow(BaseModel):
    """Something staff must look at."""

    seq: int
    at: int
    name: str
    origin: str
    id: str


class LedgerState(BaseModel):
    """Sums over the whole ledger, and how far the day chain is sealed."""

    debits_minor: dict[str, int]
    credits_minor: dict[str, int]
    balanced: bool
    transfers: int
    sealed_blocks: int
    sealed_to_seq: int
    sealed_at: int
    chain_head: str


class Page(BaseModel, Generic[Item]):
    """A list of items."""

    items: list[Item]
