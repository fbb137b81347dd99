"""One hub request: judge every item, submit the good ones together, sign what comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry import trace

from backend.hub_api.intake import Accepted, Rejected, terminal_of
from backend.operations.command import Busy, SubmitError
from deskwire import catalogue, topics
from deskwire.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backend.hub_api.access import Directory, Hub
    from backend.hub_api.intake import Intake
    from backend.operations.command import Command, Outcome
    from backend.web.clock import Clock
    from backend.web.executing import Submits
    from backend.web.metrics import Metrics
    from backend.web.traffic import Traffic

log = structlog.get_logger(__name__)

_KNOWN_TYPES = frozenset(catalogue.ASKS) | frozenset(catalogue.TELLS)


class Exchange:
    """Takes a hub's items and gives their answers, in the same order; one bad item never fails its neighbours."""

    def __init__(
        self,
        *,
        intake: Intake,
        executor: Submits,
        directory: Directory,
        traffic: Traffic,
        metrics: Metrics,
        clock: Clock,
        after_hello: Callable[[str], Awaitable[None]],
        prepare: Callable[[Command], Awaitable[Command]] | None = None,
    ) -> None:
        self._intake = intake
        self._executor = executor
        self._directory = directory
        self._traffic = traffic
        self._metrics = metrics
        self._clock = clock
        self._after_hello = after_hello
        self._prepare = prepare

    async def run(self, kind: str, hub: Hub, items: list[object]) -> list[dict[str, Any]]:
        """The response items for the request's items."""
        named = {name for name in map(terminal_of, items) if name is not None and topics.is_terminal_id(name)}
        directory = await self._directory.find(named)
        at = self._clock()
        judged = [self._intake.judge(item, kind, hub, directory, at) for item in items]
        waiting = [self._submit(one.command) for one in judged if isinstance(one, Accepted)]
        outcomes = iter(await asyncio.gather(*waiting, return_exceptions=True))
        return [
            self._rejected(one) if isinstance(one, Rejected) else await self._settled(one, next(outcomes))
            for one in judged
        ]

    async def _submit(self, command: Command) -> Outcome:
        """Ask the outside world first, where the command needs that; then decide."""
        return await self._executor.submit(await self._prepare(command) if self._prepare else command)

    def _rejected(self, one: Rejected) -> dict[str, Any]:
        if one.authentic:
            self._count(one.terminal, one.kind, one.type, one.id, one.reason, replayed=False)
        else:
            self._metrics.unauthentic.labels(one.reason).inc()
            self._record(one.terminal, one.kind, one.type, one.id, one.reason, replayed=False)
            log.warning("message_dropped", terminal=one.terminal, reason=one.reason)
        return one.as_item()

    async def _settled(self, one: Accepted, outcome: Outcome | BaseException) -> dict[str, Any]:
        command = one.command
        if isinstance(outcome, SubmitError):
            reason = "busy" if isinstance(outcome, Busy) else "unavailable"
            self._count(one.terminal, one.kind, command.operation, command.id, reason, replayed=False)
            return {"terminal": one.terminal, "error": reason, "transient": True}
        if isinstance(outcome, BaseException):
            if not isinstance(outcome, Exception):
                raise outcome
            log.error("submit_failed", message=command.id, operation=command.operation, kind=type(outcome).__name__)
            return {"terminal": one.terminal, "error": "unavailable", "transient": True}
        name = outcome.refused[0] if outcome.refused else "ok"
        self._count(one.terminal, one.kind, command.operation, command.id, name, replayed=outcome.replayed)
        if outcome.alarm:
            self._metrics.alarms.labels(outcome.alarm).inc()
            log.error("alarm", alarm=outcome.alarm, terminal=one.terminal, message=command.id)
        if (span := trace.get_current_span()).is_recording():
            span.add_event("message", {"kassa.message": command.id, "kassa.type": command.operation, "outcome": name})
        if command.operation == "hello" and name == "ok":
            await self._after_hello(one.terminal)
        try:
            return {"terminal": one.terminal, "jws": self._intake.answer(one, outcome).decode()}
        except WireError as error:
            log.error("answer_unsendable", message=command.id, operation=command.operation, text=error.text)  # noqa: TRY400  (the text names the field; a trace would hold the body)
            return {"terminal": one.terminal, "error": "unavailable", "transient": True}

    def _count(self, terminal: str, kind: str, name: str, message_id: str, outcome: str, *, replayed: bool) -> None:
        label = name if name in _KNOWN_TYPES else "other"
        self._metrics.messages.labels(kind, label, "ok" if outcome == "ok" else "refused").inc()
        if outcome != "ok":
            self._metrics.refused.labels(outcome).inc()
        self._record(terminal, kind, label, message_id, outcome, replayed=replayed)
        log.debug("message", terminal=terminal, message=message_id, type=label, outcome=outcome, replayed=replayed)

    def _record(self, terminal: str, kind: str, name: str, message_id: str, outcome: str, *, replayed: bool) -> None:
        self._traffic.record(
            at_ms=self._clock() * 1000,
            direction="up",
            terminal=terminal,
            kind=kind,
            type=name,
            id=message_id,
            outcome=outcome,
            replayed=replayed,
        )
