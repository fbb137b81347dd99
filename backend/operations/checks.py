"""Checks that several operations share. Each returns the refusal, or None when all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.operations import limits as _limits
from backend.operations.decision import Decision, Effect, refuse
from backend.operations.entities import Audit
from deskwire.accounts import operator_account
from deskwire.money import MAX_AMOUNT_MINOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.operations.command import Command
    from backend.operations.entities import OneTimeCode, Operation, Operator, Terminal, Usage, Wallet
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: A wallet's states in which its money may not move, and the reason given.
CLOSED_WALLETS = {"frozen": "account_frozen", "blocked": "account_blocked"}


def needs_operator(command: Command, keys: Keys) -> None:
    """The signed-on operator a desk operation names."""
    keys.operators.add(command.body["operator"])


def who(command: Command) -> str:
    """Who acts, as the audit log names it: the operator a terminal's message names, or the command's origin."""
    operator = command.body.get("operator") if command.terminal else None
    return f"o:{operator}" if operator else command.origin


def needs_service(command: Command, keys: Keys, service: str) -> None:
    """The service's tariff in the command's currency."""
    keys.tariffs.add((service, command.body["currency"]))


def needs_limits(wallet: str, service: str, currency: str, keys: Keys) -> None:
    """The limits of a service, and what the wallet has used of them. Its account must be asked for too."""
    keys.limits.add((service, currency))
    keys.usages.add(_limits.usage_id(wallet, service))


def needs_wallet(number: str, keys: Keys, *, locked: bool = False) -> None:
    """A wallet and its ledger account; locked where a PIN try is counted."""
    (keys.locked_wallets if locked else keys.wallets).add(number)
    keys.accounts.add(f"wallet:{number}")


def terminal_of(state: State, command: Command) -> Terminal:
    """The command's terminal. Admission has already refused unknown ones."""
    terminal = state.terminal(command.terminal)
    if terminal is None:
        raise LookupError(f"terminal {command.terminal} passed admission but is not loaded")
    return terminal


def service(state: State, command: Command, name: str) -> Decision | None:
    """The terminal may do this, and the operator is signed on to it and not blocked."""
    if name not in terminal_of(state, command).services:
        return refuse("service_off")
    return signed_on(state, command)


def signed_on(state: State, command: Command) -> Decision | None:
    """The operator the command names is signed on at this terminal and not blocked."""
    number = command.body["operator"]
    if state.terminal_state(command.terminal).operator != number:
        return refuse("not_signed_on")
    operator = state.operator(number)
    if operator is None:
        return refuse("operator_unknown")
    return refuse("operator_blocked") if operator.status != "active" else None


def drawer(state: State, command: Command) -> Decision | None:
    """The terminal's drawer is open, and it is this operator's."""
    now = state.terminal_state(command.terminal)
    if not now.drawer:
        return refuse("drawer_closed")
    if now.drawer_counted >= 0:
        return refuse("drawer_counted")
    if now.drawer_operator != command.body["operator"]:
        return refuse("drawer_not_yours", {"operator": now.drawer_operator})
    return None


def money(state: State, command: Command, name: str) -> Decision | None:
    """Currency and amount are the terminal's, in bounds, and within the service's limit."""
    amount_minor, currency = command.body["amount_minor"], command.body["currency"]
    if currency != terminal_of(state, command).currency:
        return refuse("currency_mismatch", {"currency": terminal_of(state, command).currency})
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        return refuse("amount_invalid")
    tariff = state.tariff(name, currency)
    if tariff is not None and amount_minor > tariff.max_amount_minor:
        return refuse("amount_over_limit", {"limit_minor": tariff.max_amount_minor, "currency": currency})
    return None


def fee_minor(state: State, name: str, body: Mapping[str, Any]) -> int:
    """What the customer pays for the command's amount; nothing without a tariff, or where somebody else pays."""
    return _fee_minor(state, name, body["currency"], body["amount_minor"], "customer")


def merchant_fee_minor(state: State, name: str, currency: str, amount_minor: int) -> int:
    """What the merchant pays out of an amount; never more than it."""
    return min(amount_minor, _fee_minor(state, name, currency, amount_minor, "merchant"))


def _fee_minor(state: State, name: str, currency: str, amount_minor: int, payer: str) -> int:
    tariff = state.tariff(name, currency)
    return 0 if tariff is None or tariff.payer != payer else tariff.fee_minor(amount_minor)


def limits(state: State, command: Command, found: Wallet | None, service: str, amount_minor: int) -> Decision | None:  # noqa: ARG001  (every check has the command)
    """The wallet's KYC level lets it do this now: one operation, today, this month. See `counted`."""
    return None if found is None else _limits.refusal(state, found, service, amount_minor)


def counted(state: State, wallet: str, service: str, amount_minor: int) -> Usage:
    """The effect that counts an operation against its wallet's limits: goes with the money, or the hold."""
    return _limits.count(state, wallet, service, amount_minor)


def uncounted(state: State, known: Operation) -> tuple[Usage, ...]:
    """The effect that takes back what a released hold had counted. Needs `keys.used_operations`."""
    return _limits.release(state, known.account, known.type, known.amount_minor, known.opened_at)


def wallet(found: Wallet | None, currency: str) -> Decision | None:
    """The wallet is known, its money may move, and it is in this currency."""
    if found is None:
        return refuse("account_unknown")
    if found.status in CLOSED_WALLETS:
        return refuse(CLOSED_WALLETS[found.status])
    return refuse("currency_mismatch", {"currency": found.currency}) if found.currency != currency else None


def operator_pin(state: State, command: Command, found: Operator) -> Decision | Operator:
    """Check an operator's PIN. A refusal carries the counted try; success gives the operator with the tries reset."""
    if found.status != "active":
        return refuse("operator_blocked")
    if state.pin_matches(command, operator_account(found.number), found.verifier):
        return found._replace(tries=0)
    tries = found.tries + 1
    if tries >= state.policy.pin_tries:
        return refuse("operator_blocked", None, found._replace(tries=tries, status="blocked"))
    return refuse("operator_pin_wrong", {"tries_left": state.policy.pin_tries - tries}, found._replace(tries=tries))


def holder_pin(state: State, command: Command, found: Wallet) -> Decision | Wallet:
    """Check the holder's PIN. A refusal carries the counted try; success gives the wallet with its tries reset."""
    if found.status == "pin_blocked":
        return refuse("pin_blocked")
    if state.pin_matches(command, found.number, found.verifier):
        return found._replace(tries=0)
    tries = found.tries + 1
    if tries >= state.policy.pin_tries:
        blocked = Audit(who(command), "pin_blocked", f"w:{found.number}", {"tries": tries}, command.at)
        return refuse("pin_blocked", None, found._replace(tries=tries, status="pin_blocked"), blocked)
    return refuse("pin_wrong", {"tries_left": state.policy.pin_tries - tries}, found._replace(tries=tries))


def needs_authorised(command: Command, keys: Keys) -> None:
    """The wallet that pays (locked), and the one-time code that may stand for its PIN."""
    needs_wallet(command.body["account"], keys, locked=True)
    if used_by := command.body.get("identified"):
        keys.proofs.add(used_by)


def authorised(state: State, command: Command, found: Wallet) -> Decision | tuple[Effect, ...]:
    """The holder has authorised this: by PIN, or by the one-time code just shown, where the holder prefers that.

    A refusal carries a counted try; success gives the effects that go with it.
    """
    used_by = command.body.get("identified")
    if command.pin is None and used_by is not None:
        return _by_code(state, command, found, state.proof(used_by))
    if command.pin is None:
        return refuse("pin_needed")
    proved = holder_pin(state, command, found)
    if isinstance(proved, Decision):
        return proved
    return (proved,) if found.tries else ()


def _by_code(state: State, command: Command, found: Wallet, code: OneTimeCode | None) -> Decision | tuple[Effect, ...]:
    """The one-time code was used at this terminal, for this wallet, just now, and has authorised nothing yet."""
    if code is None or (code.wallet, code.terminal) != (found.number, command.terminal):
        return refuse("code_unknown")
    if code.spent_by:
        return refuse("code_used")
    if command.at - code.used_at >= state.policy.proof_ttl_s:
        return refuse("code_expired")
    if found.status == "pin_blocked":
        return refuse("pin_blocked")
    if found.authorise_by != "code":
        return refuse("pin_needed")
    return (code._replace(spent_by=command.id),)
