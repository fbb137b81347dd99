"""`kassa bench ledger`: our executor against pgbench's TPC-B-like script, on the same PostgreSQL in one run.

(a) pgbench with its own tables, scale 10, made anew.
(b) plain transfers, from a decoded command to the committed answer, spread over many accounts and all on one hot one.
(c) cash-outs, from a decoded cash_out.authorize to the committed and signed answer: PIN check, holds, KSN, envelope.
After each of ours the whole ledger is verified. Callers wait for their answer before they ask again.
The ratios come from rounds in which pgbench and ours follow each other within seconds, because a shared machine drifts:
each is the median of its rounds.
"""

from __future__ import annotations

import asyncio
import gc
import random
import re
import secrets
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import asyncpg

from backend.executor import Executor
from backend.migrations.run import upgrade
from backend.operations.command import Command, PinBlock
from backend.server import GC_THRESHOLD
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

LEVELS: Final = (1, 8, 64)
TOP: Final = 512
ROUNDS: Final = 5
ROUNDS_QUICK: Final = 3
NAMES: Final = {"spread": "transfers, spread", "hot": "transfers, one hot account", "cash_out": "cash-outs, signed"}
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


class _Round(NamedTuple):
    """The peer and ours, one after the other."""

    peer: float
    spread: Run
    hot: Run
    cash_out: Run


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
    """Everything, in one run: rounds at full load beside the peer, then the lower levels."""
    seconds = 1.5 if quick else 6.0
    columns = ("what", "callers", "per second", "p50 ms", "p99 ms", "x TPC-B")
    report = Report("ledger", "Transfers and cash-outs on one PostgreSQL", columns, quick)
    await asyncio.to_thread(_make_tpcb, url)
    bench = await _Bench.open(url)
    rounds = []
    for _ in range(ROUNDS_QUICK if quick else ROUNDS):
        peer = await asyncio.to_thread(_tpcb, url, 2 if quick else 8)
        rounds.append(
            _Round(
                peer,
                await bench.timed(TOP, seconds, bench.spread),
                await bench.timed(TOP, seconds, bench.hot),
                await bench.cash_outs(TOP, 4_096 if quick else 18_432),
            )
        )
    lower: dict[tuple[str, int], Run] = {}
    for callers in LEVELS:
        lower["spread", callers] = await bench.timed(callers, seconds / 2, bench.spread)
        lower["hot", callers] = await bench.timed(callers, seconds / 2, bench.hot)
        lower["cash_out", callers] = await bench.cash_outs(callers, 125 * min(callers, 16))
    await bench.close()
    _report(report, rounds, lower)
    return report


def _report(report: Report, rounds: list[_Round], lower: dict[tuple[str, int], Run]) -> None:
    """Rows, ratios, goals."""
    peer = statistics.median(found.peer for found in rounds)
    report.row("pgbench TPC-B-like, scale 10", f"{CLIENTS[0]}..{CLIENTS[-1]}", peer, "", "", 1.0)
    runs = dict(lower)
    for kind in NAMES:
        of_rounds = sorted((getattr(found, kind) for found in rounds), key=lambda run: run.per_second)
        runs[kind, TOP] = of_rounds[len(of_rounds) // 2]
    for kind, name in NAMES.items():
        for callers in (*LEVELS, TOP):
            run = runs[kind, callers]
            ratio = run.per_second / peer if callers != TOP else _ratio(rounds, kind)
            report.row(name, callers, run.per_second, run.p50_ms, run.p99_ms, ratio)
            report.ratios[f"{kind}_{callers}_to_tpcb"] = round(ratio, 3)
    report.ratio("transfers_to_tpcb", _ratio(rounds, "spread"), at_least=5.0)
    hot = statistics.median(found.hot.per_second / found.spread.per_second for found in rounds)
    report.ratio("hot_to_spread", hot, at_least=0.9)
    report.ratio("cash_outs_to_tpcb", _ratio(rounds, "cash_out"), at_least=1.5)
    report.figures["tpcb_per_second"] = [round(found.peer, 1) for found in rounds]
    report.figures["runs"] = [
        {"what": kind, "callers": callers, **{name: round(value, 3) for name, value in run._asdict().items()}}
        for (kind, callers), run in runs.items()
    ]
    report.figures["verified"] = True


def _ratio(rounds: list[_Round], kind: str) -> float:
    """Ours to the peer's of the same round: the median of the rounds."""
    return float(statistics.median(getattr(found, kind).per_second / found.peer for found in rounds))


def _tpcb_place(url: str) -> list[str]:
    """Where pgbench works: the server's own database, beside ours."""
    return ["-h", url.partition("?host=")[2], "-U", "postgres", "postgres"]


def _make_tpcb(url: str) -> None:
    """Fresh tables for the peer."""
    _run([str(binaries() / "pgbench"), "-i", "-q", "-s", str(SCALE), *_tpcb_place(url)])


def _tpcb(url: str, seconds: int) -> float:
    """Transactions per second of pgbench's default script: the best of the client counts."""
    found = []
    for clients in CLIENTS:
        said = _run([str(binaries() / "pgbench"), "-c", str(clients), "-j", "2", "-T", str(seconds), *_tpcb_place(url)])
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
        gc.set_threshold(GC_THRESHOLD)  # as the backend does when it has started
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
        debit = int(self._chance.random() * ACCOUNTS)
        credit = (debit + 1 + int(self._chance.random() * (ACCOUNTS - 1))) % ACCOUNTS
        return _transfer(f"pool:{debit}", f"pool:{credit}", 1)

    def hot(self) -> Command:
        """A transfer from one of many accounts to the one that everybody pays."""
        return _transfer(f"pool:{int(self._chance.random() * ACCOUNTS)}", HOT, 1)

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
    return f"{random.getrandbits(100):026X}"


def _transfer(debit: str, credit: str, amount_minor: int) -> Command:
    """A decoded ledger.transfer."""
    made = _random_id()
    body = {"debit": debit, "credit": credit, "amount_minor": amount_minor, "currency": CURRENCY}
    return Command("ledger.transfer", "k:bench", made, made.encode(), AT, body)
