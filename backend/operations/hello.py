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

#: A KSN begins with the id of its initial key; the rest counts up.
IKID_SIZE = 8


def needs(command: Command, keys: Keys) -> None:
    """The terminal and its till."""
    keys.accounts.add(f"till:{command.terminal}")


def decide(state: State, command: Command) -> Decision:
    """Open the session under the message's own KSN, unless a later hello has: the terminal reads by its last one."""
    terminal, body = checks.terminal_of(state, command), command.body
    before = state.terminal_state(terminal.id)
    is_overtaken = before.session_ksn[:IKID_SIZE] == command.ksn[:IKID_SIZE] and before.session_ksn > command.ksn
    now = before._replace(
        session_ksn=before.session_ksn if is_overtaken else command.ksn,
        firmware=body["firmware"],
        boot_reason=body["boot_reason"],
        hello_at=command.at,
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
            "tax_number": terminal.tax_number,
            "acquirer": state.policy.acquirer,
            "receipts": state.policy.base_url + "/r/",
        },
        now,
        NewsSeen(terminal.id, body["news_seen"], command.at),
        NewsAgain(terminal.id, command.at),
    )
