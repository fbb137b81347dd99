"""sale.open, sale.status, sale.cancel, sale.expire: a sale by QR code from the desk's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.operations import checks
from backend.operations.decision import Decision, ack, answer, refuse
from backend.operations.entities import Alarm, News, Operation
from deskwire.emvco import sale_payload

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "sale"


def needs_open(command: Command, keys: Keys) -> None:
    """The operator, the tariff, and whether this id is already known."""
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    keys.operations.add(command.id)


def decide_open(state: State, command: Command) -> Decision:
    """Open the sale and give its QR payload and link."""
    refused = (
        checks.service(state, command, SERVICE)
        or checks.drawer(state, command)
        or checks.money(state, command, SERVICE)
        or refuse_known(state, command, "sale_cancelled")
    )
    if refused:
        return refused
    terminal, body = checks.terminal_of(state, command), command.body
    expires_at = command.at + state.policy.sale_ttl_s
    sale = Operation(
        id=command.id,
        terminal=terminal.id,
        type=SERVICE,
        state="open",
        debit="",
        credit=terminal.merchant_account,
        account="",
        amount_minor=body["amount_minor"],
        fee_minor=0,
        currency=body["currency"],
        operator=body["operator"],
        drawer=state.terminal_state(terminal.id).drawer,
        code="",
        reference=body.get("reference", ""),
        party="",
        opened_at=command.at,
        expires_at=expires_at,
        closed_at=0,
    )
    payload = sale_payload(
        sale.id,
        sale.amount_minor,
        sale.currency,
        terminal.mcc,
        terminal.country,
        terminal.merchant_name,
        terminal.merchant_city,
        terminal.id,
        sale.reference or None,
    )
    link = f"{state.policy.base_url}/p/{sale.id}"
    return answer({"sale": sale.id, "qr": payload, "link": link, "expires_at": expires_at}, sale)


def refuse_known(state: State, command: Command, tombstone_reason: str) -> Decision | None:
    """Refuse a late opening of an operation that was given up, or whose id another terminal has used."""
    known = state.operation(command.id)
    if known is None:
        return None
    if known.terminal == command.terminal and known.state in {"cancelled", "voided"}:
        return refuse(tombstone_reason)
    return refuse("id_reused", None, Alarm("operation_id_reused", {"of": known.terminal}))


def needs_status(command: Command, keys: Keys) -> None:
    """The sale."""
    keys.operations.add(command.body["sale"])


def decide_status(state: State, command: Command) -> Decision:
    """The truth about a sale of this terminal."""
    sale = state.operation(command.body["sale"])
    if sale is None or sale.terminal != command.terminal or sale.type != SERVICE:
        return answer({"sale": command.body["sale"], "state": "unknown"})
    shown: dict[str, Any] = {"sale": sale.id, "state": state_at(sale, command.at)}
    if sale.currency:
        shown |= {"amount_minor": sale.amount_minor, "currency": sale.currency}
    if sale.state == "paid":
        shown |= {"authorisation_code": sale.code, "paid_at": sale.closed_at, "payer": sale.party}
    return answer(shown)


def state_at(operation: Operation, at: int) -> str:
    """The operation's state; an open sale past its time is expired, whether or not the worker has come by."""
    return "expired" if operation.state == "open" and operation.expires_at <= at else operation.state


def decide_cancel(state: State, command: Command) -> Decision:
    """Cancel an open sale; remember the cancellation of one not heard of, so that a late open is refused."""
    sale_id = command.body["sale"]
    sale = state.operation(sale_id)
    if sale is None:
        return ack("remembered", tombstone(sale_id, command, SERVICE, "cancelled"))
    if sale.terminal != command.terminal or sale.type != SERVICE:
        return ack("nothing_to_do", Alarm("foreign_operation", {"operation": sale_id, "of": sale.terminal}))
    if sale.state != "open":
        return ack("nothing_to_do")
    return ack("as_told", sale._replace(state="cancelled", closed_at=command.at))


def tombstone(operation_id: str, command: Command, kind: str, state: str) -> Operation:
    """The record of an operation that was given up before it was heard of."""
    return Operation(
        operation_id, command.terminal, kind, state, "", "", "", 0, 0, "", "", "", "", "", "", command.at, 0, command.at
    )


def decide_expire(state: State, command: Command) -> Decision:
    """Close an open sale whose time is over, and tell the terminal."""
    sale = state.operation(command.body["sale"])
    if sale is None or sale.type != SERVICE or sale.state != "open" or sale.expires_at > command.at:
        return answer({"expired": False})
    told: dict[str, Any] = {"sale": sale.id}
    return answer(
        {"expired": True},
        sale._replace(state="expired", closed_at=command.at),
        News(sale.terminal, "sale.expired", told, command.at, command.at + state.policy.news_ttl_s),
    )
