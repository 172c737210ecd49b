"""The rules of systems: which public keys are fit, which addresses are a list, who may register and sign in."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.errors import Trouble
from contracts import partners as said
from services.partners.domain import oauth, organisations
from services.partners.domain import systems as rules
from services.partners.domain.organisations import Partner

TODAY = date(2026, 3, 2)
AT_WORK = Partner("p", organisations.ACTIVE, date(2027, 3, 1))
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def b64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def rsa(bits: int = 2048, **changes: Any) -> dict[str, Any]:
    """Something of the size and shape of an RSA key; whether it is one is for a library to see."""
    return {"kty": "RSA", "kid": "k1", "n": b64((1 << bits) - 1), "e": "AQAB", **changes}


def okp(**changes: Any) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "kid": "k2", "x": b64((1 << 255) - 1), **changes}


def test_the_words_are_those_of_the_contracts() -> None:
    assert said.WAYS == (rules.SIGNING_KEYS, rules.API_KEY)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa(), "RS512"), (rsa(4096, alg="RS512", use="sig"), "RS512"), (okp(), "Ed25519"),
        (okp(alg="EdDSA"), "Ed25519"), (okp(alg="Ed25519", x5t="let be"), "Ed25519"),
    ],
)  # fmt: skip
def test_a_fit_key_is_kept_with_the_one_algorithm_it_is_for_and_nothing_else(key: Any, algorithm: str) -> None:
    (found,) = rules.keys_of({"keys": [key]})
    assert (found.key_id, found.algorithm) == (key["kid"], algorithm)
    assert set(found.parts) == ({"kty", "n", "e"} if algorithm == "RS512" else {"kty", "crv", "x"})


@pytest.mark.parametrize(
    ("key", "word"),
    [
        (rsa(2047), "2048"), (rsa(1024), "2048"), (rsa(8200), "8192"), (rsa(e="Aw"), "sound"),
        (rsa(n=b64((1 << 2048) - 2)), "sound"), (rsa(alg="RS256"), "RS512"), (rsa(alg="PS512"), "RS512"),
        (rsa(n="not base64!"), "base64url"), (rsa(n=5), "base64url"), (rsa(n="A" * 3000), "base64url"),
        (rsa(d="AQAB"), "private"), (rsa(p="AQAB"), "private"), (okp(d="AQAB"), "private"),
        ({"kty": "oct", "k": "AQAB", "kid": "k"}, "private"), (okp(crv="X25519"), "Ed25519"),
        ({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "kid": "k"}, "RSA"), (okp(x="AQAB"), "32 bytes"),
        (okp(use="enc"), "sig"), (okp(kid=""), "kid"), (okp(kid="a b"), "kid"), (okp(kid=5), "kid"),
        (okp(kid="k" * 101), "kid"), (okp(kid=None), "kid"), ("hello", "not a key"),
        ([], "not a key"), (None, "not a key"),
    ],
)  # fmt: skip
def test_a_key_that_is_not_fit_is_refused_with_the_reason(key: Any, word: str) -> None:
    with pytest.raises(rules.KeysRefused) as refused:
        rules.keys_of({"keys": [key]})
    (fault,) = refused.value.faults
    assert fault.where == "jwks"
    assert word in fault.says


@pytest.mark.parametrize(
    "key_set",
    [
        None, [], {}, {"keys": []}, {"keys": {}}, {"keys": [rsa(), okp(), rsa(kid="k3")]}, {"keys": [rsa(), okp()]},
        {"keys": [okp(), okp()]}, "text",
    ],
)  # fmt: skip
def test_a_set_is_one_key_or_two_of_one_kind_with_ids_of_their_own(key_set: Any) -> None:
    with pytest.raises(rules.KeysRefused):
        rules.keys_of(key_set)
    assert len(rules.keys_of({"keys": [okp(), okp(kid="k9")]})) == 2


def test_every_unfit_key_is_told_of_at_once() -> None:
    with pytest.raises(rules.KeysRefused) as refused:
        rules.keys_of({"keys": [rsa(1024), okp(kid="")]})
    assert [fault.says[:6] for fault in refused.value.faults] == ["Key 1:", "Key 2:"]


@pytest.mark.parametrize(
    ("partner", "count", "rule"),
    [
        (Partner("p", organisations.SUSPENDED, date(2027, 3, 1)), 0, "PartnerSuspended"),
        (Partner("p", organisations.ACTIVE, date(2026, 3, 1)), 0, "AgreementEnded"),
        (AT_WORK, 20, "TooManySystems"),
    ],
)
def test_no_system_is_registered_for_a_partner_that_may_send_nothing(partner: Partner, count: int, rule: str) -> None:
    with pytest.raises(Trouble) as refused:
        rules.check_may_register(partner, today=TODAY, system_count=count, most=20)
    assert refused.value.rule == rule
    rules.check_may_register(AT_WORK, today=TODAY, system_count=19, most=20)


@pytest.mark.parametrize(
    ("state", "partner", "may"),
    [
        ("active", AT_WORK, True), ("closed", AT_WORK, False),
        ("active", Partner("p", organisations.SUSPENDED, date(2027, 3, 1)), False),
        ("active", Partner("p", organisations.ACTIVE, TODAY), True),
        ("active", Partner("p", organisations.ACTIVE, date(2026, 3, 1)), False),
    ],
)  # fmt: skip
def test_a_system_signs_in_while_it_is_open_and_its_partner_may_send(
    state: str, partner: Partner, *, may: bool
) -> None:
    assert rules.may_sign_in(state, partner, TODAY) is may


@pytest.mark.parametrize(
    ("state", "way", "living", "more", "rule"),
    [
        ("closed", "api_key", 0, 1, "SystemClosed"), ("active", "signing_keys", 0, 1, "AnotherWay"),
        ("active", "api_key", 2, 1, "TooManyKeys"), ("active", "api_key", 1, 2, "TooManyKeys"),
    ],
)  # fmt: skip
def test_a_system_has_two_keys_of_its_own_way_at_most(state: str, way: str, living: int, more: int, rule: str) -> None:
    with pytest.raises(Trouble) as refused:
        rules.check_may_add(state, way, "api_key", living, more)
    assert refused.value.rule == rule
    rules.check_may_add("active", "api_key", "api_key", 1, 1)


def test_an_api_key_is_its_prefix_and_its_secret() -> None:
    secret = "s" * 43
    assert rules.parts_of(rules.api_key_text("abcdefghij", secret)) == ("abcdefghij", secret)
    for odd in (
        "",
        "bt_",
        f"bt_abc_{secret}",
        f"xx_abcdefghij_{secret}",
        f"bt_abcdefghij_{secret}s",
        f"bt_ABCDEFGHIJ_{secret}",
    ):
        assert rules.parts_of(odd) is None


def test_an_api_key_is_good_until_its_end_and_not_once_it_is_revoked() -> None:
    later = NOW.replace(hour=11)
    assert rules.is_good(rules.ApiKey(later, None), NOW)
    assert not rules.is_good(rules.ApiKey(NOW, None), NOW)
    assert not rules.is_good(rules.ApiKey(later, NOW), NOW)


def test_addresses_are_kept_the_same_way_however_they_were_typed() -> None:
    typed = [" 192.0.2.7 ", "192.0.2.7/32", "2001:DB8:0:0::/32", "", "2001:db8::/32"]
    assert rules.networks_of(typed) == ["192.0.2.7/32", "2001:db8::/32"]
    with pytest.raises(rules.NetworksRefused, match="Line 2"):
        rules.networks_of(["192.0.2.7", "ward.example.org"])


@pytest.mark.parametrize(
    ("address", "networks", "is_in"),
    [
        ("192.0.2.7", [], True), ("nonsense", [], True), ("nonsense", ["192.0.2.0/24"], False),
        ("192.0.2.7", ["192.0.2.0/24"], True), ("192.0.3.7", ["192.0.2.0/24"], False),
        ("::ffff:192.0.2.7", ["192.0.2.0/24"], True), ("2001:db8::7%eth0", ["2001:db8::/32"], True),
        ("192.0.2.7", ["2001:db8::/32"], False), ("2001:db8::7", ["192.0.2.0/24"], False),
        ("", ["192.0.2.0/24"], False),
    ],
)  # fmt: skip
def test_an_address_lies_in_a_network_or_not(address: str, networks: list[str], *, is_in: bool) -> None:
    assert rules.is_from(address, networks) is is_in


def test_the_token_door_says_401_only_for_who_could_not_show_who_they_are() -> None:
    """RFC 6749, 5.2: `invalid_client` is 401, all else is 400 but the two that say to wait."""
    for rule, (status, error, text) in oauth.SAYINGS.items():
        assert (status == 401) == (error == "invalid_client"), rule
        assert status in {400, 401, 429}
        assert text.isascii()
        assert not set(text) & {'"', "\\"}
