"""cash_out.authorize, cash_out.paid, cash_out.void and the hold's expiry: cash over the counter out of a wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import EXPIRE, HELD, PENDING, PLAIN, POST, VOID, Result, Transfer
from backend.operations import checks, codes, drawers, pickup_out
from backend.operations.decision import Decision, Effect, ack, answer, refuse
from backend.operations.entities import Alarm, News, Notice, Operation
from backend.operations.failures import LedgerRefusedError
from backend.operations.limits import usage_id
from backend.operations.sale import refuse_known, tombstone
from deskwire.accounts import mask_name, pickup_of
from deskwire.money import format_minor

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.entities import Terminal, Wallet
    from backend.operations.keys import Keys
    from backend.operations.state import State

SERVICE = "cash_out"
#: Holds of cash that are told of here: a wallet's, and those of pickups.
PAYOUTS = {SERVICE, pickup_out.PAYOUT}
#: The fee's hold is named after the operation's, with this behind it.
FEE = ":fee"


def needs_authorize(command: Command, keys: Keys) -> None:
    """The operator, the tariff, the wallet (locked: a PIN try is counted), the till."""
    body = command.body
    checks.needs_operator(command, keys)
    checks.needs_service(command, keys, SERVICE)
    checks.needs_authorised(command, keys)
    checks.needs_limits(body["account"], SERVICE, body["currency"], keys)
    keys.operations.add(command.id)
    keys.accounts.update((f"till:{command.terminal}", f"fees:{body['currency']}"))


def decide_authorize(state: State, command: Command) -> Decision:
    """Hold the amount on the wallet and on the till, once the drawer has the cash and the PIN is right."""
    body = command.body
    wallet = state.wallet(body["account"])
    refused = (
        checks.service(state, command, SERVICE)
        or checks.drawer(state, command)
        or checks.money(state, command, SERVICE)
        or refuse_known(state, command, "operation_voided")
        or checks.wallet(wallet, body["currency"])
        or checks.limits(state, command, wallet, SERVICE, body["amount_minor"])
        or _drawer_has(state, command)
    )
    if refused or wallet is None:
        return refused or refuse("account_unknown")
    proved = checks.authorised(state, command, wallet)
    if isinstance(proved, Decision):
        return proved
    terminal, fee_minor = checks.terminal_of(state, command), checks.fee_minor(state, SERVICE, body)
    expires_at = command.at + state.policy.hold_ttl_s
    holds = _holds(command, terminal, wallet, fee_minor, expires_at)
    result = state.try_transfers(holds)
    if result is Result.EXCEEDS_CREDITS:
        return refuse("insufficient_funds", None, *proved)
    if result is not Result.OK:
        raise LedgerRefusedError(result)
    holder = mask_name(wallet.holder)
    held = Operation(
        id=command.id,
        terminal=terminal.id,
        type=SERVICE,
        state="held",
        debit=wallet.account,
        credit=terminal.till,
        account=wallet.number,
        amount_minor=body["amount_minor"],
        fee_minor=fee_minor,
        currency=body["currency"],
        operator=body["operator"],
        drawer=state.terminal_state(terminal.id).drawer,
        code=command.fresh_code,
        reference="",
        party=holder,
        opened_at=command.at,
        expires_at=expires_at,
        closed_at=0,
    )
    said = {
        "authorisation_code": command.fresh_code,
        "holder": holder,
        "fee_minor": fee_minor,
        "expires_at": expires_at,
    }
    return answer(said, *holds, held, checks.counted(state, wallet.number, SERVICE, body["amount_minor"]), *proved)


def _drawer_has(state: State, command: Command) -> Decision | None:
    """The drawer has the cash, less what it has promised already. Checked before the PIN, so that no try is spent."""
    till = state.account(f"till:{command.terminal}")
    enough = till is not None and till.debit_available >= command.body["amount_minor"]
    return None if enough else refuse("drawer_short")


def _holds(
    command: Command, terminal: Terminal, wallet: Wallet, fee_minor: int, expires_at: int
) -> tuple[Transfer, ...]:
    """The hold of the amount, and that of the fee, if any."""
    currency, at = terminal.currency, command.at
    amount_minor = command.body["amount_minor"]
    held = Transfer(
        command.id,
        PENDING,
        wallet.account,
        terminal.till,
        amount_minor,
        currency,
        codes.CASH_OUT,
        "",
        command.id,
        at,
        expires_at,
    )
    if not fee_minor:
        return (held,)
    fee = held._replace(id=command.id + FEE, credit=f"fees:{currency}", amount_minor=fee_minor, code=codes.CASH_OUT_FEE)
    return (held, fee)


def needs_paid(command: Command, keys: Keys) -> None:
    """The hold, the wallet, the till, and where a payment goes that cannot be booked as told."""
    body = command.body
    if code := pickup_of(body["account"]):
        keys.pickups.add(code)
    else:
        checks.needs_wallet(body["account"], keys)
    keys.operations.add(body["operation"])
    currency = body["currency"]
    keys.used_operations.add(body["operation"])
    keys.usages.add(usage_id(body["account"], SERVICE))
    drawers.needs_cash(command, keys)
    keys.accounts.update((f"fees:{currency}", f"suspense:{currency}"))


def decide_paid(state: State, command: Command) -> Decision:
    """The cash is out: post the hold; or book what happened, late or unheard of, and tell staff."""
    body, terminal = command.body, checks.terminal_of(state, command)
    if body["currency"] != terminal.currency:
        return ack("remembered", Alarm("cash_out_other_currency", dict(body)))
    known = state.operation(body["operation"])
    ours = known is not None and known.terminal == terminal.id and known.type == SERVICE
    if known is not None and ours and known.state in {"paid_out", "suspense"}:
        return ack("nothing_to_do", Alarm("cash_out_told_twice", dict(body)))
    authorised = known is not None and _is_authorised(command, known)
    if known is not None and authorised and known.state == "held" and not drawers.is_late(state, command):
        return ack(
            "as_told",
            *_resolved(state, known, POST, command),
            known._replace(state="paid_out", drawer=body["drawer"], closed_at=command.at),
            *_told(state, command),
        )
    return _book_late(state, command, known, authorised=authorised)


def _is_authorised(command: Command, known: Operation) -> bool:
    """Whether the backend had authorised just this payment: terminal, wallet, amount and code."""
    body = command.body
    told = (command.terminal, body["account"], body["amount_minor"], body["authorisation_code"])
    return known.type in PAYOUTS and told == (known.terminal, known.account, known.amount_minor, known.code)


def _book_late(state: State, command: Command, known: Operation | None, *, authorised: bool) -> Decision:
    """Cash left the drawer without a living hold.

    It was authorised once (expired or voided since): the wallet pays if it can. Everything else is suspense. The till
    is credited as far as its books allow; cash the books did not know of is the branch's over/short.
    """
    body, terminal = command.body, checks.terminal_of(state, command)
    ours = known is not None and known.terminal == terminal.id and known.type in PAYOUTS
    released = _resolved(state, known, VOID, command) if known is not None and ours and known.state == "held" else ()
    till = state.account(terminal.till)
    late = drawers.late(state, command, body["operation"], SERVICE, out_minor=body["amount_minor"])
    covered = not late and till is not None and till.debit_available + _released_minor(released) >= body["amount_minor"]
    credit = terminal.till if covered else f"over_short:{terminal.branch}"
    code = pickup_of(body["account"])
    source = f"pickup:{code}" if code else f"wallet:{body['account']}"
    sources = (source, f"suspense:{body['currency']}")
    for debit in sources if authorised else sources[1:]:
        paid = Transfer(
            command.id,
            PLAIN,
            debit,
            credit,
            body["amount_minor"],
            body["currency"],
            codes.CASH_OUT if debit == sources[0] else codes.SUSPENSE,
            "",
            body["operation"],
            command.at,
        )
        result = state.try_transfers((*released, paid))
        if result is Result.OK:
            break
        if result is not Result.EXCEEDS_CREDITS:
            raise LedgerRefusedError(result)
    as_told = paid.debit == sources[0]
    uses = checks.uncounted(state, known) if released and known is not None else ()
    if as_told:
        uses = (checks.counted(state, body["account"], SERVICE, body["amount_minor"]),)
    effects: tuple[Effect, ...] = (
        *released,
        paid,
        *uses,
        *_closed(command, known, ours=ours, state="paid_out" if as_told else "suspense"),
        *late,
    )
    was = known.state if known is not None else "unknown"
    alarm = Alarm("cash_out_paid_late" if as_told else "cash_out_in_suspense", dict(body) | {"was": was})
    return ack("as_told" if as_told else "suspense", *effects, alarm, *(_told(state, command) if as_told else ()))


def _released_minor(transfers: tuple[Transfer, ...]) -> int:
    """What voiding gives back to the till: the amount's hold, not the fee's."""
    return transfers[0].amount_minor if transfers else 0


def _closed(command: Command, known: Operation | None, *, ours: bool, state: str) -> tuple[Operation, ...]:
    """The operation's record after a late payment; none when the id belongs to another terminal's operation."""
    body = command.body
    if known is None:
        heard = tombstone(body["operation"], command, SERVICE, state)
        told = {"account": body["account"], "amount_minor": body["amount_minor"], "currency": body["currency"]}
        return (heard._replace(operator=body["operator"], drawer=body["drawer"], **told),)
    return (known._replace(state=state, closed_at=command.at),) if ours else ()


def _resolved(state: State, known: Operation, kind: int, command: Command) -> tuple[Transfer, ...]:
    """The transfers that post, void or expire the operation's holds."""
    found = []
    for suffix in ("", FEE):
        pending = state.pending(known.id + suffix)
        if pending is not None and pending.state == HELD:
            found.append(pending.resolve(kind, command.id + ("" if kind == POST else ":release") + suffix, command.at))
    transfers = tuple(found)
    if not transfers:
        raise LookupError(f"operation {known.id} is held, but has no hold")
    if (result := state.try_transfers(transfers)) is not Result.OK:
        raise LedgerRefusedError(result)
    return transfers


def _told(state: State, command: Command) -> tuple[Effect, ...]:
    """Tell the holder; of a pickup, end it and tell its sender."""
    body = command.body
    pickup = state.pickup(pickup_of(body["account"]))
    if pickup is not None:
        return pickup_out.paid(command, pickup)
    text = f"Cash out {format_minor(body['amount_minor'], body['currency'])} {body['currency']}"
    told = {"text": text, "amount_minor": -body["amount_minor"], "currency": body["currency"], "at": command.at}
    return (Notice(body["account"], "cash_out.paid", told, command.at),)


def needs_void(command: Command, keys: Keys) -> None:
    """The hold with its usage, and the answer its ask got: a refused one leaves nothing to void."""
    keys.operations.add(command.body["operation"])
    keys.used_operations.add(command.body["operation"])
    keys.answers.add((command.origin, command.body["operation"]))


def decide_void(state: State, command: Command) -> Decision:
    """Release the hold; remember the void of an ask not heard of, so that a late one is refused."""
    name = command.body["operation"]
    known = state.operation(name)
    if known is None:
        asked = state.answered_to(command.origin, name)
        if asked is not None and asked.refused:
            return ack("nothing_to_do")
        return ack("remembered", tombstone(name, command, SERVICE, "voided"))
    if known.terminal != command.terminal or known.type not in PAYOUTS:
        return ack("nothing_to_do", Alarm("foreign_operation", {"operation": name, "of": known.terminal}))
    if known.state != "held":
        return ack("nothing_to_do")
    voided = known._replace(state="voided", closed_at=command.at)
    return ack("as_told", *_resolved(state, known, VOID, command), voided, *checks.uncounted(state, known))


def needs_expire(command: Command, keys: Keys) -> None:
    """The hold with its usage."""
    keys.operations.add(command.body["operation"])
    keys.used_operations.add(command.body["operation"])


def decide_expire(state: State, command: Command) -> Decision:
    """Release a hold whose time is over, and tell the terminal."""
    known = state.operation(command.body["operation"])
    if known is None or known.type not in PAYOUTS or known.state != "held" or known.expires_at > command.at:
        return answer({"expired": False})
    told = {"operation": known.id}
    return answer(
        {"expired": True},
        *_resolved(state, known, EXPIRE, command),
        known._replace(state="expired", closed_at=command.at),
        *checks.uncounted(state, known),
        News(known.terminal, "hold.expired", told, command.at, command.at + state.policy.news_ttl_s),
    )
