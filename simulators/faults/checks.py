"""What must be true of every schedule: of the books, of what the people hold, of what the screens said, of secrets."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from backend.ledger import EXPIRE, HELD, PENDING, PLAIN, POST, VOID
from backend.operations import codes
from backend.store import chain
from deskwire import base64url, dukpt, envelope, messages
from deskwire.errors import WireError
from simulators.faults import people
from simulators.faults.backend import chain_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.operations.loaded import Changes
    from simulators.faults.world import Claim, World

#: Screens that say how an operation ended.
CLAIMING = ("paid", "cash_in_done", "cash_out_done", "outcome", "fault")
#: Codes of transfers that move the money of an operation (fees beside them).
MOVING = (codes.SALE, codes.CASH_IN, codes.CASH_OUT, codes.SUSPENSE)
#: What staff are alerted to in honest schedules. Any other alarm is a fault of ours.
HONEST_ALARMS = {"cash_out_paid_late", "cash_out_in_suspense", "cash_in_in_suspense", "journal.gap"}
#: Screens at which a desk may be left.
RESTING = ("menu", "operator_number", "drawer_float")
_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?:[0-9A-Fa-f]{32})?(?![0-9A-Za-z])")


def name_of(jws: str) -> str:
    """Type and id of a message, for a trace."""
    try:
        up = messages.parse_up(envelope.split(jws.encode()).payload)
    except (WireError, ValueError):
        return "not a message"
    return f"{up.type} {up.id}"


# -- while it runs --------------------------------------------------------------------------------------------------


def after_commit(world: World, changes: Changes) -> None:
    """A hold does not come to life after its void was acknowledged."""
    for transfer in changes.transfers:
        if transfer.kind == PENDING and transfer.operation in world.voided:
            world.object(f"a hold was placed after its void was acknowledged: {transfer.operation}")
    for stored in changes.answers:
        if stored.operation == "cash_out.void" and stored.id in world.voids:
            world.voided.add(world.voids[stored.id])


def unrest(world: World) -> list[str]:
    """What has not come to rest yet."""
    return list(_unrest(world))


def _unrest(world: World) -> Iterator[str]:
    tables = world.backend.tables
    if not (world.hub.up and world.broker.up and world.backend.up):
        yield "a part is down"
        return
    for name, machine in world.machines.items():
        cashier = world.cashiers[name]
        if not machine.is_settled:
            waiting = len(machine.journal) if machine.alive else "?"
            link = machine.desk.link if machine.alive else "off"
            yield f"{name} has not settled ({link}, {waiting} tells wait)"
        elif machine.view is None or machine.view[0] not in RESTING:
            yield f"{name} shows {machine.view[0] if machine.view else 'nothing'}"
        elif not cashier.is_done:
            yield f"the cashier of {name} is not done"
    if not world.hub.is_empty:
        yield "the hub holds tells"
    if not world.payers.is_done:
        yield "a payment has no answer"
    for operation in tables.rows.operations.values():
        if operation.state in {"open", "held"}:
            yield f"operation {operation.id} is still {operation.state}"
    unread = {row.target: row.number for row in tables.outbox if row.kind == "news" and not row.seen_at}
    for name, number in sorted(unread.items()):
        machine = world.machines[name]
        if machine.alive and machine.terminal._store.news_seen < number:  # noqa: SLF001  (what it has read)
            yield f"{name} has not read all of its news"


# -- afterwards -----------------------------------------------------------------------------------------------------


def judge(world: World) -> list[str]:
    """Everything that is wrong in the end."""
    moved = _moved(world)
    for name in world.called & world.facts.keys():
        world.facts[name].kept = bool(moved.get(name))  # the supervisor went by the books
    found = list(_books(world))
    found += _once(world, moved)
    found += _facts(world, moved)
    found += _claims(world, moved)
    found += _drawers(world)
    found += _payments(world, moved)
    found += _alarms(world)
    found += _secrets(world)
    return found


def _moved(world: World) -> dict[str, list[Any]]:
    """Operation -> the transfers that moved its money."""
    found: dict[str, list[Any]] = defaultdict(list)
    for transfer in world.backend.tables.transfers:
        if transfer.code in MOVING and transfer.kind in {PLAIN, POST}:
            found[transfer.operation].append(transfer)
    return found


def _books(world: World) -> Iterator[str]:
    """Sums, balances, limits, holds, chain."""
    tables = world.backend.tables
    counters: dict[str, list[int]] = {name: [0, 0, 0, 0] for name in tables.rows.accounts}
    for transfer in tables.transfers:
        promised = {PLAIN: 0, PENDING: 1}.get(transfer.kind, -1) * transfer.amount_minor
        posted = transfer.amount_minor if transfer.kind in {PLAIN, POST} else 0
        for name, place in ((transfer.debit, 0), (transfer.credit, 2)):
            counters[name][place] += promised
            counters[name][place + 1] += posted
    accounts = tables.rows.accounts.values()
    if sum(one.debits_posted - one.credits_posted for one in accounts):
        yield "the ledger does not sum to zero"
    if sum(one.debits_pending - one.credits_pending for one in accounts):
        yield "the holds do not sum to zero"
    for account in accounts:
        if list(account.counters) != counters[account.id]:
            yield f"account {account.id} has {account.counters}, its entries give {counters[account.id]}"
        if not account.keeps_limits():
            yield f"account {account.id} is over its limit"
        if account.debits_pending or account.credits_pending:
            yield f"account {account.id} still has money held"
    yield from _holds(world)
    yield from _chain(world)


def _holds(world: World) -> Iterator[str]:
    """Every hold was resolved, once."""
    tables = world.backend.tables
    resolved = Counter(one.pending_id for one in tables.transfers if one.kind in {POST, VOID, EXPIRE})
    held = sorted({one.id for one in tables.transfers if one.kind == PENDING})
    yield from (f"hold {name} was resolved {resolved[name]} times" for name in held if resolved[name] != 1)
    yield from (f"hold {one.id} never ends" for one in tables.rows.pendings.values() if one.state == HELD)


def _chain(world: World) -> Iterator[str]:
    """The sealed blocks against the transfers as they are now."""
    previous, after = chain.GENESIS, 0
    for block in world.backend.blocks:
        rows = world.backend.tables.transfers[after : after + block.entries]
        leaves = b"".join(chain.leaf(chain_row(seq, one)) for seq, one in enumerate(rows, after + 1))
        sealed = chain.block_hash(block._replace(hash=b""))
        if leaves != block.leaves or block.previous != previous or sealed != block.hash:
            yield f"the chain is broken at block {block.number}"
        previous, after = block.hash, after + block.entries


def _once(world: World, moved: dict[str, list[Any]]) -> Iterator[str]:
    """Each operation moved its money at most once, and just as its record says."""
    tables = world.backend.tables
    for name, transfers in sorted(moved.items()):
        if len(transfers) > 1:
            yield f"operation {name} was booked {len(transfers)} times"
    ids = Counter(transfer.id for transfer in tables.transfers)
    yield from (f"transfer {name} stands twice" for name, times in ids.items() if times > 1)
    for operation in tables.rows.operations.values():
        ended = operation.state in {"paid", "taken", "paid_out", "suspense"}
        if ended != bool(moved.get(operation.id)):
            yield f"operation {operation.id} is {operation.state}, its transfers: {len(moved.get(operation.id, ()))}"


def _facts(world: World, moved: dict[str, list[Any]]) -> Iterator[str]:
    """No cash without its posting, no posting without its cash."""
    kinds = {"in": codes.CASH_IN, "out": codes.CASH_OUT}
    for name, fact in sorted(world.facts.items()):
        booked = bool(moved.get(name))
        if fact.kept is None:
            yield f"nobody knows whether the cash {fact.kind} of {name} at {fact.terminal} stays"
        elif fact.kept and not booked:
            yield f"cash {fact.kind} of {name} at {fact.terminal} was confirmed and is not booked"
        elif booked and not fact.kept:
            yield f"cash {fact.kind} of {name} at {fact.terminal} was booked and went back"
    for name, transfers in sorted(moved.items()):
        cash = [one for one in transfers if one.code in {*kinds.values(), codes.SUSPENSE}]
        if cash and name not in world.facts:
            yield f"operation {name} was booked without any cash"


def _claims(world: World, moved: dict[str, list[Any]]) -> Iterator[str]:
    """What each screen said about an operation is true in the end."""
    for claim in world.claims:
        problem = _false(world, claim, moved)
        if problem:
            said = claim.fields.get("title") or claim.fields.get("text", "")
            where = f"{claim.terminal} at {claim.at_ms / 1000:.1f} s showed {claim.screen} {said}".rstrip()
            yield f"{where} for {claim.operation or 'nothing'}: {problem}"


def _false(world: World, claim: Claim, moved: dict[str, list[Any]]) -> str:
    """Why a claim is not true; empty when it is."""
    fields = claim.fields
    if claim.screen == "paid":
        paid = [
            one
            for one in world.backend.tables.rows.operations.values()
            if one.terminal == claim.terminal and one.code == fields["authorisation_code"] and one.state == "paid"
        ]
        fits = len(paid) == 1 and paid[0].amount_minor == fields["amount"]
        return "" if fits else "no such sale was paid"
    booked = moved.get(claim.operation, [])
    if claim.screen in {"cash_in_done", "cash_out_done"}:
        return "" if booked else "it was never booked"
    fact = world.facts.get(claim.operation)
    if claim.screen == "fault":
        return "it was booked" if fields["text"].startswith("NOT BOOKED") and booked else ""
    if not booked or fields["kind"] == "unknown_checking":
        return ""
    if fact is not None and fact.kept and fact.kind == "out" and fields["kind"] != "refused":
        return ""  # the cash was out all the same, and the terminal told so later
    return "" if fields["title"] == "CALL SUPERVISOR" else "money was moved"


def _drawers(world: World) -> Iterator[str]:
    """The till's balance is the float and the cash that stayed; the menu shows it."""
    tables = world.backend.tables
    for name, machine in world.machines.items():
        floats = sum(one.amount_minor for one in tables.transfers if one.debit == f"till:{name}" and one.code == 40)
        mine = [fact for fact in world.facts.values() if fact.terminal == name and fact.kept]
        cash = floats + sum(fact.amount_minor * (1 if fact.kind == "in" else -1) for fact in mine)
        beside = sum(
            one.amount_minor
            for one in tables.transfers
            if one.credit == "over_short:B001" and one.operation in {fact.operation for fact in mine}
        )
        booked = tables.rows.accounts[f"till:{name}"].debit_balance
        if booked != cash + beside:
            yield f"the drawer of {name} holds {cash}, the till's balance is {booked} ({beside} beside it)"
        screen, fields = machine.view or ("", {})
        if machine.alive and screen == "menu" and not machine.is_drawer_old:
            shown = fields["drawer_minor"]
            if shown != booked and not beside:
                yield f"the menu of {name} shows {shown} in the drawer, the till's balance is {booked}"


def _payments(world: World, moved: dict[str, list[Any]]) -> Iterator[str]:
    """A payer who was told "paid" paid once; one who was told anything else did not pay."""
    for payment in world.payers.payments:
        booked = [one for one in moved.get(payment.sale, ()) if one.id == payment.id]
        if (payment.said == "paid") != bool(booked):
            said = payment.said or "nothing"
            yield f"payer {payment.wallet} was told {said} of {payment.sale}: {len(booked)} bookings"


def _alarms(world: World) -> Iterator[str]:
    """Staff are not alerted to what honest parts did."""
    for alarm in world.backend.tables.alarms:
        repeated = alarm.name.endswith("_told_twice") and alarm.details["operation"] in world.unrecorded
        if alarm.name not in HONEST_ALARMS and not repeated:
            yield f"alarm {alarm.name}: {alarm.details}"


# -- secrets --------------------------------------------------------------------------------------------------------


def _secrets(world: World) -> Iterator[str]:
    """No PIN block and no key in anything that hub, broker or backend stored."""
    blocks = set()
    for name in world.machines:
        blocks |= _secrets_of(world, name)
    stored = {"the hub's disk": [_payload(jws.encode()) for jws in world.hub.disk.seen]}
    stored["the broker's disk"] = [_payload(one) for one in world.broker.disk]
    rows = world.backend.tables.rows
    texts = [repr(one) for one in (*rows.operations.values(), *world.backend.tables.alarms)]
    texts += [one.body + one.refused for one in rows.answers.values()]
    texts += [repr(one.payload) for one in world.backend.tables.outbox]
    stored["the backend's tables"] = texts
    for where, found in stored.items():
        text = "\n".join(found)
        if "pin_block" in text:
            yield f"a PIN block is on {where}"
        for token in _HEX.findall(text):
            if token.upper() in blocks:
                yield f"a secret is on {where}"


def _payload(jws: bytes) -> str:
    """The clear text of an envelope, as far as it has one."""
    try:
        return base64url.decode(jws.split(b".")[1]).decode("utf-8", "replace")
    except (WireError, ValueError, IndexError):
        return jws.decode("ascii", "replace")


def _secrets_of(world: World, name: str) -> set[str]:
    """The keys of every counter that the terminal has used, in hexadecimal."""
    number = world.machines[name].number
    ikid, found = people.ikid_of(number), {people.initial_key(number).hex().upper()}
    highest = world.backend.tables.rows.terminal_states[name].ksn_highest
    for counter in range(1, highest + 1):
        key = dukpt.derivation_key(people.initial_key(number), ikid, counter)
        for usage, kind in ((dukpt.PIN, dukpt.AES256), (dukpt.MAC_UP, dukpt.HMAC256), (dukpt.MAC_DOWN, dukpt.HMAC256)):
            found.add(dukpt.working_key(key, usage, kind, ikid, counter).hex().upper())
    return found
