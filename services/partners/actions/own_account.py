"""One's own account: another password, a second factor, new recovery codes, and which sessions go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.errors import NotFound
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import notices, proving, sessions
from services.partners.actions.accounts import account_if_there
from services.partners.actions.sessions import whole
from services.partners.actions.signing_in import Asked
from services.partners.domain import sessions as rules
from services.partners.domain.second_factors import NoSecondFactor

# What is ended by this word: every session but the one it is said in.
OTHERS = "others"


@dataclass(frozen=True)
class Own:
    """What whoever asks has to sign in with here; no account, password or second factor where there is none."""

    account: Any
    password: str | None
    factor: Any

    @property
    def has_factor(self) -> bool:
        """Whether a code is shown beside the password."""
        return proving.has_factor(self.factor)

    @property
    def login(self) -> str | None:
        """By which hash their tries are counted."""
        return self.account.login if self.account else None


def own(unit: Unit) -> Own:
    """What whoever asks has to sign in with."""
    own_id = unit.who.id
    password = store.password_of(whole(unit), unit, own_id)
    return Own(account_if_there(unit, own_id), password, store.second_factor_of(whole(unit), unit, own_id))


def check_has_password(known: Own, asked: Asked, unit: Unit) -> None:
    """Refuses whoever signs in another way, and whoever tried too often just now."""
    if known.password is None or known.account is None:
        raise rules.NoPassword()
    proving.check_tries(unit, asked.login, asked.address)


# ---- how one signs in


def change_password(unit: Unit, known: Own, hashed: str) -> str:
    """Sets another password of whoever showed theirs; every session ends, and the token of a new one comes back.

    Refuses (ProofRefused) when the one they showed was changed meanwhile.
    """
    own_id = unit.who.id
    if not store.change_password(unit, own_id, known.password or "", hashed):
        raise rules.ProofRefused()
    for purpose in (proving.TRY, proving.SETTING_UP, proving.INVITATION):
        store.end_once_only(unit, own_id, purpose)
    sessions.end_all(unit, own_id, rules.ACCOUNT)
    unit.note("password.change", subject=own_id)
    notices.tell_sign_in_changed(unit, own_id)
    return sessions.begin(unit, "account", own_id)


def begin_factor(unit: Unit, known: Own, code: str, secret: Any) -> str:
    """A token with which whoever showed password, and code where they have one, sets up a second factor.

    The one they have stays until the new one gives its first right code. `secret` is the opened secret of theirs.
    """
    _check_code(unit, known, code, secret)
    return proving.give_once(unit, proving.SETTING_UP, unit.who.id, timedelta(minutes=unit.policy.try_minutes))


def renew_recovery_codes(unit: Unit, known: Own, code: str, secret: Any) -> list[str]:
    """New recovery codes for whoever showed password and code; those before are good no more."""
    if not known.has_factor:
        raise NoSecondFactor()
    _check_code(unit, known, code, secret)
    own_id = unit.who.id
    codes = proving.new_recovery_codes()
    store.put_recovery_codes(unit, own_id, [proving.recovery_hash(own_id, one) for one in codes])
    unit.note("recovery_codes.renew", subject=own_id)
    notices.tell_sign_in_changed(unit, own_id)
    return codes


def _check_code(unit: Unit, known: Own, code: str, secret: Any) -> None:
    if known.has_factor and not proving.use_code(unit, unit.who.id, code, secret):
        raise rules.ProofRefused()


# ---- sessions


def own_sessions(unit: Unit) -> Sequence[Any]:
    """The sessions of whoever asks that go on now, the newest first."""
    limits = sessions.limits(unit)

    def lives(row: Any) -> bool:
        return rules.why_ended(rules.Session(row.began_at, row.seen_at, row.ended_at), limits, unit.now) is None

    return [row for row in store.sessions_living(unit.scope, unit) if lives(row)]


def end_sessions(unit: Unit, which: str) -> int:
    """Ends one session of whoever asks, or all but the one they ask in; NotFound for what is not theirs or is over."""
    handles = [row.handle for row in own_sessions(unit)]
    chosen = [one for one in handles if (one != unit.who.session if which == OTHERS else one == which)]
    if not chosen and which != OTHERS:
        raise NotFound()
    ended = store.end_sessions(unit, rules.OWNER, store.sessions_of(unit.who.id), store.sessions_named(chosen))
    unit.note("session.end", subject=unit.who.id)
    return ended
