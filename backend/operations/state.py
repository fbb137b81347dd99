"""The state a batch works on: what was loaded, changed by each decision, with everything the commit must write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.ledger import Account, Book, Pending, Result, Transfer
from backend.operations.drawer_entities import CashBag, Drawer, DrawerEntry, LateItem, ZReport
from backend.operations.entities import (
    Alarm,
    Approval,
    Audit,
    LimitRule,
    Movement,
    News,
    NewsAgain,
    NewsSeen,
    Notice,
    OneTimeCode,
    OpenAccount,
    Operation,
    Operator,
    Pickup,
    Policy,
    Report,
    StoredAnswer,
    Tariff,
    Terminal,
    TerminalState,
    Usage,
    Wallet,
)
from backend.operations.loaded import Changes, Loaded
from backend.operations.rail_entities import RailOrder
from backend.operations.validity import in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backend.operations.command import Command, PinBlock, PinCheck, VerifierMaker, WeakPinCheck
    from backend.operations.decision import Effect


def no_verifier(pin: PinBlock, account: str) -> bytes:  # noqa: ARG001  (the shape of a maker)
    """No vault, no verifier: where nobody sets a PIN or a secret."""
    return b""


def never_weak(pin: PinBlock, account: str) -> bool:  # noqa: ARG001  (the shape of a check)
    """No vault, no weak PIN: where nobody sets one."""
    return False


class State:
    """Loaded rows with the batch's own changes on top: a later command sees what an earlier one decided."""

    __slots__ = (
        "_check_pin",
        "_handlers",
        "_is_weak_pin",
        "_make_verifier",
        "at",
        "book",
        "changes",
        "loaded",
        "policy",
    )

    def __init__(
        self,
        loaded: Loaded,
        policy: Policy,
        check_pin: PinCheck,
        make_verifier: VerifierMaker = no_verifier,
        is_weak_pin: WeakPinCheck = never_weak,
    ) -> None:
        self.loaded = loaded
        self.policy = policy
        #: The time of the command being decided, by which dated rules are chosen.
        self.at = 0
        self.changes = Changes()
        self.book = Book(loaded.accounts, loaded.pendings)
        self._check_pin = check_pin
        self._make_verifier = make_verifier
        self._is_weak_pin = is_weak_pin
        changes = self.changes
        self._handlers: dict[type, Callable[[Any], None]] = {
            Transfer: self._book,
            Operation: self._put_operation,
            Terminal: self._put_terminal,
            TerminalState: self._put_terminal_state,
            Wallet: self._put_wallet,
            Operator: self._put_operator,
            Drawer: self._put_drawer,
            DrawerEntry: self._add_entry,
            CashBag: self._put_bag,
            LateItem: self._put_late,
            ZReport: changes.z_reports.append,
            Usage: self._put_usage,
            Approval: self._put_approval,
            News: changes.news.append,
            Notice: changes.notices.append,
            Report: changes.reports.append,
            NewsSeen: changes.seen.append,
            NewsAgain: changes.again.append,
            OneTimeCode: self._put_code,
            OpenAccount: self._open_account,
            Pickup: self._put_pickup,
            RailOrder: self._put_rail_order,
        }

    def answered(self, command: Command) -> StoredAnswer | None:
        """The stored first answer to this (origin, id)."""
        return self.loaded.answers.get((command.origin, command.id))

    def answered_to(self, origin: str, message_id: str) -> StoredAnswer | None:
        """The stored first answer to another message."""
        return self.loaded.answers.get((origin, message_id))

    def terminal(self, name: str) -> Terminal | None:
        """A terminal's settings."""
        return self.loaded.terminals.get(name)

    def terminal_state(self, name: str) -> TerminalState:
        """A terminal's state; the terminal must exist."""
        return self.loaded.terminal_states[name]

    def operator(self, number: str) -> Operator | None:
        """An operator."""
        return self.loaded.operators.get(number)

    def wallet(self, number: str) -> Wallet | None:
        """A wallet."""
        return self.loaded.wallets.get(number)

    def operation(self, name: str) -> Operation | None:
        """A whole operation."""
        return self.loaded.operations.get(name)

    def account(self, name: str) -> Account | None:
        """A ledger account with its counters as of now."""
        return self.loaded.accounts.get(name)

    def pending(self, name: str) -> Pending | None:
        """A hold."""
        return self.loaded.pendings.get(name)

    def tariff(self, service: str, currency: str) -> Tariff | None:
        """The service's fee and largest amount, as they are in force now."""
        return in_force(self.loaded.tariffs.get((service, currency), ()), self.at)

    def limit_rule(self, level: int, service: str, currency: str) -> LimitRule | None:
        """The limits of a KYC level, as they are in force now."""
        rules = self.loaded.limits.get((service, currency), ())
        return in_force([rule for rule in rules if rule.level == level], self.at)

    def usage(self, name: str) -> Usage | None:
        """What a wallet has used of its limits for a service: "<wallet>:<service>"."""
        return self.loaded.usages.get(name)

    def code(self, hashed: str) -> OneTimeCode | None:
        """A one-time code by its hash."""
        return self.loaded.codes.get(hashed)

    def proof(self, used_by: str) -> OneTimeCode | None:
        """The one-time code that a message used."""
        return next((code for code in self.loaded.codes.values() if code.used_by == used_by), None)

    def codes_issued(self, wallet: str) -> list[int]:
        """When the wallet's latest one-time codes were issued, latest first."""
        return self.loaded.recent_codes.get(wallet, [])

    def pickup(self, code: str) -> Pickup | None:
        """A pickup."""
        return self.loaded.pickups.get(code)

    def movements(self, account: str) -> list[Movement]:
        """The account's latest movements as they were before this batch, latest first."""
        return self.loaded.statements.get(account, [])

    def sales_of(self, merchant_account: str, code: str) -> list[Operation]:
        """The merchant's paid sales with this authorisation code, latest first."""
        return self.loaded.sales_by_code.get((merchant_account, code), [])

    def approval(self, name: str) -> Approval | None:
        """A supervisor's approval."""
        return self.loaded.approvals.get(name)

    def bag(self, branch: str, number: str) -> CashBag | None:
        """A bag on its way to that branch's vault, or one that this batch has taken in."""
        return self.loaded.bags.get((branch, number))

    def rail_order(self, name: str) -> RailOrder | None:
        """An order to the outside world."""
        return self.loaded.rail_orders.get(name)

    def pin_matches(self, command: Command, account: str, verifier: bytes) -> bool:
        """The vault's verdict on the command's PIN block."""
        return command.pin is not None and self._check_pin(command.pin, account, verifier)

    def make_verifier(self, command: Command, account: str) -> bytes:
        """The vault's verifier of the command's PIN block for `account`; empty when the block holds no PIN."""
        return self._make_verifier(command.pin, account) if command.pin is not None else b""

    def new_pin(self, chosen: PinBlock | None, again: PinBlock | None, account: str) -> bytes | str:
        """The verifier of a PIN that a holder chose and typed twice; or the reason why it is not taken.

        Only the vault sees the digits: it makes the verifier of the one block and checks the other against it.
        """
        verifier = self._make_verifier(chosen, account) if chosen is not None else b""
        if not verifier or again is None or not self._check_pin(again, account, verifier):
            return "pin_mismatch"
        return "pin_weak" if self._is_weak_pin(again, account) else verifier

    def try_transfers(self, transfers: Sequence[Transfer]) -> Result:
        """What the ledger would say, changing nothing."""
        return self.book.check_linked(transfers)

    def apply(self, command: Command, effects: Sequence[Effect]) -> str | None:
        """Carry out a decision's effects; returns the name of the first alarm among them."""
        raised = None
        for effect in effects:
            if isinstance(effect, Alarm):
                self.raise_alarm(command, effect.name, effect.details)
                raised = raised or effect.name
            elif isinstance(effect, Audit):
                self.changes.audits.append(effect._replace(origin=command.origin, id=command.id))
            else:
                self._handlers[type(effect)](effect)
        return raised

    def raise_alarm(self, command: Command, name: str, details: Mapping[str, Any]) -> None:
        """Record an alarm about this command."""
        self.changes.alarms.append(Alarm(name, details, command.origin, command.id, command.at))

    def keep(self, stored: StoredAnswer) -> None:
        """Remember the answer of a command."""
        self.loaded.answers[stored.origin, stored.id] = stored
        self.changes.answers.append(stored)

    def _book(self, transfer: Transfer) -> None:
        """Carry out a transfer the decision checked, and fold it into the accounts' deltas."""
        known = transfer.pending_id in self.changes.new_pendings
        self.book.apply(transfer)
        self.changes.transfers.append(transfer)
        kind, amount = transfer.kind, transfer.amount_minor
        held = amount if kind == 1 else -amount if kind else 0
        moved = amount if kind in {0, 2} else 0
        deltas = self.changes.deltas
        debit = deltas.get(transfer.debit)
        if debit is None:
            debit = deltas[transfer.debit] = [0, 0, 0, 0]
        credit = deltas.get(transfer.credit)
        if credit is None:
            credit = deltas[transfer.credit] = [0, 0, 0, 0]
        debit[0] += held
        debit[1] += moved
        credit[2] += held
        credit[3] += moved
        if kind == 1:
            self.changes.new_pendings[transfer.id] = self.book.pendings[transfer.id]
        elif kind:
            target = self.changes.new_pendings if known else self.changes.pendings
            target[transfer.pending_id] = self.book.pendings[transfer.pending_id]

    def _put_operation(self, operation: Operation) -> None:
        is_new = operation.id in self.changes.new_operations or operation.id not in self.loaded.operations
        target = self.changes.new_operations if is_new else self.changes.operations
        self.loaded.operations[operation.id] = target[operation.id] = operation

    def _put_terminal(self, terminal: Terminal) -> None:
        self.loaded.terminals[terminal.id] = self.changes.terminals[terminal.id] = terminal

    def _put_terminal_state(self, state: TerminalState) -> None:
        self.loaded.terminal_states[state.terminal] = self.changes.terminal_states[state.terminal] = state

    def _put_wallet(self, wallet: Wallet) -> None:
        self.loaded.wallets[wallet.number] = self.changes.wallets[wallet.number] = wallet

    def _put_drawer(self, drawer: Drawer) -> None:
        is_new = drawer.id in self.changes.new_drawers or drawer.id not in self.loaded.drawers
        target = self.changes.new_drawers if is_new else self.changes.drawers
        self.loaded.drawers[drawer.id] = target[drawer.id] = drawer

    def _add_entry(self, entry: DrawerEntry) -> None:
        """Entries of one line add up, in what was loaded and in what is written."""
        for kept in (self.loaded.entries, self.changes.entries):
            known = kept.get(entry[:2])
            if known is not None:
                sums = (a + b for a, b in zip(known[2:], entry[2:], strict=True))
                kept[entry[:2]] = DrawerEntry(*entry[:2], *sums)
            else:
                kept[entry[:2]] = entry

    def _put_bag(self, bag: CashBag) -> None:
        is_new = bag.state == "transit" or bag.id in self.changes.new_bags
        target = self.changes.new_bags if is_new else self.changes.bags
        self.loaded.bags[bag.branch, bag.bag] = target[bag.id] = bag

    def _put_late(self, item: LateItem) -> None:
        is_new = item.id in self.changes.new_late or item.id not in self.loaded.late
        target = self.changes.new_late if is_new else self.changes.late
        self.loaded.late[item.id] = target[item.id] = item

    def _put_usage(self, usage: Usage) -> None:
        is_new = usage.id in self.changes.new_usages or usage.id not in self.loaded.usages
        target = self.changes.new_usages if is_new else self.changes.usages
        self.loaded.usages[usage.id] = target[usage.id] = usage

    def _put_approval(self, approval: Approval) -> None:
        is_new = approval.id in self.changes.new_approvals or approval.id not in self.loaded.approvals
        target = self.changes.new_approvals if is_new else self.changes.approvals
        self.loaded.approvals[approval.id] = target[approval.id] = approval

    def _put_operator(self, operator: Operator) -> None:
        self.loaded.operators[operator.number] = self.changes.operators[operator.number] = operator

    def _put_code(self, code: OneTimeCode) -> None:
        if code.hash not in self.loaded.codes:
            self.loaded.recent_codes.setdefault(code.wallet, []).insert(0, code.issued_at)
        self.loaded.codes[code.hash] = self.changes.codes[code.hash] = code

    def _put_pickup(self, pickup: Pickup) -> None:
        self.loaded.pickups[pickup.code] = self.changes.pickups[pickup.code] = pickup

    def _open_account(self, opened: OpenAccount) -> None:
        self.loaded.accounts[opened.id] = Account(*opened)
        self.changes.new_accounts[opened.id] = opened

    def _put_rail_order(self, order: RailOrder) -> None:
        is_new = order.id in self.changes.new_rail_orders or order.id not in self.loaded.rail_orders
        target = self.changes.new_rail_orders if is_new else self.changes.rail_orders
        self.loaded.rail_orders[order.id] = target[order.id] = order
