"""The composition root of the referrals service."""

from __future__ import annotations

from pathlib import Path

from chassis.access import service_scope
from chassis.audit.telling import AuditFacts
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts import confirmations, records, referrals, worries
from contracts.network import network

from . import fhir, pages, partner_topic, routes, store, telemetry
from .policy import Policy
from .reactions import REACTIONS
from .routines import CHORES, ROUTINES, forget_again


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="referrals",
        purpose="People sent to the network by partners, and what became of each referral.",
        folder=Path(__file__).parent,
        says=(*referrals.FACTS, *worries.FACTS, *records.FACTS, *confirmations.FACTS),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        projections=store.PROJECTIONS,
        routines=ROUTINES,
        chores=CHORES,
        forgets=True,
        forgets_again=forget_again,
        api=(routes.blueprint, fhir.blueprint, partner_topic.blueprint),
        pages=pages.BLUEPRINTS,
        policy=Policy,
        **network("referrals"),
        shape_problem=fhir.shape_problem,
    )
    service = Service(parts, settings, shared)

    def look() -> telemetry.Standing:
        # The whole network's, whoever asks for the metrics.
        whole = service_scope(service.name)
        with service.reading(scope=whole) as unit:
            earliest = store.earliest_due(whole, unit)
            late = max(0.0, (unit.now - earliest).total_seconds()) if earliest else 0.0
            return telemetry.Standing(store.count_by_state(whole, unit), late)

    telemetry.Waiting(look, service.registry)
    partner_topic.open_exchange(service)
    return service
