"""drawer.drop and drawer.receive: cash leaves a drawer in a numbered bag, and a supervisor takes it into the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from backend.ledger import PLAIN, Result, Transfer
from backend.operations import checks, codes, drawers
from backend.operations.decision import Decision, answer, refuse
from backend.operations.drawer_entities import CashBag
from backend.operations.entities import Audit, Operation
from backend.operations.failures import LedgerRefusedError
from backend.operations.sale import refuse_known

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "drawer"


def needs_bag(command: Command, keys: Keys) -> None:
    """The accounts a bag moves between, and whether its number is on the way already."""
    keys.accounts.add(f"till:{command.terminal}")
    keys.branch_accounts.add(("cash_in_transit", command.terminal))
    keys.bags.add((command.terminal, command.fresh_code))


def number_is_taken(state: State, command: Command) -> bool:
    """Whether a bag with this fresh number is on its way in the branch: a chance of some in a million."""
    found = state.bag(checks.terminal_of(state, command).branch, command.fresh_code)
    return found is not None and found.state == "transit"


def fill(
    state: State, command: Command, drawer: str, amount_minor: int, kind: Literal["drop", "closing"]
) -> tuple[Transfer, CashBag]:
    """A bag from the till: its transfer and its record."""
    terminal = checks.terminal_of(state, command)
    code = codes.DRAWER_DROP if kind == "drop" else codes.DRAWER_CLOSE
    transit = f"cash_in_transit:{terminal.branch}"
    move = Transfer(
        command.id, PLAIN, transit, terminal.till, amount_minor, terminal.currency, code, "", drawer, command.at
    )
    bag = CashBag(
        id=command.id,
        branch=terminal.branch,
        bag=command.fresh_code,
        terminal=terminal.id,
        drawer=drawer,
        operator=command.body["operator"],
        kind=kind,
        amount_minor=amount_minor,
        currency=terminal.currency,
        state="transit",
        dropped_at=command.at,
        received_by="",
        received_at=0,
    )
    return move, bag


def needs_drop(command: Command, keys: Keys) -> None:
    """The operator, the till, the way to the vault."""
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    keys.operations.add(command.id)
    needs_bag(command, keys)


def decide_drop(state: State, command: Command) -> Decision:
    """Move what the drawer has, beyond what it has promised."""
    refused = (
        checks.service(state, command, SERVICE)
        or checks.drawer(state, command)
        or checks.money(state, command, SERVICE)
        or refuse_known(state, command, "operation_voided")
    )
    if refused:
        return refused
    if number_is_taken(state, command):
        return refuse("busy")
    terminal, amount_minor = checks.terminal_of(state, command), command.body["amount_minor"]
    drawer = state.terminal_state(terminal.id).drawer
    move, bag = fill(state, command, drawer, amount_minor, "drop")
    result = state.try_transfers((move,))
    if result is Result.EXCEEDS_DEBITS:
        return refuse("drawer_short")
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    left = drawers.cash_minor(state, terminal) - amount_minor
    return answer({"bag": bag.bag, "cash_minor": left}, move, bag, _operation(bag, move))


def _operation(bag: CashBag, move: Transfer) -> Operation:
    """The drop as an operation, so that a terminal that lost the answer can ask what became of it."""
    return Operation(
        id=bag.id,
        terminal=bag.terminal,
        type="drop",
        state="done",
        debit=move.debit,
        credit=move.credit,
        account="",
        amount_minor=bag.amount_minor,
        fee_minor=0,
        currency=bag.currency,
        operator=bag.operator,
        drawer=bag.drawer,
        code=bag.bag,
        reference="",
        party="",
        opened_at=bag.dropped_at,
        expires_at=0,
        closed_at=bag.dropped_at,
    )


def needs_receive(command: Command, keys: Keys) -> None:
    """The operator, the bag, the way to the vault."""
    checks.needs_operator(command, keys)
    keys.bags.add((command.terminal, command.body["bag"]))
    for name in ("cash_in_transit", "branch_vault"):
        keys.branch_accounts.add((name, command.terminal))


def decide_receive(state: State, command: Command) -> Decision:
    """A supervisor, who did not fill the bag, puts it into the vault."""
    if refused := checks.service(state, command, SERVICE):
        return refused
    operator = state.operator(command.body["operator"])
    if operator is None or operator.role != "supervisor":
        return refuse("role_missing")
    terminal = checks.terminal_of(state, command)
    bag = state.bag(terminal.branch, command.body["bag"])
    if bag is None or bag.state != "transit":
        return refuse("bag_unknown")
    if bag.operator == operator.number:
        return refuse("second_person")
    vault, transit = f"branch_vault:{terminal.branch}", f"cash_in_transit:{terminal.branch}"
    move = Transfer(
        command.id,
        PLAIN,
        vault,
        transit,
        bag.amount_minor,
        bag.currency,
        codes.VAULT_RECEIVE,
        "",
        bag.id,
        command.at,
    )
    if (result := state.try_transfers((move,))) is not Result.OK:
        raise LedgerRefusedError(result)
    said = {
        "bag": bag.bag,
        "amount_minor": bag.amount_minor,
        "currency": bag.currency,
        "from": bag.terminal,
        "dropped_at": bag.dropped_at,
    }
    details = {"bag": bag.bag, "amount_minor": bag.amount_minor, "currency": bag.currency, "from": bag.operator}
    noted = Audit(f"o:{operator.number}", "bag.received", f"drawer:{bag.drawer}", details, command.at)
    taken = bag._replace(state="received", received_by=operator.number, received_at=command.at)
    return answer(said, move, taken, noted)
