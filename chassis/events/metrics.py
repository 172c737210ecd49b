"""What the carrying of facts counts, named once: ages rather than counts tell that nothing runs (docs/events.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chassis.errors import Trouble
from chassis.events.lag import Lag
from chassis.events.parking import Kept


class EventMetrics:
    """One service's metrics of carrying."""

    def __init__(self, service: str, registry: CollectorRegistry) -> None:
        def counter(name: str, words: str) -> Counter:
            return Counter(f"beenthere_facts_{name}_total", words, ["service"], registry=registry)

        def gauge(name: str, words: str) -> Gauge:
            return Gauge(f"beenthere_facts_{name}", words, ["service"], registry=registry)

        self.sent = counter("sent", "Facts acknowledged by the carrier").labels(service)
        self.unknown = counter("send_unknown", "Sends whose outcome is unknown and which are repeated").labels(service)
        self.applied = counter("applied", "Facts applied in their turn").labels(service)
        self.repeats = counter("repeats_dropped", "Facts that came again and were dropped").labels(service)
        self.parked = counter("parked", "Streams set aside until a person looks").labels(service)
        self.forks = counter("forks", "Streams whose number came with another id").labels(service)
        self.given_up = counter("given_up", "Facts given up by two people").labels(service)
        self.unreadable = counter("unreadable", "Things that arrived and are no fact").labels(service)
        self.lost_races = counter("lost_races", "Batches given up because another member was faster").labels(service)
        self.heard_age = gauge("heard_age_seconds", "Age, when applied, of the newest fact applied").labels(service)


class UnsentMetrics(Collector):
    """How long the oldest fact waits to be sent; worked out when read, so it grows where no relay runs at all."""

    NAME, WORDS = "beenthere_facts_oldest_unsent_seconds", "Age of the oldest fact not yet sent"

    def __init__(self, service: str, seconds: Callable[[], float], registry: CollectorRegistry) -> None:
        self._service, self._seconds = service, seconds
        registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Names the metric without asking the database."""
        return [GaugeMetricFamily(self.NAME, self.WORDS, labels=["service"])]

    def collect(self) -> Iterator[Metric]:
        """Looks now; with the database away nothing is known, so there is no sample."""
        (family,) = self.describe()
        try:
            family.add_metric([self._service], self._seconds())
        except Trouble:
            return
        yield family


class EpochMetrics(UnsentMetrics):
    """How old the oldest epoch of keys is that is not destroyed; told by the room that rotates them."""

    NAME, WORDS = "beenthere_keys_oldest_epoch_seconds", "Age of the oldest epoch of keys not yet destroyed"


class KeptMetrics(Collector):
    """What a service keeps until its turn or until a person looks; worked out when read, so a stopped one tells too."""

    NAMES: Mapping[str, str] = {
        "beenthere_facts_oldest_waiting_seconds": "Age of the oldest fact waiting for another",
        "beenthere_facts_oldest_parked_seconds": "Age of the oldest parked stream",
        "beenthere_facts_parked_streams": "Streams set aside now",
        "beenthere_facts_parked_urgent": "Streams set aside now at an urgent fact",
        "beenthere_facts_unreadable_kept": "Things that are no fact and that nobody has put away",
    }

    def __init__(self, service: str, kept: Callable[[], Kept], registry: CollectorRegistry) -> None:
        self._service, self._kept = service, kept
        registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Names the metrics without asking the database."""
        return [GaugeMetricFamily(name, words, labels=["service"]) for name, words in self.NAMES.items()]

    def collect(self) -> Iterator[Metric]:
        """Looks now; with the database away nothing is known, so there is no sample."""
        try:
            kept = self._kept()
        except Trouble:
            return
        values = (kept.waiting_seconds, kept.parked_seconds, kept.parked, kept.urgent, kept.unreadable)
        for family, value in zip(self.describe(), values, strict=True):
            family.add_metric([self._service], value)
            yield family


class LagMetrics(Collector):
    """How far a service is behind each topic, worked out when the metrics are read; never in the way of a fact."""

    NAMES: Mapping[str, str] = {
        "beenthere_facts_lag": "Facts of a topic not read yet; only where the service listens",
        "beenthere_facts_kept": "Facts of a topic read and kept until their turn",
        "beenthere_facts_lag_seconds": "For about how long the service has been behind a topic",
    }

    def __init__(self, service: str, lag: Callable[[], Sequence[Lag]], registry: CollectorRegistry) -> None:
        self._service, self._lag = service, lag
        registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Names the metrics without asking the database."""
        return [GaugeMetricFamily(name, words, labels=["service", "topic"]) for name, words in self.NAMES.items()]

    def collect(self) -> Iterator[Metric]:
        """Looks now; what is not known has no sample rather than a wrong one."""
        unread, kept, seconds = families = self.describe()
        try:
            found = self._lag()
        except Trouble:
            found = []
        for lag in found:
            labels = [self._service, lag.topic]
            kept.add_metric(labels, lag.kept)
            if lag.unread is not None:
                unread.add_metric(labels, lag.unread)
            if lag.seconds is not None:
                seconds.add_metric(labels, lag.seconds)
        yield from families
