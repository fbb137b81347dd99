"""Seed data: a development branch with everything the stories need. Idempotent: what is there stays as it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backend.operations.codes import OPENING
from backend.operations.command import Command
from backend.operations.rail_entities import cash_account, rail_account
from backend.provisioning import read_private, write_private
from backend.vault.keyring import add_keys, load_vault
from backend.web.sessions import hash_password, hash_token, new_token
from deskwire import accounts

if TYPE_CHECKING:
    from pathlib import Path

    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    from backend.vault.sealing import MasterKey
    from backend.vault.soft import SoftVault
    from backend.web.executing import Submits

BRANCH: Final = "B001"
HUB: Final = "H001"
MERCHANT: Final = "M001"
CURRENCY: Final = "AZN"
#: The base derivation key of development terminals.
BDK_ID: Final = bytes.fromhex("DE700001")
SERVICES: Final = (
    "sale",
    "cash_in",
    "cash_out",
    "balance",
    "drawer",
    "transfer",
    "pickup",
    "refund",
    "statement",
    "customer_pin",
    "bills",
)
#: A till below or above this is marked on its terminal, and staff are alerted.
TILL_LOW_MINOR: Final = 2_000
TILL_HIGH_MINOR: Final = 50_000
VAULT_MINOR: Final = 1_000_000
MAX_AMOUNT_MINOR: Final = 1_000_000
MAX_TERMINALS: Final = 10_000
MAX_WALLETS: Final = 10_000
DEV_FILE: Final = "dev.json"

#: id, rail, kind, name, what is typed, its fewest and most digits, least and most amount
RAIL_SERVICES: Final = (
    ("mobile", "billers", "bill", "Mobile phone", "Phone number", 7, 12, 100, 50_000),
    ("electricity", "billers", "bill", "Electricity", "Customer number", 6, 12, 10, 500_000),
    ("water", "billers", "bill", "Water", "Customer number", 6, 12, 10, 500_000),
    ("customs", "billers", "bill", "Customs duty", "Declaration number", 8, 16, 10, 1_000_000),
    ("card", "cards", "card", "Bank card", "Card number", 16, 19, 100, 500_000),
    ("ewallet", "wallets", "wallet", "Other wallet", "Phone number", 7, 12, 100, 500_000),
    ("abroad", "international", "international", "Abroad", "Recipient number", 8, 16, 500, 500_000),
)
#: number, name, role, PIN
OPERATORS: Final = (
    ("101", "Demo Cashier", "cashier", "1357"),
    ("102", "Demo Cashier Two", "cashier", "9753"),
    ("201", "Demo Supervisor", "supervisor", "2468"),
)


#: login, name, password: two, because some things take two
STAFF: Final = (("ops", "Demo Operations", "ops-demo"), ("ops2", "Demo Operations Two", "ops2-demo"))
#: rail, brand, number, expiry of the cards linked to the first wallet
CARDS: Final = (
    ("card", "Visa", "**** 4021", "2029-05"),
    ("card", "Mastercard", "**** 7310", "2028-11"),
    ("national", "AzeriCard", "**** 0042", "2030-01"),
)
#: KYC level, then for one operation, a day (amount, count), a month (amount, count). Level 3 has no limits.
LIMITED: Final = ("cash_in", "cash_out", "sale")
LIMITS: Final = (
    (0, 15_000, 30_000, 5, 100_000, 30),
    (1, 100_000, 200_000, 50, 500_000, 500),
    (2, 1_000_000, 2_000_000, 200, 5_000_000, 2_000),
)


@dataclass(frozen=True, slots=True)
class DemoWallet:
    """A development wallet."""

    index: int
    holder: str
    balance_minor: int
    password: str
    pin: str = "1234"
    kyc_level: int = 3

    @property
    def number(self) -> str:
        """Its 16-digit number."""
        return accounts.complete(f"9{self.index:014d}")


NAMED_WALLETS: Final = (
    DemoWallet(0, "Demo Holder One", 20_000, "demo-one", kyc_level=2),
    DemoWallet(1, "Demo Holder Two", 5_000, "demo-two", kyc_level=1),
)


def wallet_list(count: int) -> list[DemoWallet]:
    """The first `count` development wallets (at least the two named ones)."""
    more = [DemoWallet(i, f"Demo Holder {i + 1}", 100_000_000, "") for i in range(len(NAMED_WALLETS), count)]
    return [*NAMED_WALLETS, *more]


def terminal_name(number: int) -> str:
    """T0000001 and so on."""
    return f"T{number:07d}"


def terminal_ikid(number: int) -> bytes:
    """The initial key id of a development terminal."""
    return BDK_ID + number.to_bytes(4, "big")


class Seeder:
    """Writes the development data of one database and state directory."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        master: MasterKey,
        state_dir: Path,
        now: int,
        *,
        terminals: int = 1,
        wallets: int = len(NAMED_WALLETS),
    ) -> None:
        if not 1 <= terminals <= MAX_TERMINALS or not 1 <= wallets <= MAX_WALLETS:
            raise ValueError(f"at most {MAX_TERMINALS} terminals and {MAX_WALLETS} wallets are seeded, at least one")
        self._pool = pool
        self._master = master
        self._state_dir = state_dir
        self._now = now
        self._terminals = terminals
        self._wallets = wallet_list(wallets)

    async def parties(self) -> SoftVault:
        """Keys, branch, merchant, terminals, people, accounts: everything but money."""
        async with self._pool.acquire() as connection, connection.transaction():
            await add_keys(connection, self._master, BDK_ID, self._now)
            vault = await load_vault(connection, self._master)
            await self._branch(connection)
            await self._terminal_rows(connection)
            await self._people(connection, vault)
            await self._accounts(connection)
            await self._rails(connection)
            credential = await self._hub(connection)
        self._provision(vault, credential)
        return vault

    async def money(self, executor: Submits) -> None:
        """Fund the branch vault and the wallets, through the executor like any other money."""
        await self._fund(executor, "SEEDVAULT", f"branch_vault:{BRANCH}", f"cash_supply:{CURRENCY}", VAULT_MINOR)
        for wallet in self._wallets:
            await self._fund(
                executor,
                f"SEED{wallet.number}",
                f"cash_supply:{CURRENCY}",
                f"wallet:{wallet.number}",
                wallet.balance_minor,
            )

    async def _fund(self, executor: Submits, name: str, debit: str, credit: str, amount_minor: int) -> None:
        body = {"debit": debit, "credit": credit, "amount_minor": amount_minor, "currency": CURRENCY, "code": OPENING}
        digest = hashlib.sha256(repr(sorted(body.items())).encode()).digest()
        outcome = await executor.submit(Command("ledger.transfer", "k:seed", name, digest, self._now, body, fresh=name))
        if outcome.refused is not None:
            raise RuntimeError(f"seeding {credit} was refused: {outcome.refused[0]}")

    async def _branch(self, connection: PoolConnectionProxy) -> None:
        await connection.execute(
            "INSERT INTO branch (id, name, currency, till_low_minor, till_high_minor)"
            " VALUES ($1, 'Demo Branch', $2, $3, $4) ON CONFLICT DO NOTHING",
            BRANCH,
            CURRENCY,
            TILL_LOW_MINOR,
            TILL_HIGH_MINOR,
        )
        await connection.execute(
            """
            INSERT INTO merchant (id, name, city, country, mcc, currency, tax_number)
            VALUES ($1, 'Corner Shop', 'Baku', 'AZ', '5411', $2, '1000000001') ON CONFLICT DO NOTHING
            """,
            MERCHANT,
            CURRENCY,
        )
        await connection.executemany(
            """
            INSERT INTO tariff (service, currency, fixed_minor, rate_basis_points, max_amount_minor)
            VALUES ($1, $2, 0, 0, $3) ON CONFLICT DO NOTHING
            """,
            [(service, CURRENCY, MAX_AMOUNT_MINOR) for service in SERVICES],
        )
        await connection.executemany(
            """
            INSERT INTO limit_rule (level, service, currency, valid_from, valid_to, operation_minor, day_minor,
                                    day_count, month_minor, month_count)
            VALUES ($1, $2, $3, 0, 0, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
            """,
            [(level, service, CURRENCY, *limits) for level, *limits in LIMITS for service in LIMITED],
        )

    async def _terminal_rows(self, connection: PoolConnectionProxy) -> None:
        numbers = range(1, self._terminals + 1)
        await connection.executemany(
            """
            INSERT INTO terminal (id, branch, merchant, outlet, services, ikid, created_at)
            VALUES ($1, $2, $3, 'Front desk', $4, $5, $6) ON CONFLICT DO NOTHING
            """,
            [(terminal_name(n), BRANCH, MERCHANT, list(SERVICES), terminal_ikid(n), self._now) for n in numbers],
        )
        for table in ("terminal_state", "news_counter"):
            await connection.executemany(
                f"INSERT INTO {table} (terminal) VALUES ($1) ON CONFLICT DO NOTHING",  # noqa: S608  (two constants)
                [(terminal_name(n),) for n in numbers],
            )

    async def _people(self, connection: PoolConnectionProxy, vault: SoftVault) -> None:
        await connection.executemany(
            """
            INSERT INTO operator (number, branch, name, role, verifier) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            """,
            [
                (number, BRANCH, name, role, vault.make_verifier(accounts.operator_account(number), pin))
                for number, name, role, pin in OPERATORS
            ],
        )
        await connection.executemany(
            """
            INSERT INTO wallet (number, holder, language, currency, verifier, kyc_level)
            VALUES ($1, $2, 'en', $3, $4, $5) ON CONFLICT DO NOTHING
            """,
            [(w.number, w.holder, CURRENCY, vault.make_verifier(w.number, w.pin), w.kyc_level) for w in self._wallets],
        )
        await connection.executemany(
            "INSERT INTO staff (login, name, role, created_at) VALUES ($1, $2, 'admin', $3) ON CONFLICT DO NOTHING",
            [(login, name, self._now) for login, name, _ in STAFF],
        )
        await connection.executemany(
            """
            INSERT INTO linked_card (id, wallet, rail, brand, masked_number, expires, linked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
            """,
            [(f"demo-{n}", self._wallets[0].number, *card, self._now) for n, card in enumerate(CARDS)],
        )
        logins = [("wallet", w.number, w.password) for w in self._wallets if w.password]
        for realm, name, password in [*(("staff", login, password) for login, _, password in STAFF), *logins]:
            if not await connection.fetchval("SELECT 1 FROM login WHERE realm = $1 AND name = $2", realm, name):
                await connection.execute(
                    "INSERT INTO login (realm, name, password_hash) VALUES ($1, $2, $3)",
                    realm,
                    name,
                    hash_password(password),
                )

    async def _accounts(self, connection: PoolConnectionProxy) -> None:
        """Ledger accounts. Flag 1: debits may not exceed credits; flag 2: the other way round."""
        rows = [(f"wallet:{w.number}", 1) for w in self._wallets]
        rows += [(f"till:{terminal_name(n)}", 2) for n in range(1, self._terminals + 1)]
        rows += [
            (f"branch_vault:{BRANCH}", 2),
            (f"cash_in_transit:{BRANCH}", 2),
            (f"merchant:{MERCHANT}", 0),
            (f"over_short:{BRANCH}", 0),
        ]
        rows += [(f"{name}:{CURRENCY}", 0) for name in ("suspense", "fees", "cash_supply")]
        await connection.executemany(
            "INSERT INTO account (id, currency, flags) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [(name, CURRENCY, flags) for name, flags in rows],
        )

    async def _rails(self, connection: PoolConnectionProxy) -> None:
        """What can be paid through rails, and the rails' accounts."""
        await connection.execute(
            "INSERT INTO account (id, currency, flags) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING",
            cash_account(CURRENCY),
            CURRENCY,
        )
        await connection.executemany(
            "INSERT INTO account (id, currency, flags) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
            [(rail_account(rail, CURRENCY), CURRENCY) for rail in sorted({row[1] for row in RAIL_SERVICES})],
        )
        await connection.executemany(
            """
            INSERT INTO rail_service
              (id, rail, kind, place, name, label, min_digits, max_digits, min_minor, max_minor, currency)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
            """,
            [(*row[:3], place, *row[3:], CURRENCY) for place, row in enumerate(RAIL_SERVICES)],
        )

    async def _hub(self, connection: PoolConnectionProxy) -> str:
        """The hub's credential: the one of an earlier seeding if it still holds, else a new one."""
        await connection.execute(
            "INSERT INTO hub (hub, branch, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            HUB,
            BRANCH,
            self._now,
        )
        earlier = str(read_private(self._state_dir / DEV_FILE).get("hub_credential", ""))
        holds = await connection.fetchval(
            "SELECT 1 FROM hub_credential WHERE token_hash = $1 AND revoked_at IS NULL", hash_token(earlier)
        )
        if holds:
            return earlier
        credential = new_token()
        await connection.execute(
            "INSERT INTO hub_credential (token_hash, hub, created_at) VALUES ($1, $2, $3)",
            hash_token(credential),
            HUB,
            self._now,
        )
        return credential

    def _provision(self, vault: SoftVault, credential: str) -> None:
        for number in range(1, self._terminals + 1):
            name, ikid = terminal_name(number), terminal_ikid(number)
            content: dict[str, Any] = {
                "terminal": name,
                "ikid": ikid.hex().upper(),
                "initial_key": vault.initial_key(ikid).hex().upper(),
                "hub": HUB,
                "currency": CURRENCY,
                "broker": {"user": name, "password": ""},
            }
            write_private(self._state_dir / "provision" / f"{name}.json", content)
        write_private(
            self._state_dir / DEV_FILE,
            {
                "branch": BRANCH,
                "merchant": MERCHANT,
                "currency": CURRENCY,
                "hub": HUB,
                "hub_credential": credential,
                "staff": {"user": STAFF[0][0], "password": STAFF[0][2]},
                "second_staff": {"user": STAFF[1][0], "password": STAFF[1][2]},
                "operators": [{"operator": number, "name": name, "role": role} for number, name, role, _ in OPERATORS],
                "terminals": [terminal_name(n) for n in range(1, self._terminals + 1)],
                "wallets": [
                    {"wallet": w.number, "holder": w.holder, "password": w.password}
                    for w in self._wallets
                    if w.password
                ],
            },
        )
