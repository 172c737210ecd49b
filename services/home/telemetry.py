"""Home's own metrics, named once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

WORK_OPEN = "beenthere_home_work_open"


class WorkOpen(Collector):
    """How much of each kind of work is open in the network, counted when the metrics are read; never whose."""

    def __init__(self, count: Callable[[], Mapping[str, int]], registry: CollectorRegistry) -> None:
        self._count = count
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metric without asking the database."""
        return [GaugeMetricFamily(WORK_OPEN, "Open work by kind", labels=["kind"])]

    def collect(self) -> Iterator[Metric]:
        """Counts now; with the database away there is no sample rather than a wrong one."""
        found = GaugeMetricFamily(WORK_OPEN, "Open work by kind", labels=["kind"])
        try:
            counts = self._count()
        except Trouble:
            counts = {}
        for kind, count in sorted(counts.items()):
            found.add_metric([kind], count)
        yield found
