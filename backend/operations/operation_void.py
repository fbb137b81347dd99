"""operation.void: an ask without an answer is given up. Coming late it is refused; what was done stays done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations.decision import Decision, ack
from backend.operations.sale import tombstone

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State


def needs(command: Command, keys: Keys) -> None:
    """The operation, and the answer its ask got: a refused one leaves nothing to void."""
    keys.operations.add(command.body["operation"])
    keys.answers.add((command.origin, command.body["operation"]))


def decide(state: State, command: Command) -> Decision:
    """Remember the void of an ask not heard of, so that a late one is refused. What was decided stays."""
    name = command.body["operation"]
    known = state.operation(name)
    if known is not None and (known.terminal, known.type, known.state) == (command.terminal, "pickup", "quoted"):
        return ack("as_told", known._replace(state="voided", closed_at=command.at))  # no money was in it yet
    if known is not None or state.answered_to(command.origin, name) is not None:
        return ack("nothing_to_do")
    return ack("remembered", tombstone(name, command, command.body["type"], "voided"))
