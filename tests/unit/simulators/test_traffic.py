"""The message view: one row for each id, its copies counted, its outcome filled in, and no PIN block kept."""

from __future__ import annotations

from deskwire import envelope, ids, messages
from simulators.links.mqtt_stream import Publish
from simulators.links.traffic import Traffic

KSN, KEY = bytes(12), bytes(32)
ID = ids.make(bytes(range(16)))
AUTHORIZE = {
    "operator": "101",
    "account": "9000000000000001",
    "amount_minor": 500,
    "currency": "AZN",
    "pin_block": "A" * 32,
}


def seen(topic: str, payload: bytes, *, duplicate: bool = False) -> Publish:
    return Publish(f"kassa/1/T0000001/{topic}", envelope.seal(payload, KSN, KEY), 1, 1, duplicate, retained=False)


def test_an_ask_its_copy_and_its_refusal_are_one_row() -> None:
    traffic = Traffic()
    ask = messages.build_ask("cash_out.authorize", ID, "T0000001", 1_700_000_000, True, AUTHORIZE)
    traffic.tap("up", seen("ask", ask))
    traffic.tap("up", seen("ask", ask, duplicate=True))
    refusal = messages.build_refusal(ID, "T0000001", 1_700_000_000, "pin_wrong", {"tries_left": 2})
    traffic.tap("down", seen("answer", refusal))
    (row,) = traffic.messages.values()
    assert (row.id, row.type, row.kind, row.copies, row.outcome) == (ID, "cash_out.authorize", "ask", 2, "pin_wrong")
    assert row.answered_ms is not None
    assert "pin_block" not in row.body
    assert "A" * 32 not in repr(row)


def test_what_is_not_a_message_is_not_shown() -> None:
    traffic = Traffic()
    for payload in (b"", b"a.b.c", b"\xff" * 50, envelope.seal(b"[]", KSN, KEY), envelope.seal(b"{}", KSN, KEY)):
        traffic.tap("up", Publish("kassa/1/T0000001/ask", payload, 1, 1, duplicate=False, retained=False))
    traffic.tap("up", Publish("other/topic", b"x", 0, 0, duplicate=False, retained=False))
    assert not traffic.messages
