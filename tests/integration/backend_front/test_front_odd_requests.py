"""Requests that no honest client sends: each is told what is wrong with it, and none takes a place from the others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from backend.ops import routes as ops_routes
from backend.outbox.stream import MAX_PHONES_OF_WALLET
from backend.web import bodies

if TYPE_CHECKING:
    from conftest import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("path", ["accounts?ids=%00", "drawers/%00", "terminals?after=%00"])
async def test_a_nul_in_a_staff_query_is_the_callers_fault(world: World, path: str) -> None:
    response = await world.client.get(f"/v1/ops/{path}", headers=await world.staff())
    assert response.status_code == 422
    assert "NUL" in response.json()["text"]


async def test_a_nul_in_a_name_to_sign_in_with_is_the_callers_fault(world: World) -> None:
    response = await world.client.post("/v1/ops/sessions", json={"user": "ops\0", "password": "x"})
    assert response.status_code == 422
    response = await world.client.post("/ops/login", content=b"user=ops%00&password=x", headers=FORM)
    assert response.status_code == 422


async def test_a_form_with_too_many_fields_or_a_broken_origin_is_refused(world: World) -> None:
    response = await world.client.post("/ops/login", content=b"a=1&b=2&c=3&d=4&e=5", headers=FORM)
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")
    for origin in ("http://[", "null", "http://elsewhere.test"):
        response = await world.client.post("/ops/login", content=b"user=ops", headers={**FORM, "Origin": origin})
        assert (response.status_code, response.json()["error"]) == (403, "forbidden")


async def test_a_terminal_name_that_cannot_be_stored_does_not_fail_its_neighbours(world: World) -> None:
    desk = world.desk()
    body = {"firmware": "test", "config_version": 1, "waiting_tells": 0, "boot_reason": "power", "news_seen": 0}
    identifier, jws, counter = desk.seal("ask", "hello", body)
    odd, good = await world.post("ask", [("T000\0", jws), (desk.terminal, jws)])
    assert odd == {"terminal": "T000\0", "error": "unknown_terminal", "transient": False}
    assert desk.open(good["jws"], counter).to == identifier


async def test_no_page_loads_scripts_of_strangers(world: World) -> None:
    for path in ("/docs", "/redoc"):
        assert (await world.client.get(path)).status_code == 404


async def test_one_wallet_has_a_few_streams_and_leaves_the_others_theirs(world: World) -> None:
    phone, other = await world.wallet(0), await world.wallet(1)
    async with AsyncExitStack() as stack, asyncio.timeout(8):
        readers = []
        for _ in range(MAX_PHONES_OF_WALLET):
            opened = await stack.enter_async_context(world.client.stream("GET", "/v1/wallet/notices", headers=phone))
            readers.append(opened.aiter_lines())  # one that nobody holds ends its stream
            assert await anext(readers[-1]) == ": open"
        refused = await world.client.get("/v1/wallet/notices", headers=phone)
        assert (refused.status_code, refused.json()["error"]) == (429, "too_many_attempts")
        opened = await stack.enter_async_context(world.client.stream("GET", "/v1/wallet/notices", headers=other))
        assert opened.status_code == 200
    while world.backend.metrics.streams.labels("notices")._value.get():  # noqa: ASYNC110  (the gauge's own value)
        await asyncio.sleep(0.02)
    async with asyncio.timeout(8), world.client.stream("GET", "/v1/wallet/notices", headers=phone) as opened:
        assert opened.status_code == 200


async def test_the_message_stream_ends_with_its_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops_routes, "HEARTBEAT_S", 0.1)
    staff = await world.staff()
    async with asyncio.timeout(8), world.client.stream("GET", "/v1/ops/messages/stream", headers=staff) as opened:
        lines = opened.aiter_lines()
        assert await anext(lines) == ": open"
        assert (await world.client.delete("/v1/ops/sessions", headers=staff)).status_code == 204
        async for _ in lines:
            pass


@pytest.mark.parametrize("path", ["/v1/wallet/sessions", "/v1/hub/tells"])
async def test_a_body_that_does_not_come_is_not_waited_for(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_TIMEOUT_S", 0.2)

    head = {"Host": "kassa", "Content-Type": "application/json", "Content-Length": "100", **world.hub}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", '{"items":']
    reader, writer = await asyncio.open_connection(world.client.base_url.host, world.client.base_url.port)
    async with asyncio.timeout(4):
        writer.write("\r\n".join(lines).encode())
        answered = await reader.readline()
    writer.close()
    assert answered.split()[1] == b"408"
