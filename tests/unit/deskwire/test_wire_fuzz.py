"""No input makes a parser raise anything but the wire's own errors; the two JSON readers agree on everything."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from deskwire import base64url, dukpt, elqr, emvco, envelope, json_reader, messages, pinblock, strict_json, tlv, topics
from deskwire.errors import MessageError, WireError

bounded = settings(max_examples=250, deadline=None, derandomize=True)

anything = st.one_of(
    st.none(), st.integers(), st.text(max_size=80), st.binary(max_size=80), st.lists(st.integers(), max_size=3)
)
texts = st.text(st.characters(), max_size=120)
digits = st.text(st.sampled_from("0123456789"), max_size=120)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def fails_only_as_it_should(function: Any, *arguments: Any) -> None:
    try:
        function(*arguments)
    except WireError as error:
        assert str(error)  # noqa: PT017


@bounded
@given(anything | st.binary(max_size=300))
def test_envelopes(data: Any) -> None:
    fails_only_as_it_should(envelope.split, data)


@bounded
@given(st.binary(max_size=120), st.binary(max_size=120), st.binary(max_size=40))
def test_envelopes_of_encoded_parts(header: bytes, payload: bytes, signature: bytes) -> None:
    jws = b".".join(base64url.encode(part) for part in (header, payload, signature))
    fails_only_as_it_should(envelope.split, jws)


@bounded
@given(st.binary(max_size=60))
def test_base64url_is_canonical(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data
    with contextlib.suppress(WireError):
        assert base64url.encode(base64url.decode(data)) == data


@bounded
@given(anything | json_values.map(lambda value: json.dumps(value).encode()))
def test_messages(data: Any) -> None:
    fails_only_as_it_should(messages.parse_up, data)
    fails_only_as_it_should(messages.parse_down, data)


HEAD = {"v": 1, "kind": "ask", "type": "hello", "id": "0" * 26, "terminal": "T0000001", "time": 1, "clock_set": True}


@bounded
@given(st.dictionaries(st.sampled_from([*HEAD, "body", "refused", "news", "to"]), json_values, max_size=3))
def test_messages_with_strange_fields(changes: dict[str, Any]) -> None:
    for kind in ("ask", "tell", "answer", "ack", "news"):
        data = json.dumps({**HEAD, "kind": kind, "body": {}, **changes}).encode()
        fails_only_as_it_should(messages.parse_up, data)
        fails_only_as_it_should(messages.parse_down, data)


def verdict(reader: Any, data: bytes) -> Any:
    try:
        return reader(data)
    except MessageError:
        return MessageError


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(
    st.one_of(
        json_values.map(lambda value: json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")),
        json_values.map(lambda value: json.dumps(value).encode()),
        st.text(st.sampled_from('{}[]",:\\u0123dD8e.-+ \n\tntfalsrue\x00é'), max_size=30).map(str.encode),
    )
)
@example(b"[" * 5000)
@example(b'{"a":' * 5000)
@example(b'"\\ud83d\\ude00"')
@example(b'"\\ud83d\\u0041"')
@example(b'{"":1,"":2}')
@example(b"-")
@example(b"-9007199254740991")
def test_both_json_readers_agree(data: bytes) -> None:
    assert verdict(strict_json.loads, data) == verdict(json_reader.loads, data)


@bounded
@given(anything | texts | digits)
def test_qr_payloads(text: Any) -> None:
    for parser in (emvco.parse, emvco.frame, elqr.parse, tlv.parse):
        fails_only_as_it_should(parser, text)


pairs = st.lists(
    st.tuples(st.integers(0, 99).map("{:02d}".format), st.text(st.characters(), min_size=1, max_size=40)), max_size=10
)


@bounded
@given(pairs, st.booleans())
def test_sealed_qr_payloads(objects: list[tuple[str, str]], whole: bool) -> None:
    if whole:
        known = {"00": "01", "26": "0003abc", "52": "5411", "53": "944", "58": "AZ", "59": "SHOP", "60": "BAKU"}
        objects = list({**known, **dict(objects)}.items())
    fails_only_as_it_should(emvco.build, objects)
    fails_only_as_it_should(elqr.build, objects)


@bounded
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map("https://pay.kg/#".__add__))
def test_links(text: str) -> None:
    fails_only_as_it_should(elqr.parse, text)


@bounded
@given(anything | texts.map("kassa/1/".__add__))
def test_topics(topic: Any) -> None:
    fails_only_as_it_should(topics.parse, topic)


@bounded
@given(st.binary(min_size=16, max_size=16), st.text(st.sampled_from("0123456789a"), max_size=20))
def test_pin_blocks(block: bytes, account: str) -> None:
    fails_only_as_it_should(pinblock.decode, block, account, bytes(32))
    fails_only_as_it_should(pinblock.read_field, block)


@bounded
@given(st.text(st.sampled_from("0123456789"), min_size=4, max_size=12), st.binary(min_size=8, max_size=8))
def test_pin_blocks_give_back_what_they_hold(pin: str, random8: bytes) -> None:
    block = pinblock.encode(bytearray(pin.encode()), "4111111111111111", random8, bytes(32))
    assert pinblock.decode(block, "4111111111111111", bytes(32)) == pin.encode()


@bounded
@given(st.binary(max_size=600))
def test_register_states(data: bytes) -> None:
    fails_only_as_it_should(dukpt.Registers.from_bytes, data)
    fails_only_as_it_should(dukpt.Registers.from_bytes, b"KDR\x01\x10" + data)


@bounded
@given(st.integers(0, 0xFFFEFFFF))
def test_the_next_counter_is_the_next_valid_one(counter: int) -> None:
    following = dukpt.next_counter(counter)
    assert following > counter
    assert dukpt.is_valid_counter(following)
    if following - counter < 1000:
        assert not any(dukpt.is_valid_counter(between) for between in range(counter + 1, following))
