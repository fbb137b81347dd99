"""The phone's codes, transfers and pickups over HTTP; what becomes of a code between phone, counter and database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskwire.accounts import is_one_time_code, is_pickup_code
from deskwire.ids import make

if TYPE_CHECKING:
    from conftest import World

CLEAR = "SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%' || $1 || '%'"


async def test_a_code_is_shown_once_used_once_and_stored_nowhere(world: World) -> None:
    headers, desk = await world.wallet(0), world.desk()
    await desk.hello()
    await desk.open_drawer()
    drawn = (await world.client.post("/v1/wallet/codes", json={}, headers=headers)).json()
    assert is_one_time_code(drawn["code"])
    assert drawn["payload"] == drawn["code"]
    ask = {"operator": "101", "code": drawn["code"]}
    first = await desk.ask("customer.identify", ask)
    assert first.body is not None
    assert first.body["account"] == world.dev["wallets"][0]["wallet"]
    assert first.body["authorise_by"] == "pin"
    again = await desk.ask("customer.identify", ask)
    assert again.refused is not None
    assert again.refused["reason"] == "code_used"
    for table in ("one_time_code", "stored_answer", "alarm", "audit", "outbox"):
        assert await world.database.fetchval(CLEAR.format(table=table), drawn["code"]) == 0
    statuses = [(await world.client.post("/v1/wallet/codes", json={}, headers=headers)).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [409]


async def test_a_transfer_from_the_phone_is_made_once(world: World) -> None:
    headers, other = await world.wallet(0), world.dev["wallets"][1]["wallet"]
    body = {"to": other, "amount_minor": 250, "currency": "AZN"}
    asked = await world.client.post("/v1/wallet/transfers/quote", json=body, headers=headers)
    assert asked.json() == {"holder": "D*** H***** T**", "fee_minor": 0, "total_minor": 250}
    named = {"id": make(bytes(16)), **body}
    answers = [await world.client.post("/v1/wallet/transfers", json=named, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await world.balance(f"wallet:{other}") == 5_250
    changed = await world.client.post("/v1/wallet/transfers", json={**named, "amount_minor": 251}, headers=headers)
    assert (changed.status_code, changed.json()["error"]) == (409, "id_reused")


async def test_cash_sent_from_the_phone_keeps_its_secret_to_itself(world: World) -> None:
    headers = await world.wallet(0)
    body = {"id": make(bytes(15) + b"\1"), "amount_minor": 300, "currency": "AZN", "secret": "482615"}
    sent = [(await world.client.post("/v1/wallet/pickups", json=body, headers=headers)).json() for _ in range(2)]
    assert sent[0] == sent[1]
    assert is_pickup_code(sent[0]["code"])
    assert await world.balance(f"pickup:{sent[0]['code']}") == 300
    for table in ("pickup", "stored_answer", "operation", "outbox"):
        assert await world.database.fetchval(CLEAR.format(table=table), body["secret"]) == 0
    short = await world.client.post("/v1/wallet/pickups", json={**body, "secret": "123"}, headers=headers)
    assert short.status_code == 422
    assert "123" not in short.text


async def test_a_holder_chooses_how_cash_outs_are_authorised(world: World) -> None:
    headers = await world.wallet(0)
    chosen = await world.client.put("/v1/wallet/authorise-by", json={"authorise_by": "code"}, headers=headers)
    assert chosen.json() == {"authorise_by": "code"}
    wallet = world.dev["wallets"][0]["wallet"]
    assert await world.database.fetchval("SELECT authorise_by FROM wallet WHERE number = $1", wallet) == "code"
    card = await world.client.get("/v1/wallet/static-code", headers=headers)
    assert card.json() == {"payload": f"KASSA:W:{wallet}"}
