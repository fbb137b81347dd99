"""All parts of one backend process, made in one place and started and stopped in one order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import structlog

from backend.executor import Executor
from backend.hub_api.access import Directory, HubAccess
from backend.hub_api.exchange import Exchange
from backend.hub_api.intake import Intake
from backend.hub_api.routes import HubApi
from backend.operations.entities import Policy
from backend.ops.login import StaffDoor
from backend.ops.routes import OpsApi
from backend.outbox.rows import Outbox
from backend.outbox.stream import NewsStream, NoticeStream, Streams
from backend.outbox.upkeep import Upkeep
from backend.pay_page.routes import PayPage
from backend.rails.parts import RailParts
from backend.receipts.routes import ReceiptPage
from backend.seed import Seeder
from backend.store import chain
from backend.store.embedded import EmbeddedPostgres
from backend.store.postgres import PostgresStore
from backend.vault.keyring import load_vault
from backend.vault.sealing import load_master_key
from backend.wallet_api.moves import Moves
from backend.wallet_api.pins import WalletPins
from backend.wallet_api.routes import WalletApi
from backend.web.clock import SystemFresh, system_clock
from backend.web.metrics import Metrics
from backend.web.periodic import Periodic
from backend.web.sessions import Sessions
from backend.web.traffic import Traffic
from backend.web.wakes import ACCESS, OUTBOX, Listener, Wake
from backend.workers import Expiry, MeasuredStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.settings import Settings
    from backend.vault.port import Vault
    from backend.web.clock import Clock, Fresh

log = structlog.get_logger(__name__)

#: One-time codes that were shown and never used are kept for a day, and looked for each hour.
CODES_KEPT_S = 86_400
CODES_PERIOD_S = 3_600.0
#: A statement that runs longer than this has gone wrong: everything here is a few milliseconds.
COMMAND_TIMEOUT_S = 30.0


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The database's URL; without one in the settings, an embedded server runs for as long as the context."""
    configured = settings.database_url.get_secret_value()
    if configured:
        yield configured
        return
    server = EmbeddedPostgres(settings.state_dir / "postgres")
    url = await asyncio.to_thread(server.start)
    try:
        yield url
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def open_pool(url: str, size: int) -> AsyncIterator[asyncpg.Pool]:
    """A pool of connections for everything but the executor's commits."""
    pool = await asyncpg.create_pool(url, min_size=1, max_size=size, command_timeout=COMMAND_TIMEOUT_S)
    try:
        yield pool
    finally:
        pool.terminate()


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[PostgresStore]:
    """The executor's own connections."""
    store = PostgresStore(url)
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


class Backend:
    """The parts of a running backend; routes find it in the lifespan's state."""

    def __init__(
        self, settings: Settings, url: str, pool: asyncpg.Pool, store: PostgresStore, vault: Vault, *, clock: Clock
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.clock = clock
        self.vault = vault
        self.metrics = Metrics()
        self.traffic = Traffic()
        self.fresh: Fresh = SystemFresh()
        policy = Policy(
            base_url=settings.public_url,
            acquirer=settings.operator_name,
            sale_ttl_s=settings.sale_ttl_s,
            hold_ttl_s=settings.hold_ttl_s,
            utc_offset_s=settings.utc_offset_s,
        )
        self.executor = Executor(
            MeasuredStore(store, self.metrics),
            vault.check_pin,
            policy=policy,
            make_verifier=vault.verifier_of,
            is_weak_pin=vault.is_weak_pin,
            max_batch=settings.max_batch,
            max_waiting=settings.max_waiting,
        )
        self.metrics.watch(self.executor)
        self._outbox_wake = Wake()
        self.outbox = Outbox(pool)
        self.streams = Streams(self.outbox, self._outbox_wake, clock, self.metrics)
        self.upkeep = Upkeep(self.outbox, clock)
        self._access = HubAccess(pool, clock, settings.directory_ttl_s)
        self._directory = Directory(pool, clock, settings.directory_ttl_s)
        self._listener = Listener(url, {OUTBOX: self._outbox_wake.ring, ACCESS: self._forget_access})
        self._periodic = [
            Periodic("expiry", settings.expiry_period_s, Expiry(store, self.executor, clock).run),
            Periodic("seal", settings.seal_period_s, self._seal),
            Periodic("codes", CODES_PERIOD_S, self._forget_codes),
        ]
        self.rails = RailParts(settings.rails, pool, self.executor, clock, self.fresh)
        self._periodic.append(Periodic("rails", settings.rails_period_s, self.rails.worker.run))
        self._make_edges()

    def _make_edges(self) -> None:
        """The APIs and pages, each with the parts it works with."""
        settings, pool, clock, metrics = self.settings, self.pool, self.clock, self.metrics
        exchange = Exchange(
            intake=Intake(self.vault, self.fresh),
            executor=self.executor,
            directory=self._directory,
            traffic=self.traffic,
            metrics=metrics,
            clock=clock,
            after_hello=self.upkeep.after_hello,
            prepare=self.rails.desk.prepare,
        )
        news = NewsStream(self.streams, self.vault, metrics, self.traffic)
        self.hub_api = HubApi(self._access, exchange, news, metrics, pool)
        self.wallet_api = WalletApi(
            pool=pool,
            sessions=Sessions("wallet", pool, clock, settings.wallet_session_s, metrics),
            executor=self.executor,
            notices=NoticeStream(self.streams),
            clock=clock,
            fresh=self.fresh,
        )
        self.moves = Moves(executor=self.executor, vault=self.vault, clock=clock, fresh=self.fresh)
        self.wallet_pins = WalletPins(
            sessions=self.wallet_api.sessions,
            executor=self.executor,
            vault=self.vault,
            clock=clock,
            fresh=self.fresh,
        )
        self.staff_sessions = Sessions("staff", pool, clock, settings.staff_session_s, metrics)
        self.staff_door = StaffDoor(self.staff_sessions, https=settings.https)
        self.ops_api = OpsApi(pool=pool, sessions=self.staff_sessions, traffic=self.traffic, clock=clock)
        self.pay_page = PayPage(pool, clock)
        self.receipt_page = ReceiptPage(pool, settings.operator_name, settings.public_url)

    async def start(self) -> None:
        """Start everything that runs by itself."""
        await self.executor.start()
        await self._listener.start()
        await self.upkeep.start()
        for periodic in self._periodic:
            await periodic.start()

    def begin_stop(self) -> None:
        """End the event streams, so that their connections do not hold up the end."""
        self.streams.stop()
        self.ops_api.stopping = True

    async def stop(self) -> None:
        """Finish what was accepted, then stop; in the reverse order of start."""
        self.begin_stop()
        for periodic in self._periodic:
            await periodic.stop()
        await self.upkeep.stop()
        await self._listener.stop()
        await self.executor.stop()
        await self.rails.close()

    async def _forget_codes(self) -> None:
        """Delete one-time codes that ended unused a day ago. Used ones stay: they show who authorised what."""
        await self.pool.execute(
            "DELETE FROM one_time_code WHERE used_at = 0 AND expires_at < $1", self.clock() - CODES_KEPT_S
        )

    async def _seal(self) -> None:
        """Add a block over the transfers that became final to the day chain."""
        async with self.pool.acquire() as connection:
            await chain.seal(connection, self.clock())

    def _forget_access(self) -> None:
        self._access.forget()
        self._directory.forget()


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Backend]:
    """A started backend on a migrated and seeded database; stopped when the context ends."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database(settings))
        pool = await stack.enter_async_context(open_pool(url, settings.pool_size))
        master = load_master_key(settings.vault_master_key.get_secret_value() or None, settings.state_dir)
        vault = await load_vault(pool, master)
        store = await stack.enter_async_context(open_store(url))
        backend = Backend(settings, url, pool, store, vault, clock=clock)
        await backend.start()
        log.info("backend_started", public_url=settings.public_url)
        try:
            yield backend
        finally:
            await backend.stop()
            log.info("backend_stopped")


async def seed_development(settings: Settings, *, terminals: int, wallets: int, now: int) -> None:
    """Migrate the database and write the development data into it and into the state directory."""
    from backend.migrations.run import upgrade  # noqa: PLC0415  (27 MB that a serving process does not need)

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database(settings))
        await upgrade(url)
        pool = await stack.enter_async_context(open_pool(url, 2))
        master = load_master_key(settings.vault_master_key.get_secret_value() or None, settings.state_dir, create=True)
        seeder = Seeder(pool, master, settings.state_dir, now, terminals=terminals, wallets=wallets)
        vault = await seeder.parties()
        store = await stack.enter_async_context(open_store(url))
        executor = Executor(store, vault.check_pin, policy=Policy(base_url=settings.public_url))
        await executor.start()
        try:
            await seeder.money(executor)
        finally:
            await executor.stop()
