"""What the counted rows say together: journeys from referral to help, supports, supervision owed, and worries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

MADE = "made"
# Given the day something came in and how many working days, the last of them.
WorkingDays = Callable[[date, int], date]
# Working days until a human being must have opened a new referral (rules.md, Referring; the measure names it).
ACKNOWLEDGE_WORKING_DAYS = 2


class Event(NamedTuple):
    """One counted row: what happened on which day, with the ids that tie it to others and no one's name.

    `kind` is the fact's name without its version; `area` is where the referral or partner is, if that is known.
    """

    kind: str
    on_day: date
    due_on: date | None = None
    referral_id: str | None = None
    match_id: str | None = None
    support_id: str | None = None
    session_id: str | None = None
    peer_id: str | None = None
    partner_id: str | None = None
    code: str | None = None
    number: int | None = None
    returns: bool | None = None
    area: str | None = None


@dataclass(frozen=True)
class Agreement:
    """Both yeses of a match; undone when the match was let go, or support ended and the person waits again."""

    on: date
    undone_on: date | None

    def stands_on(self, day: date) -> bool:
        """Whether the person had someone at the end of `day`."""
        return self.on <= day and (self.undone_on is None or self.undone_on > day)


@dataclass(frozen=True)
class Journey:
    """One referral, from its arrival to help started or to its end."""

    area: str | None
    received_on: date | None = None
    acknowledge_by: date | None = None
    acknowledged_on: date | None = None
    accepted_on: date | None = None
    declined_on: date | None = None
    decline_reason: str | None = None
    closed_on: date | None = None
    agreements: tuple[Agreement, ...] = ()
    help_on: date | None = None

    def is_open_on(self, day: date) -> bool:
        """Whether the referral had come in and not ended by the end of `day`."""
        has_ended = any(end is not None and end <= day for end in (self.declined_on, self.closed_on))
        return self.received_on is not None and self.received_on <= day and not has_ended

    def has_someone_on(self, day: date) -> bool:
        """Whether both had said yes, and it still stood, at the end of `day`."""
        return any(one.stands_on(day) for one in self.agreements)

    @property
    def first_yes_on(self) -> date | None:
        """When both had first said yes."""
        return min((one.on for one in self.agreements), default=None)


@dataclass(frozen=True)
class Support:
    """One support: its days, how it ended, and the days of contacts that were made."""

    area: str | None
    started_on: date | None = None
    ended_on: date | None = None
    ending: str | None = None
    connections_alive_count: int = 0
    contacts_on: tuple[date, ...] = ()


@dataclass(frozen=True)
class Owed:
    """One supervision session a peer was owed by a day, and when it was held, if it was."""

    area: str | None
    peer_id: str
    due_on: date
    held_on: date | None


@dataclass(frozen=True)
class Moment:
    """Something that is counted by its day alone, with a code where it has one."""

    area: str | None
    on: date
    code: str | None = None


@dataclass(frozen=True)
class Picture:
    """Everything that is counted, of the whole region or of one area."""

    journeys: tuple[Journey, ...] = ()
    supports: tuple[Support, ...] = ()
    sessions: tuple[Owed, ...] = ()
    tasters: tuple[Moment, ...] = ()
    peers: tuple[Moment, ...] = ()
    worries: tuple[Moment, ...] = ()

    def of(self, area: str) -> Picture:
        """The part of one area; worries have none, so they are counted for the region alone."""
        return replace(
            self,
            journeys=tuple(one for one in self.journeys if one.area == area),
            supports=tuple(one for one in self.supports if one.area == area),
            sessions=tuple(one for one in self.sessions if one.area == area),
            tasters=tuple(one for one in self.tasters if one.area == area),
            peers=tuple(one for one in self.peers if one.area == area),
            worries=(),
        )


Kinds = Mapping[str, Sequence[Event]]


def picture_of(events: Iterable[Event], working_days: WorkingDays) -> Picture:
    """Puts the counted rows together, in whatever order they were heard."""
    kinds: dict[str, list[Event]] = defaultdict(list)
    areas: dict[str, str | None] = {}
    for event in events:
        kinds[event.kind].append(event)
        if event.referral_id:
            areas[event.referral_id] = event.area
    referral_of = {one.match_id: one.referral_id for one in (*kinds["match.proposed"], *kinds["match.agreed"])}
    peer_areas = _peer_areas(kinds)
    contacts = _contacts(kinds)
    return Picture(
        journeys=tuple(_journeys(kinds, areas, contacts, working_days)),
        supports=tuple(_supports(kinds, areas, contacts)),
        sessions=tuple(_sessions(kinds, peer_areas)),
        tasters=tuple(
            Moment(areas.get(referral_of.get(one.match_id) or ""), one.on_day) for one in kinds["taster.held"]
        ),
        peers=tuple(Moment(peer_areas.get(one.peer_id), one.on_day) for one in kinds["peer.joined"]),
        worries=tuple(Moment(None, one.on_day, one.code) for one in kinds["concern.raised"]),
    )


def _peer_areas(kinds: Kinds) -> dict[str | None, str | None]:
    """A peer counts where their partner is."""
    partners = {one.partner_id: one.area for one in kinds["partner.joined"]}
    return {one.peer_id: partners.get(one.partner_id) for one in kinds["peer.joined"]}


def _contacts(kinds: Kinds) -> Mapping[str | None, tuple[date, ...]]:
    made: dict[str | None, list[date]] = defaultdict(list)
    for one in kinds["contact.recorded"]:
        if one.code == MADE:
            made[one.support_id].append(one.on_day)
    return {support_id: tuple(days) for support_id, days in made.items()}


def _journeys(
    kinds: Kinds,
    areas: Mapping[str, str | None],
    contacts: Mapping[str | None, tuple[date, ...]],
    working_days: WorkingDays,
) -> Iterable[Journey]:
    received, acknowledged = _by_referral(kinds["referral.received"]), _by_referral(kinds["referral.acknowledged"])
    accepted, closed = _by_referral(kinds["referral.accepted"]), _by_referral(kinds["referral.closed"])
    declined = _by_referral(kinds["referral.declined"])
    agreements = _agreements(kinds)
    met: dict[str | None, list[date]] = defaultdict(list)
    for one in kinds["support.started"]:
        met[one.referral_id] += contacts.get(one.support_id, ())
    for referral_id, area in areas.items():
        came = received.get(referral_id)
        yes = tuple(agreements.get(referral_id, ()))
        first = min((one.on for one in yes), default=None)
        yield Journey(
            area=area,
            received_on=came.on_day if came else None,
            acknowledge_by=working_days(came.on_day, ACKNOWLEDGE_WORKING_DAYS) if came else None,
            acknowledged_on=_day(acknowledged.get(referral_id)),
            accepted_on=_day(accepted.get(referral_id)),
            declined_on=_day(declined.get(referral_id)),
            decline_reason=declined[referral_id].code if referral_id in declined else None,
            closed_on=_day(closed.get(referral_id)),
            agreements=yes,
            help_on=min((day for day in met[referral_id] if first and day >= first), default=None),
        )


def _by_referral(events: Iterable[Event]) -> dict[str | None, Event]:
    """The first of each referral, so that none is counted twice."""
    found: dict[str | None, Event] = {}
    for event in sorted(events, key=lambda one: one.on_day):
        found.setdefault(event.referral_id, event)
    return found


def _day(event: Event | None) -> date | None:
    return event.on_day if event else None


def _agreements(kinds: Kinds) -> Mapping[str | None, list[Agreement]]:
    undone: dict[str | None, date] = {}
    returned = [one for one in kinds["support.ended"] if one.returns]
    for event in (*kinds["match.released"], *returned):
        undone[event.match_id] = min(event.on_day, undone.get(event.match_id, event.on_day))
    found: dict[str | None, list[Agreement]] = defaultdict(list)
    for event in kinds["match.agreed"]:
        found[event.referral_id].append(Agreement(event.on_day, undone.get(event.match_id)))
    return found


def _supports(
    kinds: Kinds, areas: Mapping[str, str | None], contacts: Mapping[str | None, tuple[date, ...]]
) -> Iterable[Support]:
    started = {one.support_id: one for one in kinds["support.started"]}
    ended = {one.support_id: one for one in kinds["support.ended"]}
    for support_id in dict.fromkeys((*started, *ended, *contacts)):
        begin, end = started.get(support_id), ended.get(support_id)
        known = begin or end
        yield Support(
            area=areas.get(known.referral_id or "") if known else None,
            started_on=_day(begin),
            ended_on=_day(end),
            ending=end.code if end else None,
            connections_alive_count=(end.number or 0) if end else 0,
            contacts_on=contacts.get(support_id, ()),
        )


def _sessions(kinds: Kinds, peer_areas: Mapping[str | None, str | None]) -> Iterable[Owed]:
    """Sessions that were held, and those that ran past their day; what is still to come is not among them."""
    planned = {one.session_id: one for one in kinds["supervision.planned"]}
    owed: dict[tuple[str, str | None, date], date | None] = {}
    for one in kinds["supervision.overdue"]:
        if one.peer_id and one.due_on:
            owed.setdefault((one.peer_id, one.code, one.due_on), None)
    for one in kinds["supervision.held"]:
        plan = planned.get(one.session_id)
        if plan and plan.peer_id and plan.due_on:
            key = (plan.peer_id, plan.code, plan.due_on)
            before = owed.get(key)
            owed[key] = min(one.on_day, before) if before else one.on_day
    for (peer_id, _kind, due_on), held_on in owed.items():
        yield Owed(peer_areas.get(peer_id), peer_id, due_on, held_on)
