"""Wallet sessions, staff sessions, pages and documents: who may see what."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from backend.cli import openapi_yaml

if TYPE_CHECKING:
    from conftest import World

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.yaml"


@pytest.mark.parametrize("path", ["/me", "/history", "/notices"])
async def test_wallet_reads_need_a_session(world: World, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, await world.staff(), world.hub):
        assert (await world.client.get(f"/v1/wallet{path}", headers=headers)).status_code == 401


OPS = ("postings", "accounts?ids=till:T0000001", "terminals", "drawers/T0000001", "alarms", "ledger", "messages")


async def test_operations_need_staff(world: World) -> None:
    phone, staff = await world.wallet(), await world.staff()
    for path in (*OPS, "messages/stream"):
        for headers in ({}, phone, world.hub):
            assert (await world.client.get(f"/v1/ops/{path}", headers=headers)).status_code == 401
    for path in OPS:
        assert (await world.client.get(f"/v1/ops/{path}", headers=staff)).status_code == 200
    assert (await world.client.delete("/v1/ops/sessions", headers=staff)).status_code == 204
    assert (await world.client.get("/v1/ops/ledger", headers=staff)).status_code == 401


async def test_sessions_expire_and_end(world: World) -> None:
    phone, other = await world.wallet(), await world.wallet()
    assert (await world.client.delete("/v1/wallet/sessions", headers=phone)).status_code == 204
    assert (await world.client.get("/v1/wallet/me", headers=phone)).status_code == 401
    assert (await world.client.get("/v1/wallet/me", headers=other)).status_code == 200
    world.clock.ahead_s = 13 * 3600
    assert (await world.client.get("/v1/wallet/me", headers=other)).status_code == 401


async def test_wrong_passwords_lock_the_name_for_a_while(world: World) -> None:
    wallet = world.dev["wallets"][0]
    wrong = {"wallet": wallet["wallet"], "password": "wrong"}
    right = {"wallet": wallet["wallet"], "password": wallet["password"]}
    for _ in range(5):
        response = await world.client.post("/v1/wallet/sessions", json=wrong)
        assert response.status_code == 401
        assert "wrong" not in response.json()["what_to_do"]
    locked = await world.client.post("/v1/wallet/sessions", json=right)
    assert locked.status_code == 429
    assert locked.json()["retry_after_s"] <= 30
    world.clock.ahead_s = 31
    assert (await world.client.post("/v1/wallet/sessions", json=right)).status_code == 200
    assert await world.database.fetchval("SELECT failures FROM login WHERE name = $1", wallet["wallet"]) == 0


async def test_parallel_guesses_do_not_pass_the_lock(world: World) -> None:
    wallet = world.dev["wallets"][1]["wallet"]
    guess = {"wallet": wallet, "password": "guess"}
    statuses = await asyncio.gather(*(world.client.post("/v1/wallet/sessions", json=guess) for _ in range(15)))
    assert sorted({r.status_code for r in statuses}) == [401, 429]
    assert sum(r.status_code == 401 for r in statuses) == 5


async def test_an_unknown_name_and_a_wrong_password_look_alike(world: World) -> None:
    known = {"wallet": world.dev["wallets"][0]["wallet"], "password": "x"}
    unknown = {"wallet": "9999999999999999", "password": "x"}
    first, second = [await world.client.post("/v1/wallet/sessions", json=body) for body in (known, unknown)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())


async def test_too_many_sign_ins_from_one_address_are_refused(world: World) -> None:
    body = {"user": "nobody", "password": "x"}
    world.clock.ahead_s = 60 - int(world.clock()) % 60  # attempts are counted by the minute: begin a fresh one
    for _ in range(30):
        await world.client.post("/v1/ops/sessions", json=body)
    assert (await world.client.post("/v1/ops/sessions", json=world.dev["staff"])).status_code == 429
    world.clock.ahead_s += 61
    assert (await world.client.post("/v1/ops/sessions", json=world.dev["staff"])).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status", "error"),
    [
        (b'{"payload": ""}', "application/json", 422, "invalid"),
        (b'{"payload": "00020101021102"}', "application/json", 422, "invalid"),
        (b'{"payload": "https://pay.test/p/nothing"}', "application/json", 422, "invalid"),
        (b'{"payload": "http://[::1"}', "application/json", 422, "invalid"),
        (b'{"payload": "https://pay.test/p/01JD0000000000000000000009"}', "application/json", 404, "sale_unknown"),
        (b'{"payload": "x", "more": 1}', "application/json", 422, "invalid"),
        (b'{"payload": "\xff"}', "application/json", 400, "bad_request"),
        (b"{", "application/json", 400, "not_json"),
        (b'{"payload": "x"}', "text/plain", 415, "unsupported_media_type"),
        (b" " * 20_000, "application/json", 413, "too_large"),
    ],
)
async def test_wallet_requests_name_what_was_wrong(
    world: World, content: bytes, kind: str, status: int, error: str
) -> None:
    headers = {**await world.wallet(), "Content-Type": kind}
    response = await world.client.post("/v1/wallet/lookup", content=content, headers=headers)
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert response.json()["what_to_do"]


async def test_a_payment_needs_every_field_and_an_open_sale(world: World) -> None:
    phone = await world.wallet()
    good = {"id": "01JD0000000000000000000003", "sale": "01JD0000000000000000000004", "amount_minor": 5}
    good["currency"] = "AZN"
    refused = await world.client.post("/v1/wallet/payments", json=good, headers=phone)
    assert (refused.status_code, refused.json()["error"]) == (409, "sale_unknown")
    for change in ({"id": "short"}, {"amount_minor": 0}, {"amount_minor": 1.5}, {"amount_minor": "5"}, {"x": 1}):
        response = await world.client.post("/v1/wallet/payments", json={**good, **change}, headers=phone)
        assert response.status_code == 422
        assert response.json()["field"] in change
    wrong = await world.client.post("/v1/wallet/payments", json={**good, "amount_minor": 6}, headers=phone)
    assert (wrong.status_code, wrong.json()["error"]) == (409, "id_reused")


async def test_the_pay_page_of_an_unknown_sale_escapes_and_404s(world: World) -> None:
    for path in ("/p/01JD0000000000000000000009", "/p/%3Cscript%3E"):
        response = await world.client.get(path)
        assert response.status_code == 404
        assert "<script" not in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_the_staff_form_sets_a_strict_cookie_and_refuses_other_sites(world: World) -> None:
    form = {"user": "ops", "password": "ops-demo"}
    assert (await world.client.get("/ops/login")).status_code == 200
    crossed = await world.client.post("/ops/login", data=form, headers={"Origin": "https://evil.test"})
    assert crossed.status_code == 403
    wrong = await world.client.post("/ops/login", data={**form, "password": "x"})
    assert wrong.status_code == 401
    assert "wrong" in wrong.text
    entered = await world.client.post("/ops/login", data=form)
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/ops"):
        assert part in cookie
    left = await world.client.post("/ops/logout")
    assert left.status_code == 303


async def test_health_and_metrics_tell_without_secrets(world: World) -> None:
    assert (await world.client.get("/health")).json() == {"status": "ok"}
    await world.desk().hello()
    text = (await world.client.get("/metrics")).text
    assert 'kassa_messages_total{kind="ask",outcome="ok",type="hello"} 1.0' in text
    assert "kassa_executor_batch_commands_bucket" in text


async def test_answers_do_not_wait_for_more_bytes(world: World) -> None:
    await world.client.get("/health/live")
    connections = world.backend.server.server_state.connections  # type: ignore[attr-defined]
    options = [
        c.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for c in connections
    ]
    assert options
    assert all(options)


async def test_the_message_stream_shows_messages_as_they_pass(world: World) -> None:
    headers = await world.staff()
    reading = asyncio.create_task(world.events("/v1/ops/messages/stream", headers, 1))
    await asyncio.sleep(0.1)
    await world.desk().hello()
    ((number, message),) = await reading
    assert (number, message["type"], message["outcome"], message["direction"]) == ("1", "hello", "ok", "up")


async def test_an_open_stream_does_not_hold_up_the_end(world: World) -> None:
    async with world.client.stream("GET", "/v1/hub/outbox", headers=world.hub) as response:
        lines = response.aiter_lines()
        await anext(lines)
        world.backend.begin_stop()
        async with asyncio.timeout(3):
            rest = [line async for line in lines]
    assert not [line for line in rest if line.startswith("data")]


async def test_a_hub_stream_ends_when_its_cursor_is_nonsense(world: World) -> None:
    for after in ("x", "-1", "9" * 30):
        response = await world.client.get("/v1/hub/outbox", params={"after": after}, headers=world.hub)
        assert response.status_code == 422


async def test_a_database_that_is_away_is_answered_503(world: World) -> None:
    await world.backend.pool.close()
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        (await world.client.get("/health")).raise_for_status()
    response = await world.client.get("/v1/hub/health", headers=world.hub)
    assert response.status_code == 503
    assert response.json()["what_to_do"]


def test_the_committed_openapi_document_is_the_generated_one() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == openapi_yaml(), "run: kassa backend openapi -o docs/openapi.yaml"
