"""A small world for tests: one branch, two terminals, operators and wallets, on either store, with short commands."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import orjson

from backend.executor import Executor
from backend.ledger import CREDITS_MUST_NOT_EXCEED_DEBITS, DEBITS_MUST_NOT_EXCEED_CREDITS, Account
from backend.operations.command import Command, PinBlock
from backend.operations.entities import LimitRule, Operator, Policy, Tariff, Terminal, TerminalState, Wallet
from backend.operations.rail_entities import cash_account
from backend.store import setup
from backend.store.memory import MemoryStore
from backend.store.postgres import PostgresStore
from backend.store.verify import verify
from backend.testing_pins import check_pin, is_weak_pin, make_verifier
from deskwire import ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.operations.command import Outcome
    from backend.store.verify import Report

NOW: Final = 1_800_000_000
CURRENCY: Final = "AZN"
TERMINALS: Final = ("T0000001", "T0000002")
RICH: Final = "9000000000000001"
POOR: Final = "9000000000000019"
VAULT_MINOR: Final = 1_000_000
RICH_MINOR: Final = 20_000
#: number, name, role
OPERATORS: Final = (
    ("101", "Cashier One", "cashier"),
    ("102", "Cashier Two", "cashier"),
    ("201", "Supervisor One", "supervisor"),
)
GOOD_PIN: Final = b"right"
BAD_PIN: Final = b"wrong"


def make_id(name: object) -> str:
    """A 26-character id from any name."""
    return ids.make(hashlib.sha256(str(name).encode()).digest()[:16])


class World:
    """An executor on a populated store, and what tests read back."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.now = NOW
        self._counters = dict.fromkeys(TERMINALS, 0)
        self._made = 0

    def command(
        self,
        operation: str,
        body: Mapping[str, Any],
        *,
        terminal: str = TERMINALS[0],
        id: str = "",  # noqa: A002  (the field's own name)
        pin: bytes = b"",
        again: bytes = b"",
        counter: int = 0,
        digest: bytes = b"",
    ) -> Command:
        """A command of a terminal with the next KSN."""
        self._made += 1
        if not counter:
            self._counters[terminal] += 1
            counter = self._counters[terminal]
        ksn = f"KASS{terminal[-4:]}".encode() + counter.to_bytes(4, "big")
        made = id or make_id(f"message {self._made}")
        return Command(
            operation,
            f"t:{terminal}",
            made,
            digest or hashlib.sha256(f"{operation}{made}{body}".encode()).digest(),
            self.now,
            body,
            counter,
            ksn,
            PinBlock(pin, ksn) if pin else None,
            make_id(f"fresh {self._made}"),
            f"{self._made:06}",
            PinBlock(again, ksn) if again else None,
        )

    async def say(self, operation: str, body: Mapping[str, Any], **options: Any) -> Outcome:
        """Submit a terminal's command."""
        return await self.executor.submit(self.command(operation, body, **options))

    async def begin_shift(self, terminal: str = TERMINALS[0], float_minor: int = 10_000) -> str:
        """Sign operator 101 on and open the drawer; returns its id."""
        await self.say("operator.sign_on", {"operator": "101"}, pin=GOOD_PIN, terminal=terminal)
        body = {"operator": "101", "float_minor": float_minor, "currency": CURRENCY}
        opened = await self.say("drawer.open", body, terminal=terminal)
        if opened.body is None:
            raise AssertionError(f"the drawer did not open: {opened.refused}")
        return str(opened.body["drawer"])

    async def pay(self, sale: str, amount_minor: int, wallet: str = RICH, name: str = "") -> Outcome:
        """A wallet pays a sale."""
        self._made += 1
        body = {"sale": sale, "amount_minor": amount_minor, "currency": CURRENCY}
        made = make_id(name or f"payment {self._made}")
        digest = hashlib.sha256(f"{wallet}{sale}{amount_minor}{made}".encode()).digest()
        code = f"{self._made:06}"
        return await self.executor.submit(
            Command("wallet.pay", f"w:{wallet}", made, digest, self.now, body, fresh_code=code)
        )

    async def holder(self, operation: str, body: Mapping[str, Any], wallet: str = RICH, name: str = "") -> Outcome:
        """A command from a wallet's own phone."""
        self._made += 1
        made = make_id(name or f"phone {self._made}")
        digest = hashlib.sha256(f"{operation}{made}{body}".encode()).digest()
        code = f"{self._made:06}"
        return await self.executor.submit(
            Command(operation, f"w:{wallet}", made, digest, self.now, body, fresh_code=code)
        )

    async def transfer(self, debit: str, credit: str, amount_minor: int, name: str = "") -> Outcome:
        """A plain ledger transfer."""
        return await self.executor.submit(transfer_command(debit, credit, amount_minor, name or self._next()))

    def _next(self) -> str:
        self._made += 1
        return f"transfer {self._made}"

    async def balance(self, account: str) -> tuple[int, int, int, int]:
        """An account's debits pending, debits posted, credits pending, credits posted."""
        raise NotImplementedError

    async def outbox(self, kind: str) -> list[tuple[str, int, str, dict[str, Any]]]:
        """(target, number, name, payload) of the outbox's rows of that kind, in order."""
        raise NotImplementedError

    async def alarms(self) -> list[str]:
        """The names of the alarms raised."""
        raise NotImplementedError

    async def audits(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """(who, what, subject, details) of the audit log, in order."""
        raise NotImplementedError

    async def set_wallet(self, number: str, status: str) -> None:
        """Staff freezes, blocks or frees a wallet."""
        raise NotImplementedError

    async def set_tariff(self, tariff: Tariff) -> None:
        """Staff sets a tariff; several of a service differ in when they begin."""
        raise NotImplementedError

    async def set_limit(self, rule: LimitRule) -> None:
        """Staff sets the limits of a KYC level."""
        raise NotImplementedError

    async def used(self, wallet: str, service: str) -> tuple[int, ...]:
        """(amount, count) of the row's day, then of its month; zeros without a row."""
        raise NotImplementedError

    async def set_cash_limits(self, low_minor: int, high_minor: int) -> None:
        """Staff sets the limits of the branch's tills."""
        raise NotImplementedError

    async def faults(self) -> list[str]:
        """What speaks against the ledger."""
        raise NotImplementedError

    async def close(self) -> None:
        """Stop the executor and the store."""
        raise NotImplementedError


def transfer_command(debit: str, credit: str, amount_minor: int, name: str) -> Command:
    """A plain ledger transfer."""
    body = {"debit": debit, "credit": credit, "amount_minor": amount_minor, "currency": CURRENCY}
    digest = hashlib.sha256(f"{name}{body}".encode()).digest()
    return Command("ledger.transfer", "k:test", make_id(name), digest, NOW, body)


async def _open_balances(world: World) -> None:
    """Opening balances, through the executor like everything else."""
    await world.transfer("branch_vault:B001", f"cash_supply:{CURRENCY}", VAULT_MINOR, "opening vault")
    await world.transfer(f"cash_supply:{CURRENCY}", f"wallet:{RICH}", RICH_MINOR, "opening wallet")


class MemoryWorld(World):
    """The world in memory."""

    def __init__(self, store: MemoryStore, executor: Executor) -> None:
        super().__init__(executor)
        self.store = store

    async def balance(self, account: str) -> tuple[int, int, int, int]:
        """An account's four counters."""
        return self.store.tables.rows.accounts[account].counters

    async def outbox(self, kind: str) -> list[tuple[str, int, str, dict[str, Any]]]:
        """The outbox's rows of that kind."""
        return [(r.target, r.number, r.name, dict(r.payload)) for r in self.store.tables.outbox if r.kind == kind]

    async def alarms(self) -> list[str]:
        """The names of the alarms raised."""
        return [alarm.name for alarm in self.store.tables.alarms]

    async def audits(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """The audit log."""
        return [(a.who, a.what, a.subject, dict(a.details)) for a in self.store.tables.audits]

    async def set_wallet(self, number: str, status: str) -> None:
        """Set a wallet's status."""
        wallets = self.store.tables.rows.wallets
        wallets[number] = wallets[number]._replace(status=status)

    async def set_tariff(self, tariff: Tariff) -> None:
        """Set a tariff."""
        known = self.store.tables.rows.tariffs.setdefault(tariff[:2], [])
        known[:] = [one for one in known if one.valid_from != tariff.valid_from] + [tariff]

    async def set_limit(self, rule: LimitRule) -> None:
        """Set a limit."""
        self.store.tables.rows.limits.setdefault((rule.service, rule.currency), []).append(rule)

    async def used(self, wallet: str, service: str) -> tuple[int, ...]:
        """What is used."""
        usage = self.store.tables.rows.usages.get(f"{wallet}:{service}")
        return (0, 0, 0, 0) if usage is None else (*usage[2:4], *usage[5:7])

    async def set_cash_limits(self, low_minor: int, high_minor: int) -> None:
        """Set the limits of every till."""
        terminals = self.store.tables.rows.terminals
        for name, terminal in terminals.items():
            terminals[name] = terminal._replace(till_low_minor=low_minor, till_high_minor=high_minor)

    async def faults(self) -> list[str]:
        """Recompute every counter from the transfers."""
        tables = self.store.tables
        counters = {name: [0, 0, 0, 0] for name in tables.rows.accounts}
        for transfer in tables.transfers:
            held = {0: 0, 1: 1}.get(transfer.kind, -1) * transfer.amount_minor
            moved = transfer.amount_minor if transfer.kind in {0, 2} else 0
            for name, at in ((transfer.debit, 0), (transfer.credit, 2)):
                counters[name][at] += held
                counters[name][at + 1] += moved
        found = [a.id for a in tables.rows.accounts.values() if list(a.counters) != counters[a.id]]
        return found + [a.id for a in tables.rows.accounts.values() if not a.keeps_limits()]

    async def close(self) -> None:
        """Stop the executor."""
        await self.executor.stop()


class PostgresWorld(World):
    """The world in PostgreSQL."""

    def __init__(self, url: str, store: PostgresStore, executor: Executor, connection: Any) -> None:
        super().__init__(executor)
        self.url = url
        self.store = store
        self.connection = connection

    async def balance(self, account: str) -> tuple[int, int, int, int]:
        """An account's four counters."""
        row = await self.connection.fetchrow(
            "SELECT debits_pending, debits_posted, credits_pending, credits_posted FROM account WHERE id = $1", account
        )
        return (row[0], row[1], row[2], row[3])

    async def outbox(self, kind: str) -> list[tuple[str, int, str, dict[str, Any]]]:
        """The outbox's rows of that kind."""
        rows = await self.connection.fetch(
            "SELECT target, number, name, payload FROM outbox WHERE kind = $1 ORDER BY seq", kind
        )
        return [(row[0], row[1], row[2], orjson.loads(row[3])) for row in rows]

    async def alarms(self) -> list[str]:
        """The names of the alarms raised."""
        return [row[0] for row in await self.connection.fetch("SELECT name FROM alarm ORDER BY seq")]

    async def audits(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """The audit log."""
        rows = await self.connection.fetch("SELECT who, what, subject, details FROM audit ORDER BY seq")
        return [(row[0], row[1], row[2], orjson.loads(row[3])) for row in rows]

    async def set_wallet(self, number: str, status: str) -> None:
        """Set a wallet's status."""
        await self.connection.execute("UPDATE wallet SET status = $2 WHERE number = $1", number, status)

    async def set_tariff(self, tariff: Tariff) -> None:
        """Set a tariff."""
        places = ", ".join(f"${place + 1}" for place in range(len(tariff)))
        names = ", ".join(tariff._fields)
        await self.connection.execute(f"INSERT INTO tariff ({names}) VALUES ({places})", *tariff)  # noqa: S608  (field names)

    async def set_limit(self, rule: LimitRule) -> None:
        """Set a limit."""
        places = ", ".join(f"${place + 1}" for place in range(len(rule)))
        names = ", ".join(rule._fields)
        await self.connection.execute(f"INSERT INTO limit_rule ({names}) VALUES ({places})", *rule)  # noqa: S608  (field names)

    async def used(self, wallet: str, service: str) -> tuple[int, ...]:
        """What is used."""
        columns = "day_minor, day_count, month_minor, month_count"
        row = await self.connection.fetchrow(f"SELECT {columns} FROM usage WHERE id = $1", f"{wallet}:{service}")  # noqa: S608  (constant columns)
        return (0, 0, 0, 0) if row is None else tuple(row)

    async def set_cash_limits(self, low_minor: int, high_minor: int) -> None:
        """Set the limits of the branch's tills."""
        await self.connection.execute(
            "UPDATE branch SET till_low_minor = $1, till_high_minor = $2", low_minor, high_minor
        )

    async def report(self) -> Report:
        """The full verification."""
        return await verify(self.connection)

    async def faults(self) -> list[str]:
        """What the verification names."""
        report = await self.report()
        return [f"{check.name}: {fault.where}: {fault.what}" for check in report.checks for fault in check.faults]

    async def close(self) -> None:
        """Stop the executor, close the connections."""
        await self.executor.stop()
        await self.store.stop()
        await self.connection.close()


async def memory_world(policy: Policy | None = None) -> MemoryWorld:
    """A populated world in memory."""
    store = MemoryStore()
    rows = store.tables.rows
    for terminal in TERMINALS:
        settings = (setup.SERVICES, "active", 1, CURRENCY, 1, "Corner Shop", "Baku", "AZ", "5411")
        rows.terminals[terminal] = Terminal(terminal, "B001", "M001", terminal, *settings)
        rows.terminal_states[terminal] = TerminalState(terminal, 0, 0, b"", "", "", "", "", "", 0, 0)
        rows.accounts[f"till:{terminal}"] = Account(f"till:{terminal}", CURRENCY, CREDITS_MUST_NOT_EXCEED_DEBITS)
    for name in (
        f"suspense:{CURRENCY}",
        f"fees:{CURRENCY}",
        f"cash_supply:{CURRENCY}",
        "over_short:B001",
        "rail:billers:AZN",
    ):
        rows.accounts[name] = Account(name, CURRENCY)
    cash = cash_account(CURRENCY)
    rows.accounts[cash] = Account(cash, CURRENCY, DEBITS_MUST_NOT_EXCEED_CREDITS)
    rows.accounts["merchant:M001"] = Account("merchant:M001", CURRENCY)
    transit = "cash_in_transit:B001"
    rows.accounts[transit] = Account(transit, CURRENCY, CREDITS_MUST_NOT_EXCEED_DEBITS)
    rows.accounts["branch_vault:B001"] = Account("branch_vault:B001", CURRENCY, CREDITS_MUST_NOT_EXCEED_DEBITS)
    for number, name, role in OPERATORS:
        rows.operators[number] = Operator(number, "B001", name, role, "active", GOOD_PIN, 0)
    for number in (RICH, POOR):
        rows.wallets[number] = Wallet(number, "Demo Holder", "en", CURRENCY, "active", GOOD_PIN, 0)
        name = f"wallet:{number}"
        rows.accounts[name] = Account(name, CURRENCY, DEBITS_MUST_NOT_EXCEED_CREDITS)
    executor = Executor(store, check_pin, policy=policy, make_verifier=make_verifier, is_weak_pin=is_weak_pin)
    await executor.start()
    world = MemoryWorld(store, executor)
    await _open_balances(world)
    return world


async def populate(connection: Any) -> None:
    """The world's parties, in PostgreSQL."""
    await setup.open_branch(connection, "B001", "Branch One", CURRENCY)
    await setup.open_rail(connection, "billers", CURRENCY)
    about = {"name": "Corner Shop", "city": "Baku", "country": "AZ", "mcc": "5411", "currency": CURRENCY}
    await setup.open_merchant(connection, "M001", **about)
    for terminal in TERMINALS:
        ikid = f"KASS{terminal[-4:]}".encode()
        await setup.open_terminal(connection, terminal, branch="B001", merchant="M001", ikid=ikid, at=NOW)
    for number, name, role in OPERATORS:
        await setup.add_operator(connection, number, branch="B001", name=name, role=role, verifier=GOOD_PIN)
    for number in (RICH, POOR):
        await setup.open_wallet(connection, number, holder="Demo Holder", currency=CURRENCY, verifier=GOOD_PIN)


async def postgres_world(url: str, policy: Policy | None = None) -> PostgresWorld:
    """A populated world in a migrated, empty database."""
    connection = await asyncpg.connect(url)
    await populate(connection)
    store = PostgresStore(url)
    await store.start()
    executor = Executor(store, check_pin, policy=policy, make_verifier=make_verifier, is_weak_pin=is_weak_pin)
    await executor.start()
    world = PostgresWorld(url, store, executor, connection)
    await _open_balances(world)
    return world
