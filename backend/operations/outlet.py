"""outlet.services: staff say what a terminal may offer. Its menu follows the news; its asks are checked here anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import Audit, News

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: Everything an outlet may be allowed to offer, in the order of its menu.
SERVICES: Final = (
    *("sale", "cash_in", "cash_out", "balance", "transfer", "bills", "pickup", "refund", "statement"),
    *("customer_pin", "drawer"),
)


def needs(command: Command, keys: Keys) -> None:
    """The terminal."""
    keys.terminals.add(command.body["terminal"])


def decide(state: State, command: Command) -> Decision:
    """Set the services, and let the terminal know; saying the same again changes nothing."""
    terminal = state.terminal(command.body["terminal"])
    if terminal is None:
        return refuse("unknown_terminal")._replace(is_kept=False)
    wanted = frozenset(command.body["services"])
    services = tuple(name for name in SERVICES if name in wanted)
    if wanted - frozenset(SERVICES):
        raise ValueError("the edge lets only services of the list pass")
    if frozenset(terminal.services) == wanted:
        return answer({"services": list(services), "config_version": terminal.config_version})
    changed = terminal._replace(services=services, config_version=terminal.config_version + 1)
    told = {"config_version": changed.config_version}
    details = {"from": list(terminal.services), "to": list(services)}
    return answer(
        {"services": list(services), "config_version": changed.config_version},
        changed,
        News(terminal.id, "config.changed", told, command.at, command.at + state.policy.news_ttl_s),
        Audit(command.origin, "outlet.services", f"terminal:{terminal.id}", details, command.at),
    )
