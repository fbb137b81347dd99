"""What a batch needs from the store: every command of the batch adds its keys here, then one load fetches them."""

from __future__ import annotations


class Keys:
    """Sets of keys. Rows of `locked_*`, terminals' states, operations and limited accounts are locked by the load."""

    __slots__ = (
        "accounts",
        "answers",
        "approvals",
        "branch_accounts",
        "locked_operators",
        "locked_wallets",
        "operations",
        "operators",
        "rail_orders",
        "tariffs",
        "terminals",
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
        #: supervisors' approvals (locked)
        self.approvals: set[str] = set()
        self.accounts: set[str] = set()
        #: (prefix, terminal): the account "<prefix>:<branch>" of that terminal's branch
        self.branch_accounts: set[tuple[str, str]] = set()
        #: orders to the outside world (locked); name the whole operation too, for its holds and accounts
        self.rail_orders: set[str] = set()
        #: (service, currency)
        self.tariffs: set[tuple[str, str]] = set()
