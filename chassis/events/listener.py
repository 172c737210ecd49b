"""The listener: reads its share of the partitions and hands batches to the inbox, until stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis import logs
from chassis.clock import Clock
from chassis.crashpoints import hit
from chassis.database import Database
from chassis.errors import Retry
from chassis.events import parking, places
from chassis.events.backoff import Backoff
from chassis.events.bus import Bus, Record, Subscription
from chassis.events.inbox import Inbox, Reactions
from chassis.events.lag import Lag, lags
from chassis.events.metrics import EventMetrics
from chassis.sealing import Vault

# Longest wait for something to arrive (seconds).
POLL_SECONDS = 1.0
# How often all that is kept is looked through while facts go on arriving (seconds).
SWEEP_SECONDS = 1.0
# How often it is kept that everything was read.
CAUGHT_UP_EVERY = timedelta(seconds=1)


class Listener:
    """Carries facts from the carrier to one service's reactions."""

    def __init__(
        self, *, service: str, group: str, bus: Bus, topics: Sequence[str], hears: Iterable[str], database: Database,
        reactions: Reactions, vault: Vault, opens: frozenset[str], clock: Clock, metrics: EventMetrics, member: str,
        policy: Any, stated: Callable[[], None], forgotten: Callable[[Collection[str]], None],
        heard: Callable[[], None],
    ) -> None:  # fmt: skip
        self._service, self._group, self._member = service, group, member
        self._bus, self._topics = bus, tuple(topics)
        self._database, self._clock, self._metrics = database, clock, metrics
        self._subscription: Subscription | None = None
        self._caught_up_at: datetime | None = None
        self._has_moved, self._heard = True, heard
        self._swept_at: float | None = None
        self.stopped = False
        self._log = logs.logger(service)
        self._inbox = Inbox(
            consumer=service, database=database, reactions=reactions, vault=vault, opens=opens, clock=clock,
            metrics=metrics, policy=policy, hears=hears, stated=stated, forgotten=forgotten,
        )  # fmt: skip

    def run(self, stopping: threading.Event) -> None:
        """Listens until stopped; with a part away it tries again, ever more slowly up to a few seconds."""
        backoff = Backoff(stopping)
        while not stopping.is_set():
            if self.stopped:
                stopping.wait(POLL_SECONDS)
            try:
                self.step(POLL_SECONDS)
                backoff.went_well()
            except Retry as away:
                self._log.warning("listening_again", reason=away.rule)
                backoff.wait()

    def step(self, timeout_seconds: float) -> int:
        """Applies what arrived, and what waited for it; gives how many facts were looked at.

        Stopped, nothing more is read; what somebody took out of parking is tried all the same.
        """
        if self.stopped or self._swept_at is None:
            self._look_at_share()
        if self.stopped:
            return self._sweep()
        records = self._read(timeout_seconds)
        looked_at = len(records)
        if not records or self._is_time_to_sweep():
            looked_at += self._sweep()
        if not looked_at and self._is_time_to_look(has_moved=self._has_moved):
            self._look_around()
        return looked_at

    def _read(self, timeout_seconds: float) -> Sequence[Record]:
        """Applies what arrived, and at once what waited for just that."""
        if self._subscription is None:
            self._subscription = self._bus.subscribe(self._group, self._topics, self._member, self._start_of)
        records = self._subscription.poll(timeout_seconds)
        if not records:
            return records
        try:
            moved = self._take_in(records)
        except BaseException:
            self._subscription.again()
            raise
        self._heard()
        hit("listen.before_hint")
        self._subscription.done({(record.topic, record.partition): record.place + 1 for record in records})
        hit("listen.after_hint")
        self._inbox.take_up(moved)
        if self._inbox.has_parked():
            self._look_at_share()
        return records

    def _sweep(self) -> int:
        """Looks through all that is kept: what other members and people let go is taken up."""
        self._swept_at = time.monotonic()
        looked_at = self._inbox.take_up()
        if self._inbox.may_wait:
            self._look_at_share()
        return looked_at

    def _is_time_to_sweep(self) -> bool:
        return self._swept_at is None or time.monotonic() - self._swept_at >= SWEEP_SECONDS

    def _take_in(self, records: Sequence[Record]) -> Collection[str]:
        """Applies what arrived; when that was all there is, the same transaction keeps that it was."""
        found = self._caught_up() if self._is_time_to_look(has_moved=True) else None
        moved = self._inbox.take_in(records, found)
        self._caught_up_at = found.at if found else self._caught_up_at
        self._has_moved = found is None
        return moved

    def _caught_up(self) -> places.CaughtUp | None:
        """The partitions beyond whose last record given out nothing lies now; None while that is so of none."""
        now = self._clock.now()
        shares = self._subscription.read_to_end() if self._subscription else frozenset()
        return places.CaughtUp(now, shares) if shares else None

    def _start_of(self, topic: str, partition: int, topic_id: str, first: int, end: int) -> int:
        with self._database.reading() as connection:
            return places.start_of(connection, self._service, topic, partition, topic_id, first, end)

    def _is_time_to_look(self, *, has_moved: bool) -> bool:
        if self._caught_up_at is None:
            return True
        since = self._clock.now() - self._caught_up_at
        return since >= CAUGHT_UP_EVERY or (has_moved and not since)

    def _look_around(self) -> None:
        found, now = self._caught_up(), self._clock.now()
        with self._database.writing() as connection:
            if found:
                places.note_caught_up(connection, self._service, found)
        self._caught_up_at, self._has_moved = now, False

    def lag(self) -> list[Lag]:
        """How far this service is behind each topic; facts not read are counted only where it listens itself."""
        subscription = self._subscription
        ends = subscription.ends() if subscription else {}
        with self._database.reading() as connection:
            return lags(connection, self._service, self._topics, ends, self._clock.now())

    def kept(self) -> parking.Kept:
        """What this service keeps until its turn or until a person looks."""
        with self._database.reading() as connection:
            return parking.kept(connection, self._service, self._clock.now())

    def _look_at_share(self) -> None:
        try:
            with self._database.reading() as connection:
                stuck = parking.too_much(connection, self._service)
        except Retry:
            return
        is_too_much = bool(stuck)
        if is_too_much != self.stopped:
            self._log.error("too_much_parked" if is_too_much else "listening_again", count=stuck)
        self.stopped = is_too_much

    def close(self) -> None:
        """Leaves the group."""
        if self._subscription:
            self._subscription.close()
            self._subscription = None
