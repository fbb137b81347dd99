"""Rails end to end on a real backend: desks and holders pay through the simulator, which calls back over HTTP."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from backend.rails.signing import HEADER, Said, sign
from deskwire import ids

if TYPE_CHECKING:
    from tests.integration.backend_front.conftest import World

RICH = "9000000000000001"


def fresh() -> str:
    return ids.make(secrets.token_bytes(16))


async def quote(world: World, wallet: dict[str, str], service: str, reference: str, amount_minor: int = 0) -> Any:
    body: dict[str, Any] = {"id": fresh(), "service": service, "reference": reference, "currency": "AZN"}
    body |= {"amount_minor": amount_minor} if amount_minor else {}
    response = await world.client.post("/v1/wallet/quotes", json=body, headers=wallet)
    return body["id"], response


async def order(world: World, wallet: dict[str, str], quoted: str, said: dict[str, Any]) -> Any:
    body = {"id": fresh(), "operation": quoted} | {n: said[n] for n in ("amount_minor", "fee_minor", "currency")}
    return await world.client.post("/v1/wallet/orders", json=body, headers=wallet)


async def closed(world: World, operation: str) -> str:
    return str(
        await world.until("SELECT state FROM rail_order WHERE id = $1 AND state IN ('done', 'failed')", operation)
    )


async def pay(world: World, wallet: dict[str, str], service: str, reference: str, amount_minor: int = 0) -> str:
    """A paid quote; returns its operation."""
    operation, response = await quote(world, wallet, service, reference, amount_minor)
    assert response.status_code == 200, response.text
    taken = await order(world, wallet, operation, response.json())
    assert taken.json() == {"operation": operation, "state": "pending"}, taken.text
    return str(operation)


async def test_a_holder_pays_a_bill_and_gets_the_providers_receipt(rails_world: tuple[World, Any]) -> None:
    world, rails = rails_world
    wallet = await world.wallet()
    listed = (await world.client.get("/v1/wallet/services", headers=wallet)).json()["items"]
    assert [item["service"] for item in listed] == ["mobile", "electricity", "water", "customs"]
    operation = await pay(world, wallet, "water", "12345678")
    assert await closed(world, operation) == "done"
    shown = (await world.client.get(f"/v1/wallet/orders/{operation}", headers=wallet)).json()
    assert (shown["state"], shown["receipt"][0], shown["shown"]) == ("done", "R", "**** 5678")
    assert await world.balance(f"wallet:{RICH}") == 20_000 - 6_678
    assert rails.books.orders[operation].paid == 1
    ((_, notice),) = await world.events("/v1/wallet/notices", wallet, 1)
    assert (notice["name"], notice["amount_minor"]) == ("bill.done", -6_678)


async def test_a_card_number_stays_nowhere(rails_world: tuple[World, Any]) -> None:
    world, _ = rails_world
    wallet, card = await world.wallet(), "4000000000000002"
    operation = await pay(world, wallet, "card", card, 1_500)
    assert await closed(world, operation) == "done"
    async with world.database.acquire() as connection:
        for table in ("rail_order", "operation", "stored_answer", "outbox", "alarm"):
            rows = await connection.fetch(f"SELECT t::text FROM {table} AS t")
            assert not any(card in row[0] for row in rows), table
    for wrong in ("4000000000000003", "0001234567890"):
        _, response = await quote(world, wallet, "card", wrong, 1_500)
        assert (response.status_code, response.json()["error"]) == (409, "reference_unknown")
        assert wrong not in response.text


@pytest.mark.parametrize("fault", ["lost", "late", "duplicate", "slow"])
async def test_under_every_fault_a_bill_is_paid_once_in_the_end(rails_world: tuple[World, Any], fault: str) -> None:
    world, rails = rails_world
    wallet = await world.wallet()
    operation, response = await quote(world, wallet, "water", "12345678")
    rails.books.switch("billers", fault, on=True)
    taken = await order(world, wallet, operation, response.json())
    assert taken.status_code == 200
    if fault == "lost":
        await world.until("SELECT 1 FROM rail_order WHERE id = $1 AND state = 'unknown'", operation)
        me = (await world.client.get("/v1/wallet/me", headers=wallet)).json()
        assert (me["available_minor"], me["held_minor"]) == (20_000 - 6_678, 6_678)
        rails.books.switch("billers", fault, on=False)
    assert await closed(world, operation) == "done"
    assert rails.books.orders[operation].paid == 1
    assert await world.balance("rail:billers:AZN") == 6_678


async def test_a_declined_order_frees_the_money(rails_world: tuple[World, Any]) -> None:
    world, rails = rails_world
    wallet = await world.wallet()
    rails.books.switch("*", "decline", on=True)
    operation = await pay(world, wallet, "abroad", "12345678", 900)
    assert await closed(world, operation) == "failed"
    me = (await world.client.get("/v1/wallet/me", headers=wallet)).json()
    assert (me["available_minor"], me["held_minor"]) == (20_000, 0)


async def test_a_desk_looks_a_bill_up_and_takes_the_cash(rails_world: tuple[World, Any]) -> None:
    world, rails = rails_world
    desk = world.desk()
    await desk.open_drawer()
    listed = await desk.ask("bill.catalogue", {"operator": "101", "group": "transfers", "page": 0})
    assert [row["service"] for row in listed.body["services"]] == ["card", "ewallet", "abroad"]
    asked = {"operator": "101", "service": "electricity", "reference": "12345678", "currency": "AZN"}
    found = await desk.ask("bill.lookup", asked)
    assert (found.body["shown"], found.body["total_minor"]) == ("**** 5678", 6_678)
    rails.books.switch("billers", "decline", on=True)
    money = {"operation": found.to, "operator": "101", "currency": "AZN", "drawer": fresh()}
    taken = await desk.tell("bill.taken", {**money, "amount_minor": 6_678, "fee_minor": 0})
    assert taken.body == {"booked": "as_told"}
    assert await closed(world, found.to) == "failed"
    ((_, news),) = await world.events("/v1/hub/outbox", world.hub, 1)
    told = desk.open(news["jws"], desk.session_counter)
    assert (told.news, told.body["return_minor"]) == ("bill.failed", 6_678)
    back = await desk.tell("bill.returned", {**money, "amount_minor": 6_678})
    assert back.body == {"booked": "as_told"}
    assert await world.balance("till:T0000001") == -50_000
    rails.books.switch("billers", "away", on=True)
    away = await desk.ask("bill.lookup", asked)
    assert away.refused["reason"] == "provider_unavailable"


async def test_top_ups_come_in_once_and_only_signed(rails_world: tuple[World, Any]) -> None:
    world, rails = rails_world
    for _ in range(2):
        said = {"id": "kiosk-9.1", "wallet": RICH, "amount_minor": 700, "currency": "AZN", "source": "Kiosk 9"}
        assert await rails._post("/v1/rails/wallets/top-ups", said) == (200, {"booked": "as_told"})
    assert await world.balance(f"wallet:{RICH}") == 20_700
    status, refused = await rails._post("/v1/rails/wallets/top-ups", said | {"amount_minor": 701})
    assert (status, refused["error"]) == (409, "conflict")
    lost = said | {"id": "kiosk-9.2", "wallet": "9000000000009999"}
    assert await rails._post("/v1/rails/wallets/top-ups", lost) == (200, {"booked": "suspense"})
    assert await world.balance("suspense:AZN") == 700
    path, raw = "/v1/rails/wallets/top-ups", b'{"id":"x"}'
    for header in ("", sign(b"another secret", int(time.time()), Said("POST", path, raw))):
        response = await world.client.post(
            path, content=raw, headers={HEADER: header, "Content-Type": "application/json"}
        )
        assert response.status_code == 401
    status, unknown = await rails._post("/v1/rails/billers/callbacks", {"order": fresh(), "state": "done"})
    assert (status, unknown["error"]) == (404, "not_found")


async def test_a_closed_order_keeps_its_state_in_the_table_too(rails_world: tuple[World, Any]) -> None:
    world, _ = rails_world
    operation = await pay(world, await world.wallet(), "water", "12345678")
    await closed(world, operation)
    async with world.database.acquire() as connection:
        with pytest.raises(asyncpg.RaiseError, match="keeps its state"):
            await connection.execute("UPDATE rail_order SET state = 'failed' WHERE id = $1", operation)
