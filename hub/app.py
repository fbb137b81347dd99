"""The hub's process: one dispatcher that turns what happens into events and performs the commands that follow."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import TYPE_CHECKING, Any

import structlog

from hub.backend_client import BackendClient, CallFailedError, Posted
from hub.broker_link import Handle, Keeper
from hub.core import commands as c
from hub.core import events as e
from hub.core.machine import Hub
from hub.core.retry import delay_ms
from hub.crash_points import point
from hub.http_server import HubServer
from hub.metrics import Metrics
from hub.spool.port import SpoolBrokenError, SpoolError
from hub.spool.worker import SpoolWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from hub.broker_port import LinkOptions, MakeLink
    from hub.core.limits import Limits
    from hub.spool.port import QuarantineRow, Spool

log = structlog.get_logger("hub")

#: how often the machine is told that time passed: the grain of its retry delays
TICK_S = 0.1

#: how often the backend's health is asked, unless it answered in between
PROBE_INTERVAL_S = 1.0

#: the longest pause before the outbox stream is tried again: news should not wait for a backend that is back
STREAM_PAUSE_MS = 2_000

#: the longest a stopping hub waits for what is under way
DRAIN_S = 5.0


def now() -> e.Moment:
    """The present, on both clocks."""
    return e.Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


class App:
    """One running hub. `run` ends when `stop` is called."""

    def __init__(
        self,
        *,
        hub_id: str,
        make_link: MakeLink,
        asks_link: LinkOptions,
        tells_link: LinkOptions,
        backend: BackendClient,
        open_spool: Callable[[], tuple[Spool, str]],
        limits: Limits,
    ) -> None:
        jitter = random.SystemRandom().random
        self.hub = Hub(hub_id, jitter, limits)
        self._jitter = jitter
        self._backend = backend
        self._spool = SpoolWorker(open_spool, self._set_aside)
        self._asks_keeper = Keeper("asks", make_link, asks_link, self, jitter)
        self._tells_keeper = Keeper("tells", make_link, tells_link, self, jitter)
        self._metrics = Metrics(self.hub, lambda: now().epoch_ms, self._links_up)
        self._server = HubServer(self.hub, self._metrics, lambda: now().epoch_ms, self._links_errors, self._quarantined)
        self._arrived: list[e.Message] = []
        self._published: list[int] = []
        self._flush_due = False
        self._flow = asyncio.Event()
        self._flow.set()
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._answered_ms = 0
        self._fault: BaseException | None = None

    # -- life --

    async def run(self, http_host: str, http_port: int) -> None:
        """Serve until stopped. Raises SpoolError or ListenError when it cannot start, and any fault of its own."""
        asyncio.get_running_loop().set_exception_handler(self._loop_fault)
        opened = await self._spool.open()
        port = await self._server.start(http_host, http_port)
        self._dispatch(opened)
        forever = [asyncio.ensure_future(work) for work in (self._probe(), self._stream(), self._tick())]
        keepers = [asyncio.ensure_future(keeper.run()) for keeper in (self._tells_keeper, self._asks_keeper)]
        log.info("hub_ready", http=f"http://{http_host}:{port}", tells_waiting=len(self.hub.tells))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([stopping, *forever, *keepers], return_when=asyncio.FIRST_COMPLETED)
            await self._drain(forever[:2], keepers[0])
        finally:
            await self._end([*forever, *keepers, stopping])

    def stop(self) -> None:
        """Ask `run` to drain and end."""
        self._stopping.set()

    async def _drain(self, sources: Sequence[asyncio.Future[None]], tells: asyncio.Future[None]) -> None:
        log.info("hub_draining", tells_waiting=len(self.hub.tells), asks_waiting=len(self.hub.asks))
        for task in (*sources, tells):
            task.cancel()
        await asyncio.wait([*sources, tells])
        self._dispatch(e.Draining())
        until = time.monotonic() + DRAIN_S
        while time.monotonic() < until and not (self.hub.idle and not self._tasks and not self._flush_due):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def _end(self, tasks: Sequence[asyncio.Future[Any]]) -> None:
        ended = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        for task in (*tasks, *self._tasks):
            task.cancel()
        await asyncio.gather(*tasks, *self._tasks, return_exceptions=True)
        await self._server.stop()
        await self._backend.close()
        await self._spool.close()
        log.info("hub_stopped", tells_waiting=len(self.hub.tells))
        for fault in (self._fault, *ended):
            if fault is not None:
                raise fault

    # -- the dispatcher --

    def _dispatch(self, event: e.Event) -> None:
        for command in self.hub.handle(event, now()):
            PERFORM[type(command)](self, command)

    def _acknowledge(self, command: c.Acknowledge) -> None:
        for handle in command.handles:
            if isinstance(handle, Handle):
                handle.link.acknowledge(handle.mid)
        point("broker.after_puback")

    def _publish(self, command: c.Publish) -> None:
        point("broker.before_publish")
        link = self._asks_keeper.link
        if link is not None:
            link.publish(command.token, command.topic, command.payload, retain=command.retain)

    def _post_asks(self, command: c.PostAsks) -> None:
        self._start(self._carry_asks(command))

    def _post_tells(self, command: c.PostTells) -> None:
        self._start(self._carry_tells(command))

    def _write_spool(self, command: c.WriteSpool) -> None:
        self._start(self._commit(command.changes))

    def _outbox_flow(self, command: c.OutboxFlow) -> None:
        if command.running:
            self._flow.set()
        else:
            self._flow.clear()

    def _log(self, command: c.Log) -> None:
        getattr(log, command.level)(command.event, **command.fields)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fail(task.exception())

    def _loop_fault(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error in a callback is ours and ends the process; what a library left behind is only noted."""
        if "handle" in context:
            self._fail(context.get("exception"))
        else:
            log.debug("loop_noted", message=context.get("message"))

    def _fail(self, fault: BaseException | None) -> None:
        """A fault of the hub itself: end, so that a supervisor starts it anew from what is on disk."""
        log.critical("hub_fault", error=type(fault).__name__, what_to_do="report this; the hub ends to start anew")
        self._fault = self._fault or fault or RuntimeError("a callback failed")
        self.stop()

    # -- HTTP --

    async def _carry_asks(self, command: c.PostAsks) -> None:
        items = [Posted(one.terminal, one.received_at_ms, one.jws) for one in command.items]
        await self._carry("asks", command.call, items, self._backend.post_asks)

    async def _carry_tells(self, command: c.PostTells) -> None:
        unread = [one.seq for one in command.items if one.jws is None]
        texts: dict[int, str] = {}
        if unread:
            try:
                texts = await self._spool.read(unread)
            except SpoolError as problem:
                await self._spool_failed(problem)
                self._dispatch(e.BatchFailed(command.call, "busy"))
                return
        items = [
            Posted(one.terminal, one.received_at_ms, one.jws if one.jws is not None else texts.get(one.seq, ""))
            for one in command.items
        ]
        point("tells.before_post")
        await self._carry("tells", command.call, items, self._backend.post_tells)

    async def _carry(self, kind: str, call: int, items: list[Posted], post: Any) -> None:
        started = time.perf_counter()
        event: e.Event
        try:
            answers = await post(items)
        except CallFailedError as problem:
            log.warning("batch_failed", kind=kind, items=len(items), outcome=problem.outcome, detail=str(problem))
            event = e.BatchFailed(call, problem.outcome)
        else:
            self._answered_ms = now().now_ms
            event = e.BatchAnswered(call, answers)
            if kind == "tells":
                point("tells.after_answer")
        self._metrics.call_seconds.labels(kind).observe(time.perf_counter() - started)
        self._metrics.batch_items.labels(kind).observe(len(items))
        self._dispatch(event)

    async def _probe(self) -> None:
        while True:
            if now().now_ms - self._answered_ms >= PROBE_INTERVAL_S * 1000:
                self._dispatch(e.BackendProbed(await self._backend.probe()))
            await asyncio.sleep(PROBE_INTERVAL_S)

    async def _stream(self) -> None:
        attempt = 0
        while True:
            outcome = "unreachable"
            try:
                async for item in self._backend.outbox(self.hub.news.received):
                    attempt = 0
                    self._dispatch(e.OutboxOpened() if item is None else e.NewsArrived(item))
                    await self._flow.wait()
            except CallFailedError as problem:
                outcome = problem.outcome
            attempt += 1
            self._dispatch(e.OutboxLost(outcome))
            await asyncio.sleep(min(STREAM_PAUSE_MS, delay_ms(outcome, attempt, self._jitter())) / 1000)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._dispatch(e.Tick())

    # -- the spool --

    async def _commit(self, changes: c.Changes) -> None:
        started = time.perf_counter()
        try:
            appended = await self._spool.write(changes)
        except SpoolError as problem:
            if not await self._spool_failed(problem):
                self._dispatch(e.SpoolWriteFailed(str(problem)))
            return
        self._metrics.commit_seconds.observe(time.perf_counter() - started)
        self._dispatch(e.SpoolWritten(appended))

    async def _spool_failed(self, problem: SpoolError) -> bool:
        """Open a new spool in place of a broken one. Returns whether that was done."""
        if not isinstance(problem, SpoolBrokenError):
            return False
        try:
            opened = await self._spool.open()
        except SpoolError as again:
            log.error("spool_unavailable", detail=str(again))  # noqa: TRY400  (its text says what to do; no traceback)
            return False
        self._dispatch(opened)
        return True

    def _set_aside(self, note: str) -> None:
        self.hub.counters["spool_set_aside", ""] += 1
        what = "nothing is lost, the terminals repeat their tells; look at the disk"
        log.error("spool_set_aside", detail=note, what_to_do=what)

    async def _quarantined(self) -> list[QuarantineRow]:
        try:
            return await self._spool.quarantined()
        except SpoolError:
            return []

    # -- the broker (Receiver) --

    def arrived(self, message: e.Message) -> None:
        """Collect what is read in one go: the machine sees it as one event."""
        self._arrived.append(message)
        self._flush_soon()

    def published(self, token: int) -> None:
        """Collect acknowledgements likewise."""
        self._published.append(token)
        self._flush_soon()

    def up(self, name: str, window: int) -> None:
        """The publishing connection matters to the machine; the other only brings tells."""
        if name == "asks":
            self._dispatch(e.BrokerUp(window))

    def down(self, name: str, reason: str) -> None:  # noqa: ARG002  (the keeper has logged it)
        """See `up`."""
        if name == "asks":
            self._dispatch(e.BrokerDown())

    def _flush_soon(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        arrived, self._arrived = self._arrived, []
        published, self._published = self._published, []
        if published:
            point("broker.after_publish")
            self._dispatch(e.Published(tuple(published)))
        if arrived:
            self._dispatch(e.MessagesArrived(tuple(arrived)))

    def _links_up(self) -> dict[str, bool]:
        return {name: not error for name, error in self._links_errors().items()}

    def _links_errors(self) -> dict[str, str]:
        return {"asks": self._asks_keeper.last_error, "tells": self._tells_keeper.last_error}


#: command -> how it is performed
PERFORM: dict[type[Any], Callable[[App, Any], None]] = {
    c.Acknowledge: App._acknowledge,  # noqa: SLF001  (the table is part of the class)
    c.Publish: App._publish,  # noqa: SLF001
    c.PostAsks: App._post_asks,  # noqa: SLF001
    c.PostTells: App._post_tells,  # noqa: SLF001
    c.WriteSpool: App._write_spool,  # noqa: SLF001
    c.OutboxFlow: App._outbox_flow,  # noqa: SLF001
    c.Log: App._log,  # noqa: SLF001
}


async def run_until_signalled(app: App, http_host: str, http_port: int, signals: Sequence[int]) -> None:
    """Run the app; each of these signals asks it to drain and end."""
    loop = asyncio.get_running_loop()
    for signal in signals:
        loop.add_signal_handler(signal, app.stop)
    try:
        await app.run(http_host, http_port)
    finally:
        for signal in signals:
            with contextlib.suppress(ValueError):
                loop.remove_signal_handler(signal)
