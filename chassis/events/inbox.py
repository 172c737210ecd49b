"""The inbox: a batch applied in one transaction, of each stream exactly the next number or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis import logs
from chassis.access import service_scope, the_service
from chassis.boundary import NETWORK
from chassis.clock import Clock
from chassis.crashpoints import hit
from chassis.database import Database
from chassis.errors import Retry, Trouble
from chassis.events import brakes, parking, places, shapes, turn
from chassis.events.arrival import Arrived, Odd, Reader
from chassis.events.bus import Record
from chassis.events.envelope import FORGOTTEN, Place
from chassis.events.metrics import EventMetrics
from chassis.events.passes import Batch, Pass
from chassis.events.turn import NOTHING, Last
from chassis.ids import DerivedIds
from chassis.rows import Gathering
from chassis.sealing import Ring, Vault
from chassis.unit import Thread, Unit

Reactions = Mapping[type, Callable[..., None]]


class Inbox:
    """Applies facts for one consumer."""

    def __init__(
        self, *, consumer: str, database: Database, reactions: Reactions, vault: Vault, opens: frozenset[str],
        clock: Clock, metrics: EventMetrics, policy: Any, hears: Iterable[str], stated: Callable[[], None],
        forgotten: Callable[[Collection[str]], None],
    ) -> None:  # fmt: skip
        self._consumer, self._database, self._reactions = consumer, database, reactions
        self._vault, self._opens, self._clock, self._metrics = vault, opens, clock, metrics
        self._policy, self._hears, self._stated = policy, frozenset(hears), stated
        self._forgotten = forgotten
        self._who, self._scope = the_service(consumer), service_scope(consumer)
        self._reader = Reader({kind.FACT.type: kind for kind in reactions})  # type: ignore[attr-defined]
        self._log = logs.logger(consumer)
        self._has_parked = False
        # Whether facts may wait. One process holds an SQLite file, so it knows; on PostgreSQL each batch looks.
        self.may_wait = True

    def take_in(self, records: Sequence[Record], caught_up: places.CaughtUp | None = None) -> Collection[str]:
        """Applies what a carrier gave, with the places reached, in one transaction; raises Retry to be tried again.

        `caught_up` names the partitions these records are the last of; that is kept with them. Gives the streams that
        moved on.
        """
        return self._apply(Batch([self._reader.read(record) for record in records], records, caught_up))

    def take_up(self, moved: Collection[str] | None = None) -> int:
        """Applies kept facts whose needs are met now, as long as any stream moves on; gives how many were looked at.

        With `moved` only what waited for those streams, and then for what these let go, is looked at.
        """
        looked_at = 0
        while rows := self._ready(moved):
            looked_at += len(rows)
            on = self._apply(Batch([self._reader.read_kept(row) for row in rows]))
            if not on:
                break
            moved = None if moved is None else on
        return looked_at

    def _ready(self, moved: Collection[str] | None) -> Sequence[Any]:
        if moved is not None and not (moved and self.may_wait):
            return []
        if self._database.is_sqlite and not self.may_wait:
            return []
        with self._database.reading() as connection:
            rows = parking.ready(connection, self._consumer, moved)
            if not rows and moved is None:
                self.may_wait = parking.any_waits(connection, self._consumer)
        return rows

    def has_parked(self) -> bool:
        """Whether a stream was parked since this was last asked."""
        had, self._has_parked = self._has_parked, False
        return had

    def _apply(self, batch: Batch) -> Collection[str]:
        hit("listen.arrived")
        # Keys are fetched before the transaction opens (events.md, SQLite).
        ring = self._vault.ring(
            token
            for one in batch.arrived()
            if one.fact is not None
            for token in shapes.sealed_tokens(one.fact, self._opens)
        )
        try:
            done = self._try(batch, ring, careful=False)
        except turn.LostRace:
            self._metrics.lost_races.inc()
            raise
        except Retry:
            raise
        except Exception:  # noqa: BLE001 - a reaction may fail in any way
            # Something in the batch fails for good: once more, each fact alone, so that only its stream is parked.
            done = self._try(batch, ring, careful=True)
            # It failed because a faster member had done all of it meanwhile.
            self._metrics.lost_races.inc(batch.records != () and done.repeats == len(batch.read))
        self._tell(done)
        return done.now.keys()

    def _try(self, batch: Batch, ring: Ring, *, careful: bool) -> Pass:
        streams = {one.envelope.stream for one in batch.arrived()}
        needed = {place.stream for one in batch.arrived() for place in one.envelope.requires}
        with self._database.writing(NETWORK) as connection:
            was = turn.last_of(connection, self._consumer, streams | needed)
            hit("listen.begun")
            if not self._database.is_sqlite:
                # Another member may have kept something; what it keeps from here on is found by the sweep.
                self.may_wait = parking.any_waits(connection, self._consumer)
            # The fact a stream was parked at is kept waiting, so where nothing waits nothing is parked.
            kept = parking.kept_among(connection, self._consumer, streams) if self.may_wait else set()
            stuck = parking.parked_among(connection, self._consumer, kept) if kept else set()
            going = Pass(Gathering(connection), ring, careful, was, kept, stuck)
            for one in batch.read:
                if isinstance(one, Odd):
                    going.odd += parking.keep_odd(connection, self._consumer, one, self._clock.now())
                else:
                    self._take(going, one)
            going.gathering.write()
            if self.may_wait:
                hit("listen.before_settling")
                parking.stop_waiting(connection, self._consumer, going.settled)
                hit("listen.after_settling")
            hit("listen.before_turn")
            turn.move(connection, self._consumer, was, going.now)
            hit("listen.after_turn")
            hit("listen.before_place")
            places.advance(connection, self._consumer, batch.records, batch.read)
            hit("listen.after_place")
            if batch.caught_up:
                places.note_caught_up(connection, self._consumer, batch.caught_up)
            hit("listen.before_commit")
        hit("listen.after_commit")
        return going

    def _take(self, going: Pass, arrived: Arrived) -> None:
        found, last = arrived.envelope, going.last(arrived.envelope.stream)
        if found.number <= last.number:
            if found.number == last.number and found.id != last.fact_id:
                self._fork(going, arrived)
            else:
                going.settle(found)
                going.repeats += 1
            return
        if found.brake:
            hit("listen.before_brake")
            brakes.on_arrival(going.connection, found.brake, found.stream, found.number, self._clock.now())
            hit("listen.after_brake")
            if found.brake.kind == FORGOTTEN:
                going.forgotten.append(found.brake.subject)
        if found.stream in going.parked or found.number > last.number + 1:
            self._keep(going, arrived, found.before)
            return
        if missing := self._missing(going, found.requires):
            self._keep(going, arrived, missing)
            return
        if self._act(going, arrived):
            going.now[found.stream] = Last(found.number, found.id)
            going.applied += 1
            going.newest = max(going.newest or found.stated_at, found.stated_at)
            going.settle(found)
            if found.brake:
                brakes.in_turn(going.connection, found.brake, found.stream, found.number, self._clock.now())

    def _keep(self, going: Pass, arrived: Arrived, needs: Place | None) -> None:
        self.may_wait = True
        going.kept.add(arrived.envelope.stream)
        hit("listen.before_waiting")
        is_kept = parking.keep_waiting(going.connection, self._consumer, arrived, needs, self._clock.now())
        hit("listen.after_waiting")
        if not is_kept:
            self._fork(going, arrived)

    def _fork(self, going: Pass, arrived: Arrived) -> None:
        if parking.is_given_up(going.connection, self._consumer, arrived.envelope):
            going.settle(arrived.envelope)
            going.repeats += 1
            return
        going.forks += 1
        self._park(going, arrived, parking.FORKED, "The same number came with another id.")

    def _missing(self, going: Pass, requires: Iterable[Place]) -> Place | None:
        """The first place a fact requires that is not applied here; streams of rooms not heard are never waited for."""
        for place in requires:
            if place.stream.partition("/")[0] in self._hears and going.last(place.stream).number < place.number:
                return place
        return None

    def _act(self, going: Pass, arrived: Arrived) -> bool:
        """Does what this room does about the fact; false when the stream had to be parked."""
        if arrived.trouble is not None:
            self._park(going, arrived, arrived.trouble.rule, arrived.trouble.says)
            return False
        if arrived.fact is None:
            return True
        if not going.careful:
            self._react(going, arrived, going.gathering)
            return True
        try:
            with going.connection.begin_nested():
                alone = Gathering(going.connection)
                self._react(going, arrived, alone)
                alone.write()
        except (Retry, sa.exc.OperationalError, sa.exc.InterfaceError):
            raise
        except Exception as trouble:  # noqa: BLE001 - a reaction may fail in any way; its stream is parked
            self._check_race(going, arrived)
            rule = trouble.rule if isinstance(trouble, Trouble) else type(trouble).__name__
            self._park(going, arrived, rule, logs.crash_place(trouble))
            return False
        return True

    def _react(self, going: Pass, arrived: Arrived, gathering: Gathering) -> None:
        found = arrived.envelope
        unit = Unit(
            gathering=gathering,
            service=self._consumer,
            who=self._who,
            scope=self._scope,
            now=self._clock.now(),
            ids=DerivedIds(f"{self._consumer}|{found.id}"),
            thread=Thread(found.correlation_id, found.id, found.id, found.traceparent, found.stated_at),
            ring=going.ring,
            policy=self._policy,
            is_looking_back=going.careful,
        )
        hit("listen.before_effect")
        self._reactions[type(arrived.fact)](unit, arrived.fact)
        hit("listen.after_effect")
        going.stated += unit.stated

    def _check_race(self, going: Pass, arrived: Arrived) -> None:
        """A failure because another member applied the same fact at the same time is no reason to park."""
        stream = arrived.envelope.stream
        stands = turn.last_of(going.connection, self._consumer, [stream]).get(stream, NOTHING)
        if stands.number != going.was.get(stream, NOTHING).number:
            raise turn.LostRace()

    def _park(self, going: Pass, arrived: Arrived, reason: str, detail: str) -> None:
        self.may_wait = True
        going.kept.add(arrived.envelope.stream)
        going.parked.add(arrived.envelope.stream)
        hit("listen.before_parking")
        if parking.park(going.connection, self._consumer, arrived, reason, detail, self._clock.now()):
            going.newly_parked.append((arrived, reason, detail))
        hit("listen.after_parking")

    def _tell(self, done: Pass) -> None:
        """Counts and logs what was committed, and wakes the relay when a reaction stated anything."""
        self._metrics.applied.inc(done.applied)
        if done.newest:
            self._metrics.heard_age.set((self._clock.now() - done.newest).total_seconds())
        self._metrics.repeats.inc(done.repeats)
        self._metrics.parked.inc(len(done.newly_parked))
        self._metrics.forks.inc(done.forks)
        self._has_parked = self._has_parked or bool(done.newly_parked)
        self._metrics.unreadable.inc(done.odd)
        if done.odd:
            self._log.error("unreadable", count=done.odd)
        for arrived, reason, detail in done.newly_parked:
            found = arrived.envelope
            self._log.error(
                "parked", fact_type=found.type, stream=found.stream, number=found.number, reason=reason, place=detail
            )
        if done.stated:
            self._stated()
        if done.forgotten:
            self._forgotten(done.forgotten)
