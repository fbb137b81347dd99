"""Receipts as a customer's browser gets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deskwire import ids

if TYPE_CHECKING:
    from conftest import World

AZN = {"currency": "AZN"}


async def test_a_paid_sale_has_a_receipt_that_its_pay_page_links_to(world: World) -> None:
    desk = world.desk()
    await desk.open_drawer()
    opened = await desk.ask("sale.open", {"operator": "101", "amount_minor": 1250, **AZN, "reference": "BILL-7"})
    assert (await world.client.get(f"/r/{opened.to}")).status_code == 404
    payment = {"id": "01JD0000000000000000000001", "sale": opened.to, "amount_minor": 1250, **AZN}
    paid = await world.client.post("/v1/wallet/payments", json=payment, headers=await world.wallet())
    link = re.search(r'href="(/r/\w+)"', (await world.client.get(f"/p/{opened.to}")).text)
    assert link is not None
    page = await world.client.get(link[1])
    assert page.status_code == 200
    for text in (
        *("Kassa", "Corner Shop", "1000000001", ids.short(opened.to), "UTC", desk.terminal, "12.50", "AZN"),
        *(paid.json()["authorisation_code"], opened.to, "BILL-7", "<svg"),
    ):
        assert text in page.text, text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert world.dev["wallets"][0]["wallet"] not in page.text


async def test_cash_over_the_counter_has_a_receipt_once_it_is_told(world: World) -> None:
    desk, wallet = world.desk(), world.dev["wallets"][1]["wallet"]
    await desk.open_drawer()
    body = {"operator": "101", "account": wallet, "amount_minor": 3000, **AZN}
    quoted = await desk.ask("cash_in.quote", body)
    assert (await world.client.get(f"/r/{quoted.to}")).status_code == 404
    drawer = (await world.client.get(f"/v1/ops/drawers/{desk.terminal}", headers=await world.staff())).json()["drawer"]
    await desk.tell("cash_in.taken", {**body, "operation": quoted.to, "fee_minor": 0, "drawer": drawer})
    page = (await world.client.get(f"/r/{quoted.to}")).text
    assert "Cash in" in page
    assert f"**** {wallet[-4:]}" in page
    assert wallet not in page


async def test_an_unknown_receipt_is_said_to_be_none(world: World) -> None:
    for name in ("nothing", "01JD0000000000000000000009"):
        page = await world.client.get(f"/r/{name}")
        assert page.status_code == 404
        assert "No such receipt" in page.text
