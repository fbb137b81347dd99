"""The backend's Prometheus metrics, in a registry of their own (a second app in one process starts from zero)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

#: Seconds: an idle ask takes about 2 ms, a busy one up to 100.
LATENCY_BUCKETS_S = (0.001, 0.002, 0.004, 0.006, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 200, 500)


class Counts(Protocol):
    """What an executor counts."""

    retries: int
    failed: int


class Counted(Protocol):
    """An executor, as far as it is measured."""

    @property
    def waiting(self) -> int:
        """Commands that no batch has taken yet."""

    @property
    def stats(self) -> Counts:
        """Its counters."""


class Metrics:
    """All counters and histograms; labels are closed lists (message types, reasons), never ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "kassa_messages", "Messages that passed the MAC check.", ["kind", "type", "outcome"], registry=self.registry
        )
        self.refused = Counter(
            "kassa_refused", "Messages and operations refused, by reason.", ["reason"], registry=self.registry
        )
        self.unauthentic = Counter(
            "kassa_unauthentic",
            "Messages dropped before the MAC check passed; they changed nothing.",
            ["reason"],
            registry=self.registry,
        )
        self.alarms = Counter("kassa_alarms", "Alarms raised by operations.", ["alarm"], registry=self.registry)
        self.hub_batch = Histogram(
            "kassa_hub_batch_items", "Items in one hub request.", ["kind"], buckets=SIZE_BUCKETS, registry=self.registry
        )
        self.hub_latency = Histogram(
            "kassa_hub_request_seconds",
            "From a hub request's last byte to its answers.",
            ["kind"],
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.executor_batch = Histogram(
            "kassa_executor_batch_commands", "Commands in one commit.", buckets=SIZE_BUCKETS, registry=self.registry
        )
        self.executor_latency = Histogram(
            "kassa_executor_commit_seconds",
            "From a batch's begin to its commit.",
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.news_sent = Counter("kassa_news_sent", "Signed news handed to hubs.", ["news"], registry=self.registry)
        self.streams = Gauge("kassa_streams", "Open event streams.", ["stream"], registry=self.registry)
        self.logins = Counter("kassa_logins", "Sign-ins by outcome.", ["who", "outcome"], registry=self.registry)

    def watch(self, executor: Counted) -> None:
        """Show the executor's own counts."""
        for name, text, read in (
            ("kassa_executor_waiting", "Commands that no batch has taken yet.", lambda: executor.waiting),
            ("kassa_executor_retries", "Batches tried again after a conflict.", lambda: executor.stats.retries),
            ("kassa_executor_failed", "Commands that the store failed.", lambda: executor.stats.failed),
        ):
            Gauge(name, text, registry=self.registry).set_function(read)

    async def endpoint(self, _request: Request) -> Response:
        """GET /metrics."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
