"""Any bytes give packets or CodecError, and how they are cut changes nothing. For hosts: hypothesis makes the bytes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shell.mqtt import codec
from shell.mqtt.codec import V5, V311, Decoder
from shell.mqtt.errors import CodecError

LIMIT = 300
topics = st.text(st.characters(codec="utf-8", exclude_characters="\x00+#"), min_size=1, max_size=20)


def outcome(version: int, pieces: list[bytes]) -> tuple[list[Any], str]:
    """All packets, and the error that ended the stream or ""."""
    decoder = Decoder(version, limit=LIMIT)
    found = []
    try:
        for piece in pieces:
            for packet in decoder.feed(piece):
                found.append(packet)  # noqa: PERF402  (what came before an error counts)
        decoder.finish()
    except CodecError as error:
        return found, str(error)
    return found, ""


@st.composite
def near_packets(draw: st.DrawFn) -> bytes:
    """A packet-like thing: a first byte, a length that may lie a little, a body that may be a real one."""
    first = draw(st.sampled_from([0x20, 0x30, 0x31, 0x32, 0x3A, 0x40, 0x90, 0xB0, 0xD0, 0xE0]) | st.integers(0, 255))
    body = draw(
        st.binary(max_size=40)
        | st.builds(
            lambda topic, rest: len(topic.encode()).to_bytes(2, "big") + topic.encode() + rest,
            topics,
            st.binary(max_size=20),
        )
        | st.sampled_from([b"\x00\x00", b"\x00\x07", b"\x00\x07\x00\x00", b"\x00\x00\x03\x21\x00\x14", b""])
    )
    length = max(0, len(body) + draw(st.sampled_from([0, 0, 0, 0, -1, 1])))
    return bytes((first,)) + bytes((length,)) + body


streams = st.binary(max_size=200) | st.lists(near_packets(), max_size=6).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(streams, st.sampled_from([V311, V5]), st.lists(st.integers(0, 400), max_size=5))
def test_any_bytes_however_cut_give_the_same_packets_and_the_same_error(
    data: bytes, version: int, cuts: list[int]
) -> None:
    whole = outcome(version, [data])
    assert outcome(version, [bytes((byte,)) for byte in data]) == whole
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert outcome(version, [data[a:b] for a, b in itertools.pairwise(edges)]) == whole


@given(topics, st.binary(max_size=200), st.integers(1, 65535), st.sampled_from([V311, V5]), st.booleans())
def test_a_publish_is_read_as_it_was_written(
    topic: str, payload: bytes, packet_id: int, version: int, retain: bool
) -> None:
    data = codec.encode_publish(topic, payload, packet_id, version, retain=retain)
    expected = codec.Publish(topic, payload, 1, retain, False, packet_id)
    assert outcome(version, [data, b"\xd0\x00"]) == ([expected, codec.Pingresp()], "")


@pytest.mark.parametrize("version", [V311, V5])
def test_utf8_is_judged_as_strictly_as_python_does(version: int) -> None:
    for text in (
        b"\xed\x9f\xbf",
        b"\xee\x80\x80",
        b"\xf0\x90\x80\x80",
        b"\xf4\x8f\xbf\xbf",
        b"\xe0\x9f\xbf",
        b"\xf0\x8f\xbf\xbf",
    ):
        try:
            text.decode()
            valid = True
        except UnicodeDecodeError:
            valid = False
        body = len(text).to_bytes(2, "big") + text + (b"\x00" if version == V5 else b"")
        packets, error = outcome(version, [bytes((0x30, len(body))) + body])
        assert bool(packets) == valid, text
        assert bool(error) != valid
