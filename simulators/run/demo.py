"""What the demo seed has put into the world: terminals, operators, wallets, and who may look.

The demo's PINs are published in the seed's source; no file of a state directory holds one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.seed import NAMED_WALLETS, OPERATORS
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from pathlib import Path

#: The short names of ledger accounts that scenarios and pages use.
ACCOUNTS = (
    *("wallet1", "wallet2", "till", "merchant", "vault", "fees", "suspense", "transit", "over_short"),
    *("billers", "order_cash", "wallets"),
)


@dataclass(frozen=True)
class DemoWallet:
    """One payer of the demo world."""

    number: str
    holder: str
    pin: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Demo:
    """The demo world's names. Its secrets are published on the page: they open nothing but the sandbox."""

    terminals: tuple[str, ...]
    wallets: tuple[DemoWallet, ...]
    operator: str
    operator_pin: str = field(repr=False)
    staff_user: str
    staff_password: str = field(repr=False)
    merchant: str
    branch: str
    currency: str
    hub: str
    hub_credential: str = field(repr=False)

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
            "transit": f"cash_in_transit:{self.branch}",
            "over_short": f"over_short:{self.branch}",
            "billers": f"rail:billers:{self.currency}",
            "wallets": f"rail:wallets:{self.currency}",
            "order_cash": f"order_cash:{self.currency}",
        }
        return accounts[name]


def load(state: Path) -> Demo:
    """Read <state>/dev.json, which `kassa backend seed --dev` wrote."""
    path = state / "dev.json"
    try:
        return _read(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise SimulatorError(f"{path} is missing: run `kassa backend seed --dev` in this state directory") from None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise SimulatorError(
            f"{path} does not have the form this version writes ({error!r}): start with --fresh"
        ) from None


def _read(found: dict[str, Any]) -> Demo:
    operator, staff = found["operators"][0], found["staff"]
    pins = {wallet.number: wallet.pin for wallet in NAMED_WALLETS} | {number: pin for number, _, _, pin in OPERATORS}
    return Demo(
        terminals=tuple(found["terminals"]),
        wallets=tuple(DemoWallet(w["wallet"], w["holder"], pins[w["wallet"]], w["password"]) for w in found["wallets"]),
        operator=operator["operator"],
        operator_pin=pins[operator["operator"]],
        staff_user=staff["user"],
        staff_password=staff["password"],
        merchant=found["merchant"],
        branch=found["branch"],
        currency=found["currency"],
        hub=found["hub"],
        hub_credential=found["hub_credential"],
    )
