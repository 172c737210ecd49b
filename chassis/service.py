"""A service put together from its parts: its doors, its database, its carrier, and the roles that run."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Flask, g, has_request_context
from prometheus_client import CollectorRegistry

from chassis import budget, logs
from chassis.access import Scope, service_scope, the_service
from chassis.audit import sealing, telling
from chassis.audit.heads import Signer
from chassis.boundary import NETWORK, NOBODY, PartnerUnfit, faults
from chassis.crashpoints import hit
from chassis.database import Database
from chassis.entry import Entry
from chassis.errors import Misbuilt, Refused, Retry, Trouble
from chassis.events import places, signals
from chassis.events.lag import Lag
from chassis.events.listener import Listener
from chassis.events.metrics import EpochMetrics, EventMetrics, KeptMetrics, LagMetrics, UnsentMetrics
from chassis.events.policy import Policy as Carrying
from chassis.events.relay import Relay
from chassis.events.standing import OlderCopy, Standing
from chassis.granted import ServiceKeys
from chassis.held import held_by_brakes
from chassis.ids import Ids, NamedIds
from chassis.migrate import bring_up
from chassis.parts import Beside, Parts, Routine, Shared
from chassis.remembering import Remembering
from chassis.rows import Gathering
from chassis.sealing import Ring, Vault
from chassis.settings import ROLES, Settings, read_policy, secret_from
from chassis.telemetry import WebMetrics
from chassis.unit import Thread, Unit
from chassis.watch import Itself, Listening, Watch


class Service:
    """One running service."""

    def __init__(self, parts: Parts, settings: Settings, shared: Shared) -> None:
        self.parts, self.settings, self.name = parts, settings, parts.name
        self.clock, self.bus, self.waits = shared.clock, shared.bus, shared.waits
        self.ids: NamedIds = shared.ids
        self.rules, self.must_not_wait = parts.rules, parts.must_not_wait
        self.policy: Any = read_policy(parts.policy, settings.policy.get(parts.name))
        self.carrying = read_policy(Carrying, settings.policy.get("carrying"))
        self.showing = read_policy(budget.Policy, settings.policy.get("showing"))
        self.log = logs.logger(parts.name)
        self.registry = CollectorRegistry()
        self.metrics = WebMetrics(parts.name, self.registry)
        self.event_metrics = EventMetrics(parts.name, self.registry)
        self.database = Database(settings.database_for(parts.name), relaxed=settings.relaxed)
        self.keys: ServiceKeys = shared.keys.for_service(parts.name, parts.opens, parts.seals, forgets=parts.forgets)
        self.vault = Vault(self.keys)
        self.actions: dict[str, str] = {}
        self.roles: tuple[str, ...] = ROLES
        # role: what else runs beside it
        self.beside: dict[str, list[Beside]] = {}
        self.watch: Watch = shared.watch or self._watch()
        held_on = parts.held_on or held_by_brakes(parts.holds)
        self.entry = Entry(self.database, self.clock.now, self.watch, held_on, shared.pass_keys)
        self.topic = settings.topic_prefix + parts.name
        bring_up(self.database, parts.folder / "migrations")
        self._check_boundary()
        # What was overwritten just before a process was killed may still stand in its write-ahead log.
        self._is_to_scrub = self.database.was_left_open
        self.relay = Relay(
            database=self.database, publisher=lambda: shared.bus.publisher(parts.name), topic=self.topic,
            clock=self.clock, metrics=self.event_metrics,
        )  # fmt: skip
        UnsentMetrics(self.name, self.relay.unsent_seconds, self.registry)
        if parts.forgets:
            EpochMetrics(self.name, self.keys.epoch_age_seconds, self.registry)
        self.remembering = Remembering(self.database, self.keys)
        self.standing = Standing(
            service=parts.name, topic=self.topic, bus=shared.bus, database=self.database, clock=self.clock
        )
        self.listener = self._listener()
        self._lags = shared.lags
        self._seen_lately = telling.SeenLately()
        if self.listener:
            self._lags[self.name] = self.listener.lag
            LagMetrics(self.name, self.listener.lag, self.registry)
            KeptMetrics(self.name, self.listener.kept, self.registry)
        self.app: Flask = self._app()

    def _watch(self) -> Watch:
        owner = self.parts.lets_in
        if not owner:
            return Itself()
        topic = self.settings.topic_prefix + owner

        def come_to() -> dict[int, int]:
            with self.database.reading() as connection:
                return places.come_to(connection, self.name, topic)

        watch = Listening(self.bus, signals.topic_of(topic), self.clock, come_to)
        self.beside.setdefault("web", []).append(watch)
        return watch

    def _check_boundary(self) -> None:
        """Refuses to start where somebody could get past the boundary between partners.

        A laptop's or a test's role may own its tables, and it is told so; one that is not a demo's never.
        """
        if self.database.is_sqlite:
            return
        with self.database.reading() as connection:
            found = faults.find(connection, self.parts.over_all)
        for fault in found.of_role:
            self.log.warning("boundary_weak", reason=fault)
        found.refuse(heeds_role=not self.settings.demo)

    def _app(self) -> Flask:
        from chassis.web.app import make

        return make(self)

    def _listener(self) -> Listener | None:
        if not self.parts.reactions:
            return None
        return Listener(
            service=self.name,
            group=self.settings.topic_prefix + self.name,
            bus=self.bus,
            topics=tuple(self.settings.topic_prefix + topic for topic in self.parts.topics()),
            hears=self.parts.topics(),
            database=self.database,
            reactions=self.parts.reactions,
            vault=self.vault,
            opens=self.keys.may_open,
            clock=self.clock,
            metrics=self.event_metrics,
            member=f"{self.name}-{self.settings.slot}",
            policy=self.policy,
            stated=self.relay.wake,
            forgotten=self.let_go_of,
            heard=self.entry.forget_held,
        )

    # ---- transactions -------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, ring: Ring | None = None, *, whole: bool = False, scope: Scope | None = None) -> Iterator[Unit]:
        """One transaction for the knock at hand; after it commits the relay is woken if anything was stated.

        It is bound to the partner of whoever knocks (chassis/boundary). `scope` says who, where no request does or it
        is the service itself; `whole` lets the service look anything up while nobody is signed in yet.
        """
        is_asked = has_request_context()
        if is_asked and self.standing.is_open():
            raise OlderCopy()
        with self.database.writing(self._bound_to(scope, whole=whole)) as connection:
            hit("web.begun" if is_asked else "tick.begun")
            unit = self._unit(connection, ring, scope)
            yield unit
            facts = self.parts.audit_facts
            seen = telling.tell_seen(unit, facts, self._seen_lately) if facts else []
            budget.spend(unit, seen, self.showing)
            unit.gathering.write()
            hit("web.before_commit" if is_asked else "tick.before_commit")
        hit("web.after_commit" if is_asked else "tick.after_commit")
        self._seen_lately.keep(seen)
        if unit.stated:
            self.relay.wake()
            # What was stated here may be about whoever knocks next.
            self.entry.forget_held()

    @contextmanager
    def reading(self, ring: Ring | None = None, *, whole: bool = False, scope: Scope | None = None) -> Iterator[Unit]:
        """One reading transaction for the knock at hand."""
        with self.database.reading(self._bound_to(scope, whole=whole)) as connection:
            unit = self._unit(connection, ring, scope)
            yield unit
            unit.gathering.write()

    def _bound_to(self, scope: Scope | None, *, whole: bool) -> str:
        """Whom a transaction is bound to.

        What stands under somebody's own id may stand with any partner, so there the read's own condition holds alone
        (docs/decisions/0027). Nobody has nothing.
        """
        if scope is None:
            scope = g.scope if has_request_context() and "thread" in g else service_scope(self.name)
        if scope.reach == "partner":
            if whole:
                raise Misbuilt("a transaction of one partner's cannot look at the whole")
            if scope.partner_id == NETWORK:
                raise PartnerUnfit()
            return scope.partner_id or NOBODY
        return NETWORK if whole or scope.reach != "none" else NOBODY

    def _unit(self, connection: Any, ring: Ring | None, scope: Scope | None) -> Unit:
        unit = Unit(
            gathering=Gathering(connection), service=self.name, who=the_service(self.name),
            scope=service_scope(self.name), now=self.clock.now(), ids=self.ids, thread=_own_thread(self.ids),
            ring=ring or Ring({}), policy=self.policy,
        )  # fmt: skip
        if has_request_context() and "thread" in g:
            unit = replace(unit, who=g.who, scope=g.scope, thread=g.thread, purpose=g.get("action"))
        return unit if scope is None else replace(unit, who=scope.who, scope=scope)

    def note_refusal(self, error: Refused) -> None:
        """Writes the audit row of a refusal in a transaction of its own; reading and missing pages leave none."""
        if error.status in {404, 405, 413, 415} or not has_request_context():
            return
        try:
            with self.writing() as unit:
                unit.note(g.get("action") or "unknown", outcome="refused", rule=error.rule)
                if isinstance(error, budget.BudgetSpent) and budget.note_spent(unit) and self.parts.audit_facts:
                    telling.tell_spent(unit, self.parts.audit_facts)
        except Trouble:
            self.log.error("refusal_not_noted", rule=error.rule)

    # ---- the other two doors ------------------------------------------------------------------------------------

    def pump(self) -> int:
        """Sends what waits to be sent and applies what arrived, until quiet; gives how many facts moved."""
        return pump_all({self.name: self})

    def tick(self) -> int:
        """Runs every routine once, each in its own transaction, then every chore; gives how many things were done."""
        if self.standing.is_open():
            return 0
        self.keep_forgotten()
        done = sum(self._do(name, partial(self._run, routine)) for name, routine in self.parts.routines.items())
        done += sum(self._do(name, partial(chore, self)) for name, chore in self.parts.chores.items())
        for name, chore in (("seal_audit", self.seal_audit), ("publish_audit_head", self.publish_audit_head)):
            self._do(name, chore)
        if self._is_to_scrub:
            self._scrub()
        return done

    # ---- the audit trail ----------------------------------------------------------------------------------------

    def seal_audit(self) -> int:
        """Seals the audit rows that are not sealed yet; gives how many that were."""
        return sealing.seal(self.database, self.name)

    def publish_audit_head(self) -> int:
        """Signs and states the chain's head once an hour, and adds it to the operator's folder; gives how many."""
        if not self.parts.audit_facts:
            return 0
        with self.writing() as unit:
            done = telling.publish_head(unit, self._signer, self.parts.audit_facts)
        if self.settings.audit_heads:
            telling.file_heads(self.database, self.name, self.settings.audit_heads, self.clock.now())
        return int(done)

    def _signer(self) -> Signer:
        return Signer(secret_from(self.settings.audit_key_path))

    def _run(self, routine: Routine) -> int:
        with self.writing() as unit:
            return routine(unit)

    def _do(self, name: str, work: Callable[[], int]) -> int:
        try:
            return work()
        except Trouble as trouble:
            self.log.error("routine_failed", action=name, rule=trouble.rule)
        except Exception as trouble:  # noqa: BLE001 - one routine's fault must not stop the other clocks
            place = logs.crash_place(trouble)
            self.log.error("routine_failed", action=name, error=type(trouble).__name__, place=place)
        return 0

    def keep_forgotten(self) -> int:
        """Has this room and the key store know of everybody who is forgotten, as one of them is an older copy.

        Done before the doors open and at every tick; what the room kept of them is let go of again once its records are
        known to be as new as what the network heard. Gives how many people it was news of.
        """
        found = self._do("keep_forgotten", self.remembering.look)
        if self.parts.forgets_again and self._is_sound():
            found += self._do("forget_again", partial(self._run, self.parts.forgets_again))
        return found

    def _is_sound(self) -> bool:
        try:
            return self.standing.is_sound()
        except Retry:
            return False

    def let_go_of(self, owner_ids: Collection[str]) -> None:
        """Lets go of what is held of human beings who are forgotten: their keys in memory, and what a file still holds.

        Called after the commit; a file that somebody reads just now is cleared at the next tick.
        """
        self.keys.drop(owner_ids)
        self._scrub()

    def _scrub(self) -> None:
        try:
            self._is_to_scrub = not self.database.scrub()
        except Retry:
            self._is_to_scrub = True

    def readiness(self) -> dict[str, dict[str, bool]]:
        """What each role here needs, and whether it is there: web needs only database and keys (events.md)."""
        own = {"database": self.database.answers()}
        keys = {"keys": self.keys_answer()}
        carrier = {"carrier": self.bus.answers()}
        listening = {"listening": not (self.listener and self.listener.stopped)}
        needs = {
            "web": {**own, **keys},
            "relay": {**own, **carrier},
            "listen": {**own, **keys, **carrier, **listening},
            "tick": own,
        }
        settled = {"settled": False} if self._waits_for_a_person() else {}
        return {role: {**needs[role], **settled} for role in self.roles}

    def _waits_for_a_person(self) -> bool:
        try:
            return self.standing.is_open()
        except Retry:
            return False

    def lags(self) -> dict[str, list[Lag]]:
        """How far each service of this process is behind; one in a process of its own says so on its metrics."""
        found = {}
        for name, lag in self._lags.items():
            with suppress(Trouble):
                found[name] = lag()
        return found

    def keys_answer(self) -> bool:
        """Says whether the key store answers."""
        return self.keys.answers()

    def greeting(self, token: str | None) -> str:
        """What whoever is signed in wants to be called, for the head of a page."""
        if not token:
            return ""
        try:
            return self.vault.ring([token]).open_text(token)
        except Trouble:
            return ""

    def close(self) -> None:
        """Stops carrying and gives connections back."""
        if self.listener:
            self.listener.close()
        for beside in (one for role in self.beside.values() for one in role):
            beside.close()
        self.relay.close()
        self.database.close()


def _own_thread(ids: Ids) -> Thread:
    made = ids.new()
    return Thread(made, made)


def pump_all(services: Mapping[str, Service], *, limit_seconds: float = 60) -> int:
    """Carries facts between services until all are quiet; gives how many moved."""
    moved, began = 0, time.monotonic()
    services = {name: service for name, service in services.items() if service.standing.is_sound()}
    listeners = [service.listener for service in services.values() if service.listener]
    while True:
        # All send before any hears, so that each hears in few large batches.
        step = sum(service.relay.sweep_when_rung() for service in services.values())
        step += sum(listener.step(0) for listener in listeners)
        moved += step
        if not step:
            return moved
        if time.monotonic() - began > limit_seconds:
            raise Trouble("The carriers did not come to rest in time.")
