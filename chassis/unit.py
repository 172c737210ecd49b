"""One knock at a door: its transaction, who knocks, the time, new ids, the keys at hand, and what it states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Principal, Scope
from chassis.ids import Ids, trace_parent
from chassis.rows import Gathering
from chassis.sealing import Ring
from chassis.tables import audit


@dataclass(frozen=True)
class Thread:
    """What ties together all that follows from one knock at the door: ids, and when a causing fact was stated."""

    correlation_id: str
    request_id: str
    causation_id: str | None = None
    traceparent: str = field(default_factory=trace_parent)
    caused_at: datetime | None = None


@dataclass(frozen=True)
class Disclosed:
    """Somebody whose record was shown to whoever knocks: `is_opened` when it was asked for alone, not in a list."""

    subject: str
    kind: str
    is_opened: bool


@dataclass
class Unit:
    """Everything an action needs; it commits as a whole or not at all."""

    gathering: Gathering
    service: str
    who: Principal
    scope: Scope
    now: datetime
    ids: Ids
    thread: Thread
    ring: Ring = field(default_factory=lambda: Ring({}))
    policy: Any = None
    # The action of the door they came by; None for what a service does itself.
    purpose: str | None = None
    stated: int = 0
    # Whose record is shown here to somebody else, told on when the unit ends (chassis/service.py).
    disclosed: list[Disclosed] = field(default_factory=list)
    # Whether what is stated here may have been stated before: a reaction runs again on records from an older copy.
    is_looking_back: bool = False
    _alike: tuple[tuple[Any, ...], Mapping[str, Any]] | None = field(default=None, init=False, repr=False)

    @property
    def connection(self) -> sa.Connection:
        """The transaction's connection, for whatever is asked of the service's own tables."""
        return self.gathering.connection

    def put(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Adds a row, or replaces the columns of the one with the same key; many such rows are written at once."""
        self.gathering.put(table, row)

    def state(self, stream: str, fact: Any, *, requires: Sequence[str | None] = ()) -> str:
        """States `fact` as the next number of `stream`; gives its place, `stream@number`.

        `requires` lists places on other streams that every hearer must have applied first; None among them is left out.
        """
        from chassis.events.outbox import state

        self.stated += 1
        return state(self, stream, fact, tuple(place for place in requires if place))

    def at(self, stream: str) -> str | None:
        """The newest place of a stream: stated here if it is ours, applied here if we hear it; else None."""
        from chassis.events.outbox import newest

        return newest(self, stream)

    def braked(self, subject: str) -> frozenset[str]:
        """The kinds of restriction now on a subject (events.md, brakes); empty when there are none."""
        from chassis.events.brakes import braked

        return braked(self.gathering.bare, [subject]).get(subject, frozenset())

    def note(
        self,
        action: str,
        *,
        subject: str | None = None,
        record: str | None = None,
        kind: str | None = None,
        outcome: str = "done",
        rule: str | None = None,
    ) -> None:
        """Writes the audit row of what is done or disclosed here, in the same transaction.

        `subject` is whose record it is, `kind` what they are, `record` which record; ids are opaque.
        """
        self.gathering.add(
            audit,
            {
                **self._said_alike(), "action": action, "outcome": outcome, "rule": rule, "subject_kind": kind,
                "record": record, "subject": subject,
            },
        )  # fmt: skip

    def _said_alike(self) -> Mapping[str, Any]:
        """What every audit row of this knock says alike: who, when, what for and in which thread."""
        of = (self.who, self.purpose, self.thread)
        if self._alike is None or any(one is not other for one, other in zip(self._alike[0], of, strict=True)):
            said = {
                "at": self.now, "who_kind": self.who.kind, "who_id": self.who.id,
                "roles": " ".join(sorted(self.who.roles)), "partner_id": self.who.partner_id, "purpose": self.purpose,
                "request_id": self.thread.request_id, "correlation_id": self.thread.correlation_id,
            }  # fmt: skip
            self._alike = (of, said)
        return self._alike[1]

    def disclose(
        self,
        subject: str,
        *,
        record: str | None = None,
        kind: str = "person",
        action: str = "",
        is_opened: bool = True,
        is_told: bool = True,
    ) -> None:
        """Puts on record that somebody's record is shown to whoever asks: one row for each one shown, in lists too.

        `is_opened` is false for a row of a list; without `is_told` it is on record and nobody else learns of it.
        What is shown to themselves is no disclosure.
        """
        if subject == self.who.id:
            return
        how = "seen" if is_opened else "listed"
        self.note(action or f"{kind}.{how}", subject=subject, record=record, kind=kind)
        if is_told:
            self.disclosed.append(Disclosed(subject, kind, is_opened))
