"""What the NHS list refuses, and more of the kind: each case a statement, and the exact words of its refusal."""

from __future__ import annotations

import hmac
import json

from joserfc import jwt

from tests.integration.partners.signing import AUDIENCE, OTHERS, PAIRS, Systems, b64, sign_bytes

ALGORITHMS = ("RS512", "Ed25519")
REQUEST, SYSTEM = "invalid_request", "invalid_client"
MALFORMED = (400, REQUEST, "Malformed JWT in client_assertion")
WHO = (400, REQUEST, "Missing or non-matching iss/sub claims in JWT")
AUD = (401, SYSTEM, "Missing or invalid aud claim in JWT")
NO_JTI = (400, REQUEST, "Missing jti claim in JWT")
JTI = (400, REQUEST, "Jti claim must be a unique string value such as a GUID")
INTEGER = (400, REQUEST, "Exp claim must be an integer")
EXPIRED = (400, REQUEST, "Invalid exp claim in JWT - JWT has expired")
TOO_FAR = (400, REQUEST, "Invalid exp claim in JWT - more than 5 minutes in future")
KID = (401, SYSTEM, "Invalid 'kid' header in JWT - no matching public key")
TYP = (400, REQUEST, "Invalid 'typ' header in JWT - must be 'JWT'")
HEADER = (400, REQUEST, "Invalid header in JWT - only 'alg', 'kid' and 'typ' are taken")
WRONG = (401, SYSTEM, "JWT signature verification failed")
USED = (400, REQUEST, "Non-unique jti claim in JWT")


def other_algorithm(algorithm: str) -> tuple[int, str, str]:
    text = f"Invalid 'alg' header in JWT - unsupported JWT algorithm - must be '{algorithm}'"
    return (400, REQUEST, text)


Case = tuple[str, tuple[int, str, str]]


def who_and_where(room: Systems, a: str, me: str) -> dict[str, Case]:
    ok = room.claims
    return {
        "iss unknown": (
            room.sign(a, ok(me, iss="x" * 36, sub="x" * 36)), (401, SYSTEM, "Invalid iss/sub claims in JWT"),
        ),
        "iss missing": (room.sign(a, ok(me, iss=...)), WHO),
        "sub missing": (room.sign(a, ok(me, sub=...)), WHO),
        "sub another": (room.sign(a, ok(me, sub="another")), WHO),
        "iss another": (room.sign(a, ok(me, iss="another")), WHO),
        "iss a list": (room.sign(a, ok(me, iss=[me], sub=[me])), WHO),
        "iss a number": (room.sign(a, ok(me, iss=1, sub=1)), WHO),
        "aud missing": (room.sign(a, ok(me, aud=...)), AUD),
        "aud another": (room.sign(a, ok(me, aud="https://elsewhere.example/oauth/token")), AUD),
        "aud a list": (room.sign(a, ok(me, aud=[AUDIENCE])), AUD),
        "aud of two": (room.sign(a, ok(me, aud=[AUDIENCE, "https://elsewhere.example"])), AUD),
        "aud with a slash": (room.sign(a, ok(me, aud=AUDIENCE + "/")), AUD),
        "aud in capitals": (room.sign(a, ok(me, aud=AUDIENCE.upper())), AUD),
        "aud without the path": (room.sign(a, ok(me, aud=AUDIENCE.removesuffix("/oauth/token"))), AUD),
    }  # fmt: skip


def when_and_which(room: Systems, a: str, me: str) -> dict[str, Case]:
    ok, now = room.claims, room.seconds
    iat = (400, REQUEST, "Invalid iat claim in JWT - must be an integer that is not in the future")
    nbf = (400, REQUEST, "Invalid nbf claim in JWT - must be an integer that is not in the future")
    return {
        "exp missing": (room.sign(a, ok(me, exp=...)), (400, REQUEST, "Missing exp claim in JWT")),
        "exp a second ago": (room.sign(a, ok(me, exp=now - 1)), EXPIRED),
        "exp now": (room.sign(a, ok(me, exp=now)), EXPIRED),
        "exp in 301 seconds": (room.sign(a, ok(me, exp=now + 301)), TOO_FAR),
        "exp in milliseconds": (room.sign(a, ok(me, exp=(now + 100) * 1000)), TOO_FAR),
        "exp a text": (room.sign(a, ok(me, exp=str(now + 100))), INTEGER),
        "exp a float": (room.sign(a, ok(me, exp=now + 100.5)), INTEGER),
        "exp a whole float": (room.sign(a, ok(me, exp=float(now + 100))), INTEGER),
        "exp true": (room.sign(a, ok(me, exp=True)), INTEGER),
        "exp huge": (room.sign(a, ok(me, exp=10**400)), MALFORMED),
        "exp NaN": (room.sign(a, ok(me, exp=float("nan"))), MALFORMED),
        "iat ahead": (room.sign(a, ok(me, iat=now + 60)), iat),
        "iat a text": (room.sign(a, ok(me, iat="soon")), iat),
        "nbf ahead": (room.sign(a, ok(me, nbf=now + 60)), nbf),
        "jti missing": (room.sign(a, ok(me, jti=...)), NO_JTI),
        "jti empty": (room.sign(a, ok(me, jti="")), NO_JTI),
        "jti null": (room.sign(a, ok(me, jti=None)), NO_JTI),
        "jti a number": (room.sign(a, ok(me, jti=1234567890)), JTI),
        "jti a list": (room.sign(a, ok(me, jti=["a" * 9])), JTI),
        "jti too long": (room.sign(a, ok(me, jti="a" * 256)), JTI),
        "jti too short": (room.sign(a, ok(me, jti="a")), JTI),
        "jti with NUL": (room.sign(a, ok(me, jti="a\0" * 9)), MALFORMED),
        "jti half a character": (room.sign(a, ok(me, jti="\ud800" * 9)), MALFORMED),
    }


def by_which_key(room: Systems, a: str, me: str) -> dict[str, Case]:
    ok, other = room.claims, OTHERS[a]
    foreign = other.as_dict(private=False)
    rsa = PAIRS["RS512"]
    pss = jwt.encode({"alg": "PS512", "kid": "k1"}, ok(me), rsa, algorithms=["PS512"])
    rs256 = jwt.encode({"alg": "RS256", "kid": "k1"}, ok(me), rsa, algorithms=["RS256"])
    turned = ALGORITHMS[1 - ALGORITHMS.index(a)]
    return {
        "kid missing": (room.sign(a, ok(me), kid=...), (400, REQUEST, "Missing 'kid' header in JWT")),
        "kid unknown": (room.sign(a, ok(me), kid="k2"), KID),
        "kid a path": (room.sign(a, ok(me), kid="../k1"), KID),
        "kid a number": (room.sign(a, ok(me), kid=1), KID),
        "kid a list": (room.sign(a, ok(me), kid=["k1"]), KID),
        "typ another": (room.sign(a, ok(me), typ="at+jwt"), TYP),
        "typ a number": (room.sign(a, ok(me), typ=1), TYP),
        "alg missing": (room.sign(a, ok(me), alg=...), other_algorithm(a)),
        "alg none": (unsigned(room, me, "none"), other_algorithm(a)),
        "alg None": (unsigned(room, me, "None"), other_algorithm(a)),
        "HS256 by the public key": (by_public_key(room, a, me, "HS256"), other_algorithm(a)),
        "HS512 by the public key": (by_public_key(room, a, me, "HS512"), other_algorithm(a)),
        "PS512": (pss, other_algorithm(a)),
        "RS256": (rs256, other_algorithm(a)),
        "the other algorithm": (room.sign(turned, ok(me)), other_algorithm(a)),
        "another key": (room.sign(a, ok(me), other), WRONG),
        "another key in jwk": (room.sign(a, ok(me), other, jwk=foreign), HEADER),
        "jku": (room.sign(a, ok(me), other, jku="https://elsewhere.example/keys"), HEADER),
        "jku with the right key": (room.sign(a, ok(me), jku="https://elsewhere.example/keys"), HEADER),
        "x5u": (room.sign(a, ok(me), x5u="https://elsewhere.example"), HEADER),
        "crit": (room.sign(a, ok(me), crit=["x"], x=1), HEADER),
        "b64 false": (room.sign(a, ok(me), b64=False, crit=["b64"]), HEADER),
    }


def unsigned(room: Systems, me: str, algorithm: str) -> str:
    head = json.dumps({"alg": algorithm, "kid": "k1", "typ": "JWT"}).encode()
    return f"{b64(head)}.{b64(json.dumps(room.claims(me)).encode())}.{b64(b'x' * 64)}"


def by_public_key(room: Systems, a: str, me: str, algorithm: str) -> str:
    head = json.dumps({"alg": algorithm, "kid": "k1", "typ": "JWT"}).encode()
    text = f"{b64(head)}.{b64(json.dumps(room.claims(me)).encode())}"
    secret = PAIRS[a].as_pem(private=False)
    return f"{text}.{b64(hmac.new(secret, text.encode(), f'sha{algorithm[2:]}').digest())}"


def by_its_looks(room: Systems, a: str, me: str) -> dict[str, Case]:
    head = json.dumps({"alg": a, "kid": "k1", "typ": "JWT"}).encode()
    honest = json.dumps(room.claims(me)).encode()
    fine = room.sign(a, room.claims(me))
    first, second, third = fine.split(".")
    foreign = b64(json.dumps(room.claims(me)).encode())
    return {
        "signature cut": (fine[:-8], WRONG),
        "signature gone": (f"{first}.{second}.", MALFORMED),
        "body of another": (f"{first}.{foreign}.{third}", WRONG),
        "no JWT": ("hello", MALFORMED),
        "dots": ("..", MALFORMED),
        "five parts": (fine + ".a.b", MALFORMED),
        "a line's end": (fine + "\n", MALFORMED),
        "padding": (fine + "=", MALFORMED),
        "a blank before": (" " + fine, MALFORMED),
        "another letter": ("é" + fine, MALFORMED),
        "too long": (room.sign(a, room.claims(me, x="a" * 9000)), MALFORMED),
        "too deep": (sign_bytes(a, b'{"iss":"x","x":' + b"[" * 2500 + b"]" * 2500 + b"}", head), MALFORMED),
        "header too deep": (sign_bytes(a, honest, b'{"alg":' + b"[" * 2500), MALFORMED),
        "a list": (sign_bytes(a, b"[]", head), MALFORMED),
        "a word": (sign_bytes(a, b"hello", head), MALFORMED),
        "NUL": (sign_bytes(a, b"\0", head), MALFORMED),
        "a byte order mark": (sign_bytes(a, b"\xef\xbb\xbf" + honest, head), MALFORMED),
        "UTF-16": (sign_bytes(a, honest.decode().encode("utf-16"), head), MALFORMED),
        "exp twice": (sign_bytes(a, honest[:-1] + b',"exp":1}', head), MALFORMED),
        "iss twice": (sign_bytes(a, honest[:-1] + b',"iss":"another"}', head), MALFORMED),
    }


def cases_of(room: Systems, algorithm: str, me: str) -> dict[str, Case]:
    """Every case for a system that signs by this algorithm."""
    families = (who_and_where, when_and_which, by_which_key, by_its_looks)
    return {name: case for family in families for name, case in family(room, algorithm, me).items()}
