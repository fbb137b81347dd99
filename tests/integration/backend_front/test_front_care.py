"""Customers' care by staff: search, freeze, four eyes, audit, cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from deskwire.accounts import operator_account

if TYPE_CHECKING:
    from conftest import World


async def sign_in(world: World, who: dict[str, str]) -> dict[str, str]:
    response = await world.client.post("/v1/ops/sessions", json=who)
    assert response.status_code == 200, response.text
    return {"Authorization": f"Bearer {response.json()['token']}"}


async def call(world: World, method: str, path: str, headers: dict[str, str], **body: Any) -> Any:
    response = await world.client.request(
        method, f"/v1/ops/{path}", headers=headers, json=body if method == "POST" else None
    )
    return response.json() if response.content else response.status_code


async def test_freezing_is_one_persons_and_unfreezing_takes_two(world: World) -> None:
    first, second = await sign_in(world, world.dev["staff"]), await sign_in(world, world.dev["second_staff"])
    number = world.dev["wallets"][0]["wallet"]
    (found,) = (await call(world, "GET", "customers?query=holder%20one", first))["items"]
    assert (found["wallet"], found["status"], found["available_minor"]) == (number, "active", 20_000)
    asked = {"kind": "wallet.unfreeze", "wallet": number, "reason": "identity was checked"}
    assert (await call(world, "POST", "proposals", first, **asked))["error"] == "conflict"
    assert await call(world, "POST", f"customers/{number}/freeze", first, reason="reported stolen") == 204
    assert (await call(world, "POST", f"customers/{number}/freeze", second, reason="again"))["error"] == "conflict"
    desk = world.desk()
    await desk.open_drawer()
    quote = {"operator": "101", "account": number, "amount_minor": 100, "currency": "AZN"}
    refused = (await desk.ask("cash_in.quote", quote)).refused
    assert refused is not None
    assert refused["reason"] == "account_frozen"
    made = await call(world, "POST", "proposals", first, **asked)
    assert made["state"] == "open"
    own = await call(world, "POST", f"proposals/{made['id']}/confirm", first)
    assert own["error"] == "forbidden"
    done = await call(world, "POST", f"proposals/{made['id']}/confirm", second)
    assert (done["state"], done["proposed_by"], done["decided_by"]) == ("confirmed", "ops", "ops2")
    assert (await call(world, "POST", f"proposals/{made['id']}/reject", first))["error"] == "conflict"
    assert (await desk.ask("cash_in.quote", quote)).refused is None
    log = (await call(world, "GET", f"audit?subject=w:{number}", first))["items"]
    assert [(row["who"], row["what"]) for row in reversed(log)] == [
        ("s:ops", "wallet.frozen"),
        ("s:ops", "proposal.made"),
        ("s:ops2", "wallet.unfrozen"),
        ("s:ops2", "proposal.confirmed"),
    ]
    notices = await world.events("/v1/wallet/notices", await world.wallet(), 2)
    assert [notice["name"] for _, notice in notices] == ["wallet.frozen", "wallet.unfrozen"]


async def test_a_level_is_changed_by_two_and_not_after_a_day(world: World) -> None:
    first, second = await sign_in(world, world.dev["staff"]), await sign_in(world, world.dev["second_staff"])
    number = world.dev["wallets"][1]["wallet"]
    asked = {"kind": "wallet.kyc_level", "wallet": number, "reason": "passport seen"}
    assert (await call(world, "POST", "proposals", first, **asked))["field"] == "level"
    made = [await call(world, "POST", "proposals", first, **asked, level=level) for level in (2, 3)]
    assert (await call(world, "POST", f"proposals/{made[0]['id']}/confirm", second))["body"] == {"level": 2}
    assert (await call(world, "GET", f"customers/{number}", first))["kyc_level"] == 2
    await world.database.execute("UPDATE proposal SET expires_at = 1 WHERE id = $1", made[1]["id"])
    assert (await call(world, "POST", f"proposals/{made[1]['id']}/confirm", second))["error"] == "conflict"
    assert (await call(world, "GET", "proposals?state=open", first))["items"][0]["id"] == made[1]["id"]


async def test_only_admins_change_and_only_staff_look(world: World) -> None:
    number = world.dev["wallets"][0]["wallet"]
    await world.database.execute("UPDATE staff SET role = 'viewer' WHERE login = 'ops2'")
    viewer, phone = await sign_in(world, world.dev["second_staff"]), await world.wallet()
    assert (await call(world, "GET", f"customers/{number}", viewer))["wallet"] == number
    refused = await call(world, "POST", f"customers/{number}/freeze", viewer, reason="no right")
    assert refused["error"] == "forbidden"
    for path in ("customers?query=demo", f"customers/{number}", "proposals", "audit"):
        assert (await call(world, "GET", path, phone))["error"] == "unauthorized"


async def test_a_person_cannot_confirm_in_the_table_either(world: World) -> None:
    query = "INSERT INTO proposal VALUES ('x', 'k', 's', '{}', 'r', 'confirmed', 'ops', 1, 2, 'ops', 1)"
    with pytest.raises(asyncpg.CheckViolationError):
        await world.database.execute(query)


async def test_linked_cards_are_shown_by_their_rail(world: World) -> None:
    shown = (await world.client.get("/v1/wallet/cards", headers=await world.wallet())).json()
    assert [(rail["rail"], [card["masked_number"] for card in rail["cards"]]) for rail in shown["rails"]] == [
        ("card", ["**** 4021", "**** 7310"]),
        ("national", ["**** 0042"]),
    ]
    assert (await world.client.get("/v1/wallet/cards", headers=await world.wallet(1))).json() == {"rails": []}


async def test_the_pin_is_changed_in_the_app_by_password_and_old_pin(world: World) -> None:
    phone, wallet = await world.wallet(), world.dev["wallets"][0]
    desk = world.desk()
    await desk.open_drawer()
    good = {"password": wallet["password"], "old_pin": "1234", "new_pin": "5937"}

    async def change(**parts: str) -> tuple[int, str]:
        response = await world.client.post("/v1/wallet/pin", json={**good, **parts}, headers=phone)
        for secret in ("1234", "5937", "8642"):
            assert secret not in response.text
        return response.status_code, response.json().get("error", "")

    async def holds(pin: str) -> bool:
        asked = {"operator": "101", "account": wallet["wallet"]}
        return (await desk.ask("balance", asked, pin=(pin, wallet["wallet"]))).refused is None

    assert (await world.client.post("/v1/wallet/pin", json=good)).status_code == 401
    assert await change(password="wrong") == (401, "unauthorized")
    assert await change(old_pin="8642") == (409, "pin_wrong")
    assert await change(new_pin="4321") == (409, "pin_weak")
    assert await change(new_pin="59a7") == (422, "invalid")
    assert await holds("1234")
    assert (await change())[0] == 200
    assert not await holds("1234")
    assert await holds("5937")
    assert (await world.client.get("/v1/wallet/me", headers=phone)).status_code == 200


async def test_a_branch_sets_a_new_pin_in_two_blocks(world: World) -> None:
    wallet, desk = world.dev["wallets"][1]["wallet"], world.desk()
    await desk.open_drawer()
    granted = await desk.ask(
        "approval.grant", {"operator": "201", "purpose": "pin_reset"}, pin=("2468", operator_account("201"))
    )
    assert granted.refused is None, granted.refused
    body = {"operator": "101", "account": wallet, "approval": granted.to}
    for again, reason in (("5938", "pin_mismatch"), ("5937", None)):
        down = await desk.ask("customer_pin.set", body, pin=("5937", wallet), again=again)
        assert (down.refused or {}).get("reason") == reason
    asked = {"operator": "101", "account": wallet}
    assert (await desk.ask("balance", asked, pin=("5937", wallet))).refused is None


async def test_the_customers_page_freezes_and_lets_only_another_person_confirm(world: World) -> None:
    number, page = world.dev["wallets"][0]["wallet"], "/ops/customers"

    async def enter(who: dict[str, str]) -> None:
        world.client.cookies.clear()
        assert (await world.client.post("/ops/login", data=who)).status_code == 303

    async def press(button: str, **fields: str) -> tuple[int, str]:
        form = {"do": button, "q": number, **fields}
        response = await world.client.post(page, data=form, follow_redirects=True)
        return response.status_code, response.text

    assert (await world.client.get(page)).headers["location"] == "/ops/login"
    await enter(world.dev["staff"])
    assert "Demo Holder One" in (await world.client.get(page, params={"q": "holder one"})).text
    assert (await press("freeze", wallet=number, reason="x"))[0] == 422
    status, text = await press("freeze", wallet=number, reason="<b>stolen</b>")
    assert status == 200
    assert "Propose to unfreeze" in text
    assert "<b>stolen" not in text
    status, text = await press("unfreeze", wallet=number, reason="found again")
    assert "Take back" in text
    name = text.partition('name="proposal" value="')[2][:26]
    status, text = await press("confirm", proposal=name)
    assert (status, "Another person must confirm" in text) == (403, True)
    await enter(world.dev["second_staff"])
    status, text = await press("confirm", proposal=name)
    assert status == 200
    assert "wallet.unfrozen" in text
    crossed = await world.client.post(page, data={"do": "freeze"}, headers={"Origin": "https://evil.test"})
    assert crossed.status_code == 403
