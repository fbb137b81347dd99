"""What the ledger says, compared to the minor unit with what the scenario says."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from deskwire.money import format_minor, parse_decimal
from simulators.run.demo import ACCOUNTS
from simulators.story.errors import StoryError

if TYPE_CHECKING:
    from simulators.run.world import World

_PATIENCE_S = 12.0  # a tell that waits behind a repaired fault is retried within this
_POLL_S = 0.1


class Books:
    """Balances at the start of a story, and the changes that have been accounted for since."""

    def __init__(self, world: World, terminal: str) -> None:
        self._world = world
        self._ids = {name: world.demo.account(name, terminal) for name in ACCOUNTS}
        self._opening: dict[str, int] = {}
        self._expected: dict[str, int] = {}

    async def open(self) -> None:
        """Remember the balances now."""
        self._opening = await self._balances()
        self._expected = {}

    async def expect(self, account: str, change: str) -> str:
        """Wait until the account has changed by exactly this since the story began."""
        currency = self._world.demo.currency
        wanted = signed_minor(change, currency)
        self._expected[account] = wanted
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            found = (await self._balances())[account] - self._opening[account]
            if found == wanted:
                return f"{account} {signed(found, currency)} {currency}"
            if time.monotonic() > deadline:
                raise StoryError(f"{account} has changed by {signed(found, currency)}, not by {change}")
            await asyncio.sleep(_POLL_S)

    async def expect_together(self, change: str, accounts: tuple[str, ...]) -> str:
        """Wait until the accounts have changed by this, added up; what each has changed by is then accounted for."""
        currency = self._world.demo.currency
        wanted = signed_minor(change, currency)
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            now = await self._balances()
            changes = {name: now[name] - self._opening[name] for name in accounts}
            if sum(changes.values()) == wanted:
                self._expected |= changes
                return f"{', '.join(accounts)} together {signed(wanted, currency)} {currency}"
            if time.monotonic() > deadline:
                found = ", ".join(f"{name} {signed(minor, currency)}" for name, minor in changes.items())
                raise StoryError(f"together they have changed by {found}, not by {change}")
            await asyncio.sleep(_POLL_S)

    async def balance(self, account: str) -> int:
        """What the account has now, in minor units."""
        return (await self._balances())[account]

    async def expect_held(self, account: str, amount: str) -> str:
        """Wait until exactly this is held on the account."""
        wanted = parse_decimal(amount, self._world.demo.currency)
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            rows = await self._world.ops.accounts([self._ids[account]])
            found = int(rows[self._ids[account]]["held_minor"])
            if found == wanted:
                return f"{account} holds back {amount}"
            if time.monotonic() > deadline:
                raise StoryError(f"{account} holds back {format_minor(found, self._world.demo.currency)}, not {amount}")
            await asyncio.sleep(_POLL_S)

    async def close(self) -> None:
        """No account may have moved but those, and by that, which the scenario has named."""
        now = await self._balances()
        currency = self._world.demo.currency
        for name in ACCOUNTS:
            change = now[name] - self._opening[name]
            if change != self._expected.get(name, 0):
                wanted = signed(self._expected.get(name, 0), currency)
                raise StoryError(f"at the end {name} has changed by {signed(change, currency)}, not by {wanted}")

    async def _balances(self) -> dict[str, int]:
        """Balances by short name, each positive on its own side of the ledger."""
        rows = await self._world.ops.accounts(list(self._ids.values()))
        return {name: int(rows[number]["balance_minor"]) for name, number in self._ids.items()}


def signed_minor(change: str, currency: str) -> int:
    """A change as it is written in a scenario, in minor units."""
    return parse_decimal(change.lstrip("+-"), currency) * (-1 if change.startswith("-") else 1)


def signed(amount_minor: int, currency: str) -> str:
    """An amount with its sign, for a difference."""
    return f"{'-' if amount_minor < 0 else '+'}{format_minor(abs(amount_minor), currency)}"
