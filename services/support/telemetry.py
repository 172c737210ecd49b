"""The support room's own metrics, named once; none counts by peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

SUPPORTS = "beenthere_support_supports"


class Supports(Collector):
    """How many supports of the whole network stand at each state, counted when the metrics are read."""

    def __init__(self, count: Callable[[], Mapping[str, int]], registry: CollectorRegistry) -> None:
        self._count = count
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metric without asking the database."""
        return [_family()]

    def collect(self) -> Iterator[Metric]:
        """Counts now; with the database away there is no sample rather than a wrong one."""
        found = _family()
        try:
            counts = self._count()
        except Trouble:
            counts = {}
        for state, count in sorted(counts.items()):
            found.add_metric([state], count)
        yield found


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(SUPPORTS, "Supports of the network by state", labels=["state"])
