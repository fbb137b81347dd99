"""The ledger's law: accounts with four counters, transfers, holds; pure, no I/O, no clock."""

from backend.ledger.account import (
    CREDITS_MUST_NOT_EXCEED_DEBITS,
    DEBITS_MUST_NOT_EXCEED_CREDITS,
    MAX_COUNTER,
    Account,
)
from backend.ledger.book import Book
from backend.ledger.results import Result
from backend.ledger.transfer import EXPIRE, HELD, PENDING, PLAIN, POST, VOID, Pending, Transfer

__all__ = [
    "CREDITS_MUST_NOT_EXCEED_DEBITS",
    "DEBITS_MUST_NOT_EXCEED_CREDITS",
    "EXPIRE",
    "HELD",
    "MAX_COUNTER",
    "PENDING",
    "PLAIN",
    "POST",
    "VOID",
    "Account",
    "Book",
    "Pending",
    "Result",
    "Transfer",
]
