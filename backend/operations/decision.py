"""A decision: the answer or refusal, and the effects that are committed with it, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backend.ledger import Transfer
from backend.operations.drawer_entities import CashBag, Drawer, DrawerEntry, LateItem, ZReport
from backend.operations.entities import (
    Alarm,
    Approval,
    Audit,
    News,
    NewsAgain,
    NewsSeen,
    Notice,
    OneTimeCode,
    OpenAccount,
    Operation,
    Operator,
    Pickup,
    Report,
    Terminal,
    TerminalState,
    Usage,
    Wallet,
)
from backend.operations.rail_entities import RailOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

Effect = (
    Transfer
    | Operation
    | Terminal
    | TerminalState
    | Wallet
    | Usage
    | Operator
    | Drawer
    | DrawerEntry
    | CashBag
    | LateItem
    | ZReport
    | Approval
    | News
    | Notice
    | Alarm
    | Audit
    | Report
    | NewsSeen
    | NewsAgain
    | OneTimeCode
    | OpenAccount
    | Pickup
    | RailOrder
)


class Decision(NamedTuple):
    """What to answer and what to do. Exactly one of `body` and `refused` is set."""

    body: Mapping[str, Any] | None
    refused: tuple[str, Mapping[str, Any]] | None = None
    effects: tuple[Effect, ...] = ()
    #: Whether the answer is kept as the one answer of this id. Only refusals that must not burn the id are not.
    is_kept: bool = True

    def with_effects(self, *effects: Effect) -> Decision:
        """The same decision with more effects."""
        return self._replace(effects=(*self.effects, *effects))


def answer(body: Mapping[str, Any], *effects: Effect) -> Decision:
    """Yes, with this body."""
    return Decision(body, None, effects)


def refuse(reason: str, details: Mapping[str, Any] | None = None, *effects: Effect) -> Decision:
    """No, for this reason of the wire's closed list."""
    return Decision(None, (reason, details or {}), effects)


def ack(booked: str, *effects: Effect) -> Decision:
    """Understood: booked "as_told", "suspense", "remembered" or "nothing_to_do"."""
    return Decision({"booked": booked}, None, effects)
