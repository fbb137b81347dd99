"""A whole backend on a real PostgreSQL behind a real uvicorn, and light terminals that speak the wire to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import orjson
import pytest

from backend.app import create_app
from backend.composition import open_store
from backend.executor import Executor
from backend.provisioning import read_private
from backend.seed import Seeder, terminal_name
from backend.server import make_server
from backend.settings import Settings
from backend.store.verify import verify
from backend.vault.sealing import load_master_key
from deskwire import dukpt, envelope, ids, messages, pinblock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backend.composition import Backend


class Hands:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.ahead_s = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead_s


class Desk:
    """A light terminal: keys, ids, signed messages."""

    def __init__(self, made: dict[str, Any], world: World) -> None:
        self.terminal: str = made["terminal"]
        self.ikid = bytes.fromhex(made["ikid"])
        self._initial_key = bytes.fromhex(made["initial_key"])
        self._world = world
        self.counter = 0
        self.session = b""

    def keys(self, counter: int) -> tuple[bytes, bytes, bytes, bytes]:
        """(KSN, up key, down key, PIN key) of a counter."""
        dk = dukpt.derivation_key(self._initial_key, self.ikid, counter)
        up = dukpt.working_key(dk, dukpt.MAC_UP, dukpt.HMAC256, self.ikid, counter)
        down = dukpt.working_key(dk, dukpt.MAC_DOWN, dukpt.HMAC256, self.ikid, counter)
        pin = dukpt.working_key(dk, dukpt.PIN, dukpt.AES256, self.ikid, counter)
        return dukpt.ksn(self.ikid, counter), up, down, pin

    def seal(
        self,
        kind: str,
        name: str,
        body: dict[str, Any],
        *,
        identifier: str = "",
        pin: tuple[str, str] | None = None,
        counter: int = 0,
        again: str = "",
    ) -> tuple[str, str, int]:
        """(id, jws, counter) of a message under the next key; `pin` is (digits, account), `again` a second entry."""
        if not counter:
            self.counter = dukpt.next_counter(self.counter)
            counter = self.counter
        ksn, up, _, pin_key = self.keys(counter)
        if pin is not None:
            block = pinblock.encode(bytearray(pin[0].encode()), pin[1], secrets.token_bytes(8), pin_key)
            self._world.pin_blocks.append(block)
            body = {**body, "pin_block": block.hex().upper()}
            if again:
                second = pinblock.encode(bytearray(again.encode()), pin[1], secrets.token_bytes(8), pin_key)
                self._world.pin_blocks.append(second)
                body["pin_block_again"] = second.hex().upper()
        identifier = identifier or ids.make(secrets.token_bytes(16))
        build = messages.build_ask if kind == "ask" else messages.build_tell
        payload = build(name, identifier, self.terminal, int(time.time()), True, body)
        return identifier, envelope.seal(payload, ksn, up).decode(), counter

    def open(self, jws: str, counter: int) -> messages.Down:
        """Check a message from the backend under the key of a counter."""
        parts = envelope.split(jws)
        ksn, _, down, _ = self.keys(counter)
        assert parts.ksn == ksn
        assert envelope.verify(parts, down)
        return messages.parse_down(parts.payload)

    async def ask(self, name: str, body: dict[str, Any], **options: Any) -> messages.Down:
        """Send an ask and open its answer."""
        return await self._send("ask", name, body, options)

    async def tell(self, name: str, body: dict[str, Any], **options: Any) -> messages.Down:
        """Send a tell and open its ack."""
        return await self._send("tell", name, body, options)

    async def _send(self, kind: str, name: str, body: dict[str, Any], options: dict[str, Any]) -> messages.Down:
        identifier, jws, counter = self.seal(kind, name, body, **options)
        (item,) = await self._world.post(kind, [(self.terminal, jws)])
        assert "jws" in item, item
        down = self.open(item["jws"], counter)
        assert down.to == identifier
        return down

    async def hello(self) -> messages.Down:
        """Open a session."""
        down = await self.ask(
            "hello",
            {"firmware": "test", "config_version": 1, "waiting_tells": 0, "boot_reason": "power", "news_seen": 0},
        )
        self.session_counter = self.counter
        return down

    async def open_drawer(self, float_minor: int = 50_000) -> None:
        """Say hello, sign on as the cashier, and open the drawer."""
        from deskwire.accounts import operator_account

        await self.hello()
        signed = await self.ask("operator.sign_on", {"operator": "101"}, pin=("1357", operator_account("101")))
        assert signed.refused is None, signed.refused
        opened = await self.ask("drawer.open", {"operator": "101", "float_minor": float_minor, "currency": "AZN"})
        assert opened.refused is None, opened.refused


@dataclass
class World:
    """A running backend and its people."""

    url: str
    backend: Backend
    clock: Hands
    client: httpx.AsyncClient
    database: asyncpg.Pool
    state: Path
    dev: dict[str, Any]
    pin_blocks: list[bytes] = field(default_factory=list)

    def desk(self, number: int = 1) -> Desk:
        """A terminal with its provisioned keys."""
        return Desk(read_private(self.state / "provision" / f"{terminal_name(number)}.json"), self)

    @property
    def hub(self) -> dict[str, str]:
        """The hub's credential as a header."""
        return {"Authorization": f"Bearer {self.dev['hub_credential']}"}

    async def post(self, kind: str, items: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Post as the hub does."""
        body = {"items": [{"terminal": t, "received_at": int(time.time() * 1000), "jws": jws} for t, jws in items]}
        response = await self.client.post(f"/v1/hub/{kind}s", json=body, headers=self.hub)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["items"]
        return found

    async def wallet(self, index: int = 0) -> dict[str, str]:
        """A wallet session as a header."""
        wallet = self.dev["wallets"][index]
        body = {"wallet": wallet["wallet"], "password": wallet["password"]}
        response = await self.client.post("/v1/wallet/sessions", json=body)
        assert response.status_code == 200, response.text
        return {"Authorization": f"Bearer {response.json()['token']}"}

    async def staff(self) -> dict[str, str]:
        """A staff session as a header."""
        response = await self.client.post("/v1/ops/sessions", json=self.dev["staff"])
        assert response.status_code == 200, response.text
        return {"Authorization": f"Bearer {response.json()['token']}"}

    async def balance(self, account: str) -> int:
        """Credits less debits of an account."""
        found = await self.database.fetchval(
            "SELECT credits_posted - debits_posted FROM account WHERE id = $1", account
        )
        return int(found)

    async def metric(self, name: str, **labels: str) -> float:
        """A sample of /metrics, 0 when it is not there."""
        return self.backend.metrics.registry.get_sample_value(name, labels) or 0.0

    async def events(self, path: str, headers: dict[str, str], count: int, after: str = "") -> list[tuple[str, Any]]:
        """The first `count` events of a stream: (id, data)."""
        found: list[tuple[str, Any]] = []
        params = {"after": after} if after else {}
        async with asyncio.timeout(8), self.client.stream("GET", path, params=params, headers=headers) as got:
            assert got.status_code == 200
            cursor = ""
            async for line in got.aiter_lines():
                if line.startswith("id: "):
                    cursor = line[4:]
                elif line.startswith("data: "):
                    found.append((cursor, orjson.loads(line[6:])))
                    if len(found) == count:
                        return found
        return found

    async def until(self, query: str, *arguments: Any) -> Any:
        """Wait until a query gives a true value."""
        async with asyncio.timeout(8):
            while not (value := await self.database.fetchval(query, *arguments)):  # noqa: ASYNC110  (polls the database)
                await asyncio.sleep(0.02)
        return value


@contextlib.asynccontextmanager
async def serving(settings: Settings, clock: Hands) -> AsyncIterator[tuple[str, Any]]:
    """The app behind uvicorn on a free port; stopped the way SIGTERM stops it."""
    app = create_app(settings, clock=clock)
    server = make_server(app, settings)
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server did not start"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        app.state.backend.server = server
        yield f"http://127.0.0.1:{port}", app.state.backend
    finally:
        server.should_exit = True
        await task


async def seed(url: str, state: Path, terminals: int = 2) -> None:
    """The development data, as `kassa backend seed` writes them."""
    master = load_master_key(None, state, create=True)
    async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool, open_store(url) as store:
        seeder = Seeder(pool, master, state, int(time.time()), terminals=terminals)
        vault = await seeder.parties()
        executor = Executor(store, vault.check_pin)
        await executor.start()
        await seeder.money(executor)
        await executor.stop()


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A seeded backend with two terminals."""
    await seed(database_url, tmp_path)
    clock = Hands()
    settings = Settings(
        state_dir=tmp_path, database_url=database_url, port=0, base_url="http://pay.test", ops_page=False
    )
    async with (
        serving(settings, clock) as (url, backend),
        httpx.AsyncClient(base_url=url, timeout=10) as client,
        asyncpg.create_pool(database_url, min_size=1, max_size=2) as database,
    ):
        yield World(url, backend, clock, client, database, tmp_path, read_private(tmp_path / "dev.json"))
        async with database.acquire() as connection:
            report = await verify(connection)
        assert report.is_sound, [check for check in report.checks if check.faults]


KASSA = Path(sys.executable).with_name("kassa")


@pytest.fixture
async def process(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[World, Any]]:
    """A backend process with the page, and its pid."""
    await seed(database_url, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = (str(KASSA), "backend", "serve", "--state", str(tmp_path), "--port", str(port))
    with (tmp_path / "log").open("wb") as log:
        made = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, "KASSA_DATABASE_URL": database_url}, stderr=log
        )
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client,
        asyncpg.create_pool(database_url, min_size=1, max_size=1) as database,
        asyncio.timeout(60),
    ):
        while True:
            try:
                (await client.get("/health")).raise_for_status()
                break
            except httpx.HTTPError:
                assert made.returncode is None, (tmp_path / "log").read_text()
                await asyncio.sleep(0.1)
        dev = read_private(tmp_path / "dev.json")
        yield World(str(client.base_url), None, lambda: 0, client, database, tmp_path, dev), made  # type: ignore[arg-type]
        made.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await made.wait() in {0, -signal.SIGTERM}
    assert "backend_stopped" in (tmp_path / "log").read_text()


@pytest.fixture
async def rails_world(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[World, Any]]:
    """A seeded backend with the simulated rails around it."""
    from simulators.rails.server import RailsServer

    secret = secrets.token_hex(16)
    rails = RailsServer("", secret)
    await rails.start()
    await seed(database_url, tmp_path)
    clock = Hands()
    named = {name: {"url": f"http://127.0.0.1:{rails.port}/{name}", "secret": secret} for name in rails.books.faults}
    settings = Settings(state_dir=tmp_path, database_url=database_url, port=0, ops_page=False, rails=named)
    async with (
        serving(settings, clock) as (url, backend),
        httpx.AsyncClient(base_url=url, timeout=10) as client,
        asyncpg.create_pool(database_url, min_size=1, max_size=2) as database,
    ):
        rails.backend_url = url
        yield World(url, backend, clock, client, database, tmp_path, read_private(tmp_path / "dev.json")), rails
        await rails.stop()
        async with database.acquire() as connection:
            report = await verify(connection)
        assert report.is_sound, [check for check in report.checks if check.faults]
