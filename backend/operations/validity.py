"""Rules with validity dates: which one is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class Dated(Protocol):
    """A rule that holds from a time on, and before another (0: without end). Epoch seconds."""

    @property
    def valid_from(self) -> int:
        """The first second in which it holds."""

    @property
    def valid_to(self) -> int:
        """The first second in which it does not hold any more; 0 when no end is set."""


R = TypeVar("R", bound=Dated)


def in_force(rules: Iterable[R], at: int) -> R | None:
    """The rule that holds at a time: of several, the one that began last, so that an exception lies over the rule."""
    holding = [rule for rule in rules if rule.valid_from <= at and (not rule.valid_to or at < rule.valid_to)]
    return max(holding, key=lambda rule: rule.valid_from, default=None)
