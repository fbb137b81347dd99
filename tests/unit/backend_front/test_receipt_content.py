"""What a receipt says, from the stored operation alone."""

from __future__ import annotations

import pytest

from backend.operations.entities import Operation
from backend.receipts.content import FINISHED, Party, receipt_of

PARTY = Party("Kassa", "Corner Shop", "Baku", "1000000001")
SALE_ID = "01JD0000000000000000ABCDEF"
DONE = Operation(
    *("01JD00000000000000000VWXYZ", "T0000001", "cash_out", "paid_out", "wallet:x", "till:x", "9000000000000001"),
    *(4000, 50, "AZN", "101", "D", "123456", "", "D*** H*****", 1_800_000_000, 0, 1_800_000_060),
)


def test_everything_the_rules_ask_for_is_there() -> None:
    receipt = receipt_of(DONE, PARTY, "https://kassa.example")
    assert receipt is not None
    assert (receipt.title, receipt.amount, receipt.currency) == ("Cash out", "40.00", "AZN")
    assert receipt.link == "https://kassa.example/r/01JD00000000000000000VWXYZ"
    assert dict(receipt.lines) == {
        "Receipt no.": "00000-VWXYZ",
        "Date and time": "2027-01-15 08:01:00 UTC",
        "Terminal": "T0000001",
        "Fee": "0.50 AZN",
        "With fee": "40.50 AZN",
        "Wallet": "**** 0001",
        "Name": "D*** H*****",
        "Authorisation code": "123456",
        "Reference": DONE.id,
    }


def test_a_refund_names_the_receipt_it_gives_back() -> None:
    refund = DONE._replace(type="refund", state="done", reference=SALE_ID)
    receipt = receipt_of(refund, PARTY, "")
    assert receipt is not None
    assert dict(receipt.lines)["Of receipt"] == "0000A-BCDEF"


def test_cash_in_suspense_has_a_receipt_that_says_so() -> None:
    receipt = receipt_of(DONE._replace(type="cash_in", state="suspense"), PARTY, "")
    assert receipt is not None
    assert "checking" in receipt.note


@pytest.mark.parametrize("state", ["quoted", "open", "held", "voided", "expired", "cancelled"])
def test_what_moved_no_money_has_none(state: str) -> None:
    assert state not in FINISHED
    assert receipt_of(DONE._replace(state=state), PARTY, "") is None
    assert receipt_of(DONE._replace(amount_minor=0), PARTY, "") is None
