"""Looks at records: the marks they are judged by, how far this room's own were judged, and those that were flagged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import put
from chassis.tables import audit
from chassis.unit import Unit

from .tables import account_marks, looks, people, referrals, watched

_MARKS = ("surname_mark", "postcode_mark", "whole_mark")
# One row says how far this room's own looks were judged.
_ONLY = "audit"


def keep_account_marks(unit: Unit, **row: Any) -> None:
    """Keeps the marks of an account, as heard."""
    unit.put(account_marks, row)


def marks_of_account(scope: Scope, unit: Unit, account_id: str) -> Any | None:
    """The marks of one account, or None when nothing is known of it; nobody but the service itself asks."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(sa.select(account_marks).where(account_marks.c.account_id == account_id)).first()


def colleagues_marked(
    scope: Scope, unit: Unit, partner_id: str | None, account_id: str, marks: Collection[str]
) -> frozenset[str]:
    """Which of these marks are of another account at a partner."""
    if scope.reach != "network" or not partner_id or not marks:
        return frozenset()
    same = (account_marks.c.partner_id == partner_id, account_marks.c.account_id != account_id)
    query = sa.select(account_marks.c.whole_mark).where(*same, account_marks.c.whole_mark.in_(sorted(marks)))
    return frozenset(unit.connection.execute(query).scalars())


def looked_at(scope: Scope, unit: Unit, person_ids: Collection[str]) -> Sequence[Any]:
    """Marks and referrals of the people whose records were opened, a row for each referral."""
    if scope.reach != "network":
        return []
    query = sa.select(
        people.c.person_id, people.c.consent_state, *(people.c[name] for name in _MARKS), referrals.c.partner_id,
        referrals.c.ended_at,
    ).join_from(people, referrals)  # fmt: skip
    return unit.connection.execute(query.where(people.c.person_id.in_(sorted(person_ids)))).all()


# ---- this room's own looks, read from its audit trail


def sealed_until(scope: Scope, unit: Unit) -> int:
    """The place of the newest sealed row of this room's audit trail; all before it are there."""
    if scope.reach != "network":
        return 0
    newest = sa.select(audit.c.place).where(audit.c.place.is_not(None)).order_by(audit.c.place.desc()).limit(1)
    return int(unit.connection.execute(newest).scalar() or 0)


def own_looks(scope: Scope, unit: Unit, action: str, kind: str, until: int, limit: int) -> Sequence[Any]:
    """The sealed rows of an action up to a place that were not judged yet, in the order of the chain."""
    if scope.reach != "network":
        return []
    judged = unit.connection.execute(sa.select(watched.c.place).where(watched.c.name == _ONLY)).scalar() or 0
    query = sa.select(audit).where(
        audit.c.place > judged, audit.c.place <= until, audit.c.action == action, audit.c.subject_kind == kind
    )
    return unit.connection.execute(query.order_by(audit.c.place).limit(limit)).all()


def note_judged(unit: Unit, place: int) -> None:
    """Keeps how far this room's own looks were judged."""
    put(unit.connection, watched, {"name": _ONLY, "place": place})


# ---- what was flagged


def newest_look(scope: Scope, unit: Unit, account_id: str, person_id: str | None, pattern: str) -> Any | None:
    """The newest look of an account at a person that was flagged for a pattern."""
    whom = looks.c.person_id.is_not_distinct_from(person_id)
    same = (looks.c.account_id == account_id, whom, looks.c.pattern == pattern)
    query = _within(scope, sa.select(looks).where(*same)).order_by(looks.c.flagged_at.desc()).limit(1)
    return unit.connection.execute(query).first()


def looks_open(scope: Scope, unit: Unit, limit: int = 200) -> Sequence[Any]:
    """The flagged looks nobody has seen to, the oldest first."""
    query = _within(scope, sa.select(looks).where(looks.c.state == "open")).order_by(looks.c.flagged_at)
    return unit.connection.execute(query.limit(limit)).all()


def look(scope: Scope, unit: Unit, look_id: str) -> Any:
    """One flagged look; NotFound when it is not there or not theirs to see."""
    row = unit.connection.execute(_within(scope, sa.select(looks).where(looks.c.look_id == look_id))).one_or_none()
    if row is None:
        raise NotFound()
    return row


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    return query if scope.reach == "network" else query.where(sa.false())


def add_look(unit: Unit, row: Mapping[str, Any]) -> None:
    """Keeps a look that was flagged."""
    unit.connection.execute(sa.insert(looks), dict(row))


def see_again(unit: Unit, look_id: str, seen_at: datetime) -> None:
    """Keeps when the same look was last seen again."""
    unit.connection.execute(sa.update(looks).where(looks.c.look_id == look_id).values(last_seen_at=seen_at))


def settle_look(unit: Unit, look_id: str, **columns: Any) -> bool:
    """Settles a look that is open; false when somebody was faster."""
    done = sa.update(looks).where(looks.c.look_id == look_id, looks.c.state == "open").values(**columns)
    return unit.connection.execute(done).rowcount == 1
