"""Decide a batch: each command in its turn, against the state that the ones before it left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import orjson

from backend.operations import admission, drawer_book
from backend.operations.command import Outcome
from backend.operations.decision import Decision
from backend.operations.entities import StoredAnswer
from backend.operations.keys import Keys
from backend.operations.registry import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.operations.command import Command
    from backend.operations.entities import TerminalState
    from backend.operations.state import State


def keys_of(commands: Sequence[Command]) -> Keys:
    """What the batch needs from the store. A command whose body is broken asks for nothing: deciding will find it."""
    keys = Keys()
    for command in commands:
        admission.needs(command, keys)
        rule = OPERATIONS.get(command.operation)
        if rule is not None:
            try:
                rule.needs(command, keys)
            except (KeyError, TypeError, AttributeError):
                continue
    return keys


def decide_all(state: State, commands: Sequence[Command]) -> list[Outcome]:
    """One outcome a command. One that cannot be decided is answered `unavailable`; its neighbours do not notice.

    Only deciding is guarded. Carrying out what was decided cannot fail unless our own state is broken: then the whole
    batch fails, and nothing of it is committed.
    """
    outcomes = []
    for command in commands:
        if (known := admission.stored(state, command)) is not None:
            outcomes.append(replayed(known))
            continue
        before = state.loaded.terminal_states.get(command.terminal)
        try:
            decision = _judge(state, command)
            texts = _texts(decision)
        except Exception as error:  # noqa: BLE001  (whatever one command does, the others of its batch are decided)
            outcomes.append(_poisoned(state, command, before, error))
        else:
            outcomes.append(_carry_out(state, command, decision, texts))
    return outcomes


def _judge(state: State, command: Command) -> Decision:
    """Refuse at the door, or decide. The used KSN is marked first, so that the decision sees it in the state."""
    state.at = command.at
    admitted = admission.admit(state, command)
    if isinstance(admitted, Decision):
        return admitted
    if admitted is not None:
        state.apply(command, (admitted,))
    decision = OPERATIONS[command.operation].decide(state, command)
    more = drawer_book.follow(state, command, decision.effects) if decision.effects else ()
    return decision.with_effects(*more) if more else decision


def _texts(decision: Decision) -> tuple[str, str]:
    """Body and refusal as they are stored."""
    body = "" if decision.body is None else orjson.dumps(decision.body).decode()
    if decision.refused is None:
        return body, ""
    reason, details = decision.refused
    return body, orjson.dumps({"reason": reason, **details}).decode()


def _carry_out(state: State, command: Command, decision: Decision, texts: tuple[str, str]) -> Outcome:
    """Apply the effects and keep the answer."""
    kind: Literal["answer", "ack"] = "ack" if command.is_tell else "answer"
    alarm = state.apply(command, decision.effects) if decision.effects else None
    if decision.is_kept:
        state.keep(
            StoredAnswer(
                command.origin,
                command.id,
                command.digest,
                command.operation,
                kind,
                command.at,
                *texts,
                alarm or "",
            )
        )
    return Outcome(kind, decision.body, decision.refused, command.at, alarm=alarm)


def replayed(known: StoredAnswer) -> Outcome:
    """The first answer again."""
    kind: Literal["answer", "ack"] = "ack" if known.kind == "ack" else "answer"
    body = orjson.loads(known.body) if known.body else None
    refused = None
    if known.refused:
        details = orjson.loads(known.refused)
        refused = (details.pop("reason"), details)
    return Outcome(kind, body, refused, known.at, replayed=True)


def _poisoned(state: State, command: Command, before: TerminalState | None, error: Exception) -> Outcome:
    """Nothing of the command takes effect, not even its KSN: the same bytes may be sent again. Staff are told."""
    if before is not None:
        state.apply(command, (before,))
    state.raise_alarm(command, "undecided", {"operation": command.operation, "error": type(error).__name__})
    kind: Literal["answer", "ack"] = "ack" if command.is_tell else "answer"
    return Outcome(kind, None, ("unavailable", {}), command.at, alarm="undecided")
