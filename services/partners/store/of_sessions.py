"""Sessions, what is good once, failed tries, and the keys passes are signed with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .tables import failed_tries, once_only, sessions, signing_keys

# ---- sessions


def session_by_hash(scope: Scope, unit: Unit, hashed: str) -> Any:
    """The session of a cookie, or None; asked on the room's own behalf."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(sa.select(sessions).where(sessions.c.hash == hashed)).one_or_none()


def sessions_living(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The sessions of whoever asks that have not ended, the newest first; of nobody else."""
    own = (sessions.c.who_id == (scope.own_id or ""), sessions.c.ended_at.is_(None))
    query = sa.select(sessions).where(*own).order_by(sessions.c.began_at.desc(), sessions.c.handle)
    return unit.connection.execute(query).all()


def add_session(unit: Unit, **row: Any) -> None:
    """Adds a session."""
    unit.connection.execute(sa.insert(sessions).values(row))


def touch_session(unit: Unit, hashed: str) -> bool:
    """Notes that a session is used now; false when it ended meanwhile."""
    same = (sessions.c.hash == hashed, sessions.c.ended_at.is_(None))
    return unit.connection.execute(sa.update(sessions).where(*same).values(seen_at=unit.now)).rowcount == 1


def end_sessions(unit: Unit, why: str, *which: sa.ColumnElement[bool]) -> int:
    """Ends sessions that live; gives how many."""
    living = sessions.c.ended_at.is_(None)
    change = sa.update(sessions).where(living, *which).values(ended_at=unit.now, why_ended=why)
    return unit.connection.execute(change).rowcount


def this_session(hashed: str) -> sa.ColumnElement[bool]:
    """The session of one cookie."""
    return sessions.c.hash == hashed


def sessions_of(who_id: str) -> sa.ColumnElement[bool]:
    """Every session of one human being."""
    return sessions.c.who_id == who_id


def sessions_named(handles: Sequence[str]) -> sa.ColumnElement[bool]:
    """Sessions by their handles."""
    return sessions.c.handle.in_(handles)


def sessions_begun_before(moment: datetime) -> sa.ColumnElement[bool]:
    """Sessions older than that."""
    return sessions.c.began_at <= moment


def sessions_resting_since(moment: datetime) -> sa.ColumnElement[bool]:
    """Sessions not used since then."""
    return sessions.c.seen_at <= moment


def to_signal(scope: Scope, unit: Unit, most: int) -> Sequence[str]:
    """Handles of sessions that ended and were not signalled yet."""
    if scope.reach != "network":
        return ()
    waiting = (sessions.c.signalled_at.is_(None), sessions.c.ended_at.is_not(None))
    query = sa.select(sessions.c.handle).where(*waiting).order_by(sessions.c.ended_at).limit(most)
    return unit.connection.execute(query).scalars().all()


def note_signalled(unit: Unit, handles: Sequence[str]) -> None:
    """Notes that these ends were signalled."""
    change = sa.update(sessions).where(sessions.c.handle.in_(handles)).values(signalled_at=unit.now)
    unit.connection.execute(change)


def drop_old_sessions(unit: Unit, before: datetime) -> int:
    """Lets go of sessions that ended long ago; the audit keeps who signed in."""
    old = (sessions.c.ended_at <= before, sessions.c.signalled_at.is_not(None))
    return unit.connection.execute(sa.delete(sessions).where(*old)).rowcount


# ---- good once


def add_once_only(unit: Unit, **row: Any) -> None:
    """Keeps the hash of something good once."""
    unit.connection.execute(sa.insert(once_only).values(**row, made_at=unit.now))


def once_only_by_hash(scope: Scope, unit: Unit, purpose: str, hashed: str) -> Any:
    """What is good once by its hash while it is good, or None."""
    if scope.reach != "network":
        return None
    good = (
        once_only.c.hash == hashed,
        once_only.c.purpose == purpose,
        once_only.c.used_at.is_(None),
        once_only.c.ends_at > unit.now,
    )
    return unit.connection.execute(sa.select(once_only).where(*good)).one_or_none()


def use_once_only(unit: Unit, hashed: str) -> bool:
    """Uses it up; false when somebody was faster."""
    same = (once_only.c.hash == hashed, once_only.c.used_at.is_(None))
    return unit.connection.execute(sa.update(once_only).where(*same).values(used_at=unit.now)).rowcount == 1


def end_once_only(unit: Unit, account_id: str, purpose: str) -> None:
    """Makes all of a kind for one account good no more."""
    same = (once_only.c.account_id == account_id, once_only.c.purpose == purpose, once_only.c.used_at.is_(None))
    unit.connection.execute(sa.update(once_only).where(*same).values(used_at=unit.now))


# ---- tries

# How tries at a private link are named; the link's id follows.
TRIES_AT_LINKS = "link/"


def add_failed_tries(unit: Unit, of: Sequence[str]) -> None:
    """Keeps that a try failed, for each of these."""
    unit.connection.execute(sa.insert(failed_tries), [{"of": one, "at": unit.now} for one in of])


def failed_tries_since(scope: Scope, unit: Unit, of: str, since: datetime) -> int:
    """How many tries failed since then."""
    if scope.reach != "network":
        return 0
    query = sa.select(sa.func.count()).where(failed_tries.c.of == of, failed_tries.c.at > since)
    return int(unit.connection.execute(query).scalar_one())


def forget_failed_tries(unit: Unit, of: str) -> None:
    """Begins to count anew: somebody got in."""
    unit.connection.execute(sa.delete(failed_tries).where(failed_tries.c.of == of))


def drop_failed_tries(unit: Unit, before: datetime, *, at_links_before: datetime) -> int:
    """Lets go of tries that count no more; those at private links count for longer."""
    is_at_link = failed_tries.c.of.startswith(TRIES_AT_LINKS)
    old = sa.or_(failed_tries.c.at <= at_links_before, sa.and_(failed_tries.c.at <= before, ~is_at_link))
    return unit.connection.execute(sa.delete(failed_tries).where(old)).rowcount


# ---- keys


def newest_signing_key(scope: Scope, unit: Unit) -> Any:
    """The key made last, or None."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(
        sa.select(signing_keys).order_by(signing_keys.c.number.desc()).limit(1)
    ).one_or_none()


def signing_keys_living(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The keys that are believed now, the newest first."""
    if scope.reach != "network":
        return ()
    living = sa.select(signing_keys).where(signing_keys.c.ends_at > unit.now)
    return unit.connection.execute(living.order_by(signing_keys.c.number.desc())).all()


def add_signing_key(unit: Unit, **row: Any) -> bool:
    """Adds a key; false when another process made the one of this number."""
    return insert_or_ignore(unit.connection, signing_keys, [row]) == 1
