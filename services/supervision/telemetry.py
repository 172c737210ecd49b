"""The supervision room's own metrics, named once; none speaks of one peer, and none says how many worries there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble


@dataclass(frozen=True)
class Standing:
    """What an alarm rings on: ages in seconds, 0 when nothing is late or alone, and sessions owed past their time."""

    late_seconds: float
    unowned_seconds: float
    overdue_count: int


# field of Standing: name and words of its metric
METRICS = {
    "late_seconds": ("beenthere_supervision_worry_late_seconds", "How long the latest unanswered worry has been late"),
    "unowned_seconds": ("beenthere_supervision_worry_unowned_seconds", "How long a worry has had no owner"),
    "overdue_count": ("beenthere_supervision_overdue_sessions", "Supervision sessions owed past their time"),
}


class Waiting(Collector):
    """What waits in this room, looked up when the metrics are read."""

    def __init__(self, look: Callable[[], Standing], registry: CollectorRegistry) -> None:
        self._look = look
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metrics without asking the database."""
        return [GaugeMetricFamily(name, words) for name, words in METRICS.values()]

    def collect(self) -> Iterator[Metric]:
        """Looks now; with the database away there is no sample rather than a wrong one."""
        try:
            found = self._look()
        except Trouble:
            yield from self.describe()
            return
        for field, (name, words) in METRICS.items():
            yield GaugeMetricFamily(name, words, value=getattr(found, field))
