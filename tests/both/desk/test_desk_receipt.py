"""Receipts: when they are printed, and the bytes that go to the printer."""

from dialogue import talk

from desk import receipt

FIELDS = {
    "operation": "01JD00000000000000000VWXYZ",
    "type": "cash_out",
    "state": "paid_out",
    "amount": 4000,
    "fee": 50,
    "currency": "AZN",
    "at": 1_800_000_000,
    "code": "123456",
    "holder": "D*** H*****",
    "account": "9000000000000001",
    "merchant": "Çay evi",
    "city": "Bakı",
    "tax_number": "1000000001",
    "acquirer": "Kassa",
    "receipts": "https://kassa.example/r/",
}

CASH_IN = """
    >> keys B9000000000000001#5000#
    << tone ok
    << tone ok
    << ask cash_in.quote
    << show waiting
    >> answer cash_in.quote {"holder": "D*** H*****", "fee_minor": 0, "total_minor": 5000}
    << tone pay_in
    << show confirm_cash_in
    >> keys #
    << tell cash_in.taken
    << store cash_in:taken*
    << tone ok
    << show cash_in_done
"""


def test_a_receipt_is_printed_once_and_then_as_copies():
    dialogue = talk(
        CASH_IN
        + """
        >> keys 0
        << print cash_in copy=False holder=D***_H***** amount=5000 merchant=Corner_Shop
        << tone ok
        << show cash_in_done notice=Printing_the_receipt
        >> keys 0
        << print cash_in copy=True
        << tone ok
        >> keys #
        << show menu
        >> keys #
        << show choice
        >> keys 9
        << print cash_in copy=True
        << tone ok
        << show menu notice=Printing_the_receipt
        """
    )
    assert dialogue.desk.state == "menu"


def test_a_printer_that_fails_costs_nothing_and_is_tried_again():
    talk(
        CASH_IN
        + """
        >> keys 0
        << print cash_in copy=False
        << tone ok
        << show cash_in_done
        >> failed print The printer has no paper
        << tone attention
        << show cash_in_done notice=The_printer_has_no_paper
        >> keys 0
        << print cash_in copy=False
        << tone ok
        << show cash_in_done
        """
    )


def test_without_a_finished_operation_nothing_is_offered():
    talk(
        """
        >> keys #
        << show choice
        >> keys 9
        << tone warn
        """
    )


def test_the_bytes_are_those_of_a_58_mm_printer():
    data = receipt.paper(FIELDS, "T0000001", False)
    assert data.startswith(b"\x1b@\x1ba\x01\x1bE\x01Cay evi\n\x1bE\x00Baki\nTax no. 1000000001\n")
    assert b"\x1d!\x1140.00 AZN\n\x1d!\x00" in data
    link = b"https://kassa.example/r/01JD00000000000000000VWXYZ"
    assert b"\x1d(k" + bytes((len(link) + 3, 0)) + b"1P0" + link + b"\x1d(k\x03\x001Q0" in data
    assert b"UTC             2027-01-15 08:00\n" in data
    assert b"With fee               40.50 AZN\n" in data
    assert b"Wallet                 **** 0001\n" in data
    assert b"9000000000000001" not in data
    assert b"COPY" not in data
    assert len(data) <= receipt.MAX_BYTES
    assert b"\nCOPY\n" in receipt.paper(FIELDS, "T0000001", True).replace(b"\x1d!\x11", b"").replace(b"\x1bE\x01", b"")


def test_long_names_wrap_and_nothing_leaves_the_paper():
    fields = dict(FIELDS)
    fields["merchant"] = "A" * 40
    fields["holder"] = "B" * 64
    text = receipt.paper(fields, "T0000001", True)
    for line in text.split(b"\x1d(k")[0].split(b"\n"):
        assert len(line) <= 32 + 9, line
    assert b"A" * 32 + b"\n" + b"A" * 8 + b"\n" in text


def test_dates():
    for epoch_s, expected in (
        (0, ""),
        (60, "1970-01-01 00:01"),
        (951_782_400, "2000-02-29 00:00"),
        (1_709_251_140, "2024-02-29 23:59"),
        (1_709_251_200, "2024-03-01 00:00"),
        (4_102_444_740, "2099-12-31 23:59"),
    ):
        assert receipt.stamp(epoch_s) == expected, (epoch_s, receipt.stamp(epoch_s))
