"""Spool first: collects what is to be written, one commit under way at a time, PUBACK only after it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hub.core.commands import Acknowledge, Changes, Log, NewTell, WriteSpool
from hub.core.retry import delay_ms

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from hub.core.commands import Command, Quarantined
    from hub.core.events import Moment
    from hub.core.limits import Limits


class Arrival(NamedTuple):
    """A tell that the broker handed over and that is not on disk yet."""

    tell: NewTell
    handle: object


@dataclass(frozen=True, slots=True)
class Turn:
    """What one commit holds."""

    arrivals: tuple[Arrival, ...]
    changes: Changes


class Spooling:
    """What waits for the next commit of the spool. Everything that waits goes into one: natural group commit."""

    def __init__(self, limits: Limits, counters: Counter[tuple[str, str]], jitter: Callable[[], float]) -> None:
        self._limits = limits
        self._counters = counters
        self._jitter = jitter
        self._inbox: deque[Arrival] = deque()
        self._remove: list[int] = []
        self._quarantine: list[Quarantined] = []
        self._cursor: str | None = None
        self._under_way: Turn | None = None
        self._failures = 0
        self._not_before_ms = 0
        self.full = False

    @property
    def inbox(self) -> int:
        """Tells received and not yet on disk."""
        return len(self._inbox) + (len(self._under_way.arrivals) if self._under_way else 0)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is under way."""
        return self._under_way is None and not (self._remove or self._quarantine or self._cursor is not None)

    @property
    def failing(self) -> bool:
        """The last commit failed."""
        return self._failures > 0

    def arrived(self, terminal: str, jws: str, handle: object, moment: Moment) -> None:
        """Queue a tell for the next commit. Without room it is dropped unacknowledged: broker and terminal keep it."""
        if len(self._inbox) >= self._limits.tells_inbox:
            self._counters["dropped", "tell_hub_full"] += 1
            return
        self._inbox.append(Arrival(NewTell(terminal, moment.epoch_ms, jws), handle))

    def remove(self, seq: int) -> None:
        """The backend has this tell."""
        self._remove.append(seq)

    def quarantine(self, item: Quarantined) -> None:
        """The backend will never take this tell."""
        self._quarantine.append(item)

    def keep_cursor(self, cursor: str) -> None:
        """News up to here are with the broker."""
        self._cursor = cursor

    def write(self, pending: int, now_ms: int) -> list[Command]:
        """Start a commit if none is under way and something waits; `pending` is the number of tells in the spool."""
        if self._under_way is not None or now_ms < self._not_before_ms:
            return []
        room = min(max(0, self._limits.tells_pending - pending), self._limits.commit_items, len(self._inbox))
        commands = self._note_full(full=room == 0 and bool(self._inbox), pending=pending)
        if not (room or self._remove or self._quarantine or self._cursor is not None):
            return commands
        arrivals = tuple(self._inbox.popleft() for _ in range(room))
        append = tuple(arrival.tell for arrival in arrivals)
        changes = Changes(append, tuple(self._remove), tuple(self._quarantine), self._cursor)
        self._remove, self._quarantine, self._cursor = [], [], None
        self._under_way = Turn(arrivals, changes)
        return [*commands, WriteSpool(changes)]

    def written(self, appended: tuple[int | None, ...]) -> tuple[list[tuple[int, NewTell]], list[Command]]:
        """The commit is on disk: the new tells with their numbers, and the acknowledgements now due."""
        turn, self._under_way = self._under_way, None
        self._failures = 0
        if turn is None:
            return [], []
        new = [(seq, arrival.tell) for seq, arrival in zip(appended, turn.arrivals, strict=True) if seq is not None]
        self._counters["spooled", "new"] += len(new)
        self._counters["spooled", "repeat"] += len(appended) - len(new)
        handles = tuple(arrival.handle for arrival in turn.arrivals if arrival.handle is not None)
        return new, [Acknowledge(handles)] if handles else []

    def write_failed(self, reason: str, now_ms: int) -> list[Command]:
        """Nothing is on disk: all of it waits for a later commit, and nothing is acknowledged."""
        turn, self._under_way = self._under_way, None
        self._failures += 1
        self._not_before_ms = now_ms + delay_ms("unreachable", self._failures, self._jitter())
        if turn is not None:
            self._inbox.extendleft(reversed(turn.arrivals))
            self._remove[:0] = turn.changes.remove
            self._quarantine[:0] = turn.changes.quarantine
            self._cursor = turn.changes.cursor if self._cursor is None else self._cursor
        what = "free space on the spool's disk, or move KASSA_HUB_SPOOL; terminals keep their tells until then"
        return [Log("error", "spool_write_failed", {"reason": reason, "what_to_do": what})]

    def reset(self) -> None:
        """A new spool was opened: numbers of the old one mean nothing; what was being written waits again."""
        if self._under_way is not None:
            self._inbox.extendleft(reversed(self._under_way.arrivals))
        self._under_way = None
        self._remove, self._quarantine, self._cursor = [], [], None

    def _note_full(self, *, full: bool, pending: int) -> list[Command]:
        if full == self.full:
            return []
        self.full = full
        if not full:
            return [Log("info", "spool_has_room", {"pending": pending})]
        what = "the backend is not taking tells; see /health. New tells are not acknowledged, terminals keep them"
        return [Log("error", "spool_full", {"pending": pending, "what_to_do": what})]
