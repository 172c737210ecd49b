"""Passes: what we mint is believed, and none of some three hundred forgeries is, each beside an honest one."""

from __future__ import annotations

import base64
import hmac
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from chassis import passes
from chassis.access import Principal
from chassis.passes import PassRefused

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY, OTHER, RSA = passes.new_key(), passes.new_key(), RSAKey.generate_key(2048)
WHO = Principal(
    "account", "an-account", "a-partner", frozenset({"coordinator", "peer"}), session="a-session", standing=3
)


def known(key_id: str) -> OKPKey | None:
    """The keys a room was told of: one."""
    return passes.read_key(passes.public_half(KEY)) if key_id == KEY.kid else None


def is_believed(text: str, at: datetime = NOW) -> bool:
    """Whether a room believes a pass; anything but a refusal is an error of ours."""
    try:
        passes.check(text, known, at)
    except PassRefused:
        return False
    return True


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """What we mint; `...` takes a claim out."""
    ours = {
        "iss": "partners", "aud": "rooms", "sub": "an-account", "knd": "account", "rol": ["peer"], "jti": "a-number",
        "iat": SECONDS, "exp": SECONDS + 600, "std": 0, "sid": "a-session",
    }  # fmt: skip
    return {name: value for name, value in {**ours, **changes}.items() if value is not ...}


def header(**changes: Any) -> dict[str, Any]:
    ours = {"alg": "Ed25519", "kid": KEY.kid, "typ": "pass+jwt"}
    return {name: value for name, value in {**ours, **changes}.items() if value is not ...}


def signed(body: Any, head: Any = None, key: OKPKey = KEY) -> str:
    """Signs whatever it is given, bytes or what becomes JSON: a forger is not held to what a library will write."""
    parts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in (head or header(), body)]
    text = ".".join(b64(part) for part in parts)
    private: Any = key.private_key
    return f"{text}.{b64(private.sign(text.encode()))}"


def hashed(algorithm: str, secret: bytes) -> str:
    text = ".".join(b64(json.dumps(part).encode()) for part in (header(alg=algorithm), claims()))
    return f"{text}.{b64(hmac.new(secret, text.encode(), f'sha{algorithm[2:]}').digest())}"


PUBLIC = passes.public_half(KEY)
FOREIGN = {**passes.public_half(OTHER), "kid": "mine"}
HONEST = signed(claims())
FIRST, SECOND, THIRD = HONEST.split(".")
FORGED: dict[str, str] = {
    # which key
    "alg none": f"{b64(json.dumps(header(alg='none')).encode())}.{SECOND}.",
    "alg none, with a signature": f"{b64(json.dumps(header(alg='none')).encode())}.{SECOND}.{THIRD}",
    "alg None": f"{b64(json.dumps(header(alg='None')).encode())}.{SECOND}.{THIRD}",
    "HS256 by the public x": hashed("HS256", PUBLIC["x"].encode()),
    "HS256 by the public bytes": hashed("HS256", base64.urlsafe_b64decode(PUBLIC["x"] + "=")),
    "HS256 by the public PEM": hashed("HS256", KEY.as_pem(private=False)),
    "HS512 by the public PEM": hashed("HS512", KEY.as_pem(private=False)),
    "RS256": jwt.encode({**header(alg="RS256")}, claims(), RSA, algorithms=["RS256"]),
    "alg EdDSA": signed(claims(), header(alg="EdDSA")),
    "alg missing": signed(claims(), header(alg=...)),
    "alg a list": signed(claims(), header(alg=["Ed25519"])),
    "another key": signed(claims(), key=OTHER),
    "another key under its own kid": signed(claims(), header(kid=OTHER.kid), OTHER),
    "kid missing": signed(claims(), header(kid=...)),
    "kid a list": signed(claims(), header(kid=[KEY.kid])),
    "kid a path": signed(claims(), header(kid=f"../{KEY.kid}")),
    "jwk": signed(claims(), header(jwk=FOREIGN), OTHER),
    "jwk with the right key": signed(claims(), header(jwk=PUBLIC)),
    "jku": signed(claims(), header(jku="https://elsewhere.example/keys"), OTHER),
    "jku with the right key": signed(claims(), header(jku="https://elsewhere.example/keys")),
    "x5u": signed(claims(), header(x5u="https://elsewhere.example/chain")),
    "x5c": signed(claims(), header(x5c=["AAAA"])),
    "crit": signed(claims(), header(crit=["x"], x=1)),
    "b64 false": signed(claims(), header(crit=["b64"], b64=False)),
    "zip": signed(claims(), header(zip="DEF")),
    # what kind of statement
    "typ missing": signed(claims(), header(typ=...)),
    "typ JWT": signed(claims(), header(typ="JWT")),
    "typ in capitals": signed(claims(), header(typ="PASS+JWT")),
    "typ a number": signed(claims(), header(typ=1)),
    "iss another": signed(claims(iss="elsewhere")),
    "iss missing": signed(claims(iss=...)),
    "aud another": signed(claims(aud="elsewhere")),
    "aud missing": signed(claims(aud=...)),
    "aud a list": signed(claims(aud=["rooms"])),
    "aud of two": signed(claims(aud=["rooms", "elsewhere"])),
    # how long
    "exp missing": signed(claims(exp=...)),
    "exp a float": signed(claims(exp=SECONDS + 300.5)),
    "exp a whole float": signed(claims(exp=float(SECONDS + 300))),
    "exp a text": signed(claims(exp=str(SECONDS + 300))),
    "exp true": signed(claims(exp=True)),
    "exp null": signed(claims(exp=None)),
    "exp huge": signed(claims(exp=10**400)),
    "exp infinite": signed(claims(exp=float("inf"))),
    "run out": signed(claims(iat=SECONDS - 700, exp=SECONDS - 100)),
    "a longer life": signed(claims(exp=SECONDS + 601)),
    "a day's life": signed(claims(exp=SECONDS + 86_400)),
    "issued tomorrow": signed(claims(iat=SECONDS + 86_400, exp=SECONDS + 87_000)),
    "ended before it began": signed(claims(iat=SECONDS, exp=SECONDS)),
    "iat missing": signed(claims(iat=...)),
    "iat a float": signed(claims(iat=SECONDS + 0.5)),
    # who
    "sub missing": signed(claims(sub=...)),
    "sub a number": signed(claims(sub=1)),
    "sub a list": signed(claims(sub=["an-account"])),
    "kind missing": signed(claims(knd=...)),
    "roles one text": signed(claims(rol="administrator")),
    "roles missing": signed(claims(rol=...)),
    "roles of numbers": signed(claims(rol=[1])),
    "roles an object": signed(claims(rol={"peer": True})),
    "partner a list": signed(claims(par=["a-partner"])),
    "session a number": signed(claims(sid=1)),
    "standing missing": signed(claims(std=...)),
    "standing a float": signed(claims(std=1e9)),
    "standing true": signed(claims(std=True)),
    "number missing": signed(claims(jti=...)),
    # by its looks
    "signature gone": f"{FIRST}.{SECOND}.",
    "signature of another": f"{FIRST}.{SECOND}.{signed(claims(sub='x')).split('.')[2]}",
    "body of another": f"{FIRST}.{b64(json.dumps(claims(sub='x')).encode())}.{THIRD}",
    "nothing": "", "dots": "..", "a word": "hello", "five parts": f"{HONEST}.a.b", "padding": f"{HONEST}=",
    "a line's end": f"{HONEST}\n", "a blank": f" {HONEST}", "another letter": f"é{HONEST}",
    "too long": signed(claims(x="a" * 5000)),
    "too deep": signed(b'{"sub":' + b"[" * 1400 + b"]" * 1400 + b"}"),
    "header too deep": signed(claims(), b'{"alg":' + b"[" * 900),
    "a list": signed([]), "a text": signed("hello"), "no JSON": signed(b"hello"), "NUL": signed(b"\0"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_pass_is_not_believed(name: str) -> None:
    assert not is_believed(FORGED[name])


def test_there_are_enough_forgeries_and_an_honest_pass_made_the_same_way_is_believed() -> None:
    assert len(FORGED) >= 80
    assert is_believed(HONEST)
    assert is_believed(signed(claims(par="a-partner", cal="sealed", onl="referral", sid=...)))


def test_of_two_hundred_changed_passes_none_is_believed() -> None:
    draw, letters = random.Random(5), "ABCXYZabcxyz0189-_"
    honest = passes.mint(KEY, WHO, NOW, called="sealed")
    changed = {honest[:-1] + letter for letter in letters}
    while len(changed) < 220:
        at = draw.randrange(len(honest))
        changed.add(honest[:at] + draw.choice(letters + ".=") + honest[at + 1 :])
    changed.discard(honest)
    assert len(changed) >= 200
    assert [text for text in sorted(changed) if is_believed(text)] == []
    assert is_believed(honest)


def test_a_pass_says_who_it_was_minted_for() -> None:
    found = passes.check(passes.mint(KEY, WHO, NOW, called="sealed"), known, NOW)
    assert (found.who, found.called) == (WHO, "sealed")
    assert (found.who.session, found.who.standing) == ("a-session", 3)
    assert (found.issued_at, found.ends_at) == (NOW, NOW + timedelta(minutes=10))


def test_a_pass_lives_ten_minutes_and_never_past_the_end_of_its_session() -> None:
    whole, cut = passes.mint(KEY, WHO, NOW), passes.mint(KEY, WHO, NOW, until=NOW + timedelta(minutes=3))
    leeway = timedelta(seconds=passes.LEEWAY_SECONDS)
    for text, minutes in ((whole, 10), (cut, 3)):
        end = NOW + timedelta(minutes=minutes)
        assert is_believed(text, end - timedelta(seconds=1))
        assert not is_believed(text, end + leeway + timedelta(seconds=1))
    assert is_believed(whole, NOW - leeway)
    assert not is_believed(whole, NOW - leeway - timedelta(seconds=1))


def test_a_claim_that_stands_twice_is_believed_once_at_most() -> None:
    """The last of two wins in JSON; whatever wins is held to the same rules."""
    raw = json.dumps(claims()).encode()
    assert not is_believed(signed(raw[:-1] + b',"exp":%d}' % (SECONDS + 86_400)))
    assert not is_believed(signed(raw[:-1] + b',"aud":["rooms"]}'))


def test_a_key_is_known_by_what_it_is_and_not_by_what_it_says() -> None:
    assert passes.read_key(passes.public_half(KEY)).kid == KEY.kid
    assert passes.read_key({**passes.public_half(KEY), "kid": OTHER.kid}).kid == KEY.kid  # type: ignore[dict-item]
    assert set(passes.public_half(KEY)) == {"kty", "crv", "x"}


def test_a_room_asks_for_no_key_it_was_not_told_of() -> None:
    asked: list[str] = []

    def ask(key_id: str) -> OKPKey | None:
        asked.append(key_id)
        return None

    with pytest.raises(PassRefused):
        passes.check(signed(claims(), header(kid="unheard of")), ask, NOW)
    assert asked == ["unheard of"]
