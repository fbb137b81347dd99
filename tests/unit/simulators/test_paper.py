"""The printer's paper: what the firmware sends is understood, and what it shows can be read again."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp

from desk import receipt
from simulators.terminal.paper import Paper, PaperError

FIELDS = {
    "operation": "01JD00000000000000000VWXYZ",
    "type": "sale",
    "state": "paid",
    "amount": 1250,
    "currency": "AZN",
    "at": 1_800_000_000,
    "code": "123456",
    "holder": "",
    "merchant": "Corner Shop",
    "city": "Baku",
    "tax_number": "1000000001",
    "acquirer": "Kassa",
    "receipts": "http://127.0.0.1:8000/r/",
}
#: The firmware is not annotated.
LAYOUT: Any = receipt.paper
LINK = "http://127.0.0.1:8000/r/01JD00000000000000000VWXYZ"


def test_a_receipt_comes_out_and_its_symbol_can_be_scanned() -> None:
    paper = Paper()
    printed = paper.feed(LAYOUT(FIELDS, "T0000001", copy=True))
    assert printed.text[0] == "Corner Shop"
    assert "COPY" in printed.text
    assert "12.50 AZN" in printed.text
    assert "Terminal                T0000001" in printed.text
    assert printed.codes == [LINK]
    (found,) = zxingcpp.read_barcodes(printed.image())
    assert found.text == LINK
    assert printed.png().startswith(b"\x89PNG")
    assert paper.printed == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x1bz\x00", "not a command"),
        (b"\x1d(k\x05\x00", "cut off"),
        (b"\x1d(k\x03\x001Q0", "not a command"),
        (b"\x1d!\x22", "small"),
        (b"\xc3\x87ay\n", "neither text"),
        (b"no end", "no end"),
    ],
)
def test_what_the_printer_does_not_have_is_named(data: bytes, why: str) -> None:
    paper = Paper()
    with pytest.raises(PaperError, match=why):
        paper.feed(data)
    assert not paper.receipts
