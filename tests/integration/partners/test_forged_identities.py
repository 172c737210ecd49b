"""Forged identity tokens: none lets anybody in, each is refused for its own reason, and the true one lets her in."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from services.partners.provider import Provider
from tests.integration.partners.forger import Forger, part, unsigned, with_a_secret
from tests.parts.provider import WE

pytestmark = pytest.mark.usefixtures("openid_provider")
OTHER = RSAKey.generate_key(2048, {"kid": "good"})
with warnings.catch_warnings(action="ignore"):
    WEAK = RSAKey.generate_key(1024, {"kid": "weak"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})
FOR_ENCRYPTION = RSAKey.generate_key(2048, {"kid": "secrets"})


@pytest.fixture
def forger(world: Any) -> Iterator[Forger]:
    """A provider of a forger's own, which the house believes as it is set, with one human being linked."""
    made = Forger()
    made.take_over(world)
    yield made
    made.close()


# What is wrong with a token: the reason it must be refused for, and what makes such a token for a nonce.
Cases = dict[str, tuple[str, Callable[[str], Any]]]


def forged_claims(world: Any, forger: Forger) -> Cases:
    """Tokens that are signed as they should be and say what they should not."""
    now = int(world.clock.now().timestamp())

    def says(reason: str, **changes: Any) -> tuple[str, Callable[[str], Any]]:
        return reason, lambda nonce: forger.sign(forger.identity(world, nonce, **changes))

    return {
        "for another, ours as azp": says("audience", aud="another", azp=WE),
        "for another": says("audience", aud="another"),
        "for two, ours as azp": says("audience", aud=[WE, "another"], azp=WE),
        "for nobody": says("audience", aud=None),
        "for an empty list": says("audience", aud=[]),
        "another authorised": says("audience", azp="another"),
        "of another issuer": says("issuer", iss="https://elsewhere.example"),
        "of ours with a slash": says("issuer", iss=forger.issuer + "/"),
        "of no issuer": says("issuer", iss=None),
        "another nonce": says("nonce", nonce="of-another"),
        "no nonce": says("nonce", nonce=None),
        "a nonce that is a number": says("nonce", nonce=7),
        "half a character as nonce": says("nonce", nonce="\ud800"),
        "ended 100 seconds ago": says("ends_at", exp=now - 100),
        "no end": says("exp", exp=None),
        "an end beyond all years": says("exp", exp=10**400),
        "an end that is yes": says("exp", exp=True),
        "an end in text": says("exp", exp=str(now + 300)),
        "an end next year": says("ends_at", exp=now + 400 * 86400),
        "said tomorrow": says("issued_at", iat=now + 86400, exp=now + 2 * 86400),
        "said yesterday": says("issued_at", iat=now - 86400),
        "never said": says("iat", iat=None),
        "not good yet": says("not_yet", nbf=now + 600),
        "nobody": says("subject", sub=None),
        "nobody, empty": says("subject", sub=""),
        "somebody with a number": says("subject", sub=1),
        "somebody too long": says("subject", sub="a" * 256),
        "somebody in two lines": says("subject", sub="asha\nfemi"),
        "a session that is no text": says("session", sid={"a": 1}),
        "for another token beside it": says("at_hash", at_hash="of-another"),
        "a sign-out, by its event": says("kind", events={}),
    }  # fmt: skip


def forged_signatures(world: Any, forger: Forger) -> Cases:
    """Tokens that say what they should and are not signed so, or are no tokens."""

    def signed(reason: str, key: Any = None, **header: Any) -> tuple[str, Callable[[str], Any]]:
        return reason, lambda nonce: forger.sign(forger.identity(world, nonce), key, **header)

    def text(reason: str, made: Any) -> tuple[str, Callable[[str], Any]]:
        return reason, lambda nonce: made(forger.identity(world, nonce))

    public = forger.good.as_pem(private=False)
    return {
        "a sign-out, by its kind": signed("kind", typ="logout+jwt"),
        "another key of the same name": signed("signature", OTHER),
        "a key of no name we know": signed("key", kid="unknown"),
        "no name, and two keys": signed("key", kid=None),
        "a key for encryption": signed("key", FOR_ENCRYPTION, kid="secrets"),
        "a key that is too short": signed("key", WEAK, kid="weak"),
        "its own key in its head": signed("signature", OTHER, jwk=OTHER.as_dict(private=False)),
        "a key of the same name elsewhere": signed("signature", OTHER, jku="https://elsewhere.example/keys"),
        "something critical nobody knows": signed("signature", crit=["exp"]),
        "RS512, which was not set": signed("signature", alg="RS512"),
        "PS256, which was not set": signed("signature", alg="PS256"),
        "ES256, which was not set": signed("signature", CURVE, alg="ES256", kid="curve"),
        "nothing signed it": text("signature", lambda given: unsigned(given, alg="none", kid="good")),
        "nothing signed it, in capitals": text("signature", lambda given: unsigned(given, alg="NONE", kid="good")),
        "no algorithm": text("signature", lambda given: unsigned(given, kid="good")),
        "HS256 with the public key": text("signature", lambda given: with_a_secret(given, public, kid="good")),
        "another's signature": text("signature", lambda given: swapped(forger, given)),
        "a list": ("signature", lambda _: forger.sign(b"[]")),
        "a thousand levels deep": ("signature", lambda _: forger.sign(b"[" * 5000 + b"]" * 5000)),
        "no token": ("token", lambda _: None),
        "an empty token": ("token", lambda _: ""),
        "a token that is a number": ("token", lambda _: 7),
        "letters from elsewhere": ("token", lambda _: "é.é.é"),
        "too long": text("token", lambda given: forger.sign({**given, "more": "x" * 20_000})),
        "two parts": text("signature", lambda given: forger.sign(given).rpartition(".")[0]),
        "five parts": text("signature", lambda given: forger.sign(given) + ".x.y"),
    }  # fmt: skip


def swapped(forger: Forger, claims: dict[str, Any]) -> str:
    """The words of one true token under the signature of another."""
    head, _, sign = forger.sign({**claims, "sub": "femi"}).split(".")
    return f"{head}.{part(json.dumps(claims).encode())}.{sign}"


def test_no_forged_identity_is_accepted_and_the_true_one_is(world: Any, forger: Forger) -> None:
    forger.keys += [
        CURVE.as_dict(private=False, use="sig"), FOR_ENCRYPTION.as_dict(private=False, use="enc"),
        WEAK.as_dict(private=False, use="sig"), RSAKey.generate_key(2048, {"kid": "second"}).as_dict(private=False),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "good"}, {"kty": "RSA"}, 7,
    ]  # fmt: skip
    world.open_again()
    cases = forged_claims(world, forger) | forged_signatures(world, forger)
    accepted, reasons = [], {}
    for name, (reason, made) in cases.items():
        if forger.comes_in(world, made):
            accepted.append(name)
        elif world.refusals()[-1] != f"AnswerRefused.{reason}":
            reasons[name] = world.refusals()[-1]
    assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce, aud=[WE])))
    assert (accepted, reasons) == ([], {})
    assert len(cases) >= 50
    assert len(world.refusals()) == len(cases)


@pytest.mark.parametrize("told", [{"sub": "femi"}, {}, {"sub": None}, {"sub": ["asha"]}])
def test_what_is_told_of_somebody_else_lets_nobody_in(world: Any, forger: Forger, told: Any) -> None:
    forger.told = told
    assert not forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    assert world.refusals() == ["AnswerRefused.told_subject"]


def test_what_is_signed_stands_before_what_is_told_beside_it(world: Any, forger: Forger) -> None:
    world.open_again(assurance={"authentication_assurance_level": 2})
    forger.told = {"sub": "asha", "authentication_assurance_level": "3"}
    low = forger.comes_in(
        world, lambda nonce: forger.sign(forger.identity(world, nonce, authentication_assurance_level="1"))
    )
    assert (low, world.refusals()) == (None, ["AssuranceTooLow"])
    assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))


def test_we_prove_who_we_are_by_a_short_token_with_an_id_of_its_own(world: Any, forger: Forger, our_key: Any) -> None:
    for _ in range(2):
        assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    proofs = [jwt.decode(form["client_assertion"], our_key, algorithms=["RS512"]) for form in forger.forms]
    assert len({proof.claims["jti"] for proof in proofs}) == len(proofs) == 3
    for proof in proofs:
        assert proof.header["kid"] == our_key.kid
        assert (proof.claims["iss"], proof.claims["sub"], proof.claims["aud"]) == (WE, WE, f"{forger.issuer}/token")
        assert 0 < proof.claims["exp"] - proof.claims["iat"] <= 300


def test_each_sign_in_has_a_verifier_of_its_own_which_nobody_but_the_token_endpoint_sees(
    world: Any, forger: Forger
) -> None:
    for _ in range(2):
        assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    verifiers = [form["code_verifier"] for form in forger.forms]
    assert len({len(verifier) for verifier in verifiers} - {43}) == 0
    assert len({*verifiers, *(asked["nonce"] for asked in forger.addresses)}) == 6
    assert len({asked["state"] for asked in forger.addresses}) == 3
    for verifier, asked in zip(verifiers, forger.addresses, strict=True):
        assert asked["code_challenge"] == part(hashlib.sha256(verifier.encode()).digest())
        assert verifier not in asked.values()


# ---- discovery and keys


@pytest.mark.parametrize(
    "change",
    [
        {"token_endpoint": "file:///etc/passwd"}, {"token_endpoint": None}, {"jwks_uri": ["x"]},
        {"authorization_endpoint": "javascript:1"}, {"userinfo_endpoint": "gopher://elsewhere.example"},
        {"issuer": "https://elsewhere.example"}, {"issuer": None},
    ],
)  # fmt: skip
def test_a_discovery_document_that_leads_astray_is_not_followed(world: Any, forger: Forger, change: Any) -> None:
    forger.discovery |= change
    world.open_again()
    answer = world.browser().go("/sign-in/provider")
    assert answer.status_code == 403
    assert world.refusals()[0].startswith("AnswerRefused.discovery")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/userinfo", "/token"])
def test_a_provider_that_leads_elsewhere_is_not_followed(world: Any, forger: Forger, path: str) -> None:
    other = Forger()
    other.discovery, other.keys, other.told = forger.discovery, forger.keys, forger.told
    forger.leads_to[path] = other.issuer + path
    world.open_again()
    if path.startswith("/.well"):
        assert world.browser().go("/sign-in/provider").status_code == 503
    else:
        assert not forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    assert world.refusals() == []
    assert forger.asked[path] >= 1
    assert not other.asked
    # The control: it is the leading elsewhere that is refused.
    forger.leads_to.clear()
    world.open_again()
    assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    other.close()


def test_more_is_read_of_no_answer_than_there_is_room_for(world: Any, forger: Forger) -> None:
    forger.told = {"sub": "asha", "more": "x" * 200 * 1024}
    assert forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    forger.told = {"sub": "asha", "more": "x" * 300 * 1024}
    assert not forger.comes_in(world, lambda nonce: forger.sign(forger.identity(world, nonce)))
    assert world.refusals() == []


def test_nobody_is_sent_to_a_provider_that_did_not_answer_for_a_minute(world: Any, forger: Forger) -> None:
    seconds = Seconds()
    world.room.app.extensions["provider"] = Provider(world.settings, world.clock, seconds)
    assert world.browser().go("/sign-in/provider", "/authorization?").status_code == 303
    forger.leads_to["/.well-known/openid-configuration"] = "/nowhere"
    seconds.now += 59
    assert world.browser().go("/sign-in/provider", "/authorization?").status_code == 303
    seconds.now += 1
    assert world.browser().go("/sign-in/provider", "/authorization?").status_code == 503
    # And it is asked again soon after it came back.
    forger.leads_to.clear()
    assert world.browser().go("/sign-in/provider", "/authorization?").status_code == 503
    seconds.now += 2
    assert world.browser().go("/sign-in/provider", "/authorization?").status_code == 303


def test_signing_out_there_is_offered_only_where_the_provider_has_a_page_for_it(world: Any, forger: Forger) -> None:
    assert "Sign out there too" not in world.browser().go("/sign-in/out").text
    forger.discovery["end_session_endpoint"] = f"{forger.issuer}/out?from=us"
    world.open_again()
    assert f'href="{forger.issuer}/out?from=us&amp;client_id={WE}"' in world.browser().go("/sign-in/out").text
    forger.close()
    world.open_again()
    answer = world.browser().go("/sign-in/out")
    assert (answer.status_code, "Sign out there too" in answer.text) == (200, False)


class Seconds:
    """A measure of time moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_discovery_and_keys_are_kept_and_new_keys_are_found_without_being_asked_for_each_time(
    world: Any, forger: Forger
) -> None:
    seconds = Seconds()
    world.room.app.extensions["provider"] = provider = Provider(world.settings, world.clock, seconds)
    forger.asked.clear()

    def true(key: RSAKey, name: str) -> Any:
        return lambda nonce: forger.sign(forger.identity(world, nonce), key, kid=name)

    for _ in range(3):
        assert forger.comes_in(world, true(forger.good, "good"))
    assert (forger.asked["/.well-known/openid-configuration"], forger.asked["/keys"]) == (1, 1)
    # Anybody may send a token that names a key nobody has: it costs the provider one question in half a minute.
    for number in range(20):
        with pytest.raises(Exception, match="cannot be sure of"):
            provider.logout(forger.sign(forger.logout(world, number), OTHER, kid=f"made up {number}"))
    assert forger.asked["/keys"] == 1
    new = RSAKey.generate_key(2048, {"kid": "new"})
    forger.keys = [new.as_dict(private=False, use="sig")]
    assert not forger.comes_in(world, true(new, "new"))
    seconds.now += 30
    assert forger.comes_in(world, true(new, "new"))
    assert forger.asked["/keys"] == 2
    for number in range(20):
        with pytest.raises(Exception, match="cannot be sure of"):
            provider.logout(forger.sign(forger.logout(world, number), OTHER, kid=f"made up {number}"))
    assert forger.asked["/keys"] == 2
    # A key that was taken back is believed no longer than keys are kept.
    assert not forger.comes_in(world, true(forger.good, "good"))
    seconds.now += 600
    assert forger.comes_in(world, true(new, "new"))
    assert forger.asked["/keys"] == 3
