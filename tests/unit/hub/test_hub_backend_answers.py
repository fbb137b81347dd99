"""What the backend says is checked before it is believed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.backend_client import CallFailedError, Posted, outcome_of, parse_answers, read_stream
from hub.core.events import Answer, NewsItem
from hub.core.retry import OUTCOMES

ITEMS = [Posted("T0000001", 1, "a.b.c"), Posted("T0000002", 2, "d.e.f")]
GOOD: list[Any] = [
    {"terminal": "T0000001", "jws": "x.y.z"},
    {"terminal": "T0000002", "error": "unavailable", "transient": True},
]


def test_envelopes_and_errors_are_told_apart() -> None:
    answers = parse_answers(json.dumps({"items": GOOD}).encode(), ITEMS)
    assert answers == (Answer("T0000001", "x.y.z"), Answer("T0000002", error="unavailable", transient=True))


@pytest.mark.parametrize(
    "items",
    [
        None,
        {},
        GOOD[:1],
        [GOOD[1], GOOD[0]],
        [GOOD[0], None],
        [GOOD[0], {"terminal": "T0000002"}],
        [GOOD[0], {"terminal": "T0000002", "jws": ""}],
        [GOOD[0], {"terminal": "T0000002", "jws": 7}],
        [GOOD[0], {"terminal": "T0000002", "jws": "x" * 4097}],
        [GOOD[0], {"terminal": "T0000002", "jws": "é"}],
        [GOOD[0], {"terminal": "T0000002", "error": ""}],
        [GOOD[0], {"terminal": "T0000002", "error": "e" * 65}],
        [GOOD[0], {"terminal": "T0000002", "error": {}, "jws": "x"}],
    ],
)
def test_an_unsound_answer_is_garbage_as_a_whole(items: Any) -> None:
    with pytest.raises(CallFailedError) as caught:
        parse_answers(json.dumps({"items": items}).encode(), ITEMS)
    assert caught.value.outcome == "garbage"


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_parser(text: bytes) -> None:
    with contextlib.suppress(CallFailedError):
        parse_answers(text, ITEMS)


def test_every_status_has_an_outcome() -> None:
    assert {outcome_of(status) for status in range(201, 600)} <= set(OUTCOMES)
    assert [outcome_of(status) for status in (401, 413, 422, 500, 503, 302)] == [
        "unauthorized",
        "too_large",
        "malformed",
        "server_error",
        "busy",
        "garbage",
    ]


async def collect(text: bytes) -> list[NewsItem]:
    reader = asyncio.StreamReader()
    reader.feed_data(text)
    reader.feed_eof()
    return [item async for item in read_stream(reader)]  # type: ignore[arg-type]


async def test_the_stream_gives_items_and_passes_over_comments() -> None:
    data = b'data: {"terminal": "T0000001", "jws": "a.b.c"}\n\n'
    text = (
        b": hello\n\nid: 1\n"
        + data
        + b": beat\n\nevent: news\nid:2\r\n"
        + data.replace(b"\n", b"\r\n")
        + b"id: 3\ndata: {"
    )
    assert await collect(text) == [NewsItem("1", "T0000001", "a.b.c"), NewsItem("2", "T0000001", "a.b.c")]


@pytest.mark.parametrize(
    "text",
    [
        b"id: 1\ndata: nonsense\n\n",
        b'data: {"terminal": "T0000001", "jws": "x"}\n\n',
        b"id: 1\ndata: []\n\n",
        b'id: 1\ndata: {"terminal": 1, "jws": "x"}\n\n',
        b"id: \xff\ndata: {}\n\n",
    ],
)
async def test_an_unsound_stream_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        await collect(text)
