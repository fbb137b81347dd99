"""approval.grant: a supervisor approves one thing at a terminal where somebody else works; used once, and soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend.operations import checks
from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import Approval, Audit

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: Seconds from the supervisor's PIN to what it approves: the supervisor still stands there.
TTL_S: Final = 120


def needs(command: Command, keys: Keys) -> None:
    """The supervisor, locked: a try is counted."""
    keys.locked_operators.add(command.body["operator"])


def decide(state: State, command: Command) -> Decision:
    """Check role, person and PIN; the approval is bound to terminal, purpose, operation and amount."""
    body, now = command.body, state.terminal_state(command.terminal)
    if not now.operator:
        return refuse("not_signed_on")
    supervisor = state.operator(body["operator"])
    if supervisor is None or supervisor.branch != checks.terminal_of(state, command).branch:
        return refuse("operator_unknown")
    if supervisor.role != "supervisor":
        return refuse("role_missing")
    if supervisor.number == now.operator:
        return refuse("second_person")
    proved = checks.operator_pin(state, command, supervisor)
    if isinstance(proved, Decision):
        return proved
    granted = Approval(
        id=command.id,
        terminal=command.terminal,
        purpose=body["purpose"],
        operation=body.get("operation", ""),
        amount_minor=body.get("amount_minor", 0),
        currency=body.get("currency", ""),
        supervisor=supervisor.number,
        operator=now.operator,
        granted_at=command.at,
        expires_at=command.at + TTL_S,
        used_at=0,
        used_by="",
    )
    said = {"approval": command.id, "name": supervisor.name, "expires_at": granted.expires_at}
    what = {name: body[name] for name in ("purpose", "operation", "amount_minor", "currency") if name in body}
    noted = Audit(f"o:{supervisor.number}", "approval.granted", f"o:{now.operator}", what, command.at)
    return answer(said, granted, noted, *((proved,) if supervisor.tries else ()))


def needs_use(command: Command, keys: Keys) -> None:
    """The approval that a later command carries, if it carries one."""
    if name := command.body.get("approval"):
        keys.approvals.add(name)


def use(
    state: State, command: Command, purpose: str, *, operation: str = "", amount_minor: int = 0
) -> Decision | Approval:
    """The approval that the command carries, as it is once used; or the refusal.

    It must have been granted at this terminal, to the operator who is signed on now, for this purpose, operation and
    amount, not be over, and not have been used. Put it among the decision's effects.
    """
    name = command.body.get("approval")
    if not name:
        return refuse("approval_needed")
    found = state.approval(name)
    asked = (command.terminal, purpose, operation, amount_minor, state.terminal_state(command.terminal).operator)
    if found is None or asked != (
        found.terminal,
        found.purpose,
        found.operation,
        found.amount_minor,
        found.operator,
    ):
        return refuse("approval_needed")
    if found.used_at or command.at > found.expires_at:
        return refuse("approval_spent")
    return found._replace(used_at=command.at, used_by=command.id)
