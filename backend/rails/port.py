"""The port to one rail: look a customer up, give it an order, ask what became of it. Values, never exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Found(NamedTuple):
    """What a lookup found. `token` names the destination to the rail from now on; `shown` is masked for people."""

    outcome: Literal["found", "unknown", "away"]
    token: str = ""
    shown: str = ""
    debt_minor: int = 0


class Order(NamedTuple):
    """An order as a rail gets it. The same id is the same order, however often it is sent."""

    id: str
    service: str
    token: str
    amount_minor: int
    currency: str


class Report(NamedTuple):
    """What was heard of an order: an event of backend.operations.rail_states, never `start`."""

    event: Literal["accepted", "done", "failed", "not_known", "not_sent", "no_answer"]
    reference: str = ""
    receipt: str = ""
    reason: str = ""


class Rail(Protocol):
    """One rail. Its methods end within seconds, and report every failure as a value."""

    async def lookup(self, service: str, reference: str, currency: str) -> Found:
        """Who is behind a typed reference, and what is owed."""
        ...

    async def submit(self, order: Order) -> Report:
        """Give the order; sending the same one again is harmless."""
        ...

    async def status(self, order_id: str) -> Report:
        """What became of an order. Never `not_sent` or `no_answer` for an order that the rail answers for."""
        ...


#: Rails by name: "billers", "cards", "wallets", "international".
Rails = dict[str, Rail]


def report_of(state: object, answer: Mapping[str, object]) -> Report:
    """The report in a rail's own words (`pending`, `done`, `failed`); anything else says nothing for certain."""
    reference, receipt, reason = (_text(answer.get(name)) for name in ("reference", "receipt", "reason"))
    if state == "done":
        return Report("done", reference, receipt)
    if state == "failed":
        return Report("failed", reference, "", reason)
    return Report("accepted", reference) if state == "pending" else Report("no_answer")


#: Characters of a receipt number or a reason that are kept and shown.
MAX_TEXT = 40


def _text(value: object) -> str:
    """A clean, short text from whatever a rail sent."""
    return "".join(c for c in value if c.isprintable())[:MAX_TEXT] if isinstance(value, str) else ""
