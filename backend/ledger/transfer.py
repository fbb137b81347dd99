"""Transfers and holds as plain records, in the order of their table's columns."""

from __future__ import annotations

from typing import Final, NamedTuple

#: Kinds of transfer. A hold is one PENDING row and at most one row that resolves it.
PLAIN: Final = 0
PENDING: Final = 1
POST: Final = 2
VOID: Final = 3
EXPIRE: Final = 4
#: States of a hold: held, or the kind of the transfer that resolved it.
HELD: Final = PENDING
KIND_NAMES: Final = ("transfer", "hold", "post", "void", "expire")


class Transfer(NamedTuple):
    """One movement of `amount_minor` from the debited to the credited account. Never changed once booked.

    `pending_id` names the hold that a POST, VOID or EXPIRE resolves, with the hold's own accounts and amount;
    `operation` is the id of the whole operation it belongs to. Times are epoch seconds.
    """

    id: str
    kind: int
    debit: str
    credit: str
    amount_minor: int
    currency: str
    code: int
    pending_id: str
    operation: str
    at: int
    expires_at: int = 0


class Pending(NamedTuple):
    """A hold: money promised by both accounts, moved when posted, given back when voided or expired."""

    id: str
    debit: str
    credit: str
    amount_minor: int
    currency: str
    code: int
    operation: str
    state: int
    expires_at: int

    def resolve(self, kind: int, transfer_id: str, at: int) -> Transfer:
        """The transfer that posts, voids or expires this hold."""
        return Transfer(
            transfer_id,
            kind,
            self.debit,
            self.credit,
            self.amount_minor,
            self.currency,
            self.code,
            self.id,
            self.operation,
            at,
        )
