"""When an open order is looked at again: a pure function of its row, so that any process may go on with it."""

from __future__ import annotations

from typing import Final, Literal

#: The first questions come quickly, because a customer waits; later ones leave a rail that is down in peace.
MAX_DELAY_S: Final = 60
#: An order that is open for longer is a case for people; it is still asked for, but seldom.
OLD_S: Final = 86_400
OLD_DELAY_S: Final = 900


def delay_s(attempts: int, open_s: int) -> int:
    """Seconds until the next look at an order that was looked at `attempts` times and is open for `open_s` seconds."""
    if open_s >= OLD_S:
        return OLD_DELAY_S
    return min(1 << min(max(attempts, 1), 6), MAX_DELAY_S)


def step(attempts: int) -> Literal["submit", "status"]:
    """What to do at the attempt of that number (the first is 1): only a first attempt sends without asking.

    A later one cannot know whether an earlier one was heard, even when this process did not see it.
    """
    return "submit" if attempts <= 1 else "status"
