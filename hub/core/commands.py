"""What a hub wants done. The dispatcher in hub.app performs each; a failure comes back as an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class AskItem(NamedTuple):
    """An ask on its way to the backend; `expires_ms` is monotonic. Reprs hide its text: it may hold a PIN block."""

    terminal: str
    received_at_ms: int
    jws: str
    expires_ms: int

    def __repr__(self) -> str:
        return f"AskItem({self.terminal}, {len(self.jws)} bytes)"


class TellItem(NamedTuple):
    """A spooled tell on its way to the backend. `jws` is None when it has to be read from the spool first."""

    seq: int
    terminal: str
    received_at_ms: int
    jws: str | None


class NewTell(NamedTuple):
    """A tell to be appended to the spool."""

    terminal: str
    received_at_ms: int
    jws: str


class Quarantined(NamedTuple):
    """A pending tell to be set apart, with the backend's reason."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One commit of the spool: removals first, then appends, then the cursor when it is not None."""

    append: tuple[NewTell, ...] = ()
    remove: tuple[int, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Send the broker a PUBACK for these messages."""

    handles: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PostAsks:
    """POST these asks to the backend in one call."""

    call: int
    items: tuple[AskItem, ...]


@dataclass(frozen=True, slots=True)
class PostTells:
    """POST these tells to the backend in one call, in this order."""

    call: int
    items: tuple[TellItem, ...]


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish at QoS 1; the broker's acknowledgement comes back as Published(token)."""

    token: int
    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class WriteSpool:
    """Commit these changes to the spool. One write is under way at a time."""

    changes: Changes


@dataclass(frozen=True, slots=True)
class OutboxFlow:
    """Let the outbox stream run, or hold it until the broker has caught up."""

    running: bool


@dataclass(frozen=True, slots=True)
class Log:
    """A line for the log: lengths and names only, never content."""

    level: str
    event: str
    fields: dict[str, object]


Command = Acknowledge | PostAsks | PostTells | Publish | WriteSpool | OutboxFlow | Log
