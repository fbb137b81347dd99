"""The messages as they pass a terminal's link: each with its id, its type, its copies and its outcome.

Reads envelopes without believing them: it shows what was on the wire, before anyone has checked it. PIN blocks are
dropped while reading.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deskwire import envelope, topics
from deskwire.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.links.mqtt_stream import Publish

_KEPT = 400  # messages shown and searched by the story; older ones are in the backend's own log
_SECRET_FIELDS = frozenset({"pin_block"})


@dataclass
class Passed:
    """One message by its id, with what came back for it."""

    id: str
    terminal: str
    kind: str
    type: str
    at: float
    outcome: str = ""
    copies: int = 1
    answers: int = 0
    answered_ms: int | None = None
    body: dict[str, Any] = field(default_factory=dict)


class Traffic:
    """All links' messages in the order they first passed."""

    def __init__(self) -> None:
        self.messages: OrderedDict[str, Passed] = OrderedDict()
        self.on_change: Callable[[Passed], None] | None = None

    def tap(self, direction: str, publish: Publish) -> None:
        """Take one PUBLISH; what is not one of our messages is not shown."""
        try:
            kind, terminal = topics.parse(publish.topic)
            if kind in {"ask", "tell", "answer", "news"}:
                payload = json.loads(envelope.split(publish.payload).payload)
                changed = self._up(terminal, payload) if direction == "up" else self._down(terminal, payload)
                if changed is not None and self.on_change is not None:
                    self.on_change(changed)
        except (WireError, ValueError, KeyError, TypeError):
            return

    def _up(self, terminal: str, payload: dict[str, Any]) -> Passed:
        key = f"{terminal}/{payload['id']}"
        known = self.messages.get(key)
        if known is not None:
            known.copies += 1
            return known
        body = {name: value for name, value in payload["body"].items() if name not in _SECRET_FIELDS}
        return self._add(key, Passed(payload["id"], terminal, payload["kind"], payload["type"], time.time(), body=body))

    def _down(self, terminal: str, payload: dict[str, Any]) -> Passed | None:
        if payload["kind"] == "news":
            key = f"{terminal}/news-{payload['number']}"
            known = self.messages.get(key)
            if known is not None:
                known.copies += 1
                return known
            passed = Passed(f"news {payload['number']}", terminal, "news", payload["news"], time.time(), "delivered")
            return self._add(key, passed)
        asked = self.messages.get(f"{terminal}/{payload['to']}")
        if asked is None:
            return None
        asked.answers += 1
        if asked.answered_ms is None:
            asked.answered_ms = round((time.time() - asked.at) * 1000)
        refused = payload.get("refused")
        asked.outcome = refused["reason"] if refused else payload["body"].get("booked", "ok")
        return asked

    def _add(self, key: str, passed: Passed) -> Passed:
        self.messages[key] = passed
        if len(self.messages) > _KEPT:
            self.messages.popitem(last=False)
        return passed
