"""The contact sheet: the telling screens side by side; every one of them is saved by a story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from simulators.story import sheet
from simulators.story.runner import scenarios
from simulators.terminal.screen import HEIGHT, WIDTH

if TYPE_CHECKING:
    from pathlib import Path


def test_the_saved_screens_are_put_on_one_sheet(tmp_path: Path) -> None:
    assert sheet.write(tmp_path) is None
    for name in ("menu", "paid", "not-a-telling-one"):
        Image.new("RGB", (WIDTH, HEIGHT), "#ff0000").save(tmp_path / f"{name}.png")
    written = sheet.write(tmp_path)
    assert written is not None
    with Image.open(written) as picture:
        assert 2 * WIDTH < picture.width < 3 * WIDTH
        assert HEIGHT < picture.height < 2 * HEIGHT
        assert sum(count for count, colour in picture.getcolors(100_000) if colour == (255, 0, 0)) == 2 * WIDTH * HEIGHT


def test_every_screen_of_the_sheet_is_saved_by_a_story() -> None:
    saved = {step.words[0] for scenario in scenarios() for step in scenario.steps if step.verb == "save"}
    assert set(sheet.SCREENS) <= saved
