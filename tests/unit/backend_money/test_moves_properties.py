"""Whatever is asked in whatever order: money is conserved, no pickup is both paid and returned, no refund too much."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from backend.operations.entities import Policy, Tariff
from backend.operations.pickup import code_from
from backend.store.expiry import expire_due
from backend.testing import BAD_PIN, GOOD_PIN, POOR, RICH, TERMINALS, MemoryWorld, memory_world

SECRET = b"secret"


class Branch:
    """One seeded branch: what it began, to be continued, repeated or torn in any order."""

    def __init__(self, world: MemoryWorld, random: Random) -> None:
        self.world = world
        self.random = random
        self.sent: list[Any] = []
        self.codes: list[dict[str, Any]] = []
        self.holds: list[dict[str, Any]] = []
        self.sales: list[str] = []

    def amount(self) -> int:
        return self.random.choice((1, 50, 700, 2_000, 9_000))

    def money(self, **more: Any) -> dict[str, Any]:
        return {"operator": "101", "amount_minor": self.amount(), "currency": "AZN", **more}

    async def say(self, operation: str, body: dict[str, Any], pin: bytes = b"") -> dict[str, Any] | None:
        terminal = self.random.choice(TERMINALS)
        command = self.world.command(operation, body, pin=pin, terminal=terminal)
        self.sent.append(command)
        outcome = await self.world.executor.submit(command)
        return None if outcome.body is None else {**outcome.body, "id": command.id, "terminal": terminal}

    async def step(self) -> None:
        await self.random.choice(
            (
                self.transfer,
                self.sell,
                self.refund,
                self.send,
                self.redeem,
                self.redeem,
                self.end,
                self.again,
                self.wait,
            )
        )()

    async def transfer(self) -> None:
        payer, payee = self.random.sample((RICH, POOR), 2)
        pin = self.random.choice((GOOD_PIN, GOOD_PIN, GOOD_PIN, BAD_PIN))
        await self.say("transfer.make", self.money(account=payer, to=payee, fee_minor=5), pin)

    async def sell(self) -> None:
        body = self.money()
        opened = await self.say("sale.open", body)
        if opened is not None:
            await self.world.pay(opened["sale"], body["amount_minor"], self.random.choice((RICH, POOR)))
            self.sales.append(opened["sale"])

    async def refund(self) -> None:
        if self.sales:
            await self.say("refund.make", self.money(sale=self.random.choice(self.sales)))

    async def send(self) -> None:
        payer = self.random.choice((RICH, POOR))
        code = code_from(str(self.random.random()))
        body = {"code": code, "verifier": SECRET.hex(), "amount_minor": self.amount(), "currency": "AZN"}
        outcome = await self.world.holder("wallet.pickup", body, payer)
        if outcome.body is not None:
            self.codes.append(body)

    async def redeem(self) -> None:
        if not self.codes:
            return
        known = self.random.choice(self.codes)
        secret = self.random.choice((SECRET, SECRET, SECRET, b"wrong"))
        held = await self.say("pickup.redeem", {"operator": "101", "code": known["code"]}, secret)
        if held is not None:
            self.holds.append(held)

    async def end(self) -> None:
        """Pay or void a hold, at its terminal or at a wrong one; some are told twice."""
        if not self.holds:
            return
        held = self.random.choice(self.holds)
        if self.random.random() < 0.4:
            body = {"operation": held["id"], "why": "cancelled"}
            await self.world.say("cash_out.void", body, terminal=held["terminal"])
            return
        drawer = self.world.store.tables.rows.terminal_states[held["terminal"]].drawer
        told = {name: held[name] for name in ("account", "amount_minor", "currency", "authorisation_code")}
        body = {"operator": "101", "operation": held["id"], "drawer": drawer, **told}
        await self.world.say("cash_out.paid", body, terminal=held["terminal"])

    async def again(self) -> None:
        if self.sent:
            assert (await self.world.executor.submit(self.random.choice(self.sent))).replayed

    async def wait(self) -> None:
        self.world.now += self.random.choice((1, 200, 20 * 86_400))
        await expire_due(self.world.store, self.world.executor, self.world.now)


def check(world: MemoryWorld) -> None:
    """The laws, read from the transfers alone."""
    tables = world.store.tables
    paid: dict[str, int] = {}
    back: dict[str, int] = {}
    came: dict[str, int] = {}
    for one in tables.transfers:
        if one.kind not in {0, 2}:
            continue
        if one.credit.startswith("pickup:"):
            came[one.credit] = came.get(one.credit, 0) + one.amount_minor
        if one.debit.startswith("pickup:"):
            target = paid if one.credit.startswith("till:") or one.credit.startswith("over_short:") else back
            target[one.debit] = target.get(one.debit, 0) + one.amount_minor
    assert not paid.keys() & back.keys()
    for gone in (paid, back):
        assert all(amount == came[name] for name, amount in gone.items())
    refunds: dict[str, int] = {}
    for operation in tables.rows.operations.values():
        if operation.type == "refund" and operation.state == "done":
            sale = tables.rows.operations[operation.reference]
            assert operation.credit == sale.debit
            refunds[sale.id] = refunds.get(sale.id, 0) + operation.amount_minor
    for name, total in refunds.items():
        assert total == tables.rows.operations[name].refunded_minor <= tables.rows.operations[name].amount_minor


@pytest.mark.parametrize("seed", range(12))
async def test_money_is_conserved_whatever_the_order(seed: int) -> None:
    world = await memory_world(Policy(refund_limit_minor=10**9))
    await world.set_tariff(Tariff("transfer", "AZN", 5, 0, 100_000))
    for terminal in TERMINALS:
        await world.begin_shift(terminal)
    branch = Branch(world, Random(seed))
    for _ in range(250):
        await branch.step()
    assert await world.faults() == [], f"seed {seed}"
    check(world)
    await world.close()
