"""What each booking means for the drawer it touches: its line in the reports, an alarm when cash is low or high."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import PLAIN, POST, Transfer
from backend.operations import codes
from backend.operations.drawer_entities import DrawerEntry
from backend.operations.entities import Alarm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.operations.command import Command
    from backend.operations.decision import Effect
    from backend.operations.entities import Terminal
    from backend.operations.state import State

#: Lines that open or empty a drawer: they are no turnover, and say nothing about too little or too much.
FRAME = frozenset({codes.DRAWER_FLOAT, codes.DRAWER_CLOSE, codes.OVER_SHORT})


def follow(state: State, command: Command, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Entries and alarms for the transfers among a decision's effects. Called before they are applied."""
    terminal = state.terminal(command.terminal)
    if terminal is None or not (drawer := state.terminal_state(terminal.id).drawer):
        return ()
    moved = [one for one in effects if isinstance(one, Transfer) and one.kind in {PLAIN, POST}]
    cash = [one for one in moved if terminal.till in {one.debit, one.credit} and one.code not in FRAME]
    if not cash:
        return ()
    return (*_entries(drawer, terminal.till, cash), *_alarms(state, terminal, cash))


def _entries(drawer: str, till: str, cash: Sequence[Transfer]) -> tuple[DrawerEntry, ...]:
    """One entry a transfer; a fee adds to the sum of its line, not to its count."""
    return tuple(
        DrawerEntry(
            drawer,
            codes.NAMES.get(one.code, "transfer").removesuffix("_fee"),
            0 if codes.NAMES.get(one.code, "").endswith("_fee") else 1,
            one.amount_minor if one.debit == till else 0,
            one.amount_minor if one.credit == till else 0,
        )
        for one in cash
    )


def _alarms(state: State, terminal: Terminal, cash: Sequence[Transfer]) -> tuple[Alarm, ...]:
    """Crossing a limit is told once; being beyond it is on the terminal's menu."""
    till = state.account(terminal.till)
    before = 0 if till is None else till.debit_balance
    after = before + sum(one.amount_minor if one.debit == terminal.till else -one.amount_minor for one in cash)
    details = {"terminal": terminal.id, "cash_minor": after, "currency": terminal.currency}
    if before >= terminal.till_low_minor > after:
        return (Alarm("cash_low", details | {"limit_minor": terminal.till_low_minor}),)
    if before <= terminal.till_high_minor < after and terminal.till_high_minor:
        return (Alarm("cash_high", details | {"limit_minor": terminal.till_high_minor}),)
    return ()
