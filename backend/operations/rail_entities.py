"""An order to the outside world (a biller, a card scheme, another wallet), in the order of its table's columns."""

from __future__ import annotations

from typing import Final, NamedTuple

#: What the money of an order came from.
CASH: Final = "cash"
WALLET: Final = "wallet"


class RailOrder(NamedTuple):
    """One order, named by its whole operation's id, which the rail gets as the idempotency key.

    `token` is the destination as the rail named it when it was looked up (never a card number), `shown` what people may
    see of it. `origin` is whom to tell: "t:<terminal>" or "w:<wallet>". `attempts` and `next_at` (epoch seconds) belong
    to the worker.
    """

    id: str
    rail: str
    service: str
    name: str
    token: str
    shown: str
    origin: str
    source: str
    state: str
    amount_minor: int
    currency: str
    rail_reference: str
    receipt: str
    reason: str
    opened_at: int
    closed_at: int
    attempts: int
    next_at: int

    @property
    def account(self) -> str:
        """The ledger account of what we and the rail owe each other."""
        return rail_account(self.rail, self.currency)


def rail_account(rail: str, currency: str) -> str:
    """The ledger account of what we and a rail owe each other: credited when we pay through it."""
    return f"rail:{rail}:{currency}"


def cash_account(currency: str) -> str:
    """The ledger account of cash that was taken for orders and neither paid nor given back yet."""
    return f"order_cash:{currency}"
