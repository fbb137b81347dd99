"""What every command passes before its operation: its one answer, the terminal's right to speak, the KSN window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations.decision import Decision, refuse
from backend.operations.entities import Alarm

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.entities import StoredAnswer, TerminalState
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: Messages may overtake each other in broker and hub by a few; the window is one bigint of bits below the highest.
WINDOW = 63


def needs(command: Command, keys: Keys) -> None:
    """The id's stored answer, and the terminal with its state."""
    keys.answers.add((command.origin, command.id))
    if terminal := command.terminal:
        keys.terminals.add(terminal)


def stored(state: State, command: Command) -> StoredAnswer | None:
    """The first answer, when this very message was answered before."""
    known = state.answered(command)
    return known if known is not None and known.digest == command.digest else None


def admit(state: State, command: Command) -> Decision | TerminalState | None:
    """Refuse the command, or give the terminal's state with this KSN marked as used (None without a terminal).

    Nothing refused here is kept as the id's answer: a message that changes nothing must not burn an id either.
    """
    name = command.terminal
    if not name:
        return _unkept("id_reused", command) if state.answered(command) is not None else None
    terminal = state.terminal(name)
    if terminal is None:
        return refuse("unknown_terminal")._replace(is_kept=False)
    marked = mark_ksn(state.terminal_state(name), command)
    if isinstance(marked, Decision):
        return marked
    if state.answered(command) is not None:
        return _unkept("id_reused", command).with_effects(marked)
    if terminal.status != "active" and not command.is_tell:
        return refuse("terminal_blocked", None, marked)
    return marked


def mark_ksn(now: TerminalState, command: Command) -> Decision | TerminalState:
    """The state with the KSN's counter marked, or a refusal.

    A tell may come from far below the window: it waited in a journal while newer messages passed. That is safe,
    because every message that was ever decided is known by its id for ever, and this id is not.
    """
    counter = command.ksn_counter
    highest, seen = now.ksn_highest, now.ksn_seen
    if counter > highest:
        shift = counter - highest
        seen = ((seen << shift) | (1 << (shift - 1)) if highest and shift <= WINDOW else 0) & ((1 << WINDOW) - 1)
        return now._replace(ksn_highest=counter, ksn_seen=seen, heard_at=command.at)
    behind = highest - counter
    if behind > WINDOW:
        return now._replace(heard_at=command.at) if command.is_tell else _unkept("ksn_out_of_window", command)
    if behind == 0 or seen & (1 << (behind - 1)):
        return _unkept("ksn_reused", command)
    return now._replace(ksn_seen=seen | (1 << (behind - 1)), heard_at=command.at)


def _unkept(reason: str, command: Command) -> Decision:
    """A refusal that raises an alarm and is not stored."""
    details = {"operation": command.operation, "ksn": command.ksn.hex(), "digest": command.digest.hex()}
    return refuse(reason, None, Alarm(reason, details))._replace(is_kept=False)
