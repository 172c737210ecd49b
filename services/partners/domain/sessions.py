"""The rules of being signed in: how long a session rests and lasts, and how often somebody may try to sign in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Conflict, Invalid, NotSignedIn, Refused

# Why a session ended, as its row says.
SIGNED_OUT, RESTED, LASTED, PROVIDER, ACCOUNT, NEW_SIGN_IN, LINK, OWNER = (
    "signed_out", "rested", "lasted", "provider", "account", "new_sign_in", "link", "owner",
)  # fmt: skip
# Roles of staff: with a password alone none of them comes in.
NEEDS_SECOND_FACTOR = frozenset(
    {
        "referrer", "partner_lead", "coordinator", "supervisor", "safeguarding_lead", "commissioner", "network_lead",
        "privacy_officer", "administrator",
    }
)  # fmt: skip


class TooManyTries(Refused):
    """Signing in was tried too often, for one account or from one address."""

    status = 429
    says = "There were too many tries to sign in. Wait a quarter of an hour, then try again."


class SignInRefused(NotSignedIn):
    """E-mail address, password or code is not right; which of them is not said."""

    says = "The e-mail address, the password or the code is not right. Check them and try again."


class NoPassword(Conflict):
    """Whoever signs in another way has no password here to change, and no code beside it."""

    says = "You do not sign in with a password here, so there is nothing to change. Ask whoever signs you in."


class ProofRefused(Invalid):
    """The password, or the code, that stands before a change of how one signs in is not right; which is not said."""

    says = "The password or the code is not right. Check them and try again."


class TryRanOut(NotSignedIn):
    """Between the password and the code too much time went by."""

    says = "This took too long. Begin again with your e-mail address and password."


@dataclass(frozen=True)
class Limits:
    """How long a session may rest and last."""

    rests: timedelta
    lasts: timedelta


@dataclass(frozen=True)
class Session:
    """One session of one human being."""

    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None


def why_ended(session: Session, limits: Limits, now: datetime) -> str | None:
    """Why a session is over now, or None while it lives."""
    if session.ended_at is not None:
        return SIGNED_OUT
    if now - session.began_at >= limits.lasts:
        return LASTED
    if now - session.seen_at >= limits.rests:
        return RESTED
    return None


def last_moment(session: Session, limits: Limits) -> datetime:
    """When a session ends whatever is done in it; no pass of it is good for longer."""
    return session.began_at + limits.lasts


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Whether these roles are let in with a second factor only."""
    return bool(NEEDS_SECOND_FACTOR & set(roles))


def check_tries(failed: int, most: int) -> None:
    """Refuses one more try after so many that failed in the span that counts."""
    if failed >= most:
        raise TooManyTries()
