"""From a sealed envelope to the ledger and back: sale, cash-in, cash-out over the hub's and the wallet's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import World

AZN = {"currency": "AZN"}


async def test_sale_is_opened_looked_up_paid_and_told_to_the_terminal(world: World) -> None:
    desk, wallet = world.desk(), world.dev["wallets"][0]["wallet"]
    await desk.open_drawer()
    opened = await desk.ask("sale.open", {"operator": "101", "amount_minor": 1250, **AZN})
    assert opened.body["link"] == f"http://pay.test/p/{opened.to}"

    phone = await world.wallet()
    for payload in (opened.body["qr"], opened.body["link"]):
        found = (await world.client.post("/v1/wallet/lookup", json={"payload": payload}, headers=phone)).json()
        assert found["sale"] == opened.to
        assert (found["merchant"], found["amount_minor"], found["state"]) == ("Corner Shop", 1250, "open")
    page = await world.client.get(f"/p/{opened.to}")
    assert "12.50" in page.text
    assert "Waiting for payment" in page.text

    payment = {"id": "01JD0000000000000000000001", "sale": opened.to, "amount_minor": 1250, **AZN}
    paid = await world.client.post("/v1/wallet/payments", json=payment, headers=phone)
    assert paid.status_code == 200, paid.text
    again = await world.client.post("/v1/wallet/payments", json=payment, headers=phone)
    assert again.json() == paid.json()

    ((_, event),) = await world.events("/v1/hub/outbox", world.hub, 1)
    news = desk.open(event["jws"], desk.session_counter)
    assert (news.kind, news.news, news.number) == ("news", "sale.paid", 1)
    assert news.body["sale"] == opened.to
    assert news.body["authorisation_code"] == paid.json()["authorisation_code"]
    ((cursor, notice),) = await world.events("/v1/wallet/notices", phone, 1)
    assert notice["name"] == "sale.paid"
    assert cursor.isdigit()

    assert await world.balance(f"wallet:{wallet}") == 18_750
    assert await world.balance("merchant:M001") == 1250
    me = (await world.client.get("/v1/wallet/me", headers=phone)).json()
    assert (me["available_minor"], me["held_minor"]) == (18_750, 0)
    history = (await world.client.get("/v1/wallet/history", headers=phone)).json()["items"]
    assert (history[0]["direction"], history[0]["amount_minor"], history[0]["merchant"]) == ("out", 1250, "Corner Shop")
    assert "Paid" in (await world.client.get(f"/p/{opened.to}")).text
    status = await desk.ask("sale.status", {"sale": opened.to})
    assert status.body["state"] == "paid"


async def test_cash_in_is_quoted_taken_and_noticed(world: World) -> None:
    desk, wallet = world.desk(), world.dev["wallets"][1]["wallet"]
    await desk.open_drawer()
    quote = await desk.ask("cash_in.quote", {"operator": "101", "account": wallet, "amount_minor": 3000, **AZN})
    assert quote.body["holder"] == "D*** H***** T**"
    state = await world.client.get(f"/v1/ops/drawers/{desk.terminal}", headers=await world.staff())
    drawer = state.json()["drawer"]
    taken = {"operation": quote.to, "operator": "101", "account": wallet, "amount_minor": 3000, **AZN}
    ack = await desk.tell("cash_in.taken", {**taken, "fee_minor": 0, "drawer": drawer})
    assert ack.kind == "ack"
    assert ack.body == {"booked": "as_told"}
    assert await world.balance(f"wallet:{wallet}") == 8000
    assert await world.balance(f"till:{desk.terminal}") == -53_000
    ((_, notice),) = await world.events("/v1/wallet/notices", await world.wallet(1), 1)
    assert notice["amount_minor"] == 3000


async def test_cash_out_needs_the_right_pin_and_the_third_wrong_one_blocks(world: World) -> None:
    desk, wallet = world.desk(), world.dev["wallets"][0]["wallet"]
    await desk.open_drawer()
    body = {"operator": "101", "account": wallet, "amount_minor": 4000, **AZN}
    held = await desk.ask("cash_out.authorize", body, pin=("1234", wallet))
    assert held.refused is None
    assert len(held.body["authorisation_code"]) == 6
    drawer = (await world.client.get(f"/v1/ops/drawers/{desk.terminal}", headers=await world.staff())).json()
    assert drawer["held_minor"] == 4000
    ack = await desk.tell(
        "cash_out.paid",
        {
            **body,
            "operation": held.to,
            "authorisation_code": held.body["authorisation_code"],
            "drawer": drawer["drawer"],
        },
    )
    assert ack.body == {"booked": "as_told"}
    assert await world.balance(f"wallet:{wallet}") == 16_000
    for tries_left in (2, 1, 0):
        wrong = await desk.ask("cash_out.authorize", body, pin=("9999", wallet))
        reason = wrong.refused["reason"]
        assert reason == ("pin_wrong" if tries_left else "pin_blocked") or wrong.refused.get("tries_left") == tries_left
    blocked = await desk.ask("cash_out.authorize", body, pin=("1234", wallet))
    assert blocked.refused["reason"] == "pin_blocked"
    assert await world.balance(f"wallet:{wallet}") == 16_000


async def test_expired_hold_is_released_and_the_terminal_told(world: World) -> None:
    desk, wallet = world.desk(), world.dev["wallets"][0]["wallet"]
    await desk.open_drawer()
    body = {"operator": "101", "account": wallet, "amount_minor": 4000, **AZN}
    held = await desk.ask("cash_out.authorize", body, pin=("1234", wallet))
    phone = await world.wallet()
    assert (await world.client.get("/v1/wallet/me", headers=phone)).json()["held_minor"] == 4000
    world.clock.ahead_s = 600
    await world.until("SELECT state = 'expired' FROM operation WHERE id = $1", held.to)
    assert (await world.client.get("/v1/wallet/me", headers=phone)).json()["held_minor"] == 0
    ((_, event),) = await world.events("/v1/hub/outbox", world.hub, 1)
    news = desk.open(event["jws"], desk.session_counter)
    assert (news.news, news.body) == ("hold.expired", {"operation": held.to})


async def test_expired_sale_is_told_and_cannot_be_paid(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    opened = await desk.ask("sale.open", {"operator": "101", "amount_minor": 1250, **AZN})
    phone = await world.wallet()
    world.clock.ahead_s = 600
    ((_, event),) = await world.events("/v1/hub/outbox", world.hub, 1)
    assert desk.open(event["jws"], desk.session_counter).news == "sale.expired"
    payment = {"id": "01JD0000000000000000000002", "sale": opened.to, "amount_minor": 1250, **AZN}
    refused = await world.client.post("/v1/wallet/payments", json=payment, headers=phone)
    assert refused.status_code == 409
    assert refused.json()["error"] == "sale_expired"
    assert "Nothing was charged" in (await world.client.get(f"/p/{opened.to}")).text


async def test_unseen_news_come_again_under_the_next_session(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    await desk.ask("sale.open", {"operator": "101", "amount_minor": 1250, **AZN})
    world.clock.ahead_s = 600
    ((cursor, first),) = await world.events("/v1/hub/outbox", world.hub, 1)
    assert desk.open(first["jws"], desk.session_counter).number == 1
    await desk.hello()
    ((later, second),) = await world.events("/v1/hub/outbox", world.hub, 1, after=cursor)
    assert desk.open(second["jws"], desk.session_counter).number == 1
    assert int(later) > int(cursor)
    seen = await desk.tell("news.seen", {"number": 1})
    assert seen.body == {"booked": "as_told"}
    await world.until("SELECT seen_at IS NOT NULL FROM outbox WHERE kind = 'news' AND number = 1")
