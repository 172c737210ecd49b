"""The composition root of the partners service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import addresses, classes, partners, records, roles

from . import pages, routes, store, telemetry
from .policy import Policy
from .reactions import REACTIONS
from .routines import ROUTINES


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="partners",
        purpose="Partner organisations, their agreements, and the accounts of their people.",
        folder=Path(__file__).parent,
        says=(*partners.FACTS, *records.FACTS),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS),
        reactions=REACTIONS,
        routines=ROUTINES,
        api=(routes.blueprint,),
        pages=(pages.blueprint,),
        policy=Policy,
        rules=roles.RULES,
        opens=classes.OPENS,
        seals=classes.SEALS,
        rooms=addresses.SERVICES,
        navigation=addresses.NAVIGATION,
    )
    service = Service(parts, settings, shared)

    def count() -> Mapping[str, int]:
        with service.reading() as unit:
            return store.count_by_state(unit.scope, unit)

    telemetry.Partners(count, service.registry)
    return service
