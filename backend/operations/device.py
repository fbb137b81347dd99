"""news.seen, health, tamper, journal.gap: what a terminal tells about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations.decision import Decision, ack
from backend.operations.entities import Alarm, NewsSeen, Report

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.state import State


def decide_news_seen(state: State, command: Command) -> Decision:  # noqa: ARG001  (every decision has this shape)
    """The terminal has every news up to this number."""
    return ack("as_told", NewsSeen(command.terminal, command.body["number"], command.at))


def decide_report(state: State, command: Command) -> Decision:  # noqa: ARG001  (every decision has this shape)
    """Record it."""
    return ack("as_told", Report(command.terminal, command.at, command.operation, dict(command.body)))


def decide_alarming_report(state: State, command: Command) -> Decision:
    """Record it, and tell staff: a torn journal or an opened case is never routine."""
    return decide_report(state, command).with_effects(Alarm(command.operation, dict(command.body)))
