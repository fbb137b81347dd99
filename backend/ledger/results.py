"""Every outcome a transfer can have, as one closed list in order of precedence."""

from __future__ import annotations

from enum import IntEnum


class Result(IntEnum):
    """What the ledger says to a transfer. The first rule broken, in this order, names the result."""

    OK = 0
    AMOUNT_MUST_BE_POSITIVE = 1
    AMOUNT_OVER_BOUND = 2
    ACCOUNTS_MUST_BE_DIFFERENT = 3
    DEBIT_ACCOUNT_NOT_FOUND = 4
    CREDIT_ACCOUNT_NOT_FOUND = 5
    ACCOUNTS_MUST_HAVE_THE_TRANSFERS_CURRENCY = 6
    PENDING_ID_TAKEN = 7
    PENDING_TRANSFER_NOT_FOUND = 8
    PENDING_TRANSFER_DIFFERS = 9
    PENDING_TRANSFER_ALREADY_POSTED = 10
    PENDING_TRANSFER_ALREADY_VOIDED = 11
    PENDING_TRANSFER_ALREADY_EXPIRED = 12
    PENDING_TRANSFER_NOT_DUE = 13
    OVERFLOWS_DEBITS_PENDING = 14
    OVERFLOWS_CREDITS_PENDING = 15
    OVERFLOWS_DEBITS_POSTED = 16
    OVERFLOWS_CREDITS_POSTED = 17
    EXCEEDS_CREDITS = 18
    EXCEEDS_DEBITS = 19
