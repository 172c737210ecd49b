"""Forged logout tokens: none ends anybody's session, and the true one does, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc.jwk import RSAKey

from services.partners.store.tables import sessions
from tests.integration.partners.forger import LOGOUT, Forger, unsigned, with_a_secret
from tests.parts.provider import WE

pytestmark = pytest.mark.usefixtures("openid_provider")
OTHER = RSAKey.generate_key(2048, {"kid": "good"})


@pytest.fixture
def forger(world_on_each: Any) -> Iterator[Forger]:
    """A provider of a forger's own, which the house believes as it is set, with one human being linked."""
    made = Forger()
    made.take_over(world_on_each)
    yield made
    made.close()


def send(world: Any, token: str) -> int:
    """Sends a logout token as a provider does."""
    answer = requests.post(f"{world.front.origin}/sign-in/provider/logout", data={"logout_token": token}, timeout=20)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code


def forged(world: Any, forger: Forger) -> dict[str, tuple[str, str]]:
    """What is wrong: (the reason it must be refused for, the token)."""
    now = int(world.clock.now().timestamp())

    def claims(reason: str, **changes: Any) -> tuple[str, str]:
        return reason, forger.sign(forger.logout(world, str(changes), **changes), typ="logout+jwt")

    def signed(reason: str, key: Any = None, **header: Any) -> tuple[str, str]:
        return reason, forger.sign(forger.logout(world, str(header)), key, **{"typ": "logout+jwt", **header})

    true, public = forger.logout(world, "copied"), forger.good.as_pem(private=False)
    return {
        "another key of the same name": signed("signature", OTHER),
        "a key of no name we know": signed("key", kid="unknown"),
        "of another issuer": claims("issuer", iss="https://elsewhere.example"),
        "of no issuer": claims("issuer", iss=None),
        "for another": claims("audience", aud="another"),
        "for two": claims("audience", aud=[WE, "another"]),
        "for nobody": claims("audience", aud=None),
        "ended a minute ago": claims("ends_at", exp=now - 60),
        "no end": claims("exp", exp=None),
        "an end next year": claims("ends_at", exp=now + 400 * 86400),
        "said in ten minutes": claims("issued_at", iat=now + 600, exp=now + 900),
        "said yesterday": claims("issued_at", iat=now - 86400),
        "never said": claims("iat", iat=None),
        "with a nonce": claims("nonce", nonce="n"),
        "no events": claims("events", events=None),
        "no event": claims("events", events={}),
        "events in a list": claims("events", events=[LOGOUT]),
        "another event": claims("events", events={"http://elsewhere.example": {}}),
        "an event that is a number": claims("events", events={LOGOUT: 1}),
        "of nobody": claims("nobody", sid=None),
        "of a session that is a number": claims("session", sid=1),
        "of an empty subject": claims("subject", sub=""),
        "without an id": claims("token_id", jti=None),
        "with an id that is a list": claims("token_id", jti=["x"]),
        "an identity's kind": signed("kind", typ="JWT"),
        "of no kind": signed("kind", typ="at+jwt"),
        "a kind that is a number": signed("signature", typ=7),
        "RS512, which was not set": signed("signature", alg="RS512"),
        "nothing signed it": ("signature", unsigned(true, alg="none", typ="logout+jwt")),
        "HS256 with the public key": ("signature", with_a_secret(true, public, typ="logout+jwt")),
        "no token": ("token", ""),
        "three letters": ("signature", "a.b.c"),
        "nine points": ("signature", "." * 9),
    }  # fmt: skip


def test_no_forged_logout_is_accepted_and_the_true_one_is_once(world_on_each: Any, forger: Forger) -> None:
    world = world_on_each
    browser = forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    accepted, reasons = [], {}
    cases = forged(world, forger)
    for name, (reason, token) in cases.items():
        if send(world, token) != 400:
            accepted.append(name)
        elif world.refusals()[-1] != f"AnswerRefused.{reason}":
            reasons[name] = world.refusals()[-1]
    assert world.is_in(browser)
    true = forger.sign(forger.logout(world, "true"), typ="logout+jwt")
    assert (send(world, true), world.is_in(browser)) == (200, False)
    again = forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    assert (send(world, true), world.refusals()[-1], world.is_in(again)) == (400, "AnswerRefused.repeated", True)
    assert (accepted, reasons) == ([], {})
    assert len(cases) >= 30


def test_a_subject_is_signed_out_everywhere_and_a_session_alone(world_on_each: Any, forger: Forger) -> None:
    world = world_on_each

    def comes_in(sid: str) -> Any:
        return forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce, sid=sid)))

    def tell(number: str, **changes: Any) -> int:
        return send(world, forger.sign(forger.logout(world, number, **changes), typ="logout+jwt"))

    first, second, third = comes_in("first"), comes_in("second"), comes_in("third")
    assert tell("a", sid="second") == 200
    assert [world.is_in(one) for one in (first, second, third)] == [True, False, True]
    # A session that is not this subject's is not ended.
    assert tell("b", sid="third", sub="femi") == 200
    assert world.is_in(third)
    assert tell("c", sid="third", sub="asha") == 200
    assert [world.is_in(one) for one in (first, third)] == [True, False]
    assert tell("d", sid=None, sub="somebody we never saw") == 200
    assert world.is_in(first)
    assert tell("e", sid=None, sub="asha") == 200
    assert not world.is_in(first)
    assert {row[0] for row in world.rows(sessions, "why_ended") if row[0]} == {"provider"}


def test_with_the_keys_away_a_logout_is_refused_so_that_the_provider_knows(world_on_each: Any, forger: Forger) -> None:
    world = world_on_each
    browser = forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    world.open_again()
    forger.close()
    assert send(world, forger.sign(forger.logout(world, "true"), typ="logout+jwt")) == 400
    assert world.refusals()[-1] == "ProviderAway"
    assert world.is_in(browser)
