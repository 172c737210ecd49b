"""Metrics of every service's web door, named once; each service's registry is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class WebMetrics:
    """What a service's web door counts: answers by route and status, and how long they took."""

    def __init__(self, service: str, registry: CollectorRegistry) -> None:
        self._service = service
        self._answers = Counter(
            "beenthere_http_answers_total", "Answers given", ["service", "method", "route", "status"], registry=registry
        )
        self._took = Histogram(
            "beenthere_http_answer_seconds", "Seconds to answer", ["service", "method", "route"], registry=registry,
            buckets=_BUCKETS,
        )  # fmt: skip

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one answer; `route` is the rule, never the path, so no id becomes a label."""
        self._answers.labels(self._service, method, route, str(status)).inc()
        self._took.labels(self._service, method, route).observe(seconds)


class Joined(Collector):
    """Several services' registries as one, for a house that runs in one process."""

    def __init__(self, registries: Iterable[CollectorRegistry]) -> None:
        self._registries = list(registries)

    def collect(self) -> Iterator[Metric]:
        """Gives each metric once, with the samples of every service."""
        families: dict[str, Metric] = {}
        for registry in self._registries:
            for metric in registry.collect():
                kept = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                kept.samples.extend(metric.samples)
        yield from families.values()
