"""The life of an order to the outside world: every transition in one table. What it does not name changes nothing."""

from __future__ import annotations

from typing import Final

QUOTED: Final = "quoted"
PENDING: Final = "pending"
DONE: Final = "done"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"

#: An order's states. Only `done` and `failed` are final, and only the rail can bring them about.
STATES: Final = (QUOTED, PENDING, DONE, FAILED, UNKNOWN)
#: States in which the money is held, and the worker goes on asking.
OPEN: Final = frozenset({PENDING, UNKNOWN})
#: What can happen to an order. `start`: money was taken or held for it. The others are what was heard of the rail:
#: `accepted` it has the order and works on it; `done`, `failed` its last word; `not_known` it never saw the order;
#: `not_sent` we did not reach it; `no_answer` it may or may not have the order.
EVENTS: Final = ("start", "accepted", "done", "failed", "not_known", "not_sent", "no_answer")

TRANSITIONS: Final[dict[tuple[str, str], str]] = {
    (QUOTED, "start"): PENDING,
    (PENDING, "accepted"): PENDING,
    (PENDING, "done"): DONE,
    (PENDING, "failed"): FAILED,
    (PENDING, "not_known"): PENDING,
    (PENDING, "not_sent"): PENDING,
    (PENDING, "no_answer"): UNKNOWN,
    (UNKNOWN, "accepted"): PENDING,
    (UNKNOWN, "done"): DONE,
    (UNKNOWN, "failed"): FAILED,
    (UNKNOWN, "not_known"): PENDING,
    (UNKNOWN, "not_sent"): UNKNOWN,
    (UNKNOWN, "no_answer"): UNKNOWN,
    # a callback that comes twice, or after the answer it repeats, or a question that was overtaken by a callback
    (DONE, "done"): DONE,
    (DONE, "accepted"): DONE,
    (DONE, "not_sent"): DONE,
    (DONE, "no_answer"): DONE,
    (FAILED, "failed"): FAILED,
    (FAILED, "accepted"): FAILED,
    (FAILED, "not_sent"): FAILED,
    (FAILED, "no_answer"): FAILED,
}


def after(state: str, event: str) -> str | None:
    """The state that follows, or None: a contradiction, which changes nothing and goes to staff."""
    return TRANSITIONS.get((state, event))


def markdown() -> str:
    """The table as Markdown: a row a state, a column an event."""
    head = ["state", *EVENTS]
    rows = [head, ["---"] * len(head)]
    rows += [[f"`{state}`", *(_cell(state, event) for event in EVENTS)] for state in STATES]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(state: str, event: str) -> str:
    following = after(state, event)
    if following is None:
        return "alarm"
    return "stays" if following == state else f"**{following}**"
