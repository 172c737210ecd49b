"""Signing in with a password and a code: two steps, each counted, neither saying which part was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.unit import Unit
from services.partners import store
from services.partners.actions import notices, proving, sessions
from services.partners.actions.sessions import hashed, whole
from services.partners.domain import accounts
from services.partners.domain import sessions as rules
from services.partners.domain.second_factors import CodeRefused


@dataclass(frozen=True)
class Asked:
    """Who tries to sign in, by hashes: the login, and the address the request came from."""

    login: str
    address: str


@dataclass(frozen=True)
class Known:
    """What is known of whoever gave this login; of nobody nothing is."""

    account_id: str | None
    password: str | None
    needs_code: bool
    has_factor: bool


def asked_by(ids: Any, email: str, address: str) -> Asked:
    """The hashes under which a try is looked up and counted; no address of anybody is kept."""
    return Asked(ids.named("login", settled_email(email)), ids.named("address", address))


def settled_email(email: str) -> str:
    """One text for an e-mail address however it was typed."""
    return email.strip().casefold()


def look(unit: Unit, asked: Asked) -> Known:
    """What is known, before the password is compared outside the transaction. Refuses when too many tries failed."""
    proving.check_tries(unit, asked.login, asked.address)
    row = store.account_by_login(whole(unit), unit, asked.login)
    if row is None or row.state != accounts.ACTIVE:
        return Known(None, None, needs_code=False, has_factor=False)
    factor = store.second_factor_of(whole(unit), unit, row.account_id)
    password = store.password_of(whole(unit), unit, row.account_id)
    return Known(row.account_id, password, proving.needs_code(row.roles, factor), proving.has_factor(factor))


def fail(unit: Unit, asked: Asked, account_id: str | None) -> None:
    """Counts a try that failed, for the login and for where it came from."""
    store.add_failed_tries(unit, [asked.login, asked.address])
    unit.note("sign_in.try", subject=account_id, outcome="refused", rule="SignInRefused")


def password_was_right(unit: Unit, asked: Asked, known: Known, *, replaces: str) -> tuple[str, str]:
    """What comes after the right password: ("session", token), or ("code", token) or ("factor", token) first."""
    account_id = known.account_id or ""
    if not known.needs_code:
        return "session", let_in(unit, account_id, asked.login, replaces=replaces)
    lasts = timedelta(minutes=unit.policy.try_minutes)
    purpose = proving.TRY if known.has_factor else proving.SETTING_UP
    return ("code" if known.has_factor else "factor"), proving.give_once(unit, purpose, account_id, lasts)


def take_code(unit: Unit, token: str, code: str, secret: Any, *, replaces: str) -> str:
    """The session of whoever gave the right password and now the right code, or one of their recovery codes.

    `secret` is the opened secret of their second factor. Refuses when the try ran out or was used.
    """
    row = proving.once_given(unit, proving.TRY, token)
    if row is None:
        raise rules.TryRanOut()
    account = store.account(whole(unit), unit, row.account_id)
    is_right = proving.use_code(unit, row.account_id, code, secret)
    if not is_right or account.state != accounts.ACTIVE or not store.use_once_only(unit, row.hash):
        raise rules.SignInRefused()
    return let_in(unit, row.account_id, account.login, replaces=replaces)


def let_in(unit: Unit, account_id: str, login: str | None, *, replaces: str) -> str:
    """Begins the session; what failed before is forgotten."""
    if login:
        store.forget_failed_tries(unit, login)
    return sessions.begin(unit, "account", account_id, replaces=replaces)


@dataclass(frozen=True)
class Holder:
    """Whoever holds a token that was given after the right password: their account, and what of it is sealed.

    `factor` is what they show a code of: the second factor they have, or the one they are setting up.
    """

    account_id: str
    login: str | None
    called: str
    factor: str | None


def holder(unit: Unit, token: str) -> Holder:
    """Who holds a token of the second step; refuses one that ran out or was used."""
    row = proving.once_given(unit, proving.TRY, token) or proving.once_given(unit, proving.SETTING_UP, token)
    if row is None:
        raise rules.TryRanOut()
    account = store.account(whole(unit), unit, row.account_id)
    factor = store.second_factor_of(whole(unit), unit, row.account_id)
    shown = (factor.next_secret if row.purpose == proving.SETTING_UP else factor.secret) if factor else None
    return Holder(row.account_id, account.login, account.called, shown)


# ---- an invitation


def invited(unit: Unit, token: str) -> Any:
    """The account an invitation is for while it is good, or None."""
    row = proving.once_given(unit, proving.INVITATION, token)
    if row is None:
        return None
    account = store.account(whole(unit), unit, row.account_id)
    return account if account.state == accounts.ACTIVE else None


def choose_password(unit: Unit, token: str, hashed_password: str) -> tuple[str, str]:
    """Sets the password of whoever was invited; gives what comes next as `password_was_right` does."""
    account = invited(unit, token)
    if account is None or not store.use_once_only(unit, hashed(token)):
        raise rules.TryRanOut("This invitation was used, or has run out. Ask whoever invited you for a new one.")
    store.put_password(unit, account.account_id, hashed_password)
    sessions.end_all(unit, account.account_id, rules.ACCOUNT)
    unit.note("password.set", subject=account.account_id)
    factor = store.second_factor_of(whole(unit), unit, account.account_id)
    needs = proving.needs_code(account.roles, factor)
    known = Known(account.account_id, hashed_password, needs, proving.has_factor(factor))
    return password_was_right(unit, Asked(account.login or "", ""), known, replaces="")


# ---- a second factor


def begin_factor(unit: Unit, token: str, secret: str) -> Any:
    """Keeps a new secret for whoever is setting up; gives their account, or None when it took too long.

    The unit's ring can seal class `second_factor` for them.
    """
    row = proving.once_given(unit, proving.SETTING_UP, token)
    if row is None:
        return None
    sealed = unit.ring.seal(row.account_id, "second_factor", secret)
    store.put_second_factor(unit, row.account_id, sealed)
    return store.account(whole(unit), unit, row.account_id)


def confirm_factor(unit: Unit, token: str, code: str, secret: Any, *, replaces: str) -> tuple[str, list[str]]:
    """The session and the recovery codes of whoever shows that their app gives the right codes; all others end."""
    row = proving.once_given(unit, proving.SETTING_UP, token)
    if row is None:
        raise rules.TryRanOut()
    factor = store.second_factor_of(whole(unit), unit, row.account_id)
    step = proving.step_of(secret, code, unit.now.timestamp(), 0) if factor and secret else None
    if step is None or not store.confirm_second_factor(unit, row.account_id, factor.next_secret, step):
        raise CodeRefused()
    if not store.use_once_only(unit, row.hash):
        raise rules.TryRanOut()
    account = store.account(whole(unit), unit, row.account_id)
    if proving.has_factor(factor) or not rules.needs_second_factor(account.roles):
        # Not whoever sets up their first because nobody comes in without: they are expected to.
        notices.tell_sign_in_changed(unit, row.account_id)
    sessions.end_all(unit, row.account_id, rules.ACCOUNT)
    codes = proving.new_recovery_codes()
    store.put_recovery_codes(unit, row.account_id, [proving.recovery_hash(row.account_id, code) for code in codes])
    unit.note("second_factor.set", subject=row.account_id)
    return let_in(unit, row.account_id, account.login, replaces=replaces), codes
