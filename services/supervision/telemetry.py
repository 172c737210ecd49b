"""The supervision room's own metrics, named once; none of them speaks of one peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

CONCERNS = "beenthere_supervision_open_concerns"
OVERDUE = "beenthere_supervision_overdue_sessions"
# A step nobody stands at is a zero, not a gap.
STEPS = ("in_time", "late", "taken_up", "unowned")


class Waiting(Collector):
    """Open worries by step, and sessions owed past their time, counted when the metrics are read."""

    def __init__(self, count: Callable[[], tuple[Mapping[str, int], int]], registry: CollectorRegistry) -> None:
        self._count = count
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metrics without asking the database."""
        return [_concerns(), _overdue()]

    def collect(self) -> Iterator[Metric]:
        """Counts now; with the database away there is no sample rather than a wrong one."""
        concerns, overdue = _concerns(), _overdue()
        try:
            steps, sessions = self._count()
        except Trouble:
            steps, sessions = {}, None
        if sessions is not None:
            for step in STEPS:
                concerns.add_metric([step], steps.get(step, 0))
            overdue.add_metric([], sessions)
        yield concerns
        yield overdue


def _concerns() -> GaugeMetricFamily:
    return GaugeMetricFamily(CONCERNS, "Open worries by step", labels=["step"])


def _overdue() -> GaugeMetricFamily:
    return GaugeMetricFamily(OVERDUE, "Supervision sessions owed past their time", labels=[])
