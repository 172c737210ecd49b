"""Private links and the words they ask for, as referrals said, and which sessions they hold back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.events.envelope import FORGOTTEN
from chassis.rows import put
from chassis.tables import brakes
from chassis.unit import Unit

from .tables import link_words, links, sessions

# Brakes of other rooms that end whoever came in by a link: of the link itself, and of the person.
REVOKED, PROTECTED = "link_revoked", "protected"


def _is_on(kind: str, subject: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.exists().where(brakes.c.kind == kind, brakes.c.subject == subject, brakes.c.is_on)


def link_living(scope: Scope, unit: Unit, hashed: str) -> Any:
    """The link of a token's hash with the person's sealed word, while it is good; None for every other, in one way.

    Good is one that has not run out, was not revoked, and whose person is not forgotten, also when that was heard out
    of turn.
    """
    if scope.reach != "network":
        return None
    query = (
        sa.select(links, link_words.c.word)
        .join_from(links, link_words, link_words.c.person_id == links.c.person_id, isouter=True)
        .where(links.c.hash == hashed, *_good(unit.now))
    )
    return unit.connection.execute(query).one_or_none()


def is_link_living(scope: Scope, unit: Unit, link_id: str) -> bool:
    """Whether a link is still good."""
    if scope.reach != "network":
        return False
    query = sa.select(links.c.link_id).where(links.c.link_id == link_id, *_good(unit.now))
    return unit.connection.execute(query).first() is not None


def _good(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        links.c.ends_at > now,
        ~links.c.is_revoked,
        ~_is_on(REVOKED, links.c.link_id),
        ~_is_on(FORGOTTEN, links.c.person_id),
    )


def hold_link(scope: Scope, unit: Unit, link_id: str) -> None:
    """Has one try at a link after another, so that none goes by uncounted."""
    if scope.reach != "network":
        return
    unit.connection.execute(sa.select(links.c.hash).where(links.c.link_id == link_id).with_for_update())


def keep_link(unit: Unit, **row: Any) -> None:
    """Keeps a link that was made."""
    put(unit.connection, links, {**row, "is_revoked": False})


def revoke_link(unit: Unit, link_id: str) -> None:
    """Notes that a link is good no more."""
    unit.connection.execute(sa.update(links).where(links.c.link_id == link_id).values(is_revoked=True))


def keep_word(unit: Unit, person_id: str, word: str) -> None:
    """Keeps the sealed mark of a person's word in place of the one before."""
    put(unit.connection, link_words, {"person_id": person_id, "word": word})


def forget_links(unit: Unit, person_id: str) -> None:
    """Lets go of a person's links and word."""
    unit.connection.execute(sa.delete(links).where(links.c.person_id == person_id))
    unit.connection.execute(sa.delete(link_words).where(link_words.c.person_id == person_id))


# ---- sessions that began by a link


def sessions_of_link(link_id: str) -> sa.ColumnElement[bool]:
    """Every session that began by a link."""
    return sessions.c.link_id == link_id


def sessions_by_links_of(person_id: str) -> sa.ColumnElement[bool]:
    """Every session that began by any link of a person."""
    return sa.and_(sessions.c.link_id.is_not(None), sessions.c.who_id == person_id)


def sessions_with_word_of(person_id: str, only: str) -> sa.ColumnElement[bool]:
    """Those of them that have more than `only`."""
    return sa.and_(sessions_by_links_of(person_id), sessions.c.only != only)


def sessions_by_links() -> sa.ColumnElement[bool]:
    """Sessions that began by a link."""
    return sessions.c.link_id.is_not(None)


def sessions_braked(only: str) -> sa.ColumnElement[bool]:
    """Sessions that began by a link and are held back by a brake: it works before the fact comes to its turn.

    Of somebody protected those go on that have no more than `only`.
    """
    return sa.and_(
        sessions.c.link_id.is_not(None),
        sa.or_(
            _is_on(REVOKED, sessions.c.link_id),
            _is_on(FORGOTTEN, sessions.c.who_id),
            sa.and_(sessions.c.only != only, _is_on(PROTECTED, sessions.c.who_id)),
        ),
    )


def living_sessions(scope: Scope, unit: Unit, *which: sa.ColumnElement[bool]) -> Sequence[str]:
    """Handles of sessions that live."""
    if scope.reach != "network":
        return ()
    query = sa.select(sessions.c.handle).where(sessions.c.ended_at.is_(None), *which)
    return unit.connection.execute(query).scalars().all()
