"""Sessions: they begin at every sign-in anew, rest for a quarter of an hour, last ten hours, and can be ended."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.access import Principal, Scope, service_scope
from chassis.events.brakes import FENCED
from chassis.ids import new_token
from chassis.unit import Unit
from contracts import roles
from services.partners import store
from services.partners.domain import accounts, sessions

# What keeps a person's own pages shut whatever their link gave before.
_HELD_BACK = frozenset({store.PROTECTED, FENCED})


@dataclass(frozen=True)
class SignedIn:
    """Somebody with a live session: who they are now, their sealed name, when it ends at the latest, and by rest."""

    who: Principal
    called: str | None
    until: datetime
    rests_at: datetime


def hashed(token: str) -> str:
    """What is kept of a token: nobody who reads it can use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def whole(unit: Unit) -> Scope:
    """Before somebody is somebody, the room looks on its own behalf."""
    return service_scope(unit.service)


def limits(unit: Unit, *, is_by_link: bool = False) -> sessions.Limits:
    """How long sessions rest and last here; those that began by a private link are shorter."""
    lasts = timedelta(hours=unit.policy.session_lasts_hours)
    by_link = timedelta(minutes=unit.policy.link_session_lasts_minutes)
    return sessions.Limits(timedelta(minutes=unit.policy.session_rests_minutes), by_link if is_by_link else lasts)


def begin(
    unit: Unit,
    kind: str,
    who_id: str,
    *,
    replaces: str = "",
    provider_sid: str | None = None,
    called: str | None = None,
    link_id: str | None = None,
    only: str | None = None,
) -> str:
    """Begins a session and gives its token, which is kept nowhere; the one a browser came with ends.

    `called` is the sealed name of somebody who has no account here. `link_id` is the private link it begins by, `only`
    the one purpose its passes are for.
    """
    if replaces:
        end_one(unit, replaces, sessions.NEW_SIGN_IN)
    token = new_token()
    store.add_session(
        unit, hash=hashed(token), handle=new_token(), kind=kind, who_id=who_id, called=called,
        provider_sid=provider_sid, link_id=link_id, only=only,
        began_at=unit.now, seen_at=unit.now,
    )  # fmt: skip
    unit.note("session.begin", subject=who_id)
    return token


def current(unit: Unit, token: str, *, uses: bool = True) -> SignedIn | None:
    """Who a browser's session is of, read anew every time; None when it has ended, and it ends here when it is over.

    `uses` says that somebody does something in it, so that it rests from now on.
    """
    row = store.session_by_hash(whole(unit), unit, hashed(token)) if token else None
    if row is None or row.ended_at is not None:
        return None
    session = sessions.Session(row.began_at, row.seen_at, row.ended_at)
    span = limits(unit, is_by_link=row.link_id is not None)
    why = sessions.why_ended(session, span, unit.now)
    if why is None and row.kind == "account":
        why = None if _account(unit, row.who_id).state == accounts.ACTIVE else sessions.ACCOUNT
    if why is None and row.link_id is not None:
        why = None if _may_go_on(unit, row) else sessions.LINK
    if why is not None or (uses and not store.touch_session(unit, row.hash)):
        end_one(unit, token, why or sessions.SIGNED_OUT)
        return None
    who, called = principal(unit, row.kind, row.who_id, row.handle, row.only)
    until = sessions.last_moment(session, span)
    return SignedIn(who, called or row.called, until, min(unit.now + span.rests, until))


def _may_go_on(unit: Unit, row: Any) -> bool:
    """Whether the link a session began by is still good, and gives as much as the session has."""
    has_all = row.only != roles.STANDING
    return store.is_link_living(whole(unit), unit, row.link_id) and not (has_all and is_held_back(unit, row.who_id))


def is_held_back(unit: Unit, person_id: str) -> bool:
    """Whether a person's own pages stay shut for now: they are protected, or what was said of them is set aside."""
    return bool(unit.braked(person_id) & _HELD_BACK)


def principal(unit: Unit, kind: str, who_id: str, handle: str, only: str | None = None) -> tuple[Principal, str | None]:
    """Who a session is of, by our own directory alone, and their sealed name; `only` is what a private link is for."""
    if kind == "person":
        return Principal("person", who_id, None, frozenset({roles.PERSON}), session=handle, only=only), None
    row = _account(unit, who_id)
    who = Principal(
        "account", who_id, row.partner_id, frozenset(row.roles), session=handle, standing=standing_of(unit, who_id)
    )
    return who, row.called


def standing_of(unit: Unit, account_id: str) -> int:
    """How many facts were stated of an account; a role that ends later takes passes minted now away."""
    place = unit.at(f"partners/account/{account_id}")
    return int(place.rpartition("@")[2]) if place else 0


def end_one(unit: Unit, token: str, why: str) -> bool:
    """Ends the session of one browser; false when it had ended."""
    return store.end_sessions(unit, why, store.this_session(hashed(token))) > 0


def end_all(unit: Unit, who_id: str, why: str) -> int:
    """Ends every session of one human being; gives how many."""
    return store.end_sessions(unit, why, store.sessions_of(who_id))


def end_over(unit: Unit) -> int:
    """Ends the sessions that rested or lasted too long; gives how many."""
    span, by_link = limits(unit), limits(unit, is_by_link=True)
    rested = store.end_sessions(unit, sessions.RESTED, store.sessions_resting_since(unit.now - span.rests))
    lasted = store.end_sessions(unit, sessions.LASTED, store.sessions_begun_before(unit.now - span.lasts))
    over = (store.sessions_by_links(), store.sessions_begun_before(unit.now - by_link.lasts))
    return rested + lasted + store.end_sessions(unit, sessions.LASTED, *over)


def _account(unit: Unit, account_id: str) -> Any:
    return store.account(whole(unit), unit, account_id)
