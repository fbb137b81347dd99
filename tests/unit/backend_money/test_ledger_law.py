"""The ledger's law, over any sequence of transfers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ledger import (
    CREDITS_MUST_NOT_EXCEED_DEBITS,
    DEBITS_MUST_NOT_EXCEED_CREDITS,
    EXPIRE,
    HELD,
    MAX_COUNTER,
    PENDING,
    PLAIN,
    POST,
    VOID,
    Account,
    Book,
    Result,
    Transfer,
)

NAMES = ("free", "other", "wallet", "till")
FLAGS = (0, 0, DEBITS_MUST_NOT_EXCEED_CREDITS, CREDITS_MUST_NOT_EXCEED_DEBITS)


def new_book() -> Book:
    return Book({name: Account(name, "AZN", flags) for name, flags in zip(NAMES, FLAGS, strict=True)}, {})


def transfer(  # noqa: PLR0917  (a transfer's own columns)
    name: str, kind: int, debit: str, credit: str, amount: int, pending: str = "", at: int = 0
) -> Transfer:
    return Transfer(name, kind, debit, credit, amount, "AZN", 1, pending, name, at, expires_at=10)


def book_all(book: Book, steps: list[tuple[int, int, int, int, int]]) -> list[Transfer]:
    done: list[Transfer] = []
    for number, (kind, debit, credit, amount, target) in enumerate(steps):
        holds = [t for t in done if t.kind == PENDING]
        if kind > PENDING and holds:
            wanted = book.pendings[holds[target % len(holds)].id].resolve(kind, str(number), 10)
        else:
            wanted = transfer(str(number), min(kind, PENDING), NAMES[debit], NAMES[credit], amount)
        if book.check(wanted) is Result.OK:
            book.apply(wanted)
            done.append(wanted)
    return done


STEPS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3), st.integers(-1, 50), st.integers(0, 9)),
    max_size=60,
)


@given(STEPS)
def test_sum_is_zero_and_no_limit_is_ever_exceeded(steps: list[tuple[int, int, int, int, int]]) -> None:
    book = new_book()
    done = book_all(book, steps)
    accounts = book.accounts.values()
    assert sum(a.debits_posted for a in accounts) == sum(a.credits_posted for a in accounts)
    assert sum(a.debits_pending for a in accounts) == sum(a.credits_pending for a in accounts)
    assert all(a.keeps_limits() and min(a.counters) >= 0 for a in accounts)
    held = sum(p.amount_minor for p in book.pendings.values() if p.state == HELD)
    assert sum(a.debits_pending for a in accounts) == held
    moved = sum(t.amount_minor for t in done if t.kind in {PLAIN, POST})
    assert sum(a.debits_posted for a in accounts) == moved


@given(STEPS, st.sampled_from([VOID, EXPIRE]), st.integers(1, 20))
def test_giving_back_a_hold_restores_the_counters_exactly(
    steps: list[tuple[int, int, int, int, int]], kind: int, amount: int
) -> None:
    book = new_book()
    book_all(book, steps)
    before = [a.counters for a in book.accounts.values()]
    hold = transfer("hold", PENDING, "free", "other", amount)
    assert book.check(hold) is Result.OK
    book.apply(hold)
    release = book.pendings["hold"].resolve(kind, "release", 10)
    assert book.check(release) is Result.OK
    book.apply(release)
    assert [a.counters for a in book.accounts.values()] == before


@pytest.mark.parametrize("second", [POST, VOID, EXPIRE])
@pytest.mark.parametrize(
    ("first", "result"),
    [
        (POST, Result.PENDING_TRANSFER_ALREADY_POSTED),
        (VOID, Result.PENDING_TRANSFER_ALREADY_VOIDED),
        (EXPIRE, Result.PENDING_TRANSFER_ALREADY_EXPIRED),
    ],
)
def test_a_hold_is_resolved_once(first: int, second: int, result: Result) -> None:
    book = new_book()
    book.apply(transfer("hold", PENDING, "free", "other", 5))
    pending = book.pendings["hold"]
    book.apply(pending.resolve(first, "one", 10))
    assert book.check(pending.resolve(second, "two", 10)) is result


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        (transfer("t", PLAIN, "free", "other", 0), Result.AMOUNT_MUST_BE_POSITIVE),
        (transfer("t", PLAIN, "free", "other", MAX_COUNTER + 1), Result.AMOUNT_OVER_BOUND),
        (transfer("t", PLAIN, "free", "free", 1), Result.ACCOUNTS_MUST_BE_DIFFERENT),
        (transfer("t", PLAIN, "none", "free", 1), Result.DEBIT_ACCOUNT_NOT_FOUND),
        (transfer("t", PLAIN, "free", "none", 1), Result.CREDIT_ACCOUNT_NOT_FOUND),
        (transfer("t", PLAIN, "free", "other", 1)._replace(currency="KGS"), Result(6)),
        (transfer("held", PENDING, "free", "other", 1), Result.PENDING_ID_TAKEN),
        (transfer("t", POST, "free", "other", 1, "none"), Result.PENDING_TRANSFER_NOT_FOUND),
        (transfer("t", POST, "free", "other", 6, "held"), Result.PENDING_TRANSFER_DIFFERS),
        (transfer("t", EXPIRE, "free", "other", 5, "held", at=9), Result.PENDING_TRANSFER_NOT_DUE),
        (transfer("t", PLAIN, "free", "full", 6), Result.OVERFLOWS_CREDITS_POSTED),
        (transfer("t", PLAIN, "full", "free", 6), Result.OVERFLOWS_DEBITS_POSTED),
        (transfer("t", PENDING, "full", "free", 6), Result.OVERFLOWS_DEBITS_PENDING),
        (transfer("t", PENDING, "free", "full", 6), Result.OVERFLOWS_CREDITS_PENDING),
        (transfer("t", PLAIN, "wallet", "free", 1), Result.EXCEEDS_CREDITS),
        (transfer("t", PENDING, "free", "till", 1), Result.EXCEEDS_DEBITS),
    ],
)
def test_the_first_broken_rule_names_the_result(wanted: Transfer, result: Result) -> None:
    book = new_book()
    book.apply(transfer("held", PENDING, "free", "other", 5))
    book.accounts["full"] = Account("full", "AZN", 0, *(MAX_COUNTER - 5,) * 4)
    assert book.check(wanted) is result


def test_linked_transfers_are_checked_one_after_another() -> None:
    book = new_book()
    book.apply(transfer("open", PLAIN, "free", "wallet", 10))
    first, second = transfer("a", PENDING, "wallet", "other", 8), transfer("b", PENDING, "wallet", "other", 3)
    assert book.check_linked((first, second)) is Result.EXCEEDS_CREDITS
    assert book.check_linked((first, second._replace(amount_minor=2))) is Result.OK
    assert book.accounts["wallet"].counters == (0, 0, 0, 10)
    assert book.pendings == {}
