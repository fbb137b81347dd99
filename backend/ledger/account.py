"""An account: four counters that only transfers move, and the limits its flags put on them."""

from __future__ import annotations

from typing import Final

#: For credit-normal accounts (a wallet): what left may not exceed what came, holds included.
DEBITS_MUST_NOT_EXCEED_CREDITS: Final = 1
#: For debit-normal accounts (a till, a vault): the same the other way round.
CREDITS_MUST_NOT_EXCEED_DEBITS: Final = 2
#: A counter's bound. PostgreSQL's bigint ends at 2**63 - 1: the margin keeps the sum of two counters inside it.
MAX_COUNTER: Final = 2**62 - 1


class Account:
    """One account's counters in minor units. Mutable, because a batch works on it; only Book changes it."""

    __slots__ = ("credits_pending", "credits_posted", "currency", "debits_pending", "debits_posted", "flags", "id")

    def __init__(  # noqa: PLR0917  (the table's columns, in their order)
        self,
        id: str,  # noqa: A002  (the field's own name)
        currency: str,
        flags: int = 0,
        debits_pending: int = 0,
        debits_posted: int = 0,
        credits_pending: int = 0,
        credits_posted: int = 0,
    ) -> None:
        self.id = id
        self.currency = currency
        self.flags = flags
        self.debits_pending = debits_pending
        self.debits_posted = debits_posted
        self.credits_pending = credits_pending
        self.credits_posted = credits_posted

    def __repr__(self) -> str:
        return f"Account({self.id}, {self.currency}, flags={self.flags}, counters={self.counters})"

    @property
    def counters(self) -> tuple[int, int, int, int]:
        """Debits pending, debits posted, credits pending, credits posted."""
        return (self.debits_pending, self.debits_posted, self.credits_pending, self.credits_posted)

    @property
    def credit_balance(self) -> int:
        """What a credit-normal account (wallet, merchant, fees) holds, posted."""
        return self.credits_posted - self.debits_posted

    @property
    def credit_available(self) -> int:
        """What a credit-normal account may still spend: its balance less its holds."""
        return self.credits_posted - self.debits_posted - self.debits_pending

    @property
    def debit_balance(self) -> int:
        """What a debit-normal account (till, vault) holds, posted."""
        return self.debits_posted - self.credits_posted

    @property
    def debit_available(self) -> int:
        """What a debit-normal account may still give: its balance less what is promised to be paid out."""
        return self.debits_posted - self.credits_posted - self.credits_pending

    @property
    def is_limited(self) -> bool:
        """Whether a transfer on it can fail for lack of funds, so that it must be locked before deciding."""
        return self.flags != 0

    def keeps_limits(self) -> bool:
        """Whether the counters obey the flags."""
        if self.flags & DEBITS_MUST_NOT_EXCEED_CREDITS and self.credit_available < 0:
            return False
        return not (self.flags & CREDITS_MUST_NOT_EXCEED_DEBITS and self.debit_available < 0)

    def copy(self) -> Account:
        """An independent account with the same counters."""
        return Account(self.id, self.currency, self.flags, *self.counters)
