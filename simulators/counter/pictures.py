"""The documentation's pictures of the counter page: a real browser presses the page's keys and looks at it.

`python -m simulators.counter.pictures DIR` writes counter.png, offline.png and operations.png.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from simulators.counter.server import CounterServer
from simulators.run.ports import choose
from simulators.story.runner import Choices, story_world
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from playwright.async_api import Page

    from simulators.run.world import World

_SIZE = (1280, 800)
_COLOURS = 256  # a palette: the pages are flat, and a picture stays far below 200 KB
_TIMEOUT_MS = 20_000
_STILL_MS = 1500  # the tables have been read again, and the tone's lamp is dark
_KEY_NAMES = {"*": "star", "#": "hash"}


async def take(folder: Path) -> list[Path]:
    """Play a sale and a cash-in with the network cut, and write the pictures."""
    from playwright.async_api import async_playwright  # noqa: PLC0415  (a tool of the tests: only here)

    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None:
        raise SimulatorError("pictures need Chromium: apt-get install chromium")
    async with story_world(Choices(), lambda _line: None) as world, async_playwright() as driver:
        server = CounterServer(world, choose(0))
        await server.start()
        browser = await driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        try:
            page = await browser.new_page(viewport={"width": _SIZE[0], "height": _SIZE[1]})
            page.set_default_timeout(_TIMEOUT_MS)
            await page.goto(server.url)
            return await _play(page, world, folder)
        finally:
            await browser.close()
            await server.stop()


async def _play(page: Page, world: World, folder: Path) -> list[Path]:
    demo = world.demo
    await _press(page, f"{demo.operator}#", "operator_pin")
    await _press(page, f"{demo.operator_pin}#", "drawer_float")
    await _press(page, "10000#", "menu")
    await _press(page, "A1250#", "sale_qr")
    await page.get_by_test_id("phone-scan").click()
    await page.get_by_test_id("phone-confirm").click()
    await _shown(page, "paid")
    taken = [await _save(page, folder / "counter.png")]
    await _press(page, "#", "menu")
    await _press(page, f"B{demo.wallets[1].number}#", "amount_entry")
    await _press(page, "5000#", "confirm_cash_in")
    await page.get_by_test_id("fault-cut-network").click()
    await _press(page, "#", "cash_in_done")
    taken.append(await _save(page, folder / "offline.png"))
    await page.get_by_test_id("fault-cut-network").click()
    await page.goto(world.ops_url)
    await page.locator("input").nth(0).fill(demo.staff_user)
    await page.locator("input").nth(1).fill(demo.staff_password)
    await page.locator("button").first.click()
    await page.get_by_test_id("postings").wait_for()
    taken.append(await _save(page, folder / "operations.png"))
    return taken


async def _press(page: Page, keys: str, then: str) -> None:
    for key in keys:
        await page.get_by_test_id(f"key-{_KEY_NAMES.get(key, key)}").click()
    await _shown(page, then)


async def _shown(page: Page, screen: str) -> None:
    await page.locator(f'[data-testid="screen"][data-screen="{screen}"]').wait_for()


async def _save(page: Page, path: Path) -> Path:
    await page.mouse.move(_SIZE[0] - 1, _SIZE[1] - 1)
    await page.wait_for_timeout(_STILL_MS)
    picture = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    picture.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main() -> None:
    """Write the pictures into the folder named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m simulators.counter.pictures DIR")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        taken = asyncio.run(take(folder))
    except SimulatorError as error:
        sys.exit(f"pictures: {error}")
    sys.stdout.writelines(f"{path}\n" for path in taken)


if __name__ == "__main__":
    main()
