"""The composition root of the matching service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.access import service_scope
from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import matching, notices, records
from contracts.network import network

from . import pages, routes, store, telemetry
from .policy import Policy
from .reactions import REACTIONS
from .routines import ROUTINES


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="matching",
        purpose="Peers, and the people who wait for one: shortlist, proposal, taster, both yeses.",
        folder=Path(__file__).parent,
        says=(*matching.FACTS, *records.FACTS, *notices.ASKED),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        projections=store.PROJECTIONS,
        routines=ROUTINES,
        api=routes.BLUEPRINTS,
        pages=pages.BLUEPRINTS,
        policy=Policy,
        **network("matching"),
    )
    service = Service(parts, settings, shared)

    def count() -> Mapping[str, int]:
        # The whole network's, whoever asks for the metrics.
        with service.reading(scope=service_scope(service.name)) as unit:
            return store.count_waiting(service_scope(service.name), unit)

    telemetry.People(count, service.registry)
    return service
