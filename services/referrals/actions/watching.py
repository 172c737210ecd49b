"""Watches for looks at records that perhaps should not have been, and lets a privacy officer see to each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis import budget
from chassis.access import service_scope
from chassis.unit import Unit
from contracts.records import purpose_of
from contracts.referrals import LookFlagged, LookSettled
from services.referrals import domain, store
from services.referrals.domain import watching

# The audit rows in which somebody opened one person's record.
_OPENED, _PERSON = "person.seen", "person"
_BATCH = 500
# How far back this room looks for whom it refused more lists; a clock that stood still for longer has more to mend.
_TWO_HOURS = timedelta(hours=2)


@dataclass(frozen=True)
class Opening:
    """Records that somebody opened: by whom, for what, and when."""

    account_id: str
    partner_id: str | None
    roles: frozenset[str]
    purpose: str
    person_ids: tuple[str, ...]
    seen_at: datetime


def watch_own_looks(unit: Unit) -> int:
    """Judges what was opened in this room since it last did, as the audit trail has it; gives how many were flagged."""
    until = store.sealed_until(unit.scope, unit)
    rows = store.own_looks(unit.scope, unit, _OPENED, _PERSON, until, _BATCH)
    done = 0
    for row in rows:
        if row.who_kind in ("account", "system") and row.subject:
            roles = frozenset(row.roles.split())
            purpose = purpose_of(row.purpose or "")
            done += judge(unit, Opening(row.who_id, row.partner_id, roles, purpose, (row.subject,), row.at))
    if until:
        store.note_judged(unit, rows[-1].place if len(rows) == _BATCH else until)
    return done


def judge(unit: Unit, opening: Opening) -> int:
    """Flags what an opening shows of the patterns; what is open, or was settled lately, is not asked again."""
    whole = service_scope(unit.service)
    done = 0
    subjects = _subjects(store.looked_at(whole, unit, opening.person_ids))
    viewer = _viewer(unit, opening, {one.marks.whole for one in subjects.values() if one.marks.whole})
    for person_id, subject in sorted(subjects.items()):
        found = watching.patterns(
            viewer, subject, opening.purpose, opening.seen_at, relation_days=unit.policy.look_relation_days
        )
        done += sum(_flag(unit, opening, person_id, pattern) for pattern in found)
    return done


def _viewer(unit: Unit, opening: Opening, marks: Collection[str]) -> watching.Viewer:
    whole = service_scope(unit.service)
    row = store.marks_of_account(whole, unit, opening.account_id)
    own = watching.Marks(row.surname_mark, row.postcode_mark, row.whole_mark) if row else watching.Marks()
    colleagues = store.colleagues_marked(whole, unit, opening.partner_id, opening.account_id, marks)
    return watching.Viewer(opening.account_id, opening.partner_id, opening.roles, own, colleagues)


def _subjects(rows: Any) -> Mapping[str, watching.Subject]:
    of_person: dict[str, list[Any]] = {}
    for row in rows:
        if row.consent_state != domain.FORGOTTEN:
            of_person.setdefault(row.person_id, []).append(row)
    return {
        person_id: watching.Subject(
            person_id,
            watching.Marks(theirs[0].surname_mark, theirs[0].postcode_mark, theirs[0].whole_mark),
            frozenset(row.partner_id for row in theirs),
            is_open=any(row.ended_at is None for row in theirs),
            ended_at=max((row.ended_at for row in theirs if row.ended_at), default=None),
        )
        for person_id, theirs in of_person.items()
    }


def _flag(unit: Unit, opening: Opening, person_id: str, pattern: str) -> bool:
    before = store.newest_look(service_scope(unit.service), unit, opening.account_id, person_id, pattern)
    if before and not watching.is_asked_again(before.state, before.settled_at, unit.now, unit.policy.look_again_days):
        if before.state == watching.OPEN:
            store.see_again(unit, before.look_id, max(before.last_seen_at, opening.seen_at))
        return False
    _add(unit, opening, person_id, pattern)
    return True


def _add(unit: Unit, opening: Opening, person_id: str | None, pattern: str) -> None:
    look_id = unit.ids.new()
    store.add_look(unit, {
        "look_id": look_id, "pattern": pattern, "account_id": opening.account_id, "partner_id": opening.partner_id,
        "roles": " ".join(sorted(opening.roles)), "person_id": person_id, "purpose": opening.purpose,
        "seen_at": opening.seen_at, "last_seen_at": opening.seen_at, "flagged_at": unit.now, "state": watching.OPEN,
        "outcome": None, "settled_at": None, "settled_by": None,
    })  # fmt: skip
    fact = LookFlagged(look_id=look_id, pattern=pattern, flagged_at=unit.now)
    unit.state(f"referrals/look/{look_id}", fact)
    unit.note("look.flag", subject=person_id, kind=_PERSON, record=look_id)


def watch_own_budgets(unit: Unit) -> int:
    """Flags the accounts that this room refused more lists of late; what other rooms refused is heard."""
    since = unit.now - _TWO_HOURS
    return sum(
        flag_many(unit, row.account_id, row.refused_partner, row.refused_roles.split(), row.refused_at)
        for row in budget.refused_since(unit, since)
    )


def flag_many(
    unit: Unit, account_id: str, partner_id: str | None, roles: Collection[str], refused_at: datetime
) -> bool:
    """Flags an account that was refused more lists, once for each such hour until somebody has seen to it."""
    before = store.newest_look(service_scope(unit.service), unit, account_id, None, watching.MANY_SHOWN)
    if before and (before.state == watching.OPEN or before.last_seen_at >= refused_at):
        if before.last_seen_at < refused_at:
            store.see_again(unit, before.look_id, refused_at)
        return False
    opening = Opening(account_id, partner_id, frozenset(roles), "other", (), refused_at)
    _add(unit, opening, None, watching.MANY_SHOWN)
    return True


def settle(unit: Unit, look_id: str, outcome: str) -> None:
    """Says what came of a look that was flagged; refuses one of one's own, and one somebody has seen to."""
    row = store.look(unit.scope, unit, look_id)
    watching.check_settling(row.state, row.account_id, unit.who.id)
    settled = {"state": watching.SETTLED, "outcome": outcome, "settled_at": unit.now, "settled_by": unit.who.id}
    if not store.settle_look(unit, look_id, **settled):
        raise watching.LookSettledBefore()
    fact = LookSettled(look_id=look_id, outcome=outcome, settled_at=unit.now)
    unit.state(f"referrals/look/{look_id}", fact)
    unit.note("look.settle", subject=row.person_id, kind=_PERSON, record=look_id)
