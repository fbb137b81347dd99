"""The messages as they pass: a bounded ring in memory for the operations page and its stream."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from backend.web.wakes import Wake

if TYPE_CHECKING:
    import asyncio

#: Messages remembered; about 500 bytes each.
MAX_MESSAGES = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message that passed: names and outcome, never what it said."""

    number: int
    at_ms: int
    direction: str
    terminal: str
    kind: str
    type: str
    id: str
    outcome: str
    replayed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return asdict(self)


class Traffic:
    """The last messages of this process, numbered from 1."""

    def __init__(self, max_messages: int = MAX_MESSAGES) -> None:
        self._ring: deque[Message] = deque(maxlen=max_messages)
        self._number = 0
        self._wake = Wake()

    def record(
        self,
        *,
        at_ms: int,
        direction: str,
        terminal: str,
        kind: str,
        type: str,  # noqa: A002  (the wire's word)
        id: str,  # noqa: A002  (the wire's word)
        outcome: str,
        replayed: bool = False,
    ) -> None:
        """Remember one message."""
        self._number += 1
        self._ring.append(Message(self._number, at_ms, direction, terminal, kind, type, id, outcome, replayed))
        self._wake.ring()

    def after(self, number: int, limit: int = MAX_MESSAGES) -> list[Message]:
        """The messages later than `number`, oldest first; of more than `limit`, the latest."""
        new = min(self._number - number, len(self._ring), limit)
        if new <= 0:
            return []
        return [self._ring[index] for index in range(len(self._ring) - new, len(self._ring))]

    def ticket(self) -> asyncio.Event:
        """What to wait on for the next message."""
        return self._wake.ticket()
