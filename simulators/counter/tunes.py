"""The tones as the firmware's own driver plays them, read from its source: a host cannot import it."""

from __future__ import annotations

import ast

from simulators.terminal.launcher import FIRMWARE

Tunes = dict[str, tuple[tuple[int, int], ...]]


def load() -> Tunes:
    """The table TUNES of firmware/drivers/buzzer.py: name -> (hertz, milliseconds) one after another."""
    path = FIRMWARE / "drivers" / "buzzer.py"
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "TUNES" for t in node.targets):
            tunes: Tunes = ast.literal_eval(node.value)
            return tunes
    raise LookupError(f"{path} has no table TUNES: the page needs it to play the terminal's tones")
