"""The reporting room's own metrics, named once; none of them is a count of people, for metrics are not protected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

COVERS_UNTIL = "beenthere_reporting_covers_until_seconds"


class Coverage(Collector):
    """Up to when everything the network stated is counted, as seconds since 1970, asked when the metrics are read."""

    def __init__(self, covers_until: Callable[[], datetime | None], registry: CollectorRegistry) -> None:
        self._covers_until = covers_until
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metric without asking the database."""
        return [_family()]

    def collect(self) -> Iterator[Metric]:
        """Asks now; with the database away, or before anything was read, there is no sample rather than a wrong one."""
        found = _family()
        try:
            until = self._covers_until()
        except Trouble:
            until = None
        if until is not None:
            found.add_metric([], until.timestamp())
        yield found


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(COVERS_UNTIL, "Up to when everything stated is counted")
