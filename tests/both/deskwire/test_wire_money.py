"""Money, accounts, ids and topics: golden rows, both ways, and what must be refused."""

from both import refused

from deskwire import accounts, ids, money, topics
from deskwire.errors import MoneyError, TopicError, WireError


def test_amounts_read_and_write_the_same_way():
    rows = (
        (0, "AZN", "0.00"),
        (5, "AZN", "0.05"),
        (1250, "AZN", "12.50"),
        (100000000, "KGS", "1000000.00"),
        (1250, "IRR", "1250"),
        (money.MAX_AMOUNT_MINOR, "GEL", "9999999999.99"),
    )
    for amount_minor, currency, text in rows:
        assert money.format_minor(amount_minor, currency) == text, text
        assert money.parse_decimal(text, currency) == amount_minor, text
    assert money.format_minor(-5, "AZN") == "-0.05"
    assert money.parse_decimal("12.", "AZN") == money.parse_decimal("12", "AZN") == 1200
    assert money.parse_decimal("12.5", "AZN") == 1250


def test_what_is_no_amount_is_refused():
    for text in (
        "",
        ".",
        ".5",
        "1,5",
        "1 000",
        "-1",
        "+1",
        "1e3",
        "0x1",
        "1.234",
        "1.2.3",
        "١٢",
        "1" * 16,
        None,
        5,
        "1_0",
    ):
        refused(MoneyError, money.parse_decimal, text, "AZN")
    refused(MoneyError, money.parse_decimal, "1.0", "IRR")
    refused(MoneyError, money.parse_decimal, "10000000000.00", "AZN")
    refused(MoneyError, money.parse_decimal, "1", "XXX")
    refused(MoneyError, money.format_minor, True, "AZN")
    refused(MoneyError, money.format_minor, 1.5, "AZN")


def test_ids_are_26_characters_of_128_bits():
    assert ids.make(bytes(16)) == "0" * 26
    assert ids.make(b"\xff" * 16) == "7" + "Z" * 25
    assert ids.is_id(ids.make(bytes(range(16))))
    for text in ("", "0" * 25, "0" * 27, "8" + "0" * 25, "I" * 26, "0" * 25 + "u", "0" * 25 + "U", 5, None, b"0" * 26):
        assert not ids.is_id(text), text
    refused(WireError, ids.make, b"short")


def test_account_numbers_carry_their_check_digit():
    for number in (
        "4111111111111111",
        accounts.complete("970000000000001"),
        accounts.operator_account("101"),
        accounts.complete("9" * 15),
    ):
        assert accounts.is_account(number), number
        for place in range(16):
            other = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
            assert not accounts.is_account(other), other
    assert accounts.operator_account("101")[:15] == "990000000000101"
    for text in ("", "4111111111111112", "411111111111111", "41111111111111111", "٤" * 16, None, 4111111111111111):
        assert not accounts.is_account(text), text
    refused(WireError, accounts.operator_account, "12")


def test_names_are_masked_to_their_initials():
    assert accounts.mask_name("Aygun Mammadova") == "A**** M********"
    assert accounts.mask_name("Өмүр") == "Ө***"
    assert accounts.mask_name("") == ""


def test_topics_read_what_they_write():
    for kind in topics.TERMINAL_KINDS:
        assert topics.parse(getattr(topics, kind)("T0000001")) == (kind, "T0000001")
    assert topics.parse(topics.hub_state("H001")) == ("hub_state", "H001")
    bad = (
        "",
        "kassa/1/T0000001",
        "kassa/1/T0000001/ask/x",
        "kassa/2/T0000001/ask",
        "kassa/1/t0000001/ask",
        "kassa/1/+/ask",
    )
    for topic in bad + (  # noqa: RUF005
        "kassa/1/#",
        "kassa/1/hub/H001/ask",
        "kassa/1/TTT/ask",
        "kassa/1/T000\x001/ask",
        None,
        7,
        "k" * 9999,
    ):
        refused(TopicError, topics.parse, topic)
    for terminal in ("", "abc", "T/1", "T" * 17, None):
        refused(TopicError, topics.ask, terminal)
