"""What the counter's scanner reads, under both interpreters."""

from deskwire import accounts, ids, scan

WALLET = "9000000000000001"
CODE = accounts.complete("77" + "1" * 13)
SENT = accounts.pickup_code("12345678901")
SALE = ids.make(bytes(range(16)))


def test_each_kind_of_code_is_told_apart():
    for text, found in (
        (WALLET, ("account", WALLET)),
        (scan.wallet_payload(WALLET), ("account", WALLET)),
        (" kassa:w:" + WALLET + "\r\n", ("account", WALLET)),
        (CODE, ("code", CODE)),
        (SENT, ("pickup", SENT)),
        ("https://kassa.example/p/" + SALE, ("sale", SALE)),
        ("http://127.0.0.1:8000/r/" + SALE, ("sale", SALE)),
    ):
        assert scan.parse(text) == found, text


def test_everything_else_is_nothing():
    for text in ("", "hello", WALLET[:-1] + "2", "KASSA:W:12", SENT[:-1] + "x", "/p/" + SALE, "https://x/q/" + SALE):
        assert scan.parse(text) == ("", ""), text


def test_a_pickups_code_and_the_number_behind_it():
    account = accounts.pickup_account(SENT)
    assert accounts.is_account(account)
    assert accounts.pickup_of(account) == SENT
    assert accounts.pickup_of(WALLET) == ""
    assert not accounts.is_pickup_code(SENT[:-1] + str((int(SENT[-1]) + 1) % 10))
    assert not accounts.is_one_time_code(WALLET)
