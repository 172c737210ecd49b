"""What the carrying of facts counts, named once: ages rather than counts tell that nothing runs (docs/events.md)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


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
        self.unreadable = counter("unreadable", "Things that arrived and are no fact").labels(service)
        self.lost_races = counter("lost_races", "Batches given up because another member was faster").labels(service)
        self.unsent_age = gauge("oldest_unsent_seconds", "Age of the oldest fact not yet sent").labels(service)
        self.waiting_age = gauge("oldest_waiting_seconds", "Age of the oldest fact waiting for another").labels(service)
        self.parked_age = gauge("oldest_parked_seconds", "Age of the oldest parked stream").labels(service)
        self.heard_age = gauge("lag_seconds", "Age, when applied, of the newest fact applied").labels(service)
