"""A book of accounts and holds: says whether a transfer is allowed, and carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger.account import (
    CREDITS_MUST_NOT_EXCEED_DEBITS,
    DEBITS_MUST_NOT_EXCEED_CREDITS,
    MAX_COUNTER,
    Account,
)
from backend.ledger.results import Result
from backend.ledger.transfer import EXPIRE, HELD, PENDING, POST, VOID, Pending, Transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

OK = Result.OK
_RESOLVED = {
    POST: Result.PENDING_TRANSFER_ALREADY_POSTED,
    VOID: Result.PENDING_TRANSFER_ALREADY_VOIDED,
    EXPIRE: Result.PENDING_TRANSFER_ALREADY_EXPIRED,
}


class Book:
    """Accounts and holds by id. `check` changes nothing; `apply` carries out what `check` allowed."""

    __slots__ = ("accounts", "pendings")

    def __init__(self, accounts: dict[str, Account], pendings: dict[str, Pending]) -> None:
        self.accounts = accounts
        self.pendings = pendings

    def check(self, transfer: Transfer) -> Result:
        """The first rule that the transfer breaks, or OK."""
        amount = transfer.amount_minor
        if amount <= 0:
            return Result.AMOUNT_MUST_BE_POSITIVE
        if amount > MAX_COUNTER:
            return Result.AMOUNT_OVER_BOUND
        if transfer.debit == transfer.credit:
            return Result.ACCOUNTS_MUST_BE_DIFFERENT
        debit = self.accounts.get(transfer.debit)
        if debit is None:
            return Result.DEBIT_ACCOUNT_NOT_FOUND
        credit = self.accounts.get(transfer.credit)
        if credit is None:
            return Result.CREDIT_ACCOUNT_NOT_FOUND
        if debit.currency != transfer.currency or credit.currency != transfer.currency:
            return Result.ACCOUNTS_MUST_HAVE_THE_TRANSFERS_CURRENCY
        if transfer.kind > PENDING:
            return self._check_resolution(transfer, debit, credit)
        return self._check_movement(transfer, debit, credit)

    def check_linked(self, transfers: Sequence[Transfer]) -> Result:
        """The first rule that the transfers break when carried out one after another, all or none."""
        if len(transfers) == 1:
            return self.check(transfers[0])
        trial = Book({}, {})
        for transfer in transfers:
            for name in (transfer.debit, transfer.credit):
                if name in self.accounts and name not in trial.accounts:
                    trial.accounts[name] = self.accounts[name].copy()
            for pending in (transfer.id, transfer.pending_id):
                if pending in self.pendings and pending not in trial.pendings:
                    trial.pendings[pending] = self.pendings[pending]
            if (result := trial.check(transfer)) is not OK:
                return result
            trial.apply(transfer)
        return OK

    def apply(self, transfer: Transfer) -> None:
        """Carry out a transfer that `check` allowed."""
        debit, credit = self.accounts[transfer.debit], self.accounts[transfer.credit]
        amount, kind = transfer.amount_minor, transfer.kind
        if kind == PENDING:
            debit.debits_pending += amount
            credit.credits_pending += amount
            self.pendings[transfer.id] = Pending(
                transfer.id,
                transfer.debit,
                transfer.credit,
                amount,
                transfer.currency,
                transfer.code,
                transfer.operation,
                HELD,
                transfer.expires_at,
            )
            return
        if kind > PENDING:
            debit.debits_pending -= amount
            credit.credits_pending -= amount
            self.pendings[transfer.pending_id] = self.pendings[transfer.pending_id]._replace(state=kind)
        if kind <= POST:
            debit.debits_posted += amount
            credit.credits_posted += amount

    def _check_movement(self, transfer: Transfer, debit: Account, credit: Account) -> Result:
        """The rules of moving money at once, and of holding it: bounds first, then the accounts' limits."""
        amount = transfer.amount_minor
        if transfer.kind == PENDING:
            if transfer.id in self.pendings:
                return Result.PENDING_ID_TAKEN
            if debit.debits_pending + amount > MAX_COUNTER:
                return Result.OVERFLOWS_DEBITS_PENDING
            if credit.credits_pending + amount > MAX_COUNTER:
                return Result.OVERFLOWS_CREDITS_PENDING
        elif (over := _posted_overflow(debit, credit, amount)) is not OK:
            return over
        if debit.flags & DEBITS_MUST_NOT_EXCEED_CREDITS and debit.credit_available < amount:
            return Result.EXCEEDS_CREDITS
        if credit.flags & CREDITS_MUST_NOT_EXCEED_DEBITS and credit.debit_available < amount:
            return Result.EXCEEDS_DEBITS
        return OK

    def _check_resolution(self, transfer: Transfer, debit: Account, credit: Account) -> Result:
        """The rules of posting, voiding and expiring a hold."""
        pending = self.pendings.get(transfer.pending_id)
        if pending is None:
            return Result.PENDING_TRANSFER_NOT_FOUND
        if (pending.debit, pending.credit, pending.amount_minor) != transfer[2:5]:
            return Result.PENDING_TRANSFER_DIFFERS
        if pending.state != HELD:
            return _RESOLVED[pending.state]
        if transfer.kind == EXPIRE and transfer.at < pending.expires_at:
            return Result.PENDING_TRANSFER_NOT_DUE
        return _posted_overflow(debit, credit, transfer.amount_minor) if transfer.kind == POST else OK


def _posted_overflow(debit: Account, credit: Account, amount_minor: int) -> Result:
    """Whether posting the amount would take a posted counter over its bound."""
    if debit.debits_posted + amount_minor > MAX_COUNTER:
        return Result.OVERFLOWS_DEBITS_POSTED
    if credit.credits_posted + amount_minor > MAX_COUNTER:
        return Result.OVERFLOWS_CREDITS_POSTED
    return OK
