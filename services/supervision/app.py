"""The composition root of the supervision service."""

from __future__ import annotations

from pathlib import Path

from chassis.access import service_scope
from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import notices, records, supervision
from contracts.network import network

from . import pages, routes, store, telemetry
from .policy import Policy
from .reactions import REACTIONS
from .routines import ROUTINES


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="supervision",
        purpose="Supervision of peers, who is cleared for new matches, and worries with a named owner and a clock.",
        folder=Path(__file__).parent,
        says=(*supervision.FACTS, *records.FACTS, *notices.ASKED),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        projections=store.PROJECTIONS,
        routines=ROUTINES,
        api=routes.BLUEPRINTS,
        pages=pages.BLUEPRINTS,
        policy=Policy,
        **network("supervision"),
    )
    service = Service(parts, settings, shared)

    def look() -> telemetry.Standing:
        # The whole network's, whoever asks for the metrics.
        whole = service_scope(service.name)
        with service.reading(scope=whole) as unit:
            late, unowned = store.worries_waiting_since(whole, unit)
            return telemetry.Standing(
                late_seconds=max(0.0, (unit.now - late).total_seconds()) if late else 0,
                unowned_seconds=(unit.now - unowned).total_seconds() if unowned else 0,
                overdue_count=store.count_overdue(whole, unit, unit.now),
            )

    telemetry.Waiting(look, service.registry)
    return service
