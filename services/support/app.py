"""The composition root of the support service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.access import service_scope
from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import notices, records, support, worries
from contracts.network import network

from . import pages, routes, store, telemetry
from .policy import Policy
from .reactions import REACTIONS
from .routines import ROUTINES


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="support",
        purpose="What a person and their peer do together: meetings, connections, pauses, and an agreed ending.",
        folder=Path(__file__).parent,
        says=(*support.FACTS, *worries.FACTS, *records.FACTS, *notices.ASKED),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        projections=store.PROJECTIONS,
        routines=ROUTINES,
        api=(routes.blueprint,),
        pages=pages.BLUEPRINTS,
        policy=Policy,
        **network("support"),
    )
    service = Service(parts, settings, shared)

    def count() -> Mapping[str, int]:
        # The whole network's, whoever asks for the metrics.
        with service.reading(scope=service_scope(service.name)) as unit:
            return store.count_by_state(service_scope(service.name), unit)

    telemetry.Supports(count, service.registry)
    return service
