"""Prometheus metrics, read from the machine when asked for: nothing is counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.core import Metric

    from hub.core.machine import Hub

#: counter of the machine -> help text; its label is always `kind`
COUNTERS = {
    "received": "Messages taken from the broker",
    "dropped": "Messages dropped, by reason",
    "spooled": "Tells committed to the spool: new, or repeats of a pending one",
    "spool_write_failed": "Commits of the spool that failed",
    "spool_set_aside": "Broken spool files set aside",
    "answered": "Items the backend answered with an envelope",
    "ask_refused": "Asks the backend answered with an error",
    "quarantined": "Tells the backend will never take",
    "batch_failed": "HTTP calls that failed as a whole",
    "outbox_lost": "Ends of the outbox stream",
    "published": "Publishes the broker acknowledged",
}


class Metrics:
    """What /metrics shows. Also the registry's collector."""

    def __init__(self, hub: Hub, epoch_ms: Callable[[], int], links: Callable[[], dict[str, bool]]) -> None:
        self._hub = hub
        self._epoch_ms = epoch_ms
        self._links = links
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)
        self.call_seconds = Histogram(
            "kassa_hub_call_seconds",
            "Time of one HTTP call to the backend",
            ["kind"],
            registry=self.registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
        )
        self.batch_items = Histogram(
            "kassa_hub_batch_items",
            "Items of one HTTP call",
            ["kind"],
            registry=self.registry,
            buckets=(1, 2, 5, 10, 20, 50, 100, 200),
        )
        self.commit_seconds = Histogram(
            "kassa_hub_spool_commit_seconds",
            "Time of one commit of the spool",
            registry=self.registry,
            buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1),
        )

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)

    def collect(self) -> Iterable[Metric]:
        """The machine's counters and the present state."""
        for name, text in COUNTERS.items():
            family = CounterMetricFamily(f"kassa_hub_{name}", text, labels=["kind"])
            for (counter, kind), count in sorted(self._hub.counters.items()):
                if counter == name:
                    family.add_metric([kind], count)
            yield family
        for name, text, value in self._gauges():
            yield GaugeMetricFamily(f"kassa_hub_{name}", text, value=value)
        links = GaugeMetricFamily("kassa_hub_broker_up", "Broker connections", labels=["connection"])
        for connection, up in self._links().items():
            links.add_metric([connection], float(up))
        yield links

    def _gauges(self) -> list[tuple[str, str, float]]:
        hub = self._hub
        return [
            ("backend_up", "Whether the backend would answer", float(hub.backend.up)),
            ("asks_waiting", "Asks in memory", len(hub.asks)),
            ("tells_waiting", "Tells in the spool", len(hub.tells)),
            ("tells_inbox", "Tells received and not yet on disk", hub.spooling.inbox),
            ("oldest_tell_seconds", "Age of the oldest tell in the spool", oldest_tell_s(hub, self._epoch_ms())),
            ("spool_full", "Whether the spool refuses tells", float(hub.spooling.full)),
            ("outgoing_waiting", "Answers, acks and news not yet with the broker", len(hub.outgoing)),
            ("news_waiting", "News not yet with the broker", len(hub.news)),
        ]


def oldest_tell_s(hub: Hub, epoch_ms: int) -> int:
    """Age of the oldest pending tell in seconds, 0 without one."""
    first = next(iter(hub.tells.entries.values()), None)
    return max(0, (epoch_ms - first.received_at_ms) // 1000) if first is not None else 0
