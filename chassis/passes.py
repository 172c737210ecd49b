"""Passes: a short signed statement of who knocks, minted by one room and checked by every room with a public key.

Ed25519 as RFC 9864 names it; nothing in a token can add to the keys or choose the algorithm. A pass lives ten minutes
at most, never past the end of its session, and carries the session's handle, so that it can be called back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry

from chassis.access import Principal
from chassis.errors import NotSignedIn
from chassis.ids import new_token

ALGORITHM, TYPE, ISSUER, AUDIENCE = "Ed25519", "pass+jwt", "partners", "rooms"
LIFE = timedelta(minutes=10)
# Seconds by which the clocks of two machines may differ.
LEEWAY_SECONDS = 5
# Characters a pass may have at most; what we mint has some 600.
LONGEST = 4096
_ESSENTIAL = ("sub", "knd", "rol", "jti", "iat", "exp")


class PassRefused(NotSignedIn):
    """The pass is not one of ours, or no longer good."""

    says = "Your pass is not valid, or it has run out. Sign in again."


@dataclass(frozen=True)
class Pass:
    """What a pass says: who, their sealed name, from when until when, and when their session ends by itself."""

    who: Principal
    called: str | None
    issued_at: datetime
    ends_at: datetime
    rests_at: datetime | None = None


def new_key() -> OKPKey:
    """A new pair of keys; its `kid` is the thumbprint of the public half."""
    return OKPKey.generate_key("Ed25519", auto_kid=True)


def public_half(key: OKPKey) -> dict[str, str]:
    """The half that rooms check with, as it travels."""
    found = key.as_dict(private=False)
    return {name: str(found[name]) for name in ("kty", "crv", "x")}


def private_half(key: OKPKey) -> dict[str, str]:
    """The whole key, to be sealed by the one room that mints."""
    found = key.as_dict(private=True)
    return {name: str(found[name]) for name in ("kty", "crv", "x", "d")}


def read_key(parts: Mapping[str, str]) -> OKPKey:
    """The key made of these parts; the `kid` is worked out, never taken over."""
    return OKPKey.import_key(dict(parts), {"kid": _kid(parts)})


def _kid(parts: Mapping[str, str]) -> str:
    return str(OKPKey.import_key({name: parts[name] for name in ("kty", "crv", "x")}).thumbprint())


def mint(
    key: OKPKey, who: Principal, now: datetime, *, called: str | None = None, until: datetime | None = None,
    rests_at: datetime | None = None,
) -> str:  # fmt: skip
    """Gives the pass of `who`: good for ten minutes, or to `until`, the end of the session, when that comes first.

    `rests_at` is when the session ends if nothing is done in it, for the page to say so beforehand.
    """
    ends = now + LIFE if until is None else min(now + LIFE, until)
    claims: dict[str, Any] = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": who.id, "knd": who.kind, "rol": sorted(who.roles), "jti": new_token(),
        "iat": int(now.timestamp()), "exp": int(ends.timestamp()), "std": who.standing,
    }  # fmt: skip
    optional: dict[str, Any] = {"par": who.partner_id, "sid": who.session, "cal": called, "onl": who.only}
    optional["rst"] = int(rests_at.timestamp()) if rests_at else None
    claims |= {name: value for name, value in optional.items() if value is not None}
    return str(jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}, claims, key, algorithms=[ALGORITHM]))


def check(text: str, key_of: Callable[[str], OKPKey | None], now: datetime) -> Pass:
    """Gives what a pass says; `key_of` gives the public key of a `kid` known beforehand.

    Raises PassRefused for everything else, without saying why: a forger learns nothing.
    """
    try:
        return _checked(text, key_of, now)
    except (JoseError, KeyError, TypeError, ValueError, RecursionError, OverflowError):
        # A signed body a thousand levels deep ends in a RecursionError, which is no JoseError.
        raise PassRefused() from None


def _checked(text: str, key_of: Callable[[str], OKPKey | None], now: datetime) -> Pass:
    if len(text) > LONGEST or text.count(".") != 2 or not text.isascii():
        raise PassRefused()

    def find(found: Any) -> OKPKey:
        key = key_of(found.headers()["kid"])
        if key is None:
            raise PassRefused()
        return key

    token = jwt.decode(text, find, algorithms=[ALGORITHM])
    header, claims = token.header, token.claims
    if set(header) != {"alg", "kid", "typ"} or header["typ"] != TYPE:
        raise PassRefused()
    _registry(now).validate(claims)
    _exactly(claims)
    who = Principal(
        claims["knd"], claims["sub"], claims.get("par"), frozenset(claims["rol"]), session=claims.get("sid"),
        standing=claims["std"], only=claims.get("onl"),
    )  # fmt: skip
    rests_at = _moment(claims["rst"]) if "rst" in claims else None
    return Pass(who, claims.get("cal"), _moment(claims["iat"]), _moment(claims["exp"]), rests_at)


def _registry(now: datetime) -> JWTClaimsRegistry:
    essential: Any = {name: {"essential": True} for name in _ESSENTIAL}
    exact: Any = {
        "iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": AUDIENCE},
    }  # fmt: skip
    return JWTClaimsRegistry(lambda: int(now.timestamp()), leeway=LEEWAY_SECONDS, **exact, **essential)


def _exactly(claims: Mapping[str, Any]) -> None:
    """A list that holds us, a time of 1e9 or true, and roles that are one text are not what we mint."""
    texts = (claims["aud"], claims["sub"], claims["knd"], claims["jti"], *claims["rol"])
    optional = (claims.get(name) for name in ("par", "sid", "cal", "onl"))
    if (
        not all(type(text) is str for text in texts)
        or not all(text is None or type(text) is str for text in optional)
        or type(claims["rol"]) is not list
        or not all(type(claims[name]) is int for name in ("iat", "exp", "std"))
        or type(claims.get("rst", 0)) is not int
        or not 0 < claims["exp"] - claims["iat"] <= LIFE.total_seconds()
    ):
        raise PassRefused()


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
