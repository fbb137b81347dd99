"""What the demo seed has put into the world: terminals, operators, wallets, and who may look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DemoWallet:
    """One payer of the demo world."""

    number: str
    holder: str
    pin: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Demo:
    """The demo world's names. These secrets are published: they open nothing but the sandbox."""

    terminals: tuple[str, ...]
    wallets: tuple[DemoWallet, ...]
    operator: str
    operator_pin: str = field(repr=False)
    supervisor: str
    supervisor_pin: str = field(repr=False)
    staff_user: str
    staff_password: str = field(repr=False)
    merchant: str
    branch: str
    currency: str
    hub: str
    raw: dict[str, Any] = field(repr=False, default_factory=dict)

    def account(self, name: str, terminal: str) -> str:
        """The ledger account behind a scenario's short name."""
        accounts = {
            "wallet1": f"wallet:{self.wallets[0].number}",
            "wallet2": f"wallet:{self.wallets[1].number}",
            "till": f"till:{terminal}",
            "merchant": f"merchant:{self.merchant}",
            "vault": f"branch_vault:{self.branch}",
            "fees": f"fees:{self.currency}",
            "suspense": f"suspense:{self.currency}",
        }
        return accounts[name]
