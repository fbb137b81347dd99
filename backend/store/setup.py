"""Create parties and their ledger accounts. Idempotent: what exists already is left as it is.

These are staff's and seed data's entry points; money still comes only through the executor (`ledger.transfer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backend.ledger import CREDITS_MUST_NOT_EXCEED_DEBITS, DEBITS_MUST_NOT_EXCEED_CREDITS
from backend.operations.rail_entities import cash_account, rail_account

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What a terminal may do unless said otherwise.
SERVICES: Final = (
    "sale",
    "cash_in",
    "cash_out",
    "balance",
    "drawer",
    "transfer",
    "pickup",
    "refund",
    "statement",
    "customer_pin",
    "bills",
)
_ACCOUNT: Final = "INSERT INTO account (id, currency, flags) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"


async def open_currency(connection: Any, currency: str) -> None:
    """The accounts a currency needs: suspense, fees, and the supply that opening balances come from."""
    for name in ("suspense", "fees", "cash_supply"):
        await connection.execute(_ACCOUNT, f"{name}:{currency}", currency, 0)
    await connection.execute(_ACCOUNT, cash_account(currency), currency, DEBITS_MUST_NOT_EXCEED_CREDITS)


async def open_rail(connection: Any, rail: str, currency: str) -> None:
    """The account of what we and a rail owe each other."""
    await connection.execute(_ACCOUNT, rail_account(rail, currency), currency, 0)


async def open_branch(connection: Any, branch: str, name: str, currency: str) -> None:
    """A branch, its vault and its over/short account."""
    await open_currency(connection, currency)
    await connection.execute(
        "INSERT INTO branch (id, name, currency) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", branch, name, currency
    )
    await connection.execute(_ACCOUNT, f"branch_vault:{branch}", currency, CREDITS_MUST_NOT_EXCEED_DEBITS)
    await connection.execute(_ACCOUNT, f"cash_in_transit:{branch}", currency, CREDITS_MUST_NOT_EXCEED_DEBITS)
    await connection.execute(_ACCOUNT, f"over_short:{branch}", currency, 0)


async def open_merchant(
    connection: Any, merchant: str, *, name: str, city: str, country: str, mcc: str, currency: str
) -> None:
    """A merchant and the account its sales are credited to."""
    await connection.execute(
        "INSERT INTO merchant (id, name, city, country, mcc, currency) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT DO NOTHING",
        merchant,
        name,
        city,
        country,
        mcc,
        currency,
    )
    await connection.execute(_ACCOUNT, f"merchant:{merchant}", currency, 0)


async def open_terminal(
    connection: Any,
    terminal: str,
    *,
    branch: str,
    merchant: str,
    ikid: bytes,
    at: int,
    outlet: str = "",
    services: Sequence[str] = SERVICES,
) -> None:
    """A terminal, its state, its news counter, and its till."""
    await connection.execute(
        "INSERT INTO terminal (id, branch, merchant, outlet, services, ikid, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        terminal,
        branch,
        merchant,
        outlet or terminal,
        list(services),
        ikid,
        at,
    )
    await connection.execute("INSERT INTO terminal_state (terminal) VALUES ($1) ON CONFLICT DO NOTHING", terminal)
    await connection.execute("INSERT INTO news_counter (terminal) VALUES ($1) ON CONFLICT DO NOTHING", terminal)
    currency = await connection.fetchval("SELECT currency FROM branch WHERE id = $1", branch)
    await connection.execute(_ACCOUNT, f"till:{terminal}", currency, CREDITS_MUST_NOT_EXCEED_DEBITS)


async def add_operator(connection: Any, number: str, *, branch: str, name: str, role: str, verifier: bytes) -> None:
    """An operator of a branch; the verifier comes from the vault, bound to deskwire's operator_account(number)."""
    await connection.execute(
        "INSERT INTO operator (number, branch, name, role, verifier) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        number,
        branch,
        name,
        role,
        verifier,
    )
    await connection.execute("UPDATE branch SET operators_version = operators_version + 1 WHERE id = $1", branch)


async def open_wallet(
    connection: Any, number: str, *, holder: str, currency: str, verifier: bytes, language: str = "en"
) -> None:
    """A holder's wallet and its account, which can never be overdrawn."""
    await connection.execute(
        "INSERT INTO wallet (number, holder, language, currency, verifier) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        number,
        holder,
        language,
        currency,
        verifier,
    )
    await connection.execute(_ACCOUNT, f"wallet:{number}", currency, DEBITS_MUST_NOT_EXCEED_CREDITS)
