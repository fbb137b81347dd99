"""The scenario language: what it reads, and how a mistake is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.story.runner import scenarios
from simulators.story.script import ScriptError, parse

if TYPE_CHECKING:
    from pathlib import Path


def test_a_scenario_is_read_step_by_step() -> None:
    read = parse("x", "story A sale\n# a comment\n\npress A 1 2 {wallet1} #\nsecret 1 2 3 4\nsay it is: done\n")
    assert read.title == "A sale"
    assert [(step.line, step.verb) for step in read.steps] == [(4, "press"), (5, "secret"), (6, "say")]
    assert read.steps[0].words == ("A", "1", "2", "{wallet1}", "#")
    assert read.steps[2].words == ("it is: done",)


def test_a_secret_is_not_printed() -> None:
    step = parse("x", "story A\nsecret 1 2 3 4").steps[0]
    assert step.text == "secret ****"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("prss A", "no step is called 'prss'"),
        ("press 12", "'12' is not a key"),
        ("press", "press takes 1 to 60 words"),
        ("expect wallet9 +1.00", "no account is called 'wallet9'"),
        ("expect till one", "'one' is not an amount"),
        ("fault cut-network maybe", "switched on or off"),
        ("phone 3 scan", "phone 1 or 2"),
        ("see", "see needs a text"),
    ],
)
def test_a_mistake_names_its_line(line: str, told: str) -> None:
    with pytest.raises(ScriptError, match=f"broken, line 2: .*{told}"):
        parse("broken", f"story A\n{line}")


def test_the_stories_and_the_opening_are_sound_and_in_order() -> None:
    numbers = [int(scenario.name.split("_")[0]) for scenario in scenarios()]
    assert numbers[:6] == [0, 1, 2, 3, 4, 5]
    assert numbers == sorted(numbers)
    assert [scenario.name[0] for scenario in scenarios(["3"])] == ["0", "3"]
    with pytest.raises(ScriptError, match="there is no story '99'"):
        scenarios(["99"])


def test_a_folder_without_scenarios_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no scenarios"):
        scenarios(folder=tmp_path)
