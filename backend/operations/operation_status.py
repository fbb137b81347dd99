"""operation.status: what became of up to five operations. It always answers; "unknown" is an answer too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.operations.decision import Decision, answer
from backend.operations.sale import state_at

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: A refusal is kept as `{"reason": ..., ...}`, reason first.
REFUSED_PREFIX = '{"reason":"'


def needs(command: Command, keys: Keys) -> None:
    """Each operation, and the answer to the message that began it."""
    for name in command.body["operations"]:
        keys.operations.add(name)
        keys.answers.add((command.origin, name))


def decide(state: State, command: Command) -> Decision:
    """One entry an operation, in the order asked."""
    return answer({"operations": [_status(state, command, name) for name in command.body["operations"]]})


def _status(state: State, command: Command, name: str) -> dict[str, Any]:
    """What became of one operation of this terminal."""
    known = state.operation(name)
    asked = state.answered_to(command.origin, name)
    if known is None or known.terminal != command.terminal:
        if asked is None:
            return {"operation": name, "type": "", "state": "unknown"}
        if asked.refused:
            reason = asked.refused.removeprefix(REFUSED_PREFIX).partition('"')[0]
            return {
                "operation": name,
                "type": asked.operation,
                "state": "refused",
                "at": asked.at,
                "reason": reason,
            }
        return {"operation": name, "type": asked.operation, "state": "done", "at": asked.at}
    shown: dict[str, Any] = {"operation": name, "type": known.type, "state": state_at(known, command.at)}
    if known.currency:
        shown |= {"amount_minor": known.amount_minor, "currency": known.currency}
    shown["at"] = known.closed_at or known.opened_at
    return shown | ({"authorisation_code": known.code} if known.code else {})
