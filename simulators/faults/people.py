"""Who there is: operators, holders, their PINs and keys; made once a process, the same for every seed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from backend.ledger import CREDITS_MUST_NOT_EXCEED_DEBITS, DEBITS_MUST_NOT_EXCEED_CREDITS, PLAIN, Account, Transfer
from backend.operations import codes
from backend.operations.entities import Operator, Tariff, Terminal, TerminalState, Wallet
from backend.store.memory import Tables
from backend.vault.soft import SoftVault
from deskwire import accounts, dukpt

if TYPE_CHECKING:
    from simulators.faults.plan import Plan

CURRENCY = "AZN"
BDK_ID = bytes.fromhex("7E570001")
BDK = bytes(range(32))
PIN_KEY = bytes(range(32, 64))
OPERATOR_PIN = "1357"
HOLDER_PIN = "1234"
WRONG_PIN = "9999"
WALLETS = tuple(accounts.complete(f"90000000000000{number}") for number in (0, 1, 2))
#: What each wallet has at first: much, little, nothing.
BALANCES_MINOR = (200_000, 9_000, 0)
FLOAT_MINOR = 30_000
VAULT_MINOR = 1_000_000
EPOCH_S = 1_800_000_000


def make_vault() -> SoftVault:
    """The backend's vault."""
    return SoftVault({BDK_ID: BDK}, {1: PIN_KEY})


def ikid_of(number: int) -> bytes:
    """The initial key id of terminal 0, 1, ..."""
    return BDK_ID + (number + 1).to_bytes(4, "big")


@functools.cache
def initial_key(number: int) -> bytes:
    """What is provisioned into that terminal."""
    return dukpt.initial_key(BDK, ikid_of(number))


def operator_of(number: int) -> str:
    """Who works at that terminal."""
    return str(101 + number)


@functools.cache
def _verifier(account: str, pin: str) -> bytes:
    return make_vault().make_verifier(account, pin)


def make_tables(plan: Plan) -> Tables:
    """The backend's tables on the first morning."""
    tables = Tables()
    rows = tables.rows
    _open(tables, f"cash_supply:{CURRENCY}", f"suspense:{CURRENCY}", f"fees:{CURRENCY}", "over_short:B001")
    _open(tables, "merchant:M001")
    _open(tables, "branch_vault:B001", flags=CREDITS_MUST_NOT_EXCEED_DEBITS)
    for place, name in enumerate(plan.terminals):
        _open(tables, f"till:{name}", flags=CREDITS_MUST_NOT_EXCEED_DEBITS)
        services = ("sale", "cash_in", "cash_out", "balance")
        about = ("Corner Shop", "Baku", "AZ", "5411")
        rows.terminals[name] = Terminal(name, "B001", "M001", name, services, "active", 1, CURRENCY, 1, *about)
        rows.terminal_states[name] = TerminalState(name, 0, 0, b"", "", "", "", "", "", 0, 0)
        operator = operator_of(place)
        verifier = _verifier(accounts.operator_account(operator), OPERATOR_PIN)
        rows.operators[operator] = Operator(operator, "B001", f"Cashier {operator}", "cashier", "active", verifier, 0)
    for number in WALLETS:
        _open(tables, f"wallet:{number}", flags=DEBITS_MUST_NOT_EXCEED_CREDITS)
        verifier = _verifier(number, HOLDER_PIN)
        rows.wallets[number] = Wallet(number, f"Demo Holder {number[-2:]}", "en", CURRENCY, "active", verifier, 0)
    for service in ("cash_in", "cash_out"):
        rows.tariffs[service, CURRENCY] = [Tariff(service, CURRENCY, plan.fee_minor, 0, 50_000)]
    _move(tables, "branch_vault:B001", f"cash_supply:{CURRENCY}", VAULT_MINOR)
    for number, amount_minor in zip(WALLETS, BALANCES_MINOR, strict=True):
        _move(tables, f"cash_supply:{CURRENCY}", f"wallet:{number}", amount_minor)
    return tables


def _open(tables: Tables, *names: str, flags: int = 0) -> None:
    for name in names:
        tables.rows.accounts[name] = Account(name, CURRENCY, flags)


def _move(tables: Tables, debit: str, credit: str, amount_minor: int) -> None:
    """An opening balance."""
    if amount_minor:
        name = f"OPENING{len(tables.transfers):019}"
        moved = Transfer(name, PLAIN, debit, credit, amount_minor, CURRENCY, codes.OPENING, "", name, EPOCH_S)
        tables.transfers.append(moved)
        tables.rows.accounts[debit].debits_posted += amount_minor
        tables.rows.accounts[credit].credits_posted += amount_minor
