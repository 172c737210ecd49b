"""The composition root of the partners service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from chassis.access import Scope, service_scope
from chassis.audit.telling import AuditFacts
from chassis.events import places, signals
from chassis.events.signalling import Signaller
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from chassis.unit import Unit
from contracts import confirmations, notices, partners, records
from contracts.network import network

from . import pages, routes, store, telemetry
from .actions import demo, links
from .actions.passes import Minter
from .actions.sending import Sender
from .policy import Policy
from .provider import Provider
from .reactions import REACTIONS
from .routines import CHORES, ROUTINES
from .ways import ways_of


def create(settings: Settings, shared: Shared) -> Service:
    """Gives the service, ready to run in any of its roles."""
    parts = Parts(
        name="partners",
        purpose="Partner organisations, their agreements, the accounts of their people, and who is signed in.",
        folder=Path(__file__).parent,
        says=(*partners.FACTS, *records.FACTS, *notices.ANSWERS, *confirmations.FACTS),
        audit_facts=AuditFacts(records.seen, records.AuditHeadPublished, records.FACTS, records.BudgetSpent),
        reactions=REACTIONS,
        routines=ROUTINES,
        chores=CHORES,
        api=routes.BLUEPRINTS,
        pages=pages.BLUEPRINTS,
        policy=Policy,
        over_all=store.OVER_ALL,
        projections=store.PROJECTIONS,
        held_on=partial(store.held_on, service_scope("partners")),
        shape_problem=routes.shape_problem,
        **network("partners"),
    )
    service = Service(parts, settings, shared)
    service.app.extensions["minter"] = Minter(service)
    service.app.extensions["notices"] = Sender(service, ways_of(settings, service.clock))
    if settings.demo:
        service.app.extensions["made_up_systems"] = partial(_made_up_systems, service)
    if settings.oidc:
        service.app.extensions["provider"] = Provider(settings, service.clock)
    service.app.extensions["signaller"] = signaller = _signaller(service, shared)
    service.beside.setdefault("relay", []).append(signaller)

    def count(ask: Callable[[Scope, Unit], Mapping[str, int]]) -> Mapping[str, int]:
        # The whole network's, whoever asks for the metrics.
        with service.reading(scope=service_scope(service.name)) as unit:
            return ask(unit.scope, unit)

    telemetry.Partners(partial(count, store.count_by_state), service.registry)
    telemetry.Notices(partial(count, store.count_notices), service.registry)
    return service


def _made_up_systems(service: Service, secret: str) -> list[tuple[str, str]]:
    """Each made-up partner's name and the key its system signs in with; the key passes are signed with is made too."""
    with service.writing() as unit:
        found = demo.systems_of_partners(unit, secret)
    service.app.extensions["minter"].renew_key()
    return found


def _signaller(service: Service, shared: Shared) -> Signaller:
    def ends() -> dict[int, int]:
        with service.database.reading() as connection:
            return {part: stand.end for (_, part), stand in places.sent(connection, service.topic).items()}

    def due(most: int) -> Sequence[str]:
        with service.reading() as unit:
            has_braked = links.are_braked(unit)
            handles = store.to_signal(service_scope(service.name), unit, most)
        if not has_braked:
            return handles
        # A brake ends them before its fact has come to its turn, which may be long.
        with service.writing() as unit:
            links.end_braked(unit)
            return store.to_signal(service_scope(service.name), unit, most)

    def done(handles: Sequence[str]) -> None:
        with service.writing() as unit:
            store.note_signalled(unit, handles)

    return Signaller(
        shared.bus, service.name, signals.topic_of(service.topic), service.clock, ends=ends,
        unsent_seconds=service.relay.unsent_seconds, due=due, done=done,
    )  # fmt: skip
