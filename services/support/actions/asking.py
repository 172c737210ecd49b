"""What the API and the screens both ask: one support, several, or the person's own, as each side may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chassis import working_days
from chassis.errors import NotFound
from chassis.unit import Unit
from services.support import domain, store
from services.support.actions import changing

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """One support as one side sees it; words are tokens until a ring opens them."""

    row: Any
    side: str
    today: date
    is_peer_away: bool
    is_late: bool
    is_overrun: bool
    next_meeting: Any | None
    connections: Sequence[Any]
    to_record: Any | None = None
    notes: Sequence[Any] = ()
    is_said_now: bool = False

    @property
    def is_ending_told(self) -> bool:
        """Whether this side learns how it ended: a person who stops or swaps owes their peer no reason."""
        return self.is_said_now or self.side != domain.PEER or self.row.agreed_by != domain.PERSON

    @property
    def is_of_the_pair(self) -> bool:
        """Whether the words of connections are theirs to read."""
        return self.side != domain.NETWORK

    @property
    def alive(self) -> Sequence[Any]:
        """The connections that are alive today."""
        return [one for one in self.connections if one.state in domain.ALIVE]

    def tokens(self) -> list[str | None]:
        """What this side may open."""
        words = [one.what for one in self.connections] if self.is_of_the_pair else []
        return [self.row.person_called, self.row.peer_called, *words, *(one.note for one in self.notes)]


def see(unit: Unit, support_id: str) -> Seen:
    """One support; NotFound when it is not theirs or not shown to them. Whoever is shown to others is an audit row."""
    row = store.support(unit.scope, unit, support_id)
    found = _seen(unit, [row], is_opened=True)
    if not found:
        raise NotFound()
    return found[0]


def see_changed(unit: Unit, support_id: str) -> Seen:
    """One support for whoever just changed it, also when the change was the last they see of it."""
    row = store.support(unit.scope, unit, support_id)
    return replace(_made(unit, [(row, changing.side_of(row, unit.who))])[0], is_said_now=True)


def see_whole(unit: Unit, support_id: str) -> Seen:
    """One support with the peer's own notes, and the meeting that waits for its two taps, if any."""
    one = see(unit, support_id)
    if one.side != domain.PEER:
        return one
    past = store.latest_meeting_past(unit.scope, unit, support_id)
    days = unit.policy.offered_days
    is_open = (
        past is not None
        and past.contact_id is None
        and one.row.state in (domain.ACTIVE, domain.PAUSED)
        and domain.is_offered(changing.day_of(past.starts_at), one.today, days)
    )
    notes = store.own_notes(unit.scope, unit, support_id, unit.who.id)
    return replace(one, to_record=past if is_open else None, notes=notes)


def see_all(unit: Unit, states: Iterable[str]) -> list[Seen]:
    """The supports at some states that are shown to whoever asks, newest first."""
    return _seen(unit, store.supports_listed(unit.scope, unit, states), is_opened=False)


def see_own(unit: Unit) -> Seen | None:
    """The newest support of the person who asks; None when there is none, or nothing is shown just now."""
    begun = [row for row in store.supports_of_person(unit.scope, unit, unit.who.id) if row.state != domain.RELEASED]
    return next(iter(_seen(unit, begun[:1], is_opened=True)), None)


def _seen(unit: Unit, rows: Sequence[Any], *, is_opened: bool) -> list[Seen]:
    brakes = store.brakes_on(unit, {row.person_id for row in rows})
    sides = [(row, changing.side_of(row, unit.who)) for row in rows]
    shown = [(row, side) for row, side in sides if domain.may_see(side, row.state, brakes.get(row.person_id, _NONE))]
    for row, _ in shown:
        # What is one's own is no disclosure: a person sees their peer, a peer the person, and the network both.
        unit.disclose(row.person_id, record=row.support_id, is_opened=is_opened)
        unit.disclose(row.peer_id, record=row.support_id, kind="peer", is_opened=is_opened)
    return _made(unit, shown)


def _made(unit: Unit, shown: Sequence[tuple[Any, str]]) -> list[Seen]:
    ids = [row.support_id for row, _ in shown]
    away = store.brakes_on(unit, {row.peer_id for row, _ in shown})
    meetings = store.meetings_ahead(unit.scope, unit, ids)
    connections = store.connections_of(unit.scope, unit, ids)
    today = changing.day_of(unit.now)
    made = []
    for row, side in shown:
        ahead = [one for one in meetings if one.support_id == row.support_id and row.state == domain.ACTIVE]
        made.append(
            Seen(
                row=row,
                side=side,
                today=today,
                is_peer_away="peer_paused" in away.get(row.peer_id, _NONE),
                is_late=row.state == domain.AGREED and unit.now > _start_due(unit, row),
                is_overrun=domain.is_overrun(row.state, row.agreed_end_on, today),
                # When a pair meets is theirs; nobody else watches it.
                next_meeting=ahead[0] if ahead and side != domain.NETWORK else None,
                connections=[one for one in connections if one.support_id == row.support_id],
            )
        )
    return made


def _start_due(unit: Unit, row: Any) -> Any:
    return working_days.after(row.agreed_at, unit.policy.start_working_days)
