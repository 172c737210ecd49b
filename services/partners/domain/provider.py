"""The rules of being signed in by an identity provider: which of its words are believed, and whom they let in.

A word of the provider is a signed text: its header and its claims come here after its signature was found right.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.errors import Conflict, NotAllowed, Retry

# The one event a sign-out by the provider is (OpenID Connect Back-Channel Logout 1.0, 2.4).
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
# How far two clocks may lie apart.
LEEWAY = timedelta(seconds=30)
# How old a word may be that answers what was asked ten minutes ago at most, and how far ahead its end may lie.
_FRESH = timedelta(minutes=11)
_LONGEST = timedelta(hours=24)
# Longest text of an id of the provider's (OpenID Connect Core, 2: `sub` has at most 255 characters).
_LONGEST_ID = 255


class AnswerRefused(NotAllowed):
    """The provider's answer is not what was asked for, not for us, or not of this provider; `reason` says which."""

    says = (
        "The sign-in of your organisation gave an answer we cannot be sure of, so nobody was signed in. Begin again. "
        "If it happens once more, tell the administrator of this network."
    )

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    @property
    def rule(self) -> str:
        """The refusal with its reason, as the audit keeps it."""
        return f"AnswerRefused.{self.reason}"


class TryUnknown(NotAllowed):
    """No sign-in was begun in this browser that this answers, or it was answered, or ten minutes went by."""

    says = "This sign-in took too long, or was begun in another tab or browser. Begin again."


class SignInStopped(NotAllowed):
    """The provider let nobody in, or somebody changed their mind there."""

    says = "Your organisation did not sign you in. Begin again, or ask whoever looks after your sign-in there."


class AssuranceTooLow(NotAllowed):
    """Somebody showed less proof of who they are than this network asks for."""

    says = (
        "You signed in with less proof of who you are than this network asks for. Sign in again with your smartcard, "
        "security key or app."
    )


class AccountUnknown(NotAllowed):
    """The provider knows somebody who is linked to no account here; nothing is made."""

    says = (
        "Your organisation knows you, but you are not linked to an account here yet. Ask the lead of your "
        "organisation for an invitation, open it in this browser, and sign in from there."
    )


class AccountIsClosed(NotAllowed):
    """The account somebody is linked to is closed."""

    says = "Your account here is closed. Ask the lead of your organisation if this is a mistake."


class IdentityTaken(Conflict):
    """One human being at the provider signs into one account."""

    says = "You are linked to another account here already. Ask the network lead which of the two is right."


class PasswordsAreOff(NotAllowed):
    """Staff sign in by their organisation here; an administrator may use a password so that the house stays open."""

    says = "Passwords are switched off for your role. Sign in with your organisation instead."


class TooManyBegun(Retry):
    """From one address more sign-ins were begun, and not ended, than people can be there."""

    says = "Too many sign-ins were begun from where you are. Wait ten minutes, then try again."


class ProviderAway(Retry):
    """The provider does not answer, or not in time; nobody new comes in meanwhile."""

    says = (
        "The sign-in of your organisation does not answer just now, so nobody new can come in. Whoever is signed in "
        "goes on. Try again in a few minutes."
    )


@dataclass(frozen=True)
class Expected:
    """What a word of the provider must say: by whom, for whom, and when; all of it is set by us."""

    issuer: str
    audience: str
    now: datetime


@dataclass(frozen=True)
class Identity:
    """Somebody as the provider knows them; `sid` names their session there, `shown` an e-mail address for showing."""

    subject: str
    sid: str | None = None
    shown: str = ""


@dataclass(frozen=True)
class Logout:
    """Whom the provider signed out: one session or all of a subject; `token_id` is good once until `until`."""

    token_id: str
    until: datetime
    sid: str | None
    subject: str | None


def check_issuer(given: str | None, expected: str, *, is_promised: bool) -> None:
    """Refuses an answer of another issuer (RFC 9207); one that names none only where the provider promised to."""
    if given is None and not is_promised:
        return
    if given != expected:
        raise AnswerRefused("answer_issuer")


def check_identity_token(
    header: Mapping[str, Any], claims: Mapping[str, Any], expected: Expected, nonce: str
) -> tuple[str, str | None]:
    """Who an identity token is of, and their session there; refuses every other, by OpenID Connect Core 3.1.3.7."""
    # A logout token is signed by the same keys, and must not pass for an identity.
    if str(header.get("typ", "JWT")).upper() != "JWT" or "events" in claims:
        raise AnswerRefused("kind")
    _check_common(claims, expected)
    if claims.get("azp", expected.audience) != expected.audience:
        raise AnswerRefused("audience")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(errors="replace"), nonce.encode()):
        raise AnswerRefused("nonce")
    return _id(claims, "sub", "subject"), _id(claims, "sid", "session") if "sid" in claims else None


def check_logout_token(header: Mapping[str, Any], claims: Mapping[str, Any], expected: Expected) -> Logout:
    """Whom a logout token signs out; refuses every other, by Back-Channel Logout 1.0, 2.4 and 2.6."""
    typ = header.get("typ")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") != "logout+jwt":
        raise AnswerRefused("kind")
    until = _check_common(claims, expected)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):
        raise AnswerRefused("events")
    if "nonce" in claims:
        raise AnswerRefused("nonce")
    sid = _id(claims, "sid", "session") if "sid" in claims else None
    subject = _id(claims, "sub", "subject") if "sub" in claims else None
    if sid is None and subject is None:
        raise AnswerRefused("nobody")
    return Logout(_id(claims, "jti", "token_id"), until, sid, subject)


def check_subject(of_token: str, told: Mapping[str, Any]) -> None:
    """Refuses what the provider tells of somebody else than the identity token is of (OpenID Connect Core 5.3.2)."""
    if told.get("sub") != of_token:
        raise AnswerRefused("told_subject")


def check_assurance(claims: Mapping[str, Any], acr: tuple[str, ...], least: Mapping[str, int]) -> None:
    """Refuses somebody who showed less proof than is asked for; a claim that is missing proves nothing."""
    if acr and claims.get("acr") not in acr:
        raise AssuranceTooLow()
    for name, number in least.items():
        held = claims.get(name)
        text = str(held) if isinstance(held, int | str) and not isinstance(held, bool) else ""
        if not (text.isascii() and text.isdigit() and len(text) <= 3) or int(text) < number:
            raise AssuranceTooLow()


def check_password_allowed(*, has_provider: bool, staff_passwords: bool, roles: frozenset[str], is_staff: bool) -> None:
    """Refuses a password where staff come in by the provider; never an administrator's: the house must stay open."""
    if has_provider and not staff_passwords and is_staff and "administrator" not in roles:
        raise PasswordsAreOff()


def _check_common(claims: Mapping[str, Any], expected: Expected) -> datetime:
    """Refuses what is not of this issuer, not for us alone, or not of now; gives when it ends."""
    if claims.get("iss") != expected.issuer:
        raise AnswerRefused("issuer")
    if claims.get("aud") not in (expected.audience, [expected.audience]):
        raise AnswerRefused("audience")
    issued, ends, now = _moment(claims, "iat"), _moment(claims, "exp"), expected.now
    if issued > now + LEEWAY or issued < now - _FRESH:
        raise AnswerRefused("issued_at")
    if ends <= now - LEEWAY or ends > now + _LONGEST:
        raise AnswerRefused("ends_at")
    if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY:
        raise AnswerRefused("not_yet")
    return ends


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    given = claims.get(name)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise AnswerRefused(name)
    try:
        return datetime.fromtimestamp(given, UTC)
    except (OverflowError, ValueError, OSError):
        raise AnswerRefused(name) from None


def _id(claims: Mapping[str, Any], name: str, reason: str) -> str:
    given = claims.get(name)
    if not isinstance(given, str) or not 1 <= len(given) <= _LONGEST_ID or not given.isprintable():
        raise AnswerRefused(reason)
    return given
