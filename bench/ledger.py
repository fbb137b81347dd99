"""`kassa bench ledger`: our executor against pgbench's TPC-B-like script, on the same PostgreSQL in one run.

(a) pgbench with its own tables, scale 10, made anew; before and after everything else, because a shared machine drifts.
(b) plain transfers, from a decoded command to the committed answer, spread over many accounts and all on one hot one.
(c) cash-outs, from a decoded cash_out.authorize to the committed and signed answer: PIN check, holds, KSN, envelope.
After each of ours the whole ledger is verified. Callers wait for their answer before they ask again.
"""

from __future__ import annotations

import asyncio
import gc
import random
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import asyncpg

from backend.executor import Executor
from backend.migrations.run import upgrade
from backend.operations.command import Command, PinBlock
from backend.store import chain, setup
from backend.store.embedded import EmbeddedPostgres, binaries
from backend.store.postgres import PostgresStore
from backend.store.verify import verify
from backend.vault.testing import make_ikid, make_vault
from bench.report import Report
from deskwire import accounts as numbers
from deskwire import dukpt, messages, pinblock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backend.vault.soft import SoftVault

LEVELS: Final = (1, 8, 64, 512)
TOP: Final = 512
CURRENCY: Final = "AZN"
ACCOUNTS: Final = 10_000
WALLETS: Final = 2_000
TERMINALS: Final = 512
FUND_MINOR: Final = 10**9
HOT: Final = "merchant:HOT"
PIN: Final = "1234"
#: The peer's scale and clients, as the goals are stated.
SCALE: Final = 10
CLIENTS: Final = (8, 16)
AT: Final = 1_800_000_000


class Run(NamedTuple):
    """One measured run of ours."""

    per_second: float
    p50_ms: float
    p99_ms: float


def main(*, quick: bool, as_json: bool) -> int:
    """Measure, print, and give the exit status: 1 where a goal is missed or the ledger does not verify."""
    import uvloop  # noqa: PLC0415  (as the backend runs)

    directory = Path(tempfile.mkdtemp(prefix="kassa-bench-"))
    server = EmbeddedPostgres(directory / "postgres")
    try:
        url = server.start()
        return uvloop.run(_measure(url, quick=quick)).finish(as_json=as_json)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def _measure(url: str, *, quick: bool) -> Report:
    """Everything, in one run."""
    seconds = 2.0 if quick else 8.0
    columns = ("what", "callers", "per second", "p50 ms", "p99 ms", "x TPC-B")
    report = Report("ledger", "Transfers and cash-outs on one PostgreSQL", columns, quick)
    before = await asyncio.to_thread(_tpcb, url, 5 if quick else 15)
    bench = await _Bench.open(url)
    runs: dict[tuple[str, int], Run] = {}
    for callers in LEVELS:
        runs["spread", callers] = await bench.timed(callers, seconds, bench.spread)
        runs["hot", callers] = await bench.timed(callers, seconds, bench.hot)
    for callers in LEVELS:
        runs["cash_out", callers] = await bench.cash_outs(callers, _cash_outs_of(callers, quick=quick))
    await bench.close()
    after = await asyncio.to_thread(_tpcb, url, 5 if quick else 15)
    _report(report, runs, (before + after) / 2, (before, after))
    return report


def _cash_outs_of(callers: int, *, quick: bool) -> int:
    """Cash-outs of a run: each is prepared before the clock starts, as a terminal would have encrypted its PIN."""
    few = {1: 300, 8: 1_500}.get(callers, 6_000)
    return few if quick else few * 3


def _report(report: Report, runs: dict[tuple[str, int], Run], peer: float, peers: tuple[float, float]) -> None:
    """Rows, ratios, goals."""
    report.row("pgbench TPC-B-like, scale 10", f"{CLIENTS[0]}..{CLIENTS[1]}", peer, "", "", 1.0)
    names = {"spread": "transfers, spread", "hot": "transfers, one hot account", "cash_out": "cash-outs, signed"}
    for (kind, callers), run in runs.items():
        report.row(names[kind], callers, run.per_second, run.p50_ms, run.p99_ms, run.per_second / peer)
        report.ratios[f"{kind}_{callers}_to_tpcb"] = round(run.per_second / peer, 3)
    top = {kind: runs[kind, TOP].per_second for kind in names}
    report.ratio("transfers_to_tpcb", top["spread"] / peer, at_least=5.0)
    report.ratio("hot_to_spread", top["hot"] / top["spread"], at_least=0.9)
    report.ratio("cash_outs_to_tpcb", top["cash_out"] / peer, at_least=1.5)
    report.figures["tpcb_per_second"] = round(peer, 1)
    report.figures["tpcb_before_and_after"] = [round(value, 1) for value in peers]
    report.figures["runs"] = [
        {"what": kind, "callers": callers, **{name: round(value, 3) for name, value in run._asdict().items()}}
        for (kind, callers), run in runs.items()
    ]
    report.figures["verified"] = True


def _tpcb(url: str, seconds: int) -> float:
    """Transactions per second of pgbench's default script on fresh tables: the best of the client counts."""
    program = binaries() / "pgbench"
    socket = url.partition("?host=")[2]
    place = ["-h", socket, "-U", "postgres", "postgres"]
    found = []
    _run([str(program), "-i", "-q", "-s", str(SCALE), *place])
    for clients in CLIENTS:
        said = _run([str(program), "-c", str(clients), "-j", "2", "-T", str(seconds), *place])
        match = re.search(r"tps = ([0-9.]+)", said)
        if match is None:
            raise RuntimeError(f"pgbench printed no tps: {said[-500:]}")
        found.append(float(match[1]))
    return max(found)


def _run(arguments: list[str]) -> str:
    """Run a program; a failure shows what it said."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} ended with status {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


class _Bench:
    """A populated database, an executor on it, and the callers."""

    def __init__(self, url: str, store: PostgresStore, executor: Executor, vault: SoftVault) -> None:
        self._url = url
        self._store = store
        self._executor = executor
        self._vault = vault
        self._chance = random.Random(1)
        self._counters = [0] * TERMINALS
        self._wallets = [numbers.complete(f"{900_000_000_000_000 + n}") for n in range(WALLETS)]
        self._keys = [vault.initial_key(make_ikid(n + 1)) for n in range(TERMINALS)]

    @classmethod
    async def open(cls, url: str) -> _Bench:
        """Migrate, populate, fund."""
        await upgrade(url)
        vault = make_vault()
        store = PostgresStore(url)
        await store.start()
        executor = Executor(store, vault.check_pin)
        await executor.start()
        bench = cls(url, store, executor, vault)
        await bench._populate()
        gc.freeze()
        return bench

    async def close(self) -> None:
        """Stop the executor."""
        await self._executor.stop()
        await self._store.stop()

    async def _populate(self) -> None:
        connection = await asyncpg.connect(self._url)
        await setup.open_branch(connection, "B001", "Bench", CURRENCY)
        about = {"name": "Bench", "city": "Baku", "country": "AZ", "mcc": "5411", "currency": CURRENCY}
        await setup.open_merchant(connection, "HOT", **about)
        verifier = {number: self._vault.make_verifier(number, PIN) for number in self._wallets}
        async with connection.transaction():
            await connection.copy_records_to_table(
                "account",
                records=[(f"pool:{n}", CURRENCY, 1) for n in range(ACCOUNTS)],
                columns=["id", "currency", "flags"],
            )
            await setup.add_operator(connection, "101", branch="B001", name="Bench", role="cashier", verifier=b"")
            for number in self._wallets:
                await setup.open_wallet(
                    connection, number, holder="Bench Holder", currency=CURRENCY, verifier=verifier[number]
                )
            for n in range(TERMINALS):
                name = _terminal(n)
                await setup.open_terminal(connection, name, branch="B001", merchant="HOT", ikid=make_ikid(n + 1), at=AT)
                await connection.execute(
                    "UPDATE terminal_state SET operator = '101', drawer = 'bench', drawer_operator = '101'"
                    " WHERE terminal = $1",
                    name,
                )
        supply = f"cash_supply:{CURRENCY}"
        funded = [f"pool:{n}" for n in range(ACCOUNTS)] + [f"wallet:{number}" for number in self._wallets]
        moves = [(supply, name) for name in funded] + [(f"till:{_terminal(n)}", supply) for n in range(TERMINALS)]
        for start in range(0, len(moves), 5_000):
            await asyncio.gather(
                *(self._executor.submit(_transfer(*move, FUND_MINOR)) for move in moves[start : start + 5_000])
            )
        await connection.execute("VACUUM ANALYZE")
        await connection.close()

    def spread(self) -> Command:
        """A transfer between two of many accounts."""
        debit, credit = self._chance.sample(range(ACCOUNTS), 2)
        return _transfer(f"pool:{debit}", f"pool:{credit}", 1)

    def hot(self) -> Command:
        """A transfer from one of many accounts to the one that everybody pays."""
        return _transfer(f"pool:{self._chance.randrange(ACCOUNTS)}", HOT, 1)

    async def timed(self, callers: int, seconds: float, make: Callable[[], Command]) -> Run:
        """So many callers for so long."""
        end = time.perf_counter() + seconds

        async def call(spent: list[float]) -> None:
            submit = self._executor.submit
            while time.perf_counter() < end:
                command = make()
                began = time.perf_counter()
                outcome = await submit(command)
                spent.append(time.perf_counter() - began)
                if outcome.body is None:
                    raise RuntimeError(f"a transfer was refused: {outcome.refused}")

        return await self._run(callers, call)

    async def cash_outs(self, callers: int, total: int) -> Run:
        """So many cash-outs in all, signed answers included."""
        queues = [[self._authorize(n) for _ in range(total // callers)] for n in range(callers)]

        async def call(spent: list[float]) -> None:
            for command in queues.pop():
                began = time.perf_counter()
                outcome = await self._executor.submit(command)
                if outcome.body is None:
                    raise RuntimeError(f"a cash-out was refused: {outcome.refused}")
                payload = messages.build_answer(command.id, command.terminal, outcome.at, dict(outcome.body))
                self._vault.seal(payload, command.ksn)
                spent.append(time.perf_counter() - began)

        return await self._run(callers, call)

    async def _run(self, callers: int, call: Callable[[list[float]], Awaitable[None]]) -> Run:
        """Let the callers go, then verify."""
        spent: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(call(spent) for _ in range(callers)))
        took = time.perf_counter() - began
        await self._verify()
        spent.sort()
        return Run(len(spent) / took, spent[len(spent) // 2] * 1000, spent[len(spent) * 99 // 100] * 1000)

    async def _verify(self) -> None:
        """Seal the chain and prove the ledger."""
        connection = await asyncpg.connect(self._url)
        try:
            await chain.seal(connection, AT)
            report = await verify(connection)
        finally:
            await connection.close()
        if not report.is_sound:
            faults = [fault for check in report.checks for fault in check.faults]
            raise RuntimeError(f"the ledger does not verify: {faults[:3]}")

    def _authorize(self, terminal: int) -> Command:
        """A decoded cash_out.authorize with the next KSN of that terminal and a real PIN block."""
        counter = self._counters[terminal] = dukpt.next_counter(self._counters[terminal])
        ikid = make_ikid(terminal + 1)
        number = self._chance.choice(self._wallets)
        derived = dukpt.derivation_key(self._keys[terminal], ikid, counter)
        key = dukpt.working_key(derived, dukpt.PIN, dukpt.AES256, ikid, counter)
        block = pinblock.encode(bytearray(PIN.encode()), number, secrets.token_bytes(8), key)
        body: dict[str, Any] = {"operator": "101", "account": number, "amount_minor": 1, "currency": CURRENCY}
        ksn = dukpt.ksn(ikid, counter)
        return Command(
            "cash_out.authorize",
            f"t:{_terminal(terminal)}",
            _random_id(),
            secrets.token_bytes(32),
            AT,
            body,
            counter,
            ksn,
            PinBlock(block, ksn),
            _random_id(),
            f"{secrets.randbelow(10**6):06}",
        )


def _terminal(number: int) -> str:
    """A terminal's id."""
    return f"T{number + 1:07}"


def _random_id() -> str:
    """26 random characters of the ids' alphabet, cheaper than the exact encoding."""
    return "0" + secrets.token_hex(13).upper()[:25]


def _transfer(debit: str, credit: str, amount_minor: int) -> Command:
    """A decoded ledger.transfer."""
    made = _random_id()
    body = {"debit": debit, "credit": credit, "amount_minor": amount_minor, "currency": CURRENCY}
    return Command("ledger.transfer", "k:bench", made, made.encode(), AT, body)
