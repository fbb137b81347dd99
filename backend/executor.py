"""The executor: commands in, committed outcomes out, batched as they queue.

A lane takes everything that waits for it (bounded), loads what the batch needs, decides, and commits. While it does so,
the next batch gathers: nothing waits for a timer, and a lone command is decided at once. Commands of one origin always
take the same lane, in the order they were submitted. Several executors may work on one database.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING, Final

import structlog

from backend.batch import decide_all, keys_of
from backend.operations.command import Busy, Command, Outcome, Unavailable
from backend.operations.entities import Policy
from backend.operations.state import State, never_weak, no_verifier
from backend.store.port import ConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.operations.command import PinCheck, VerifierMaker, WeakPinCheck
    from backend.store.port import Store

    Waiting = tuple[Command, asyncio.Future[Outcome]]

#: Tries of one batch. Conflicts end after one or two (the other process has committed); a database that is away longer
#: than the delays below is answered `unavailable`, and the sender repeats.
MAX_ATTEMPTS: Final = 6
#: Two lanes overlap deciding (our processor) with loading and committing (the database's).
LANES: Final = 2

log = structlog.get_logger(__name__)


def retry_delay_s(attempt: int, error: StoreError) -> float | None:
    """How long to wait before attempt number `attempt` + 1 (the first is 1), or None to give up."""
    if attempt >= MAX_ATTEMPTS:
        return None
    if isinstance(error, ConflictError):
        return 0.002 * 2.0 ** (attempt - 1)
    return 0.02 * 3.0 ** (attempt - 1)


class Stats:
    """Counters for metrics."""

    __slots__ = ("batches", "commands", "failed", "retries")

    def __init__(self) -> None:
        self.batches = 0
        self.commands = 0
        self.retries = 0
        self.failed = 0


class Executor:
    """One per backend process."""

    def __init__(
        self,
        store: Store,
        check_pin: PinCheck,
        *,
        policy: Policy | None = None,
        make_verifier: VerifierMaker = no_verifier,
        is_weak_pin: WeakPinCheck = never_weak,
        max_batch: int = 256,
        max_waiting: int = 10_000,
        lanes: int = LANES,
    ) -> None:
        self.stats = Stats()
        self.policy = policy or Policy()
        self._store = store
        self._check_pin = check_pin
        self._make_verifier = make_verifier
        self._is_weak_pin = is_weak_pin
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._lanes = [_Lane(self) for _ in range(lanes)]
        self._tasks: list[asyncio.Task[None]] = []
        self._jitter = random.Random()

    @property
    def waiting(self) -> int:
        """Commands that no batch has taken yet."""
        return sum(len(lane.queue) for lane in self._lanes)

    async def start(self) -> None:
        """Begin to take commands. The store must have been started."""
        self._tasks = [asyncio.create_task(lane.run(), name="executor lane") for lane in self._lanes]

    async def stop(self) -> None:
        """Finish the batches under way, refuse what still waits."""
        tasks, self._tasks = self._tasks, []
        for lane in self._lanes:
            lane.stop()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def submit(self, command: Command) -> Outcome:
        """Decide and commit one command. Raises Busy when too many wait, Unavailable when the store fails.

        After either, nothing is known to be committed; submitting the same command again is always safe.
        """
        if not self._tasks:
            raise Unavailable("the executor is not running")
        place = command.id if command.origin.startswith("k:") else command.origin
        lane = self._lanes[hash(place) % len(self._lanes)]
        if len(lane.queue) * len(self._lanes) >= self._max_waiting:
            raise Busy(f"more than {self._max_waiting} commands are waiting: try again")
        return await lane.put(command)

    async def _run(self, batch: Sequence[Waiting]) -> None:
        """Decide and commit a batch, trying again as far as that is sensible; answer everyone."""
        attempt = 1
        while True:
            try:
                outcomes = await self._attempt([command for command, _ in batch])
                break
            except StoreError as error:
                delay_s = retry_delay_s(attempt, error)
                if delay_s is None:
                    self._fail(batch, error)
                    return
                self.stats.retries += 1
                await asyncio.sleep(delay_s * self._jitter.uniform(0.5, 1.0))
                attempt += 1
            except Exception as error:  # noqa: BLE001  (a fault of one command must not fail its neighbours)
                await self._isolate(batch, error)
                return
        self.stats.batches += 1
        self.stats.commands += len(batch)
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)

    async def _attempt(self, commands: Sequence[Command]) -> list[Outcome]:
        """Load, decide, commit: once."""
        async with self._store.begin() as unit:
            loaded = await unit.load(keys_of(commands))
            state = State(loaded, self.policy, self._check_pin, self._make_verifier, self._is_weak_pin)
            outcomes = decide_all(state, commands)
            await unit.commit(state.changes)
        return outcomes

    async def _isolate(self, batch: Sequence[Waiting], error: Exception) -> None:
        """The store refused the batch for a reason that repeating cannot cure: halve it until the culprit is alone."""
        if len(batch) == 1:
            log.error("command_failed", operation=batch[0][0].operation, error=type(error).__name__)
            self._fail(batch, error)
            return
        middle = len(batch) // 2
        await self._run(batch[:middle])
        await self._run(batch[middle:])

    def _fail(self, batch: Sequence[Waiting], error: Exception) -> None:
        """Answer everyone that nothing is known to be committed."""
        self.stats.failed += len(batch)
        for _, future in batch:
            if not future.done():
                future.set_exception(Unavailable(f"the store failed ({type(error).__name__}): send it again"))


class _Lane:
    """A queue and the worker that empties it."""

    __slots__ = ("_executor", "_is_stopping", "_wake", "queue")

    def __init__(self, executor: Executor) -> None:
        self.queue: deque[Waiting] = deque()
        self._executor = executor
        self._wake: asyncio.Future[None] | None = None
        self._is_stopping = False

    def put(self, command: Command) -> asyncio.Future[Outcome]:
        """Queue a command and wake the worker."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.queue.append((command, future))
        self._rouse()
        return future

    def stop(self) -> None:
        """Let the worker end after its batch."""
        self._is_stopping = True
        self._rouse()

    async def run(self) -> None:
        """Take what waits, up to a batch; sleep when nothing does."""
        self._is_stopping = False
        limit = self._executor._max_batch  # noqa: SLF001  (a lane is a part of its executor)
        while not self._is_stopping:
            if not self.queue:
                self._wake = asyncio.get_running_loop().create_future()
                await self._wake
                continue
            batch = [self.queue.popleft() for _ in range(min(limit, len(self.queue)))]
            await self._executor._run(batch)  # noqa: SLF001  (a lane is a part of its executor)
            # one turn of the loop, no timer: those just answered may ask again before the next batch is taken
            await asyncio.sleep(0)
        left, self.queue = list(self.queue), deque()
        for _, future in left:
            if not future.done():
                future.set_exception(Unavailable("the executor is stopping: send it again"))

    def _rouse(self) -> None:
        wake, self._wake = self._wake, None
        if wake is not None and not wake.done():
            wake.set_result(None)
