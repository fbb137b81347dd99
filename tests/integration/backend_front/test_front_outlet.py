"""The services of an outlet over the operations API, down to the terminal that hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from backend.operations.outlet import SERVICES
from backend.ops.outlet import Service

if TYPE_CHECKING:
    from conftest import World


def test_the_document_lists_every_service() -> None:
    assert get_args(Service) == SERVICES


async def test_staff_switch_services_and_the_terminal_follows(world: World) -> None:
    desk, staff = world.desk(), await world.staff()
    await desk.open_drawer()
    path = f"/v1/ops/terminals/{desk.terminal}/services"
    before = (await world.client.get(path, headers=staff)).json()
    assert "cash_out" in before["services"]
    put = await world.client.put(path, json={"services": ["sale", "drawer"]}, headers=staff)
    assert put.json() == {"services": ["sale", "drawer"], "config_version": before["config_version"] + 1}
    assert (await world.client.get(path, headers=staff)).json() == put.json()
    ((_, event),) = await world.events("/v1/hub/outbox", world.hub, 1)
    news = desk.open(event["jws"], desk.session_counter)
    assert (news.news, news.body) == ("config.changed", {"config_version": before["config_version"] + 1})
    assert (await desk.hello()).body["services"] == ["sale", "drawer"]
    wallet = world.dev["wallets"][0]["wallet"]
    quote = {"operator": "101", "account": wallet, "amount_minor": 100, "currency": "AZN"}
    assert (await desk.ask("cash_in.quote", quote)).refused["reason"] == "service_off"


async def test_only_staff_set_services_and_only_those_of_the_list(world: World) -> None:
    path = "/v1/ops/terminals/T0000001/services"
    for headers in ({}, await world.wallet(), world.hub):
        assert (await world.client.put(path, json={"services": []}, headers=headers)).status_code == 401
    staff = await world.staff()
    wrong = await world.client.put(path, json={"services": ["sale", "lottery"]}, headers=staff)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "body.services.1")
    unknown = await world.client.put("/v1/ops/terminals/T9999999/services", json={"services": []}, headers=staff)
    assert unknown.status_code == 404
