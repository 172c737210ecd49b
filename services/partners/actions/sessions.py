"""Sessions: they begin at every sign-in anew, rest for a quarter of an hour, last ten hours, and can be ended."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.access import Principal, Scope, service_scope
from chassis.ids import new_token
from chassis.unit import Unit
from contracts import roles
from services.partners import store
from services.partners.domain import accounts, sessions


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


def limits(unit: Unit) -> sessions.Limits:
    """How long sessions rest and last here."""
    return sessions.Limits(
        timedelta(minutes=unit.policy.session_rests_minutes), timedelta(hours=unit.policy.session_lasts_hours)
    )


def begin(
    unit: Unit,
    kind: str,
    who_id: str,
    *,
    replaces: str = "",
    provider_sid: str | None = None,
    called: str | None = None,
) -> str:
    """Begins a session and gives its token, which is kept nowhere; the one a browser came with ends.

    `called` is the sealed name of somebody who has no account here.
    """
    if replaces:
        end_one(unit, replaces, sessions.NEW_SIGN_IN)
    token = new_token()
    store.add_session(
        unit, hash=hashed(token), handle=new_token(), kind=kind, who_id=who_id, called=called,
        provider_sid=provider_sid,
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
    why = sessions.why_ended(session, limits(unit), unit.now)
    if why is None and row.kind == "account":
        why = None if _account(unit, row.who_id).state == accounts.ACTIVE else sessions.ACCOUNT
    if why is not None or (uses and not store.touch_session(unit, row.hash)):
        end_one(unit, token, why or sessions.SIGNED_OUT)
        return None
    who, called = principal(unit, row.kind, row.who_id, row.handle)
    until = sessions.last_moment(session, limits(unit))
    return SignedIn(who, called or row.called, until, min(unit.now + limits(unit).rests, until))


def principal(unit: Unit, kind: str, who_id: str, handle: str) -> tuple[Principal, str | None]:
    """Who a session is of, by our own directory alone, and their sealed name."""
    if kind == "person":
        return Principal("person", who_id, None, frozenset({roles.PERSON}), session=handle), None
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
    span = limits(unit)
    return store.end_sessions(unit, sessions.RESTED, store.sessions_resting_since(unit.now - span.rests)) + (
        store.end_sessions(unit, sessions.LASTED, store.sessions_begun_before(unit.now - span.lasts))
    )


def _account(unit: Unit, account_id: str) -> Any:
    return store.account(whole(unit), unit, account_id)
