"""A receipt as a pure function of the stored operation and of whose it was: content as AZQR asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from deskwire import ids
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.entities import Operation

#: States in which money has moved for good: only these have a receipt.
FINISHED: Final = frozenset({"paid", "taken", "paid_out", "done", "suspense"})
#: type -> what the customer did.
TITLES: Final = {
    "sale": "Payment",
    "cash_in": "Cash in",
    "cash_out": "Cash out",
    "transfer": "Transfer",
    "pickup": "Cash sent",
    "pickup_out": "Cash picked up",
    "refund": "Refund",
    "bill": "Bill payment",
    "card": "To a bank card",
    "top_up": "Top-up",
}
CHECKED: Final = "The operator is checking this operation. Keep this receipt."


@dataclass(frozen=True, slots=True)
class Party:
    """Who the receipt is from. Merchant and terminal are empty where the holder's phone did it alone."""

    acquirer: str
    merchant: str
    city: str
    tax_number: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt: its head, its lines as (label, text), and the link it is found by."""

    title: str
    party: Party
    number: str
    amount: str
    currency: str
    lines: tuple[tuple[str, str], ...]
    note: str
    link: str


def receipt_of(operation: Operation, party: Party, base_url: str) -> Receipt | None:
    """The receipt of a finished operation; None while it is not finished, or when it moved nothing."""
    if operation.state not in FINISHED or not operation.amount_minor:
        return None
    number = ids.short(operation.id)
    lines = (
        ("Receipt no.", number),
        ("Date and time", _time(operation.closed_at or operation.opened_at)),
        ("Terminal", operation.terminal),
        *_money(operation),
        ("Wallet", _masked(operation.account)),
        (_OTHER.get(operation.type, "Name"), operation.party),
        ("Authorisation code", operation.code),
        *_references(operation),
    )
    return Receipt(
        title=TITLES.get(operation.type, operation.type.replace("_", " ").capitalize()),
        party=party,
        number=number,
        amount=format_minor(operation.amount_minor, operation.currency),
        currency=operation.currency,
        lines=tuple((label, text) for label, text in lines if text),
        note=CHECKED if operation.state == "suspense" else "",
        link=f"{base_url}/r/{operation.id}",
    )


#: type -> whose (masked) name it is.
_OTHER: Final = {"sale": "Payer", "refund": "Payer", "transfer": "Payee"}


def _money(operation: Operation) -> tuple[tuple[str, str], ...]:
    """Fee, what it came to, and what has been given back; only where there is any."""
    currency, fee_minor = operation.currency, operation.fee_minor
    lines = []
    if fee_minor:
        lines.append(("Fee", f"{format_minor(fee_minor, currency)} {currency}"))
        lines.append(("With fee", f"{format_minor(operation.amount_minor + fee_minor, currency)} {currency}"))
    if operation.refunded_minor:
        lines.append(("Refunded", f"{format_minor(operation.refunded_minor, currency)} {currency}"))
    return tuple(lines)


def _references(operation: Operation) -> tuple[tuple[str, str], ...]:
    """The operation's own reference number; of a refund, its sale's receipt; a bill number where one was given."""
    given = operation.reference
    if operation.type == "refund":
        return (("Reference", operation.id), ("Of receipt", ids.short(given)))
    return (("Reference", operation.id), ("Bill" if operation.type == "sale" else "Service", given))


def _masked(account: str) -> str:
    """A wallet's number as a receipt may show it: its last four digits."""
    return f"**** {account[-4:]}" if account.isdigit() else ""


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
