"""The diagram in the docs is the transition table, drawn."""

from __future__ import annotations

from pathlib import Path

from desk.diagram import page
from desk.machine import ANY, HOME, TABLE
from desk.screens import _SCREENS

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_equals_the_table() -> None:
    assert (ROOT / "docs" / "terminal-states.md").read_text() == page()


def test_every_state_has_a_screen_and_every_target_is_a_state() -> None:
    states = {state for state, _ in TABLE} - {ANY}
    assert states | set(HOME) <= set(_SCREENS)
    targets = {target for _, targets in TABLE.values() for target in targets}
    assert targets - {"home"} <= set(_SCREENS)
