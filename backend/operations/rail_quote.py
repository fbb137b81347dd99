"""bill.catalogue, bill.lookup and rail.quote: what can be paid through rails, to whom, and what it costs.

The rail is asked before the command is submitted: what it said is in `command.found`, so that deciding stays pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backend.operations import checks
from backend.operations.decision import Decision, Effect, answer, refuse
from backend.operations.entities import Operation
from backend.operations.rail_entities import RailOrder, rail_account
from backend.operations.rail_states import QUOTED
from backend.operations.sale import refuse_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: Group of the catalogue: the terminal's service that allows it, which is the fee's and the limit's name too.
SERVICES: Final = {"bills": "bills", "transfers": "transfer"}
#: Services on one page: what a terminal shows, and what fits one answer.
PAGE_ROWS: Final = 6
#: A kind of rail service: its group, and the whole operation's type.
KINDS: Final = {
    "bill": ("bills", "bill"),
    "card": ("transfers", "transfer_out"),
    "wallet": ("transfers", "transfer_out"),
    "international": ("transfers", "transfer_out"),
}
TYPES: Final = frozenset(kind for _, kind in KINDS.values())
#: What the lookup found, to the refusal it means.
NOT_FOUND: Final = {"unknown": "reference_unknown", "away": "provider_unavailable"}


def needs_catalogue(command: Command, keys: Keys) -> None:
    """The operator."""
    checks.needs_operator(command, keys)


def decide_catalogue(state: State, command: Command) -> Decision:
    """A page of the services of a group, where this outlet offers them."""
    if refused := checks.service(state, command, SERVICES[command.body["group"]]):
        return refused
    services = list((command.found or {}).get("services", ()))
    first = command.body["page"] * PAGE_ROWS
    pages = max(1, (len(services) + PAGE_ROWS - 1) // PAGE_ROWS)
    return answer({"services": services[first : first + PAGE_ROWS], "pages": pages})


def needs_lookup(command: Command, keys: Keys) -> None:
    """The operator, the fee, the accounts, and whether the id was given up already."""
    checks.needs_operator(command, keys)
    needs_quote(command, keys)


def needs_quote(command: Command, keys: Keys) -> None:
    """The fee and limit of both groups: which one applies is known with the service."""
    for name in SERVICES.values():
        checks.needs_service(command, keys, name)
    keys.operations.add(command.id)


def decide_lookup(state: State, command: Command) -> Decision:
    """At a desk: the outlet offers it, the provider knows the customer; this is the debt and the fee."""
    service = (command.found or {}).get("service")
    if service is None:
        return refuse("service_off")
    if refused := checks.service(state, command, SERVICES[KINDS[service["kind"]][0]]):
        return refused
    if command.body["currency"] != checks.terminal_of(state, command).currency:
        return refuse("currency_mismatch", {"currency": checks.terminal_of(state, command).currency})
    return _quote(state, command, service)


def decide_quote(state: State, command: Command) -> Decision:
    """For a holder who asks by the wallet API."""
    service = (command.found or {}).get("service")
    return refuse("service_off") if service is None else _quote(state, command, service)


def _quote(state: State, command: Command, service: Mapping[str, Any]) -> Decision:
    """The answer, and the order that a payment of it starts. Without an amount there is nothing to order yet."""
    body, found = command.body, command.found or {}
    if refused := refuse_known(state, command, "operation_voided"):
        return refused
    if body["currency"] != service["currency"]:
        return refuse("currency_mismatch", {"currency": service["currency"]})
    if found["outcome"] in NOT_FOUND:
        return refuse(NOT_FOUND[found["outcome"]])
    amount_minor = body.get("amount_minor") or found["debt_minor"]
    name = SERVICES[KINDS[service["kind"]][0]]
    if amount_minor and (refused := _bounds(state, service, name, amount_minor)):
        return refused
    priced = {"amount_minor": amount_minor, "currency": body["currency"]}
    fee_minor = checks.fee_minor(state, name, priced) if amount_minor else 0
    said = {
        "name": service["name"],
        "shown": found["shown"],
        "debt_minor": found["debt_minor"],
        "amount_minor": amount_minor,
        "fee_minor": fee_minor,
        "total_minor": amount_minor + fee_minor,
        "min_minor": service["min_minor"],
        "max_minor": service["max_minor"],
        "currency": body["currency"],
    }
    return answer(said, *(_records(state, command, amount_minor, fee_minor) if amount_minor else ()))


def _bounds(state: State, service: Mapping[str, Any], name: str, amount_minor: int) -> Decision | None:
    """The amount is within the service's bounds and the group's limit."""
    tariff = state.tariff(name, service["currency"])
    limit_minor = service["max_minor"] if tariff is None else min(service["max_minor"], tariff.max_amount_minor)
    if amount_minor > limit_minor:
        return refuse("amount_over_limit", {"limit_minor": limit_minor, "currency": service["currency"]})
    return refuse("amount_invalid") if amount_minor < service["min_minor"] else None


def _records(state: State, command: Command, amount_minor: int, fee_minor: int) -> tuple[Effect, ...]:
    """The whole operation and its order, both quoted."""
    body, found = command.body, command.found or {}
    service = found["service"]
    drawer = state.terminal_state(command.terminal).drawer if command.terminal else ""
    credit = rail_account(service["rail"], body["currency"])
    quoted = Operation(
        id=command.id,
        terminal=command.terminal,
        type=KINDS[service["kind"]][1],
        state="quoted",
        debit="",
        credit=credit,
        account="",
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        currency=body["currency"],
        operator=body.get("operator", ""),
        drawer=drawer,
        code="",
        reference=service["id"],
        party=found["shown"],
        opened_at=command.at,
        expires_at=0,
        closed_at=0,
    )
    order = RailOrder(
        id=command.id,
        rail=service["rail"],
        service=service["id"],
        name=service["name"],
        token=found["token"],
        shown=found["shown"],
        origin=command.origin,
        source="",
        state=QUOTED,
        amount_minor=amount_minor,
        currency=body["currency"],
        rail_reference="",
        receipt="",
        reason="",
        opened_at=command.at,
        closed_at=0,
        attempts=0,
        next_at=0,
    )
    return quoted, order
