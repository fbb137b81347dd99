"""The backend's process: intake, vault, executor and decisions as they are, over tables that outlive it."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, Any

from backend.executor import Executor
from backend.hub_api.access import Hub, Terminal
from backend.hub_api.exchange import Exchange
from backend.hub_api.intake import Intake
from backend.operations.command import Command, SubmitError
from backend.operations.entities import NewsAgain, Policy
from backend.operations.loaded import Changes
from backend.outbox.upkeep import AFTER_HELLO_S
from backend.store import chain
from backend.store.expiry import expire_due
from backend.store.memory import MemoryUnit
from deskwire import ids, messages
from simulators.faults import people
from simulators.faults.store import FaultyStore

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from backend.store.memory import Tables
    from simulators.faults.world import World

#: Sales and holds end after this long, so that a schedule of a minute meets their end.
POLICY = Policy(sale_ttl_s=14, hold_ttl_s=14, news_ttl_s=3_600)
EXPIRY_MS = 1_500
SEAL_MS = 10_000
#: A long poll of the outbox is answered with nothing after this.
POLL_MS = 3_000
#: Rows of one answer to a poll.
MAX_ROWS = 20


class Silence:
    """Metrics, traffic and logs that nobody looks at: takes any call."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *_args: object, **_settings: object) -> Any:
        """Nothing."""
        return self


class Fresh:
    """Ids and codes of one schedule; no code comes twice."""

    def __init__(self, world: World) -> None:
        self._random = world.random_for("fresh")
        self._count = 0

    def id(self) -> str:
        """A fresh id."""
        return ids.make(self._random.randbytes(16))

    def code(self) -> str:
        """Six digits."""
        self._count += 1
        return f"{self._count * 7_919 % 1_000_000:06}"


class Directory:
    """Terminals and their key owners."""

    def __init__(self, known: dict[str, Terminal | None]) -> None:
        self._known = known

    async def find(self, terminals: Iterable[str]) -> dict[str, Terminal | None]:
        """The entries asked for."""
        return {name: self._known.get(name) for name in terminals}


class BackendPart:
    """The process. `crash` loses everything but the tables."""

    def __init__(self, world: World, tables: Tables) -> None:
        self.world = world
        self.random = world.random_for("backend")
        self.tables = tables
        self.objections: list[str] = []
        self.vault = people.make_vault()
        self.up = False
        self.life = 0
        #: What happens to the next answers to hubs: "lost" (no answer comes), "server_error" (after the work).
        self.spoil: list[str] = []
        self.mood = ""
        self.blocks: list[chain.Block] = []
        self.store = FaultyStore(tables, self.objections, self._committed)
        self._fresh = Fresh(world)
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._polls: list[tuple[str, Callable[[Any], object]]] = []
        known: dict[str, Terminal | None] = {
            name: Terminal("B001", people.ikid_of(number)) for number, name in enumerate(world.terminals)
        }
        self._directory: Any = Directory(known)

    def now(self) -> int:
        """The backend's clock: epoch seconds."""
        return self.world.epoch_ms("backend") // 1000

    # -- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process over the same tables."""
        self.life += 1
        self.up = True
        down, harms = self.store.is_down, self.store.harms
        self.store = FaultyStore(self.tables, self.objections, self._committed)
        self.store.is_down, self.store.harms = down, harms
        self.store.latency_ms = self._latency_ms
        self.executor = Executor(self.store, self.vault.check_pin, policy=POLICY, lanes=1)
        self.executor._jitter = self.world.random_for(f"executor {self.life}")  # noqa: SLF001  (its seed is ours)
        intake = Intake(self.vault, self._fresh)
        nobody: Any = Silence()
        self._exchange = Exchange(
            intake=intake,
            executor=self.executor,
            directory=self._directory,
            traffic=nobody,
            metrics=nobody,
            clock=self.now,
            after_hello=self._after_hello,
        )
        self._spawn(self.executor.start())
        self._periodic(self.life, EXPIRY_MS, self._expire)
        self._periodic(self.life, SEAL_MS, self.seal)

    def crash(self) -> None:
        """Gone, with everything under way."""
        self.up = False
        self.life += 1
        tasks, self._tasks = self._tasks, {}
        for task in (*tasks, *self.executor._tasks):  # noqa: SLF001  (a crash ends its lanes too)
            task.cancel()
        self._polls.clear()

    def _latency_ms(self) -> float:
        return self.random.uniform(0.5, 6)

    def _spawn(self, work: Any) -> None:
        task = self.world.loop.spawn(work)
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def _periodic(self, life: int, period_ms: float, work: Callable[[], object]) -> None:
        def turn() -> None:
            if life == self.life:
                work()
                self.world.loop.after(period_ms, turn)

        self.world.loop.after(period_ms, turn)

    # -- what hubs ask ----------------------------------------------------------------------------------------------

    def health(self) -> str:
        """Empty when the database answers."""
        return "busy" if self.store.is_down else ""

    def serve(self, kind: str, items: list[dict[str, Any]], reply: Callable[[Any], object]) -> None:
        """A hub's batch."""
        if self.mood:
            reply(self.mood)
        else:
            self._spawn(self._serve(kind, items, reply))

    async def _serve(self, kind: str, items: list[dict[str, Any]], reply: Callable[[Any], object]) -> None:
        answers = await self._exchange.run(kind, Hub("H001", "B001"), list(items))
        spoiled = self.spoil.pop(0) if self.spoil else ""
        if spoiled == "lost":
            return
        reply(spoiled or answers)

    def poll(self, after: str, reply: Callable[[Any], object]) -> None:
        """News later than the cursor; waits a while for some."""
        if self.store.is_down:
            reply("busy")
            return
        found = self._news(after)
        if found:
            reply(found)
            return
        self._polls.append((after, reply))
        self.world.loop.after(POLL_MS, self._poll_over, after, reply)

    def _poll_over(self, after: str, reply: Callable[[Any], object]) -> None:
        if (after, reply) in self._polls:
            self._polls.remove((after, reply))
            reply([])

    def _ring(self) -> None:
        polls, self._polls = self._polls, []
        for after, reply in polls:
            self.poll(after, reply)

    def _news(self, after: str) -> list[tuple[str, str, str]]:
        """(cursor, terminal, envelope): what the outbox's query and the news stream give."""
        last = len(self.tables.outbox)
        start = int(after or 0)
        start = 0 if start > last else start
        now = self.now()
        found = []
        for row in self.tables.outbox[start:]:
            if row.kind != "news" or row.seen_at is not None or row.expires_at <= now:
                continue
            session = self.tables.rows.terminal_states[row.target].session_ksn
            if session:
                payload = messages.build_news(row.number, row.target, now, row.expires_at, row.name, dict(row.payload))
                found.append((str(row.seq), row.target, self.vault.seal(payload, session).decode()))
            if len(found) >= MAX_ROWS:
                break
        return found

    async def _after_hello(self, terminal: str) -> None:
        for delay_s in itertools.accumulate(AFTER_HELLO_S):
            self.world.loop.after(delay_s * 1000, self._put_again, self.life, terminal)

    def _put_again(self, life: int, terminal: str) -> None:
        if life == self.life and not self.store.is_down:
            again = Changes(again=[NewsAgain(terminal, self.now())])
            MemoryUnit(self.tables)._write_outbox(again)  # noqa: SLF001  (the memory store's own way)
            self._ring()

    # -- what payers ask --------------------------------------------------------------------------------------------

    def pay(self, wallet: str, payment: str, sale: str, amount_minor: int, reply: Callable[[str], object]) -> None:
        """The wallet's API: pay a sale."""
        body = {"sale": sale, "amount_minor": amount_minor, "currency": people.CURRENCY}
        digest = hashlib.sha256(f"{payment}{sale}{amount_minor}".encode()).digest()
        code = self._fresh.code()
        command = Command("wallet.pay", f"w:{wallet}", payment, digest, self.now(), body, fresh_code=code)
        self._spawn(self._pay(command, reply))

    async def _pay(self, command: Command, reply: Callable[[str], object]) -> None:
        try:
            outcome = await self.executor.submit(command)
        except SubmitError:
            return
        reply(outcome.refused[0] if outcome.refused else "paid")

    # -- what goes on by itself -------------------------------------------------------------------------------------

    def _expire(self) -> None:
        if not self.store.is_down:
            self._spawn(expire_due(self.store, self.executor, self.now()))

    def seal(self) -> None:
        """Seal what is booked and not yet sealed, as backend.store.chain does."""
        sealed = sum(block.entries for block in self.blocks)
        rows = [chain_row(seq, one) for seq, one in enumerate(self.tables.transfers[sealed:], sealed + 1)]
        if rows:
            previous = self.blocks[-1].hash if self.blocks else chain.GENESIS
            self.blocks.append(chain.make_block(len(self.blocks) + 1, sealed, previous, rows, self.now()))

    def _committed(self, changes: Changes) -> None:
        self.world.committed(changes)
        if changes.news or changes.again:
            self.world.loop.after(5, self._ring)


def chain_row(seq: int, transfer: Any) -> tuple[Any, ...]:
    """A transfer as the chain hashes it: its place and the table's columns."""
    return (seq, *transfer[:-1])
