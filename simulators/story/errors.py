"""Why a story fails."""

from __future__ import annotations

from simulators.waiting import SimulatorError


class StoryError(SimulatorError):
    """Something differed from the scenario; the message names the step, what was wanted and what was there."""
