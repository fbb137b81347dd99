"""What a counter's scanner may read: a wallet's static code, a one-time code, a sale's link, a pickup's code.

A static wallet code is `KASSA:W:` and the wallet's number: it says whose wallet it is, and proves nothing. A one-time
code is its 16 digits alone, so that a bar code can carry it too.
"""

from deskwire import accounts, ids

WALLET = "KASSA:W:"


def wallet_payload(number: str) -> str:
    """The text of a wallet's static QR code; upper case and digits, so that the QR code is small."""
    return WALLET + number


def parse(text: str) -> "tuple[str, str]":
    """("account", number), ("code", digits), ("sale", id), ("pickup", code), or ("", "") for anything else."""
    text = text.strip()
    if text[: len(WALLET)].upper() == WALLET:
        number = text[len(WALLET) :]
        return ("account", number) if accounts.is_account(number) else ("", "")
    if accounts.is_one_time_code(text):
        return "code", text
    if accounts.is_account(text):
        return "account", text
    if accounts.is_pickup_code(text):
        return "pickup", text
    path, _, last = text.rpartition("/")
    if path[:4] == "http" and path[-2:] in ("/p", "/r") and ids.is_id(last):
        return "sale", last
    return "", ""
