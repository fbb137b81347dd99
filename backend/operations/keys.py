"""What a batch needs from the store: every command of the batch adds its keys here, then one load fetches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.operations.entities import OneTimeCode


class Keys:
    """Sets of keys. Rows of `locked_*`, terminals' states, operations and limited accounts are locked by the load."""

    __slots__ = (
        "accounts",
        "answers",
        "approvals",
        "bags",
        "branch_accounts",
        "codes",
        "limits",
        "locked_operators",
        "locked_wallets",
        "operations",
        "operators",
        "pickups",
        "proofs",
        "rail_orders",
        "recent_codes",
        "reports",
        "sales_by_code",
        "statements",
        "tariffs",
        "terminals",
        "usages",
        "used_operations",
        "wallets",
    )

    def __init__(self) -> None:
        #: (origin, id) of stored answers
        self.answers: set[tuple[str, str]] = set()
        #: terminals: their settings, and their states (locked)
        self.terminals: set[str] = set()
        self.operators: set[str] = set()
        self.locked_operators: set[str] = set()
        self.wallets: set[str] = set()
        self.locked_wallets: set[str] = set()
        #: whole operations (locked), with their holds and the accounts they name
        self.operations: set[str] = set()
        #: (terminal, bag number): a bag on its way to the vault of that terminal's branch (locked)
        self.bags: set[tuple[str, str]] = set()
        #: terminals: their open drawer with its entries and sales, and late items that no report has shown
        self.reports: set[str] = set()
        #: supervisors' approvals (locked)
        self.approvals: set[str] = set()
        self.accounts: set[str] = set()
        #: (prefix, terminal): the account "<prefix>:<branch>" of that terminal's branch
        self.branch_accounts: set[tuple[str, str]] = set()
        #: orders to the outside world (locked); name the whole operation too, for its holds and accounts
        self.rail_orders: set[str] = set()
        #: (service, currency)
        self.tariffs: set[tuple[str, str]] = set()
        #: (service, currency): the limits of every KYC level
        self.limits: set[tuple[str, str]] = set()
        #: "<wallet>:<service>": what the wallet has used of its limits (locked)
        self.usages: set[str] = set()
        #: operations, also named in `operations`, whose wallet's usage of their type is wanted (locked)
        self.used_operations: set[str] = set()
        #: hashes of one-time codes (locked); the wallet behind each is loaded and locked with it
        self.codes: set[str] = set()
        #: ids of the messages that used a one-time code (locked)
        self.proofs: set[str] = set()
        #: wallets whose latest one-time codes are looked at
        self.recent_codes: set[str] = set()
        #: codes of pickups (locked), with their own accounts, their senders' and the suspense accounts
        self.pickups: set[str] = set()
        #: ledger accounts whose latest movements are shown
        self.statements: set[str] = set()
        #: (terminal, authorisation code): paid sales of that terminal's merchant
        self.sales_by_code: set[tuple[str, str]] = set()

    def add_holders(self, codes: Iterable[OneTimeCode]) -> None:
        """The wallets behind one-time codes, found while loading."""
        for code in codes:
            self.locked_wallets.add(code.wallet)
            self.accounts.add(f"wallet:{code.wallet}")
