"""The operations page in a real Chromium, served by `kassa backend serve` in a process of its own."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from conftest import World

CHROMIUM = shutil.which("chromium")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="no Chromium here")
async def test_staff_see_terminals_messages_and_postings(process: tuple[World, Any]) -> None:
    from playwright.async_api import async_playwright, expect

    world, made = process
    desk = world.desk()
    await desk.open_drawer()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(f"{world.url}/ops/")
        assert page.url.endswith("/ops/login")
        await page.fill("#user", "ops")
        await page.fill("#password", "ops-demo")
        await page.click("button")
        await expect(page.get_by_test_id("terminals")).to_contain_text("T0000001")
        await expect(page.get_by_test_id("terminals")).to_contain_text("online")
        await expect(page.get_by_test_id("postings")).to_contain_text("drawer float")
        await expect(page.get_by_test_id("drawers")).to_contain_text("500.00")
        await expect(page.get_by_test_id("ledger")).to_contain_text("ledger balanced")
        await desk.ask("sale.open", {"operator": "101", "amount_minor": 1250, "currency": "AZN"})
        await expect(page.get_by_test_id("messages")).to_contain_text("sale.open")
        await page.screenshot(path="artefacts/operations.png")
        await world.database.execute("DELETE FROM session")
        await page.wait_for_url("**/ops/login")
        await browser.close()
    assert not wrong
    assert psutil.Process(made.pid).memory_info().rss < 150 << 20
