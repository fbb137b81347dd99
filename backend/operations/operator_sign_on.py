"""operator.sign_on: an operator proves a PIN and takes the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import checks, drawers
from backend.operations.decision import Decision, answer, refuse

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State


def needs(command: Command, keys: Keys) -> None:
    """The operator, locked: a try is counted."""
    keys.locked_operators.add(command.body["operator"])
    keys.accounts.add(f"till:{command.terminal}")


def decide(state: State, command: Command) -> Decision:
    """Count the try with the answer; the last wrong one blocks the operator."""
    terminal = checks.terminal_of(state, command)
    operator = state.operator(command.body["operator"])
    if operator is None or operator.branch != terminal.branch:
        return refuse("operator_unknown")
    proved = checks.operator_pin(state, command, operator)
    if isinstance(proved, Decision):
        return proved
    body = {
        "operator": operator.number,
        "name": operator.name,
        "role": operator.role,
        "drawer": drawers.shown(state, terminal),
    }
    signed_on = state.terminal_state(terminal.id)._replace(operator=operator.number)
    return answer(body, signed_on, *((proved,) if operator.tries else ()))
