"""hello: a terminal opens a session; unseen news go out again under the session's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import checks, drawers
from backend.operations.decision import Decision, answer
from backend.operations.entities import NewsAgain, NewsSeen

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State


def needs(command: Command, keys: Keys) -> None:
    """The terminal and its till."""
    keys.accounts.add(f"till:{command.terminal}")


def decide(state: State, command: Command) -> Decision:
    """Open the session under the message's own KSN."""
    terminal, body = checks.terminal_of(state, command), command.body
    now = state.terminal_state(terminal.id)._replace(
        session_ksn=command.ksn, firmware=body["firmware"], boot_reason=body["boot_reason"], hello_at=command.at
    )
    return answer(
        {
            "session": command.ksn.hex().upper(),
            "currency": terminal.currency,
            "country": terminal.country,
            "mcc": terminal.mcc,
            "merchant_name": terminal.merchant_name,
            "merchant_city": terminal.merchant_city,
            "outlet": terminal.outlet,
            "config_version": terminal.config_version,
            "operators_version": terminal.operators_version,
            "drawer": drawers.shown(state, terminal),
            "services": list(terminal.services),
            "sale_ttl_s": state.policy.sale_ttl_s,
            "hold_ttl_s": state.policy.hold_ttl_s,
        },
        now,
        NewsSeen(terminal.id, body["news_seen"], command.at),
        NewsAgain(terminal.id, command.at),
    )
