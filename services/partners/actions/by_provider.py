"""Signing in by an identity provider: begun in one browser, answered there once, and let in by our own directory."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.errors import Refused, Trouble
from chassis.ids import new_token
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import proving, sessions
from services.partners.actions.sessions import hashed, whole
from services.partners.domain import accounts
from services.partners.domain import provider as rules
from services.partners.domain import sessions as of_sessions


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: what the provider is asked with, and where whoever began it was going.

    `state` is known by its hash alone, nonce and verifier are made of it and of the browser's own token: what is kept
    of a sign-in that is open helps nobody to end it.
    """

    state: str
    nonce: str
    verifier: str
    going_to: str = ""
    invitation: str | None = None


def begin(unit: Unit, browser: str, *, address: str, going_to: str, invitation: str = "") -> Begun:
    """Begins a sign-in in one browser; `address` is the hash of where it comes from, `invitation` a token or none."""
    if store.begun_from(whole(unit), unit, address) >= unit.policy.begun_from_one_address:
        raise rules.TooManyBegun()
    state = new_token()
    store.add_begun(
        unit, hash=hashed(state), browser=hashed(browser), address=address, going_to=going_to,
        invitation=hashed(invitation) if invitation else None,
        ends_at=unit.now + timedelta(minutes=unit.policy.begun_minutes),
    )  # fmt: skip
    return _made_of(state, browser)


def take(unit: Unit, browser: str, state: str) -> Begun:
    """The sign-in an answer belongs to, which is good for one answer; refuses what was not begun in this browser."""
    found = store.begun_by_hash(whole(unit), unit, hashed(state), hashed(browser)) if state and browser else None
    if found is None or not store.use_begun(unit, found.hash):
        raise rules.TryUnknown()
    made = _made_of(state, browser)
    return Begun(made.state, made.nonce, made.verifier, found.going_to, found.invitation)


def _made_of(state: str, browser: str) -> Begun:
    def part(purpose: str) -> str:
        made = hmac.new(browser.encode(), f"{purpose}|{state}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    return Begun(state, part("nonce"), part("verifier"))


# ---- who comes in


@dataclass(frozen=True)
class Known:
    """How somebody is known here: the provider, and keyed hashes of who they are and which session they have there."""

    issuer: str
    subject: str
    sid: str | None


def known_by(ids: Any, issuer: str, identity: rules.Identity) -> Known:
    """The hashes under which somebody at a provider is known; none of their ids there is kept."""
    sid = ids.named("provider_session", issuer, identity.sid) if identity.sid else None
    return Known(issuer, ids.named("identity", issuer, identity.subject), sid)


def come_in(unit: Unit, known: Known, begun: Begun, *, replaces: str) -> str:
    """Begins the session of whoever the provider signed in; roles come from our own directory alone.

    Refuses who is linked to no account, or to a closed one: nothing is made of them.
    """
    if begun.invitation is not None:
        account_id = _link(unit, known, begun.invitation)
    else:
        account_id = store.account_of_identity(whole(unit), unit, known.issuer, known.subject) or ""
    if not account_id:
        raise rules.AccountUnknown()
    if store.account(whole(unit), unit, account_id).state != accounts.ACTIVE:
        raise rules.AccountIsClosed()
    return sessions.begin(unit, "account", account_id, replaces=replaces, provider_sid=known.sid)


def _link(unit: Unit, known: Known, invitation: str) -> str:
    """Links whoever was invited, once; whom the account had before is let go, and every session of it ends."""
    row = store.once_only_by_hash(whole(unit), unit, proving.INVITATION, invitation)
    if row is None:
        raise of_sessions.TryRanOut("This invitation was used, or has run out. Ask whoever invited you for a new one.")
    account_id = str(row.account_id)
    if store.account(whole(unit), unit, account_id).state != accounts.ACTIVE:
        raise rules.AccountIsClosed()
    linked_to = store.account_of_identity(whole(unit), unit, known.issuer, known.subject)
    if linked_to not in (None, account_id):
        raise rules.IdentityTaken()
    if not store.use_once_only(unit, invitation) or not store.link_identity(
        unit, known.issuer, known.subject, account_id
    ):
        raise rules.IdentityTaken()
    sessions.end_all(unit, account_id, of_sessions.ACCOUNT)
    unit.note("identity.link", subject=account_id)
    return account_id


def note_refused(unit: Unit, known: Known | None, refused: Refused) -> None:
    """Writes down that somebody was not let in, under their account when one is known."""
    account_id = store.account_of_identity(whole(unit), unit, known.issuer, known.subject) if known else None
    unit.note("sign_in.provider", subject=account_id, outcome="refused", rule=refused.rule)


def check_password_allowed(unit: Unit, account_id: str, *, has_provider: bool) -> None:
    """Refuses a password where staff come in by the provider alone."""
    held = frozenset(store.account(whole(unit), unit, account_id).roles)
    rules.check_password_allowed(
        has_provider=has_provider, staff_passwords=unit.policy.staff_passwords, roles=held,
        is_staff=of_sessions.needs_second_factor(held),
    )  # fmt: skip


def is_password_allowed(unit: Unit, account_id: str, *, has_provider: bool) -> bool:
    """Whether somebody may choose a password here."""
    try:
        check_password_allowed(unit, account_id, has_provider=has_provider)
    except rules.PasswordsAreOff:
        return False
    return True


# ---- who goes out


def sign_out(unit: Unit, ids: Any, issuer: str, logout: rules.Logout) -> int:
    """Ends what the provider signed out, in every room; gives how many sessions. A token heard before is refused."""
    if not store.add_logout_token(unit, hashed(f"{issuer}|{logout.token_id}"), logout.until + rules.LEEWAY):
        raise rules.AnswerRefused("repeated")
    which = []
    if logout.sid is not None:
        which.append(store.sessions_at_provider([ids.named("provider_session", issuer, logout.sid)]))
    if logout.subject is not None:
        subject = ids.named("identity", issuer, logout.subject)
        account_id = store.account_of_identity(whole(unit), unit, issuer, subject)
        which.append(store.sessions_of(account_id or ""))
    ended = store.end_sessions(unit, of_sessions.PROVIDER, *which)
    unit.note("sign_out.provider")
    return ended


def note_logout_refused(unit: Unit, trouble: Trouble) -> None:
    """Writes down that a sign-out by the provider was not believed."""
    unit.note("sign_out.provider", outcome="refused", rule=trouble.rule)
