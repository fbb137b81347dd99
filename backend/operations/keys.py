"""What a batch needs from the store: every command of the batch adds its keys here, then one load fetches them."""

from __future__ import annotations


class Keys:
    """Sets of keys. Rows of `locked_*`, terminals' states, operations and limited accounts are locked by the load."""

    __slots__ = (
        "accounts",
        "answers",
        "branch_accounts",
        "limits",
        "locked_operators",
        "locked_wallets",
        "operations",
        "operators",
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
        self.accounts: set[str] = set()
        #: (prefix, terminal): the account "<prefix>:<branch>" of that terminal's branch
        self.branch_accounts: set[tuple[str, str]] = set()
        #: (service, currency)
        self.tariffs: set[tuple[str, str]] = set()
        #: (service, currency): the limits of every KYC level
        self.limits: set[tuple[str, str]] = set()
        #: "<wallet>:<service>": what the wallet has used of its limits (locked)
        self.usages: set[str] = set()
        #: operations, also named in `operations`, whose wallet's usage of their type is wanted (locked)
        self.used_operations: set[str] = set()
