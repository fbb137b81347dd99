"""One sale by its id: what a payer is shown before and after paying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.web.problems import Problem
from deskwire import emvco, ids
from deskwire.errors import WireError

if TYPE_CHECKING:
    import asyncpg

#: Characters of a payload or link: EMVCo's limit is 512.
MAX_PAYLOAD = 512

_SALE = """
SELECT operation.id, operation.state, operation.amount_minor, operation.currency, operation.expires_at,
       operation.closed_at, operation.reference, merchant.name, merchant.city
FROM operation JOIN terminal ON terminal.id = operation.terminal JOIN merchant ON merchant.id = terminal.merchant
WHERE operation.id = ANY($1::text[]) AND operation.type = 'sale'
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as its payer may know it."""

    sale: str
    state: str
    merchant: str
    city: str
    amount_minor: int
    currency: str
    reference: str
    expires_at: int
    closed_at: int


def sale_of_payload(payload: str) -> tuple[str, int | None]:
    """The sale that a scanned QR text or a payment link names, and the amount the QR shows (None for a link).

    Raises:
        Problem: 422 when it is neither, or belongs to somebody else's system.
    """
    text = payload.strip()
    if len(text) > MAX_PAYLOAD:
        raise Problem("invalid", f"payload: more than {MAX_PAYLOAD} characters.", field="payload")
    if text.lower().startswith(("http://", "https://")):
        return _sale_of_link(text), None
    try:
        parsed = emvco.parse(text)
        sale, amount_minor = emvco.sale_id_of(parsed), parsed.amount_minor
    except WireError as error:
        raise Problem("invalid", f"payload: not a payment code ({error}).", field="payload") from None
    if sale is None:
        raise Problem("invalid", "payload: a payment code of another system.", field="payload")
    return sale, amount_minor


def _sale_of_link(link: str) -> str:
    try:
        parts = urlsplit(link).path.strip("/").split("/")
    except ValueError:
        parts = []
    if len(parts) >= 2 and parts[-2] == "p" and ids.is_id(parts[-1]):
        return parts[-1]
    raise Problem("invalid", "payload: not a payment link.", field="payload")


async def find_sale(pool: asyncpg.Pool, sale: str, now: int) -> Sale | None:
    """The sale, an open one past its time shown as expired; None when there is none."""
    row = await pool.fetchrow(_SALE, [sale])
    if row is None:
        return None
    state = row["state"]
    if state == "open" and row["expires_at"] <= now:
        state = "expired"
    return Sale(
        row["id"],
        state,
        row["name"],
        row["city"],
        row["amount_minor"],
        row["currency"],
        row["reference"],
        row["expires_at"],
        row["closed_at"],
    )
