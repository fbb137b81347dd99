"""The stories through the whole chain: real firmware, broker, hub, backend, PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simulators.story.runner import Choices, run

SAVED = Path("artefacts/story")


@pytest.mark.timeout(170)
async def test_all_stories_end_as_written(tmp_path: Path) -> None:
    said: list[str] = []
    status = await run(Choices(save=SAVED, state=tmp_path / "world"), said.append, said.append)
    assert status == 0, "\n".join(said)
    text = "\n".join(said)
    assert "ledger verified" in text
    assert {"paid.png", "sale-qr.png", "cash-out-pin@2x.png"} <= set(os.listdir(SAVED))  # noqa: PTH208
    said_of_pins = [line.replace(" ", "") for line in said if _is_about_keys(line)]
    assert any("****" in line for line in said_of_pins)
    for secret in ("1357", "2468", "9753"):
        assert not any(secret in line for line in said_of_pins), "a PIN stands in the conversation"


def _is_about_keys(line: str) -> bool:
    """Keys pressed, and the screens of PIN entry. Codes and ids elsewhere are random, and may hold any four digits."""
    return line.strip().startswith(("press", "secret", "<< pin_entry", "<< operator_pin", "<< staff_pin"))
