"""The counter page in a real Chromium: its own keys, phone and switches through all five stories."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from simulators.counter.server import CounterServer
from simulators.run.ports import choose
from simulators.story.runner import Choices, story_world, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = Path("artefacts/counter")
SHOTS.mkdir(parents=True, exist_ok=True)
KEY_NAMES = {"*": "star", "#": "hash"}
BALANCE = re.compile(r"[\d\u202f]+\.\d\d")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(170),
    pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="no Chromium is installed"),
]


class Counter:
    """A person at the page: presses what is drawn, reads what is shown."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self, testid: str) -> Locator:
        return self.page.locator(f'[data-testid="{testid}"]')

    async def press(self, keys: str) -> None:
        for key in keys.replace(" ", ""):
            await self.at(f"key-{KEY_NAMES.get(key, key)}").click()

    async def screen(self, name: str, text: str = "") -> None:
        screen = self.at("screen")
        await expect(screen).to_have_attribute("data-screen", name, timeout=20_000)
        if text:
            await expect(screen).to_have_attribute("data-view", re.compile(re.escape(text)), timeout=20_000)

    async def outcome(self, kind: str) -> None:
        await self.screen("outcome", f'"kind":"{kind}"')

    async def fault(self, name: str, *, on: bool) -> None:
        await self.at(f"fault-{name}").click()
        await expect(self.at(f"fault-{name}")).to_have_attribute("aria-pressed", str(on).lower(), timeout=20_000)

    async def shows(self, testid: str, text: str) -> None:
        await expect(self.at(testid)).to_contain_text(text, timeout=20_000)

    async def posting(self, amount_minor: int, count: int) -> None:
        rows = self.page.locator(f'[data-testid="posting"][data-amount="{amount_minor}"]')
        await expect(rows).to_have_count(count, timeout=20_000)

    async def message(self, kind: str, outcome: str) -> None:
        rows = self.page.locator(f'[data-testid="message"][data-type="{kind}"][data-outcome="{outcome}"]')
        await expect(rows.first).to_be_visible(timeout=20_000)

    async def save(self, name: str) -> None:
        await self.page.wait_for_timeout(350)
        await self.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[tuple[Counter, tuple[str, str]]]:
    """A fresh world, its page, and the numbers of the two wallets."""
    async with (
        story_world(Choices(state=tmp_path / "world"), lambda _line: None) as world,
        async_playwright() as driver,
    ):
        server = CounterServer(world, choose(0))
        await server.start()
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        await page.goto(server.url)
        yield Counter(page), (world.demo.wallets[0].number, world.demo.wallets[1].number)
        await browser.close()
        await server.stop()
        assert failures == []
        await verify(world)


async def test_the_five_stories_on_the_page(counter: tuple[Counter, tuple[str, str]]) -> None:
    person, (wallet1, wallet2) = counter
    await sign_on(person)
    await sale(person)
    await cash_in(person, wallet2)
    await cash_out(person, wallet1, wallet2)
    await was_it_paid(person)
    await faults(person, wallet1)


async def sign_on(person: Counter) -> None:
    await person.screen("operator_number")
    await person.page.keyboard.type("101")
    await person.page.keyboard.press("Enter")
    await person.screen("operator_pin")
    await person.press("1357#")
    await person.screen("drawer_float")
    await person.press("10000#")
    await person.screen("menu", '"link":"online"')
    await person.shows("drawer-cash", "100.00")
    await person.save("0-menu")


async def sale(person: Counter) -> None:
    await person.press("A1250#")
    await person.screen("sale_qr")
    await person.at("phone-scan").click()
    await person.shows("phone-offer", "Corner Shop")
    await person.shows("phone-offer", "12.50")
    await person.save("1-sale-offer")
    await person.at("phone-confirm").click()
    await person.screen("paid")
    await expect(person.at("tone")).to_have_attribute("data-tone", "paid")
    await person.shows("phone-balance", "187.50")
    await person.posting(1250, 1)
    await person.message("sale.paid", "delivered")
    await person.save("1-sale-paid")
    await person.press("#")
    await person.screen("menu")


async def cash_in(person: Counter, wallet: str) -> None:
    await person.at("phone-wallet-2").click()
    await person.press(f"B{wallet}#")
    await person.screen("amount_entry")
    await person.press("5000#")
    await person.screen("confirm_cash_in", "D*** H*****")
    await person.save("2-cash-in")
    await person.press("#")
    await person.screen("cash_in_done")
    await person.shows("phone-balance", "100.00")
    await person.shows("phone-notices", "50.00")
    await person.shows("drawer-cash", "150.00")
    await person.message("cash_in.taken", "as_told")
    await person.press("#")
    await person.screen("menu")


async def cash_out(person: Counter, wallet1: str, wallet2: str) -> None:
    async def ask(wallet: str, amount: str, pin: str) -> None:
        await person.screen("menu")
        await person.press(f"C{wallet}#")
        await person.screen("amount_entry")
        await person.press(f"{amount}#")
        await person.screen("pin_entry")
        await person.press(f"{pin}#")

    await person.at("phone-wallet-1").click()
    await ask(wallet1, "2000", "1234")
    await person.screen("confirm_cash_out")
    await person.shows("phone-held", "20.00")
    await person.save("3-cash-out-held")
    await person.press("#")
    await person.screen("cash_out_done")
    await person.shows("phone-balance", "167.50")
    await person.shows("drawer-cash", "130.00")
    await person.shows("phone-notices", "20.00")
    await person.press("#")
    await ask(wallet1, "3000", "1234")
    await person.screen("confirm_cash_out")
    await person.press("*")
    await person.outcome("voided")
    await person.shows("phone-held", "nothing is held")
    await person.press("*")
    for amount, wallet, reason in (("11000", wallet2, "insufficient_funds"), ("14000", wallet1, "drawer_short")):
        await ask(wallet, amount, "1234")
        await person.outcome("refused")
        await person.message("cash_out.authorize", reason)
        await person.press("*")
    for tries_left in ("2", "1"):
        await ask(wallet2, "1000", "9999")
        await person.outcome("refused")
        await person.screen("outcome", f'"tries_left":{tries_left}')
        await person.press("*")
    await ask(wallet2, "1000", "9999")
    await person.outcome("refused")
    await person.message("cash_out.authorize", "pin_blocked")
    await person.save("3-pin-blocked")
    await person.press("*")
    await person.shows("drawer-cash", "130.00")


async def was_it_paid(person: Counter) -> None:
    await person.screen("menu")
    await person.press("A200#")
    await person.screen("sale_qr")
    await person.at("phone-scan").click()
    await person.shows("phone-offer", "2.00")
    await person.fault("cut-network", on=True)
    await person.at("phone-confirm").click()
    await person.shows("phone-offer", "Paid to")
    await person.press("*")
    await person.outcome("unknown_checking")
    await person.save("4-not-known-yet")
    await person.press("*")
    await person.screen("menu", '"link":"no_broker"')
    await person.press("D")
    await person.screen("recent", '"state":"checking')
    await person.fault("cut-network", on=False)
    late_or_listed = re.compile('"late":true|"state":"paid"')  # news or the status asked for: whichever is first
    await expect(person.at("screen")).to_have_attribute("data-view", late_or_listed, timeout=20_000)
    await person.press("*")
    await person.screen("menu")
    await person.press("D")
    await person.screen("recent", '"state":"paid"')
    await person.save("4-was-it-paid")
    await person.press("*")
    await person.screen("menu")
    await person.posting(200, 1)


async def faults(person: Counter, wallet: str) -> None:
    await person.press(f"B{wallet}#")
    await person.screen("amount_entry")
    await person.press("1000#")
    await person.screen("confirm_cash_in")
    await person.fault("cut-network", on=True)
    await person.press("#")
    await person.screen("cash_in_done", '"queued":true')
    await person.press("*")
    await person.press("A500#")
    await person.outcome("unreachable")
    await person.save("5-network-cut")
    await person.press("*")
    await person.fault("cut-network", on=False)
    await person.posting(1000, 1)
    await person.fault("stop-hub", on=True)
    await person.screen("menu", '"link":"no_hub"')
    await person.shows("part-hub", "stopped")
    await person.fault("stop-hub", on=False)
    await person.screen("menu", '"link":"online"')
    await person.fault("stop-backend", on=True)
    await person.screen("menu", '"link":"no_backend"')
    await person.save("5-backend-stopped")
    await person.fault("stop-backend", on=False)
    await person.screen("menu", '"link":"online"')
    await held_through_a_power_cut(person, wallet)
    await everything_twice(person)


async def held_through_a_power_cut(person: Counter, wallet: str) -> None:
    await person.press(f"C{wallet}#")
    await person.screen("amount_entry")
    await person.press("800#")
    await person.screen("pin_entry")
    await person.press("1234#")
    await person.screen("confirm_cash_out")
    await person.fault("power-cut", on=True)
    await expect(person.at("device")).to_have_class(re.compile("off"))
    await person.fault("power-cut", on=False)
    await person.screen("cash_question")
    await person.save("5-after-power-cut")
    await person.press("*")
    await person.screen("operator_number")
    await person.press("101#")
    await person.screen("operator_pin")
    await person.press("1357#")
    await person.screen("menu")
    await person.shows("phone-held", "nothing is held")


async def everything_twice(person: Counter) -> None:
    await person.fault("duplicate", on=True)
    await person.page.keyboard.type("a300")  # the switch was clicked last: Enter is the terminal's all the same
    await person.page.keyboard.press("Enter")
    await person.screen("sale_qr")
    await expect(person.at("fault-duplicate")).to_have_attribute("aria-pressed", "true")
    await person.at("phone-scan").click()
    await person.shows("phone-offer", "3.00")
    await person.at("phone-confirm").click()
    await person.screen("paid")
    await person.posting(300, 1)
    await person.shows("phone-balance", "172.50")
    await person.save("5-duplicates")
    await person.fault("duplicate", on=False)
