"""The referrals room's own metrics, named once; none counts by partner or by person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble

REFERRALS = "beenthere_referrals_referrals"
LATE_SECONDS = "beenthere_referrals_late_seconds"
MESSAGES = "beenthere_referrals_partner_messages_total"
IN_CLEAR = "beenthere_referrals_partner_messages_in_clear_total"
UNSENT_SECONDS = "beenthere_referrals_partner_unsent_seconds"


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


class PartnerMessages:
    """Messages of partners by the way they came and what became of them, and what of the answers is still unsent."""

    def __init__(self, registry: CollectorRegistry, unsent_seconds: Callable[[], float]) -> None:
        self._messages = Counter(
            MESSAGES, "Messages of partners answered, by door and outcome", ["door", "outcome"], registry=registry
        )
        self.in_clear = Counter(IN_CLEAR, "Messages that came over a topic without encryption", registry=registry)
        unsent = Gauge(
            UNSENT_SECONDS, "Age of the oldest answer a partner's topic is not known to hold", registry=registry
        )

        def look() -> float:
            try:
                return unsent_seconds()
            except Trouble:
                return float("nan")

        unsent.set_function(look)

    def count(self, door: str, outcome: str) -> None:
        """Counts one message: acknowledged, repeated, refused or failed."""
        self._messages.labels(door, outcome).inc()
