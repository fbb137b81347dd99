"""Deliberate bugs, put into the running code one at a time: a checker that does not catch them proves nothing."""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from backend.ledger import POST
from backend.operations import admission, cash_in, cash_out, registry, wallet_pay
from backend.operations.decision import ack
from backend.operations.entities import NewsAgain
from backend.operations.state import State
from backend.store.memory import MemoryUnit
from backend.store.port import StoreError
from hub.core import spooling, tells
from hub.core.commands import Acknowledge
from hub.core.events import MessagesArrived
from hub.core.machine import TRANSITIONS
from hub.core.news import News
from simulators.faults import device, hub, people
from simulators.faults.plan import MAX_TERMINALS
from simulators.faults.store import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Mutation(NamedTuple):
    """One bug."""

    what: str
    put_in: Callable[[], contextlib.AbstractContextManager[Any]]


def _slots() -> list[Any]:
    return [device.slot(number) for number in range(MAX_TERMINALS)]


@contextlib.contextmanager
def _shell(module: str, target: str, make: Callable[[Any, Any], Any]) -> Iterator[None]:
    """Replace `target` (Class.method) of a shell module in every slot by make(module, original)."""
    with contextlib.ExitStack() as stack:
        for slot in _slots():
            place = slot.modules[module]
            owner, _, name = target.rpartition(".")
            holder = getattr(place, owner) if owner else place
            stack.enter_context(mock.patch.object(holder, name, make(place, getattr(holder, name))))
        yield


def _wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """Replace an attribute by make(original)."""
    return lambda: mock.patch.object(owner, name, make(getattr(owner, name)))


def _rule(name: str, decide: Callable[..., Any]) -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """Replace an operation's decision."""
    rule = registry.OPERATIONS[name]
    return lambda: mock.patch.dict(registry.OPERATIONS, {name: rule._replace(decide=decide)})


def _transition(event: Any, make: Callable[[Any], Any]) -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """Replace a handler of the hub's table by make(original)."""
    return lambda: mock.patch.dict(TRANSITIONS, {event: make(TRANSITIONS[event])})


# -- the terminal ---------------------------------------------------------------------------------------------------


def _drop_on_puback(_module: Any, publish: Any) -> Any:
    async def published(self: Any, jws: bytes) -> None:
        await publish(self, jws)
        self._journal.settle(self._outbox._waiting_for)  # noqa: SLF001

    return published


def _sends_before_keys_are_stored(_module: Any, _save: Any) -> Any:
    return lambda self: setattr(self, "_sequence", self._sequence + 1)


def _believes_anybody(module: Any, _open: Any) -> Any:
    def opened(_self: Any, jws: bytes, key_for: Any) -> Any:
        parts = module.envelope.split(jws, module.envelope.DOWN_LIMIT)
        if key_for(parts) is None:
            raise module.WireError("no key", "not_authentic")
        return module.json.loads(parts.payload)

    return opened


def _deaf_to_failures(_module: Any, perform: Any) -> Any:
    def performed(self: Any, command: Any) -> None:
        perform(self, command)

    return performed


def _forgets_the_journal(_module: Any, recover: Any) -> Any:
    def recovered(self: Any) -> None:
        recover(self)
        self._offsets.clear()
        self._times.clear()

    return recovered


def _no_checksum(_module: Any, payload_at: Any) -> Any:
    def read(file: Any, offset: int) -> Any:
        found = payload_at(file, offset)
        if found is None:
            file.seek(offset)
            head = file.read(8)
            rest = file.read(int.from_bytes(head[2:4], "big"))
            if head[:2] == b"\xa5\x5a" and rest[:1] == b"T" and len(rest) > 70:
                return rest
        return found

    return read


def _places_off_after_a_failed_write(_module: Any, _settle: Any) -> Any:
    def settle(self: Any, name: str) -> bool:
        index = self.find(name)
        if index >= 0:
            del self._offsets[index]
            del self._times[index]
            self._write((b"A", name.encode()))
        return bool(index >= 0)

    return settle


@contextlib.contextmanager
def _desk(module: str, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Replace a handler of the desk, in its module and in the table."""
    machine = importlib.import_module("desk.machine")
    place = importlib.import_module(f"desk.flows.{module}")
    original = getattr(place, name)
    changed = make(original)
    rows = {key: (changed, row[1]) for key, row in machine.TABLE.items() if row[0] is original}
    with mock.patch.object(place, name, changed), mock.patch.dict(machine.TABLE, rows):
        yield


def _open_is_paid(status: Any) -> Any:
    def handler(desk: Any, event: Any) -> Any:
        if event.body["state"] == "open":
            event.body = dict(event.body, state="paid", authorisation_code="000000")
        return status(desk, event)

    return handler


def _taken_is_not_told(counted: Any) -> Any:
    def handler(desk: Any, event: Any) -> Any:
        desk.tell, tell = lambda *_args: None, desk.tell
        try:
            return counted(desk, event)
        finally:
            desk.tell = tell

    return handler


def _yes_is_no(_was_paid: Any) -> Any:
    return importlib.import_module("desk.flows.recovery").was_not_paid


# -- the hub --------------------------------------------------------------------------------------------------------


def _acknowledges_first(arrived: Any) -> Any:
    def changed(self: Any, event: Any, moment: Any) -> Any:
        handles = tuple(one.handle for one in event.messages if one.handle is not None)
        return [*([Acknowledge(handles)] if handles else []), *arrived(self, event, moment)]

    return changed


def _spool_forgets(start: Any) -> Any:
    def changed(self: Any) -> None:
        self.disk.replace(by_older=False)
        start(self)

    return changed


def _spools_asks(arrived: Any) -> Any:
    def changed(self: Any, event: Any, moment: Any) -> Any:
        for one in event.messages:
            if one.topic.endswith("/ask") and not one.retained:
                self.spooling.arrived(one.topic.split("/")[2], one.payload.decode("ascii", "replace"), None, moment)
        return arrived(self, event, moment)

    return changed


def _transient_is_final(answered: Any) -> Any:
    return lambda self, call, answers, now_ms: answered(
        self, call, tuple(one._replace(error="") if one.transient else one for one in answers), now_ms
    )


def _cursor_first(arrived: Any) -> Any:
    def changed(self: Any, item: Any) -> Any:
        letters = arrived(self, item)
        self._settled.add(self._position)
        return letters

    return changed


def _failed_is_written(_failed: Any) -> Any:
    def changed(self: Any, reason: str, now_ms: int) -> Any:  # noqa: ARG001
        turn, self._under_way = self._under_way, None
        handles = tuple(one.handle for one in turn.arrivals if one.handle is not None) if turn else ()
        return [Acknowledge(handles)] if handles else []

    return changed


# -- the backend ----------------------------------------------------------------------------------------------------


def _answers_before_commit(commit: Any) -> Any:
    async def changed(self: Any, changes: Any) -> None:
        with contextlib.suppress(StoreError):
            await commit(self, changes)

    return changed


def _half_a_commit(commit: Any) -> Any:
    async def changed(self: Any, changes: Any) -> None:
        transfers, changes.transfers = changes.transfers, changes.transfers[:1]
        await commit(self, changes)
        changes.transfers = transfers

    return changed


def _one_sided(apply: Any) -> Any:
    def changed(self: Any, transfer: Any) -> None:
        apply(self, transfer)
        if transfer.kind == POST:
            self.changes.deltas[transfer.credit][3] -= transfer.amount_minor

    return changed


def _expired_hold_is_forgotten(decide: Any) -> Any:
    def changed(state: Any, command: Any) -> Any:
        known = state.operation(command.body["operation"])
        if known is not None and known.state == "expired":
            return ack("nothing_to_do")
        return decide(state, command)

    return changed


def _void_keeps_the_hold(state: Any, command: Any) -> Any:
    known = state.operation(command.body["operation"])
    if known is None or known.state != "held":
        return cash_out.decide_void(state, command)
    return ack("as_told", known._replace(state="voided", closed_at=command.at))


def _no_tombstone(state: Any, command: Any) -> Any:
    if state.operation(command.body["operation"]) is None:
        return ack("remembered")
    return cash_out.decide_void(state, command)


def _pays_twice(paid_at: Any) -> Any:
    return lambda sale, at: "open" if sale.type == "sale" and sale.state == "paid" else paid_at(sale, at)


def _remembers_nothing(known: Any) -> Any:
    del known
    return lambda _state, _command: None


def _news_not_again(put: Any) -> Any:
    def changed(self: Any, changes: Any) -> None:
        changes.again = [one for one in changes.again if not isinstance(one, NewsAgain)]
        put(self, changes)

    return changed


def _suspense_unbooked(state: Any, command: Any, known: Any, problem: str) -> Any:  # noqa: ARG001
    return ack("suspense")


def _names_the_key(body_of: Any) -> Any:
    def changed(state: Any, command: Any) -> Any:
        decision = body_of(state, command)
        number = int(command.terminal[1:]) - 1
        if decision.body is None or not command.terminal:
            return decision
        return decision._replace(body=dict(decision.body, outlet=people.initial_key(number).hex()[:64]))

    return changed


MUTATIONS: dict[str, Mutation] = {
    "journal drops on PUBACK": Mutation(
        "a tell leaves the journal when the broker has it",
        lambda: _shell("terminal", "Terminal._publish_tell", _drop_on_puback),
    ),
    "reuse KSN": Mutation(
        "the key state is not stored before a message leaves",
        lambda: _shell("keystore", "Keystore._save", _sends_before_keys_are_stored),
    ),
    "believe anybody": Mutation(
        "signatures of what comes down are not checked", lambda: _shell("signer", "Signer.open", _believes_anybody)
    ),
    "deaf to failures": Mutation(
        "a failed write is not told to the desk", lambda: _shell("dispatcher", "Dispatcher._perform", _deaf_to_failures)
    ),
    "journal forgets on boot": Mutation(
        "the journal starts empty", lambda: _shell("journal", "Journal._recover", _forgets_the_journal)
    ),
    "no checksum": Mutation("a torn record is believed", lambda: _shell("journal", "_payload_at", _no_checksum)),
    "places off": Mutation(
        "an ack is appended behind a torn record",
        lambda: _shell("journal", "Journal.settle", _places_off_after_a_failed_write),
    ),
    "open shown as paid": Mutation("PAID without payment", lambda: _desk("sale", "status", _open_is_paid)),
    "taken not told": Mutation("cash is taken, nothing told", lambda: _desk("cash_in", "counted", _taken_is_not_told)),
    "yes is no": Mutation(
        "after a power cut, cash that was paid is told as not paid", lambda: _desk("recovery", "was_paid", _yes_is_no)
    ),
    "PUBACK before spool": Mutation(
        "the hub acknowledges what is not on its disk", _transition(MessagesArrived, _acknowledges_first)
    ),
    "spool forgets on crash": Mutation(
        "the hub starts with an empty disk", _wrap(hub.HubPart, "start", _spool_forgets)
    ),
    "asks are spooled": Mutation("PIN blocks come to the hub's disk", _transition(MessagesArrived, _spools_asks)),
    "transient is final": Mutation("a busy backend costs a tell", _wrap(tells.Tells, "answered", _transient_is_final)),
    "cursor before PUBACK": Mutation("the outbox cursor runs ahead", _wrap(News, "arrived", _cursor_first)),
    "full disk acknowledged": Mutation(
        "a failed commit is acknowledged", _wrap(spooling.Spooling, "write_failed", _failed_is_written)
    ),
    "acknowledge before commit": Mutation("a failed commit is answered", _wrap(Unit, "commit", _answers_before_commit)),
    "half a commit": Mutation("transfers of a batch are lost", _wrap(MemoryUnit, "commit", _half_a_commit)),
    "one-sided posting": Mutation("the till is not credited", _wrap(State, "_book", _one_sided)),
    "late cash forgotten": Mutation(
        "cash paid after the hold's end is not booked",
        _rule("cash_out.paid", _expired_hold_is_forgotten(cash_out.decide_paid)),
    ),
    "void keeps the hold": Mutation("a voided hold stays", _rule("cash_out.void", _void_keeps_the_hold)),
    "no void tombstone": Mutation("a late authorize is let through", _rule("cash_out.void", _no_tombstone)),
    "pays twice": Mutation("a paid sale can be paid again", _wrap(wallet_pay, "state_at", _pays_twice)),
    "answers not remembered": Mutation(
        "a repeated message is decided again", _wrap(admission, "stored", _remembers_nothing)
    ),
    "suspense unbooked": Mutation(
        "cash for suspense is not booked", _wrap(cash_in, "_to_suspense", lambda _was: _suspense_unbooked)
    ),
    "key in an answer": Mutation(
        "a key is stored", _rule("hello", _names_the_key(registry.OPERATIONS["hello"].decide))
    ),
    "news not again": Mutation("unseen news is not put out again", _wrap(MemoryUnit, "_write_outbox", _news_not_again)),
}
