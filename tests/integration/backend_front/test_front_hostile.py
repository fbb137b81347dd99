"""Forged, replayed, truncated, oversized and misdirected messages change nothing, and are counted."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from deskwire import base64url, envelope, ids, messages
from deskwire.accounts import operator_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Desk, World

AZN = {"currency": "AZN"}
SALE = {"operator": "101", "amount_minor": 1250, **AZN}


async def everything(world: World) -> str:
    """All rows of all tables that a message could change, as one text."""
    names = await world.database.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
    )
    parts = []
    for (name,) in names:
        rows = await world.database.fetch(f'SELECT t::text AS row FROM "{name}" AS t ORDER BY 1')
        parts.append(name + "\n" + "\n".join(row["row"] for row in rows))
    return "\n".join(parts)


async def test_the_same_bytes_give_the_same_answer_byte_for_byte(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    identifier, jws, counter = desk.seal("ask", "sale.open", SALE)
    (first,) = await world.post("ask", [(desk.terminal, jws)])
    before = await everything(world)
    world.clock.ahead_s = 7
    (second,) = await world.post("ask", [(desk.terminal, jws)])
    assert second == first
    assert desk.open(first["jws"], counter).to == identifier
    assert await everything(world) == before
    third, fourth = await world.post("ask", [(desk.terminal, jws), (desk.terminal, jws)])
    assert third == fourth == first


async def test_the_same_message_twice_in_one_batch_acts_once(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    _, jws, _ = desk.seal("ask", "sale.open", SALE)
    batches = await asyncio.gather(*(world.post("ask", [(desk.terminal, jws)] * 3) for _ in range(4)))
    assert len({item["jws"] for batch in batches for item in batch}) == 1
    assert await world.database.fetchval("SELECT count(*) FROM operation") == 1


async def test_the_same_id_with_other_bytes_is_refused_with_an_alarm(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    first = await desk.ask("sale.open", SALE)
    other = await desk.ask("sale.open", {**SALE, "amount_minor": 1}, identifier=first.to)
    assert other.refused["reason"] == "id_reused"
    assert await world.database.fetchval("SELECT name FROM alarm") == "id_reused"
    assert await world.metric("kassa_alarms_total", alarm="id_reused") == 1
    assert await world.database.fetchval("SELECT amount_minor FROM operation WHERE id = $1", first.to) == 1250


async def test_a_used_key_is_refused_with_an_alarm(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    await desk.ask("sale.open", SALE)
    reused = await desk.ask("sale.open", SALE, counter=desk.counter)
    assert reused.refused["reason"] == "ksn_reused"
    assert await world.database.fetchval("SELECT count(*) FROM operation") == 1
    assert await world.database.fetchval("SELECT name FROM alarm") == "ksn_reused"


def swap_header(jws: str, header: str) -> str:
    _, payload, signature = jws.split(".")
    return ".".join((base64url.encode(header.encode()).decode(), payload, signature))


def flip(text: str, index: int) -> str:
    other = "A" if text[index] != "A" else "B"
    return text[:index] + other + (text[index + 1 :] if index != -1 else "")


FORGERIES: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "payload changed": ("not_authentic", lambda jws, _: flip(jws, jws.index(".") + 9)),
    "signature changed": ("not_authentic", lambda jws, _: flip(jws, jws.rindex(".") + 5)),
    "other counter": ("not_authentic", lambda jws, k: swap_header(jws, f'{{"alg":"HS256","kid":"{k[:-2]}7F"}}')),
    "truncated": ("malformed", lambda jws, _: jws[:-1]),
    "cut in half": ("malformed", lambda jws, _: jws[: len(jws) // 2]),
    "no signature": ("malformed", lambda jws, _: jws[: jws.rindex(".") + 1]),
    "alg none": ("malformed", lambda jws, k: swap_header(jws, f'{{"alg":"none","kid":"{k}"}}')),
    "alg none, unsigned": (
        "malformed",
        lambda jws, k: swap_header(jws, f'{{"alg":"none","kid":"{k}"}}')[: -len(jws[jws.rindex(".") + 1 :])],
    ),
    "alg HS512": ("malformed", lambda jws, k: swap_header(jws, f'{{"alg":"HS512","kid":"{k}"}}')),
    "alg AES-128": ("malformed", lambda jws, k: swap_header(jws, f'{{"alg":"HS128","kid":"{k}"}}')),
    "own key in header": ("malformed", lambda jws, k: swap_header(jws, f'{{"alg":"HS256","kid":"{k}","jwk":{{}}}}')),
    "lower-case kid": ("malformed", lambda jws, k: swap_header(jws, f'{{"alg":"HS256","kid":"{k.lower()}"}}')),
    "not base64url": ("malformed", lambda jws, _: jws.replace(".", ".+", 1)),
    "not ASCII": ("malformed", lambda jws, _: jws + "ə"),
    "lone surrogate": ("malformed", lambda jws, _: jws + "\ud800"),
    "oversized": ("oversized", lambda jws, _: jws + "A" * 2048),
    "empty": ("malformed", lambda _j, _k: ""),
}


@pytest.mark.parametrize("kind", ["ask", "tell"])
async def test_forged_messages_get_no_answer_and_change_nothing(world: World, kind: str) -> None:
    desk = world.desk()
    await desk.open_drawer()
    name, body = ("sale.open", SALE) if kind == "ask" else ("news.seen", {"number": 1})
    _, jws, counter = desk.seal(kind, name, body)
    ksn = desk.keys(counter)[0].hex().upper()
    before = await everything(world)
    items = [{"terminal": desk.terminal, "received_at": 1, "jws": forge(jws, ksn)} for _, forge in FORGERIES.values()]
    raw = json.dumps({"items": items}).encode()
    headers = {**world.hub, "Content-Type": "application/json"}
    response = await world.client.post(f"/v1/hub/{kind}s", content=raw, headers=headers)
    if response.status_code == 400:  # a lone surrogate is not UTF-8: the whole body is refused
        raw = json.dumps({"items": [i for i in items if "\ud800" not in i["jws"]]}).encode()
        response = await world.client.post(f"/v1/hub/{kind}s", content=raw, headers=headers)
    answers = {item.get("error", "answered") for item in response.json()["items"]}
    assert answers == {"malformed", "not_authentic", "oversized"}
    wanted = [reason for reason, _ in FORGERIES.values()]
    assert [i["error"] for i in response.json()["items"]] == [
        r for r, n in zip(wanted, FORGERIES, strict=True) if n != "lone surrogate"
    ]
    assert await everything(world) == before
    for reason in answers:
        count = await world.metric("kassa_unauthentic_total", reason=reason)
        assert count == sum(1 for i in response.json()["items"] if i["error"] == reason)
    down = (await world.post(kind, [(desk.terminal, jws)]))[0]
    assert "jws" in down


async def test_a_terminals_message_under_another_terminals_name_changes_nothing(world: World) -> None:
    first, second = world.desk(1), world.desk(2)
    await first.open_drawer()
    _, jws, _ = first.seal("ask", "sale.open", SALE)
    before = await everything(world)
    (item,) = await world.post("ask", [(second.terminal, jws)])
    assert item == {"terminal": second.terminal, "error": "wrong_terminal", "transient": False}
    (item,) = await world.post("ask", [("T9999999", jws)])
    assert item["error"] == "unknown_terminal"
    assert await everything(world) == before


async def test_a_payload_that_names_another_terminal_is_refused(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    before = await world.database.fetchval("SELECT count(*) FROM stored_answer")
    desk.counter += 1
    ksn, up, _, _ = desk.keys(desk.counter)
    identifier = ids.make(secrets.token_bytes(16))
    payload = messages.build_ask("sale.open", identifier, "T0000002", int(time.time()), True, SALE)
    (item,) = await world.post("ask", [(desk.terminal, envelope.seal(payload, ksn, up).decode())])
    assert desk.open(item["jws"], desk.counter).refused["reason"] == "wrong_terminal"
    assert await world.database.fetchval("SELECT count(*) FROM stored_answer") == before


async def sealed_raw(desk: Desk, payload: bytes) -> tuple[str, int]:
    desk.counter += 1
    ksn, up, _, _ = desk.keys(desk.counter)
    return envelope.seal(payload, ksn, up).decode(), desk.counter


async def test_an_authentic_message_that_breaks_the_catalogue_is_told_so(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    identifier = ids.make(secrets.token_bytes(16))
    good: dict[str, Any] = {"v": 1, "kind": "ask", "type": "sale.open", "id": identifier, "terminal": desk.terminal}
    good |= {"time": 1, "clock_set": True, "body": SALE}
    for change, reason in (
        ({"type": "money.print"}, "unknown_type"),
        ({"body": {**SALE, "extra": 1}}, "malformed"),
        ({"body": {**SALE, "amount_minor": 12.5}}, "malformed"),
        ({"v": 2}, "malformed"),
        ({"kind": "tell", "type": "news.seen", "body": {"number": 1}}, "malformed"),
    ):
        jws, counter = await sealed_raw(desk, json.dumps({**good, **change}).encode())
        (item,) = await world.post("ask", [(desk.terminal, jws)])
        assert desk.open(item["jws"], counter).refused["reason"] == reason, change
    for noise in (b"", b"[]", b"\xff", b'{"id":', b"null"):
        jws, _ = await sealed_raw(desk, noise)
        (item,) = await world.post("ask", [(desk.terminal, jws)])
        assert item == {"terminal": desk.terminal, "error": "malformed", "transient": False}
    jws, _ = await sealed_raw(desk, json.dumps({**good, "kind": "tell", "type": "no.such", "body": {}}).encode())
    (item,) = await world.post("tell", [(desk.terminal, jws)])
    assert item["error"] == "unknown_type"


async def test_one_bad_item_never_fails_its_neighbours(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    sealed = [desk.seal("ask", "sale.open", SALE) for _ in range(3)]
    good = [{"terminal": desk.terminal, "received_at": 1, "jws": jws} for _, jws, _ in sealed]
    noise = [None, 7, [], {}, {"terminal": 5}, {"terminal": desk.terminal}, {"terminal": "x" * 999, "jws": "a.b.c"}]
    items = [good[0], *noise, good[1], {"terminal": desk.terminal, "jws": "a.b.c", "received_at": "x"}, good[2]]
    response = await world.client.post("/v1/hub/asks", json={"items": items}, headers=world.hub)
    answers = response.json()["items"]
    assert len(answers) == len(items)
    opened = [desk.open(answers[place]["jws"], c).to for place, (_, _, c) in zip((0, 8, 10), sealed, strict=True)]
    assert opened == [identifier for identifier, _, _ in sealed]
    assert all("error" in answer for place, answer in enumerate(answers) if place not in {0, 8, 10})


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        (b'{"items": []}', {}, 200, None),
        (b"\xff\xfe", {}, 400, "not_utf8"),
        (b'{"items": [', {}, 400, "not_json"),
        (b"[]", {}, 400, "not_json"),
        (b"{}", {}, 422, "invalid"),
        (b'{"items": {}}', {}, 422, "invalid"),
        (b'{"items": [' + b",".join([b"{}"] * 201) + b"]}", {}, 413, "too_large"),
        (b" " * (1 << 20) + b"{}", {}, 413, "too_large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b'{"items": []}', {"Authorization": "Bearer nobody"}, 401, "unauthorized"),
        (b'{"items": []}', {"Authorization": "Basic eDp5"}, 401, "unauthorized"),
    ],
)
async def test_bad_requests_are_problems_that_say_what_to_do(
    world: World, content: bytes, headers: dict[str, str], status: int, error: str | None
) -> None:
    sent = {**world.hub, "Content-Type": "application/json", **headers}
    for path in ("/v1/hub/asks", "/v1/hub/tells"):
        response = await world.client.post(path, content=content, headers=sent)
        assert response.status_code == status
        if error:
            assert response.json()["error"] == error
            assert response.json()["what_to_do"]


async def test_a_revoked_credential_is_refused_at_once(world: World) -> None:
    desk = world.desk()
    await desk.hello()
    await world.database.execute("UPDATE hub_credential SET revoked_at = 1")
    await asyncio.sleep(0.2)
    body = {"items": []}
    assert (await world.client.post("/v1/hub/asks", json=body, headers=world.hub)).status_code == 401
    assert (await world.client.get("/v1/hub/health", headers=world.hub)).status_code == 401
    assert (await world.client.get("/v1/hub/outbox", headers=world.hub)).status_code == 401


async def test_a_terminal_of_another_branch_is_refused_to_this_hub(world: World) -> None:
    desk = world.desk()
    await desk.hello()
    await world.database.execute("INSERT INTO branch (id, name, currency) VALUES ('B002', 'Other', 'AZN')")
    await world.database.execute("UPDATE terminal SET branch = 'B002' WHERE id = $1", desk.terminal)
    await asyncio.sleep(0.2)
    _, jws, _ = desk.seal("ask", "sale.open", SALE)
    (item,) = await world.post("ask", [(desk.terminal, jws)])
    assert item == {"terminal": desk.terminal, "error": "wrong_hub", "transient": False}


async def test_no_pin_block_is_in_any_table_or_log(world: World) -> None:
    desk, wallet = world.desk(), world.dev["wallets"][0]["wallet"]
    body = {"operator": "101", "account": wallet, "amount_minor": 4000, **AZN}
    with capture_logs() as logged:
        await desk.open_drawer()
        await desk.ask("cash_out.authorize", body, pin=("1234", wallet))
        await desk.ask("cash_out.authorize", body, pin=("9999", wallet))
        await desk.ask("balance", {"operator": "101", "account": wallet}, pin=("1234", wallet))
        await desk.ask("operator.sign_on", {"operator": "101"}, pin=("0000", operator_account("101")))
        _, jws, _ = desk.seal("ask", "cash_out.authorize", body, pin=("1234", wallet))
        await world.post("ask", [(desk.terminal, jws[:-1])])
    kept, said = (await everything(world)).upper(), repr(logged).upper()
    assert "MESSAGE_DROPPED" in said
    seen = (await world.client.get("/v1/ops/messages", headers=await world.staff())).text.upper()
    assert len(world.pin_blocks) == 6
    for block in world.pin_blocks:
        for text in (kept, said, seen):
            assert block.hex().upper() not in text
