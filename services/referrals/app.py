"""The composition root of the referrals service."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Parts, Service, Shared
from chassis.settings import Settings
from contracts import addresses, classes, referrals, roles, worries

from . import fhir, pages, routes
from .policy import Policy
from .reactions import REACTIONS
from .routines import ROUTINES


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="referrals",
        purpose="People sent to the network by partners, and what became of each referral.",
        folder=Path(__file__).parent,
        says=(*referrals.FACTS, *worries.FACTS),
        reactions=REACTIONS,
        routines=ROUTINES,
        api=(routes.blueprint, fhir.blueprint),
        pages=(pages.blueprint,),
        policy=Policy,
        rules=roles.RULES,
        opens=classes.OPENS,
        seals=classes.SEALS,
        rooms=addresses.SERVICES,
        navigation=addresses.NAVIGATION,
        shape_problem=fhir.shape_problem,
    )
    return Service(parts, settings, shared)
