"""The questions asked of referrals and their people, and how their rows change."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.errors import NotFound
from chassis.unit import Unit
from services.referrals import domain

from .tables import equity_waiting, glasses, people, referrals

_FORGOTTEN = domain.FORGOTTEN
_THEIRS = sa.and_(people.c.person_id == referrals.c.person_id, people.c.partner_id == referrals.c.partner_id)


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    query = told.heeded(scope, query, referrals.c.person_id)
    if scope.reach == "network":
        return query
    if scope.reach == "partner":
        return query.where(referrals.c.partner_id == scope.partner_id)
    return query.where(referrals.c.person_id == scope.own_id)


def _joined() -> sa.Select[Any]:
    return sa.select(
        referrals, people.c.called, people.c.contact, people.c.consent_state, people.c.is_protected,
        people.c.consent_id, people.c.consent, people.c.reporting_id, people.c.word_chosen_at,
    ).join_from(referrals, people, _THEIRS)  # fmt: skip


@functools.cache
def _one_referral(reach: str, heeds: bool) -> sa.Select[Any]:
    query = _joined().where(referrals.c.referral_id == sa.bindparam("of"))
    if heeds:
        query = told.heeded_once(query, referrals.c.person_id)
    if reach == "network":
        return query
    if reach == "partner":
        return query.where(referrals.c.partner_id == sa.bindparam("partner"))
    return query.where(referrals.c.person_id == sa.bindparam("own"))


def referral(scope: Scope, unit: Unit, referral_id: str) -> Any:
    """One referral with its person's row; NotFound when it is not there or not theirs."""
    values = {"of": referral_id, "own": scope.own_id, "partner": scope.partner_id, "asker": scope.who.id}
    row = unit.connection.execute(_one_referral(scope.reach, told.heeds(scope)), values).one_or_none()
    if row is None:
        raise NotFound()
    return row


def referrals_listed(scope: Scope, unit: Unit, *, state: str = "", size: int, page: int = 1) -> Sequence[Any]:
    """One page of referrals newest first, of one state when given."""
    query = _within(scope, _joined()).order_by(referrals.c.received_at.desc(), referrals.c.referral_id)
    query = query.limit(size).offset((page - 1) * size)
    if state:
        query = query.where(referrals.c.state == state)
    return unit.connection.execute(query).all()


def found_by(
    scope: Scope, unit: Unit, marks: Mapping[str, str | None], *, finds_protected: bool, most: int
) -> Sequence[Any]:
    """The referrals of people with all of these marks, by column, newest first; nobody's when a mark is lacking."""
    if not all(marks.values()):
        return []
    query = _within(scope, _joined()).where(*(people.c[name] == mark for name, mark in marks.items()))
    if not finds_protected:
        query = query.where(~people.c.is_protected)
    query = query.order_by(referrals.c.received_at.desc(), referrals.c.referral_id).limit(most)
    return unit.connection.execute(query).all()


def count_by_state(scope: Scope, unit: Unit) -> dict[str, int]:
    """How many referrals stand at each state."""
    query = _within(scope, sa.select(referrals.c.state, sa.func.count())).group_by(referrals.c.state)
    return {state: count for state, count in unit.connection.execute(query)}


def of_person(scope: Scope, unit: Unit, person_id: str) -> Sequence[Any]:
    """A person's referrals, newest first."""
    query = _within(scope, _joined()).where(referrals.c.person_id == person_id)
    return unit.connection.execute(query.order_by(referrals.c.received_at.desc())).all()


def person(scope: Scope, unit: Unit, person_id: str) -> Any:
    """One person's row; NotFound when it is not there or not theirs."""
    query = told.heeded(scope, sa.select(people).where(people.c.person_id == person_id), people.c.person_id)
    if scope.reach != "network":
        query = query.where(people.c.person_id == (scope.own_id or ""))
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def hold_person(scope: Scope, unit: Unit, person_id: str) -> None:
    """Has one change of a person after another, for whoever reaches them."""
    if scope.reach == "network":
        unit.connection.execute(sa.select(people.c.person_id).where(people.c.person_id == person_id).with_for_update())


def person_forgotten(scope: Scope, unit: Unit, person_id: str) -> Any:
    """The row that is left of a person who is forgotten; NotFound when there is none, or to less than the network."""
    query = sa.select(people).where(people.c.person_id == person_id)
    row = unit.connection.execute(query).one_or_none() if scope.reach == "network" else None
    if row is None:
        raise NotFound()
    return row


def people_kept_from(scope: Scope, unit: Unit, person_ids: Sequence[str]) -> frozenset[str]:
    """Which of these people named whoever asks, so that nothing of them is there; all to less than the network."""
    if scope.reach != "network":
        return frozenset(person_ids)
    query = sa.select(people.c.person_id).where(people.c.person_id.in_(sorted(set(person_ids))))
    return frozenset(unit.connection.execute(query.where(told.is_kept(people.c.person_id, scope.who.id))).scalars())


def overdue(scope: Scope, unit: Unit, *, state: str, column: str, before: datetime) -> Sequence[Any]:
    """Referrals at `state` whose due time in `column` has passed."""
    due = referrals.c[column]
    query = _within(scope, _joined()).where(referrals.c.state == state, due < before).order_by(due)
    return unit.connection.execute(query).all()


def earliest_due(scope: Scope, unit: Unit) -> datetime | None:
    """The earliest time by which something was or is owed: opening a referral, or deciding it."""
    query = _within(scope, sa.select(sa.func.min(referrals.c.reply_due_at), sa.func.min(referrals.c.decision_due_at)))
    return min((due for due in unit.connection.execute(query).one() if due), default=None)


def keep_codes(unit: Unit, reporting_id: str, received_on: date, codes: Mapping[str, str]) -> None:
    """Keeps the group codes of one referral under its reporting id until its day is over."""
    row = {"reporting_id": reporting_id, "received_on": received_on, "codes": dict(codes)}
    unit.connection.execute(sa.insert(equity_waiting).values(row))


def codes_before(scope: Scope, unit: Unit, day: date) -> Sequence[Any]:
    """Group codes kept on days before this one, in the order of their random ids; nobody's own."""
    if scope.reach != "network":
        return []
    query = sa.select(equity_waiting).where(equity_waiting.c.received_on < day).order_by(equity_waiting.c.reporting_id)
    return unit.connection.execute(query).all()


def drop_codes(unit: Unit, reporting_id: str) -> bool:
    """Takes group codes out once they are stated; false when somebody was faster."""
    gone = sa.delete(equity_waiting).where(equity_waiting.c.reporting_id == reporting_id)
    return unit.connection.execute(gone).rowcount == 1


def add(unit: Unit, person_row: dict[str, Any], referral_row: dict[str, Any]) -> None:
    """Adds a person and their referral."""
    unit.connection.execute(sa.insert(people), person_row)
    unit.connection.execute(sa.insert(referrals), referral_row)


_CHANGE = sa.update(referrals).where(
    referrals.c.referral_id == sa.bindparam("of"), referrals.c.state == sa.bindparam("was")
)


def change(unit: Unit, referral_id: str, was: str, **columns: Any) -> bool:
    """Changes a referral that is still at state `was`; false when somebody was faster."""
    return unit.connection.execute(_CHANGE, {**columns, "of": referral_id, "was": was}).rowcount == 1


def forgotten_and_still_here(scope: Scope, unit: Unit) -> list[tuple[str, bool]]:
    """The people who were forgotten, and of whom something is kept here all the same; nobody's own.

    With each, whether it is known here that it was stated: if not, the key store alone remembers it.
    """
    query = sa.select(people.c.person_id, told.is_stated(people.c.person_id)).where(
        told.is_forgotten(people.c.person_id), people.c.consent_state != _FORGOTTEN
    )
    found = unit.connection.execute(query).all() if scope.reach == "network" else []
    return [(row.person_id, row[1]) for row in found]


def empty_person(unit: Unit, person_id: str) -> None:
    """Lets go of all that was kept of a person but ids, days and where their referrals stood."""
    person: dict[str, Any] = {
        "called": "",
        "contact": "",
        "consent": {},
        "reporting_id": "",
        "consent_state": _FORGOTTEN,
    }
    person |= {"surname_mark": None, "postcode_mark": None, "whole_mark": None, "word_chosen_at": None}
    person |= {"nhs_mark": None, "phone_mark": None}
    unit.connection.execute(sa.update(people).where(people.c.person_id == person_id).values(**person))
    referral = {"incomplete": [], "needs": "", "safety": "", "notes": "", "raw": "", "raw_hash": ""}
    unit.connection.execute(sa.update(referrals).where(referrals.c.person_id == person_id).values(**referral))
    unit.connection.execute(sa.update(glasses).where(glasses.c.person_id == person_id).values(words=""))


def change_person(unit: Unit, person_id: str, **columns: Any) -> None:
    """Changes a person's row."""
    unit.connection.execute(sa.update(people).where(people.c.person_id == person_id).values(**columns))
