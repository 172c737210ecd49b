"""What is said at the token door, in OAuth's and the NHS's own words, and the rules of a signed statement of who asks.

The contract is that of signed JWTs of the NHS (sources.md, NHS signed JWT); its words stay inside this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chassis.errors import Refused

GRANT = "client_credentials"
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Fields of the form.
GRANT_TYPE, ASSERTION_TYPE, ASSERTION, SYSTEM_ID, SECRET = (
    "grant_type", "client_assertion_type", "client_assertion", "client_id", "client_secret",
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"
# Bytes of a body, and characters of a signed statement, at most.
MOST_BODY, MOST_ASSERTION = 16 * 1024, 8 * 1024
# Seconds a statement may be good for, and by which two clocks may differ.
AHEAD_SECONDS, LEEWAY_SECONDS = 300, 5
_HEADERS = frozenset({"alg", "kid", "typ"})
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

_REQUEST, _SYSTEM = "invalid_request", "invalid_client"
# rule: status, error code and text; none of them repeats what was sent.
SAYINGS: Mapping[str, tuple[int, str, str]] = {
    "NotAForm": (400, _REQUEST, "The content type must be application/x-www-form-urlencoded, without an encoding"),
    "BodyTooLong": (400, _REQUEST, "The request is too long"),
    "GivenTwice": (400, _REQUEST, "A parameter is given more than once"),
    "TwoWays": (400, _REQUEST, "Use one way to sign in: a client_assertion or a client_secret"),
    "NoGrant": (400, _REQUEST, "grant_type is missing"),
    "OtherGrant": (400, "unsupported_grant_type", "grant_type is invalid"),
    "OtherKind": (
        400,
        _REQUEST,
        "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'",
    ),
    "NoAssertion": (400, _REQUEST, "Missing client_assertion"),
    "Malformed": (400, _REQUEST, "Malformed JWT in client_assertion"),
    "SystemsDiffer": (400, _REQUEST, "client_id is not that of the client_assertion or client_secret"),
    "WhoDiffers": (400, _REQUEST, "Missing or non-matching iss/sub claims in JWT"),
    "WhoUnknown": (401, _SYSTEM, "Invalid iss/sub claims in JWT"),
    "NotRS512": (400, _REQUEST, "Invalid 'alg' header in JWT - unsupported JWT algorithm - must be 'RS512'"),
    "NotEd25519": (400, _REQUEST, "Invalid 'alg' header in JWT - unsupported JWT algorithm - must be 'Ed25519'"),
    "NoKeyId": (400, _REQUEST, "Missing 'kid' header in JWT"),
    "OtherType": (400, _REQUEST, "Invalid 'typ' header in JWT - must be 'JWT'"),
    "OtherHeader": (400, _REQUEST, "Invalid header in JWT - only 'alg', 'kid' and 'typ' are taken"),
    "KeyUnknown": (401, _SYSTEM, "Invalid 'kid' header in JWT - no matching public key"),
    "SignatureWrong": (401, _SYSTEM, "JWT signature verification failed"),
    "NoEnd": (400, _REQUEST, "Missing exp claim in JWT"),
    "EndNoInteger": (400, _REQUEST, "Exp claim must be an integer"),
    "Expired": (400, _REQUEST, "Invalid exp claim in JWT - JWT has expired"),
    "EndTooFar": (400, _REQUEST, "Invalid exp claim in JWT - more than 5 minutes in future"),
    "OtherAudience": (401, _SYSTEM, "Missing or invalid aud claim in JWT"),
    "NoNumber": (400, _REQUEST, "Missing jti claim in JWT"),
    "NumberNoText": (400, _REQUEST, "Jti claim must be a unique string value such as a GUID"),
    "NumberUsed": (400, _REQUEST, "Non-unique jti claim in JWT"),
    "IssuedOddly": (400, _REQUEST, "Invalid iat claim in JWT - must be an integer that is not in the future"),
    "NotYetGood": (400, _REQUEST, "Invalid nbf claim in JWT - must be an integer that is not in the future"),
    "Held": (401, _SYSTEM, "This system may not sign in now, or not from this address - ask the network lead"),
    "SecretWrong": (401, _SYSTEM, "The key is not known, is no longer good, or may not be used from here"),
    "TooManyTries": (429, _REQUEST, "Too many tries failed - wait a quarter of an hour"),
}


class TokenRefused(Refused):
    """No pass is given; `rule` names the rule, `error` and `says` are what OAuth and the NHS say then."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self.status, self.error, says = SAYINGS[rule]
        super().__init__(says)

    @property
    def rule(self) -> str:
        return self._rule


def error_of(status: int) -> str:
    """The error code of an answer that no rule here gave."""
    return {401: _SYSTEM, 500: "server_error", 503: "temporarily_unavailable"}.get(status, _REQUEST)


def check_shape(text: str) -> None:
    """Refuses a text that is no signed statement by its looks: three parts of base64url, not too long."""
    if len(text) > MOST_ASSERTION or not _SHAPE.fullmatch(text):
        raise TokenRefused("Malformed")


def who_of(claims: Mapping[str, Any]) -> str:
    """Who a statement says it is of, before anything of it is believed."""
    issuer = claims.get("iss")
    if type(issuer) is not str or not issuer or claims.get("sub") != issuer:
        raise TokenRefused("WhoDiffers")
    return issuer


def check_header(header: Mapping[str, Any], algorithm: str) -> str:
    """The id of the key a statement names; the algorithm is the one registered, and nothing in it brings a key."""
    if header.get("alg") != algorithm:
        raise TokenRefused(f"Not{algorithm}")
    key_id = header.get("kid")
    if not key_id:
        raise TokenRefused("NoKeyId")
    kind = header.get("typ", "JWT")
    if type(kind) is not str or kind.lower() != "jwt":
        raise TokenRefused("OtherType")
    if set(header) - _HEADERS:
        raise TokenRefused("OtherHeader")
    if type(key_id) is not str:
        raise TokenRefused("KeyUnknown")
    return key_id


def check_claims(claims: Mapping[str, Any], audience: str, now_seconds: int) -> tuple[str, int]:
    """The number and the end of a statement whose signature is right; refuses all that is not as agreed.

    `exp` is a whole number at most five minutes ahead, `aud` the one text of our token address.
    """
    ends = claims.get("exp")
    if ends is None:
        raise TokenRefused("NoEnd")
    if type(ends) is not int:
        raise TokenRefused("EndNoInteger")
    if ends <= now_seconds:
        raise TokenRefused("Expired")
    if ends > now_seconds + AHEAD_SECONDS:
        raise TokenRefused("EndTooFar")
    if type(claims.get("aud")) is not str or claims["aud"] != audience:
        raise TokenRefused("OtherAudience")
    for name, rule in (("iat", "IssuedOddly"), ("nbf", "NotYetGood")):
        if name in claims and not (type(claims[name]) is int and 0 <= claims[name] <= now_seconds + LEEWAY_SECONDS):
            raise TokenRefused(rule)
    return _number_of(claims), ends


def _number_of(claims: Mapping[str, Any]) -> str:
    number = claims.get("jti")
    if number is None or number == "":
        raise TokenRefused("NoNumber")
    if type(number) is not str or not 8 <= len(number) <= 255:
        raise TokenRefused("NumberNoText")
    return number
