"""The composition root of the home service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.access import service_scope
from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import addresses, records
from contracts.network import network

from . import pages, store, telemetry
from .policy import Policy
from .reactions import REACTIONS


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="home",
        purpose=addresses.PURPOSES["home"],
        folder=Path(__file__).parent,
        says=records.FACTS,
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        projections=store.PROJECTIONS,
        over_all=store.OVER_ALL,
        routines={},
        api=(),
        pages=pages.BLUEPRINTS,
        policy=Policy,
        **network("home"),
    )
    service = Service(parts, settings, shared)

    def count() -> Mapping[str, int]:
        # Metrics are read by whoever may; they are counted on the room's own behalf.
        whole = service_scope(service.name)
        with service.reading(scope=whole) as unit:
            # How many worries there are is no number for a dashboard (rules.md, Reporting: harms).
            return {kind: count for kind, count in store.count_open(whole, unit).items() if "worry" not in kind}

    telemetry.WorkOpen(count, service.registry)
    return service
