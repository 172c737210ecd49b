"""The composition root of the reporting service."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from chassis.access import service_scope
from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import addresses, records, reporting
from contracts.network import network

from . import pages, routes, store, telemetry
from .policy import Policy
from .reactions import REACTIONS
from .routines import ROUTINES
from .store import release


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="reporting",
        purpose=addresses.PURPOSES["reporting"],
        folder=Path(__file__).parent,
        says=(*reporting.FACTS, *records.FACTS),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        projections=store.PROJECTIONS,
        routines=ROUTINES,
        api=(routes.blueprint,),
        pages=(pages.blueprint,),
        policy=Policy,
        **network("reporting"),
    )
    service = Service(parts, settings, shared)

    def covers_until() -> datetime | None:
        # The whole network's, whoever asks for the metrics.
        with service.reading(scope=service_scope(service.name)) as unit:
            return release.covers_until(unit.scope, unit)

    telemetry.Coverage(covers_until, service.registry)
    return service
