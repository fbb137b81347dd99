"""What the edges share: bodies, problems, cursors, the ring of messages, logs without secrets, the page's tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from backend.ops import markup
from backend.ops.models import LedgerState, Posting
from backend.outbox.cursor import parse
from backend.sales.read import sale_of_payload
from backend.settings import Settings
from backend.web.bodies import parse_object
from backend.web.edge import MAX_BODY_BYTES, Edge
from backend.web.logs import hide_secrets
from backend.web.problems import PROBLEMS, Problem
from backend.web.sessions import AddressLimit, bearer
from backend.web.traffic import Traffic
from backend.web.wakes import Wake, wait
from deskwire import emvco

if TYPE_CHECKING:
    from collections.abc import Callable
from hypothesis import given
from hypothesis import strategies as st


async def through_edge(
    chunks: list[bytes], headers: list[tuple[bytes, bytes]], path: str = "/v1/x"
) -> tuple[int, bytes]:
    """The status and the body that the application behind the edge saw (0 and nothing when it was not reached)."""
    seen: list[bytes] = []
    statuses: list[int] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        seen.append(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    parts = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]
    parts.append({"type": "http.request", "body": b"", "more_body": False})
    feed = iter(parts)

    async def receive() -> dict[str, Any]:
        return next(feed)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    await Edge(app)(scope, receive, send)  # type: ignore[arg-type]
    return statuses[0], b"".join(seen)


JSON = [(b"content-type", b"application/json; charset=utf-8")]


@pytest.mark.parametrize(
    ("chunks", "headers", "status"),
    [
        ([b"{", b"}"], JSON, 200),
        ([], JSON, 200),
        ([b"x" * MAX_BODY_BYTES], JSON, 200),
        ([b"x" * MAX_BODY_BYTES, b"y"], JSON, 413),
        ([], [*JSON, (b"content-length", b"99999999")], 413),
        ([b"{}"], [], 415),
        ([b"{}"], [(b"content-type", b"application/x-www-form-urlencoded")], 415),
    ],
)
async def test_bodies_are_json_and_bounded_even_in_chunks(chunks: list[bytes], headers: Any, status: int) -> None:
    found, body = await through_edge(chunks, headers)
    assert found == status
    assert body == (b"".join(chunks) if status == 200 else b"")


def test_every_problem_says_what_to_do() -> None:
    for name, (status, advice) in PROBLEMS.items():
        assert 400 <= status <= 503
        assert advice.endswith("."), name


def status_of(function: Callable[[Any], object], given: object) -> int:
    """200, or the status of the problem that the function raises; any other exception is a failure."""
    try:
        function(given)
    except Problem as problem:
        return problem.status
    return 200


@given(st.binary(max_size=64))
def test_any_body_is_an_object_or_a_problem(body: bytes) -> None:
    assert status_of(parse_object, body) in {200, 400}


@given(st.text(max_size=30))
def test_any_cursor_is_a_number_or_a_problem(text: str) -> None:
    assert status_of(parse, text) in {200, 422}


SALE = "01JD0000000000000000000001"
QR = emvco.sale_payload(SALE, 1250, "AZN", "5411", "AZ", "Corner Shop", "Baku", "T0000001", None)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (QR, (SALE, 1250)),
        (f" {QR}\n", (SALE, 1250)),
        (f"https://pay.test/p/{SALE}", (SALE, None)),
        (f"HTTPS://PAY.TEST/p/{SALE}", (SALE, None)),
        (f"https://pay.test/base/p/{SALE}?x=1#y", (SALE, None)),
    ],
)
def test_codes_and_links_name_their_sale(payload: str, found: tuple[str, int | None]) -> None:
    assert sale_of_payload(payload) == found


@given(st.one_of(st.text(max_size=600), st.text(max_size=80).map(lambda text: "https://" + text)))
def test_any_payload_is_a_sale_or_a_problem(payload: str) -> None:
    assert status_of(sale_of_payload, payload) in {200, 422}


@pytest.mark.parametrize("at", range(0, len(QR), 7))
def test_a_changed_code_is_refused(at: int) -> None:
    changed = QR[:at] + ("1" if QR[at] != "1" else "2") + QR[at + 1 :]
    with pytest.raises(Problem):
        sale_of_payload(changed)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic x", "token"])
def test_a_header_without_a_bearer_token_is_refused(header: str | None) -> None:
    with pytest.raises(Problem, match="bearer"):
        bearer(header)


def test_the_ring_keeps_the_last_messages_and_their_numbers() -> None:
    traffic = Traffic(max_messages=3)
    for number in range(5):
        traffic.record(at_ms=0, direction="up", terminal="T", kind="ask", type="x", id=str(number), outcome="ok")
    assert [m.number for m in traffic.after(0)] == [3, 4, 5]
    assert [m.id for m in traffic.after(4)] == ["4"]
    assert [m.number for m in traffic.after(0, limit=1)] == [5]
    assert traffic.after(5) == traffic.after(99) == []


async def test_a_ring_between_look_and_wait_is_not_lost() -> None:
    wake = Wake()
    ticket = wake.ticket()
    wake.ring()
    assert await wait(ticket, 0.01)
    assert not await wait(wake.ticket(), 0.01)
    waiting = asyncio.gather(*(wait(wake.ticket(), 1) for _ in range(3)))
    await asyncio.sleep(0)
    wake.ring()
    assert await waiting == [True, True, True]


def test_an_address_has_so_many_attempts_in_a_minute() -> None:
    now = 0
    limit = AddressLimit(lambda: now, max_attempts=2)
    limit.count("a")
    limit.count("a")
    limit.count("b")
    with pytest.raises(Problem):
        limit.count("a")
    now = 60
    limit.count("a")


def test_logs_and_settings_hide_secrets() -> None:
    event = {"event": "x", "pin_block": "0102", "password": "p", "jws": "a.b.c", "terminal": "T0000001"}
    hidden = repr(hide_secrets(None, "info", event))
    assert "0102" not in hidden
    assert "a.b.c" not in hidden
    assert "T0000001" in hidden
    settings = Settings(vault_master_key="ab" * 32, database_url="postgresql://u:secret@h/d")
    assert "secret" not in repr(settings)
    assert "abab" not in repr(settings)


def test_tables_escape_what_they_show() -> None:
    posting = Posting(
        seq=1,
        at=0,
        what="cash_out_hold",
        kind="hold",
        debit="wallet:<b>",
        credit="till:T",
        amount_minor=123_456_789,
        currency="AZN",
        operation='"><script>',
        id="x",
    )
    html = markup.postings([posting])
    assert "<script>" not in html
    assert "<b>" not in html
    assert "1\u202f234\u202f567.89" in html
    state = LedgerState(
        debits_minor={"AZN": 5},
        credits_minor={"AZN": 6},
        balanced=False,
        transfers=1,
        sealed_blocks=0,
        sealed_to_seq=0,
        sealed_at=0,
        chain_head="",
    )
    assert "NOT BALANCED" in markup.ledger(state, 0)
