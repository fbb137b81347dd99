"""When to try again: a pure function from (outcome, attempt, batch size, jitter) to a decision."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """How one outcome of a call is met.

    Attributes:
        first_ms: the first delay; it doubles with each attempt.
        most_ms: the longest delay.
        pauses: all calls of this kind wait, because the backend as a whole is concerned.
        splits: a smaller batch is tried, because one item may be the cause.
        final: an item that fails so alone will always fail so.
    """

    first_ms: int
    most_ms: int
    pauses: bool
    splits: bool
    final: bool


#: outcome of a call -> how it is met. "transient" is the backend's word on a single item.
OUTCOMES: dict[str, Rule] = {
    "unreachable": Rule(first_ms=200, most_ms=5_000, pauses=True, splits=False, final=False),
    "busy": Rule(first_ms=100, most_ms=2_000, pauses=True, splits=False, final=False),
    "unauthorized": Rule(first_ms=2_000, most_ms=30_000, pauses=True, splits=False, final=False),
    "timeout": Rule(first_ms=500, most_ms=10_000, pauses=True, splits=True, final=False),
    "garbage": Rule(first_ms=1_000, most_ms=30_000, pauses=True, splits=True, final=False),
    "server_error": Rule(first_ms=250, most_ms=10_000, pauses=False, splits=True, final=False),
    "too_large": Rule(first_ms=0, most_ms=0, pauses=False, splits=True, final=True),
    "malformed": Rule(first_ms=0, most_ms=0, pauses=False, splits=True, final=True),
    "transient": Rule(first_ms=500, most_ms=60_000, pauses=False, splits=False, final=False),
}

#: doubling stops here; 2**16 times any first delay is above any longest delay
MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do after a failed call.

    Attributes:
        pause_ms: no call of this kind before this has passed; 0: none is held back.
        item_ms: the single item's terminal waits this long; 0: it does not.
        batch_items: the size of the next batch; None: as before.
        give_up: the single item will never pass.
    """

    pause_ms: int
    item_ms: int
    batch_items: int | None
    give_up: bool


def delay_ms(outcome: str, attempt: int, jitter: float) -> int:
    """The delay after this attempt (1 is the first): doubling, capped, between half and all of it by jitter 0 to 1."""
    rule = OUTCOMES[outcome]
    whole = min(rule.most_ms, rule.first_ms << min(attempt - 1, MOST_DOUBLINGS))
    return whole // 2 + int(whole / 2 * jitter)


def decide(outcome: str, attempt: int, batch_items: int, jitter: float) -> Decision:
    """The decision after a call of `batch_items` items failed for the `attempt`th time in a row."""
    rule = OUTCOMES[outcome]
    wait_ms = delay_ms(outcome, attempt, jitter)
    alone = batch_items == 1
    return Decision(
        pause_ms=wait_ms if rule.pauses else 0,
        item_ms=wait_ms if rule.splits and alone and not rule.final else 0,
        batch_items=max(1, batch_items // 2) if rule.splits else None,
        give_up=rule.final and alone,
    )
