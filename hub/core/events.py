"""What can happen to a hub. Each event is a plain frozen record; handles are opaque and only given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Moment(NamedTuple):
    """When an event is handled: a monotonic clock for deadlines, the wall clock for what is written down."""

    now_ms: int
    epoch_ms: int


class Message(NamedTuple):
    """One PUBLISH as it came from the broker. `handle` names it in the command Acknowledge; None needs no PUBACK."""

    topic: str
    payload: bytes
    handle: object
    retained: bool = False


class SpoolRow(NamedTuple):
    """A pending tell without its content, as the spool lists it at start."""

    seq: int
    terminal: str
    received_at_ms: int
    size: int


class Answer(NamedTuple):
    """The backend's word on one item of a batch: an envelope, or an error."""

    terminal: str
    jws: str = ""
    error: str = ""
    transient: bool = False


class NewsItem(NamedTuple):
    """One item of the backend's outbox stream."""

    cursor: str
    terminal: str
    jws: str


@dataclass(frozen=True, slots=True)
class SpoolOpened:
    """The spool is open; these tells are pending, in order, and news were delivered up to the cursor."""

    rows: tuple[SpoolRow, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class MessagesArrived:
    """Messages read from the broker in one go."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class SpoolWritten:
    """The write under way is on disk. One entry for each appended tell: its number, or None for a repeat."""

    appended: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class SpoolWriteFailed:
    """Nothing of the write under way is on disk."""

    reason: str


@dataclass(frozen=True, slots=True)
class BatchAnswered:
    """An HTTP call was answered, item by item, in the order sent."""

    call: int
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class BatchFailed:
    """An HTTP call failed as a whole. `outcome` is one of retry.OUTCOMES."""

    call: int
    outcome: str


@dataclass(frozen=True, slots=True)
class NewsArrived:
    """An item came from the backend's outbox stream."""

    item: NewsItem


@dataclass(frozen=True, slots=True)
class OutboxOpened:
    """The backend accepted our credential and opened its outbox stream."""


@dataclass(frozen=True, slots=True)
class OutboxLost:
    """The outbox stream ended or could not be opened."""

    outcome: str


@dataclass(frozen=True, slots=True)
class BackendProbed:
    """The backend's health was asked. `outcome` is empty when it is well."""

    outcome: str


@dataclass(frozen=True, slots=True)
class BrokerUp:
    """The publishing connection stands; that many publishes may be without an acknowledgement."""

    window: int


@dataclass(frozen=True, slots=True)
class BrokerDown:
    """The publishing connection is gone; what was not acknowledged must be published again."""


@dataclass(frozen=True, slots=True)
class Published:
    """The broker acknowledged these publishes."""

    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


@dataclass(frozen=True, slots=True)
class Draining:
    """The process was asked to stop."""


Event = (
    SpoolOpened
    | MessagesArrived
    | SpoolWritten
    | SpoolWriteFailed
    | BatchAnswered
    | BatchFailed
    | NewsArrived
    | OutboxOpened
    | OutboxLost
    | BackendProbed
    | BrokerUp
    | BrokerDown
    | Published
    | Tick
    | Draining
)
