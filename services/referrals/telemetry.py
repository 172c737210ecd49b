"""The referrals room's own metrics, named once; none counts by partner or by person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

REFERRALS = "beenthere_referrals_referrals"
LATE_SECONDS = "beenthere_referrals_late_seconds"


@dataclass(frozen=True)
class Standing:
    """How many referrals stand at each state, and for how long the one longest overdue has been late (0 for none)."""

    by_state: Mapping[str, int]
    late_seconds: float


class Waiting(Collector):
    """What stands in this room, looked up when the metrics are read."""

    def __init__(self, look: Callable[[], Standing], registry: CollectorRegistry) -> None:
        self._look = look
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names the metrics without asking the database."""
        return [_referrals(), GaugeMetricFamily(LATE_SECONDS, _LATE)]

    def collect(self) -> Iterator[Metric]:
        """Looks now; with the database away there is no sample rather than a wrong one."""
        try:
            found = self._look()
        except Trouble:
            yield from self.describe()
            return
        counted = _referrals()
        for state, count in sorted(found.by_state.items()):
            counted.add_metric([state], count)
        yield counted
        yield GaugeMetricFamily(LATE_SECONDS, _LATE, value=found.late_seconds)


_LATE = "How long the referral that waits longest past its time has been waiting to be opened or decided"


def _referrals() -> GaugeMetricFamily:
    return GaugeMetricFamily(REFERRALS, "Referrals of the network by state", labels=["state"])
