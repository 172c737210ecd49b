"""The partners room's own metrics, named once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

PARTNERS = "beenthere_partners"
NOTICES = "beenthere_notices"


class ByState(Collector):
    """How many of something there are in each state, counted when the metrics are read."""

    name, says = "", ""

    def __init__(self, count: Callable[[], Mapping[str, int]], registry: CollectorRegistry) -> None:
        self._count = count
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metric without asking the database."""
        return [GaugeMetricFamily(self.name, self.says, labels=["state"])]

    def collect(self) -> Iterator[Metric]:
        """Counts now; with the database away there is no sample rather than a wrong one."""
        found = GaugeMetricFamily(self.name, self.says, labels=["state"])
        try:
            counts = self._count()
        except Trouble:
            counts = {}
        for state, count in sorted(counts.items()):
            found.add_metric([state], count)
        yield found


class Partners(ByState):
    """How many partners are active and suspended."""

    name, says = PARTNERS, "Partner organisations by state"


class Notices(ByState):
    """How many notices wait, are held, were sent, failed, or are unknown."""

    name, says = NOTICES, "Notices to peers and staff by state"
