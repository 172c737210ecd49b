"""An identity provider that is set wrongly keeps the house from starting, with every fault at once and no key shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.settings import SettingsFaulty, read
from chassis.settings.oidc import OidcSettings, SigningKey, read_key

RSA = RSAKey.generate_key(2048)


def a_file(folder: Path, key: SigningKey = RSA, mode: int = 0o600, **more: bool) -> str:
    """A file that holds a key."""
    path = folder / "provider.key"
    path.write_bytes(key.as_pem(private=more.get("private", True)))
    path.chmod(mode)
    return str(path)


def given(folder: Path, **changes: str) -> dict[str, str]:
    """Settings under which a house starts."""
    right = {
        "OIDC_ISSUER": "https://sign-in.example.org/realms/network", "OIDC_CLIENT_ID": "been-there",
        "OIDC_KEY_FILE": a_file(folder), "ORIGIN": "https://network.example.org",
    }  # fmt: skip
    return {f"BEENTHERE_{name}": text for name, text in {**right, **changes}.items()}


def faults(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsFaulty) as refused:
        read(environment)
    return str(refused.value)


def test_a_provider_is_set_with_few_words_and_nothing_set_is_no_provider(tmp_path: Path) -> None:
    assert not read({}).oidc
    found = read(given(tmp_path)).oidc
    assert found
    assert (found.algorithms, found.scope, found.acr, dict(found.assurance)) == (("RS256",), "openid", (), {})


def test_what_is_left_blank_is_as_if_it_were_not_set(tmp_path: Path) -> None:
    blank = {f"OIDC_{name}": "" for name in ("ALGORITHMS", "NAME", "SCOPE", "ACR", "ASSURANCE", "KEY_ID")}
    assert read(given(tmp_path, **blank)).oidc == read(given(tmp_path)).oidc
    assert not read({f"BEENTHERE_{name}": text for name, text in {**blank, "OIDC_ISSUER": ""}.items()}).oidc


def test_levels_of_assurance_are_read_as_they_are_written(tmp_path: Path) -> None:
    found = read(
        given(
            tmp_path,
            OIDC_ACR="AAL2_ANY, AAL3_ANY",
            OIDC_ASSURANCE="authentication_assurance_level:2, a:b:3",
            OIDC_ALGORITHMS="RS256,ES256",
        )
    ).oidc
    assert (found.acr, found.algorithms) == (("AAL2_ANY", "AAL3_ANY"), ("RS256", "ES256"))
    assert found.assurance == {"authentication_assurance_level": 2, "a:b": 3}


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    says = faults(
        {
            "BEENTHERE_OIDC_ISSUER": "http://sign-in.example.org",
            "BEENTHERE_OIDC_ALGORITHMS": "RS256,HS256",
            "BEENTHERE_OIDC_SCOPE": "profile",
            "BEENTHERE_OIDC_NAME": "x" * 61,
            "BEENTHERE_OIDC_EMAIL_CLAIM": "e mail",
            "BEENTHERE_OIDC_ASSURANCE": "high",
            "BEENTHERE_OIDC_COLOUR": "blue",
        }
    )
    for name in (
        "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_KEY_FILE", "OIDC_ALGORITHMS", "OIDC_SCOPE", "OIDC_NAME",
        "OIDC_EMAIL_CLAIM", "OIDC_ASSURANCE", "OIDC_COLOUR", "ORIGIN",
    ):  # fmt: skip
        assert f"BEENTHERE_{name} " in says, name


def test_the_rest_without_an_issuer_is_a_mistake() -> None:
    says = faults({"BEENTHERE_OIDC_CLIENT_ID": "been-there", "BEENTHERE_OIDC_SCOPE": "openid"})
    assert "BEENTHERE_OIDC_CLIENT_ID is set without BEENTHERE_OIDC_ISSUER" in says
    assert "BEENTHERE_OIDC_SCOPE is set without BEENTHERE_OIDC_ISSUER" in says


@pytest.mark.parametrize(
    "issuer",
    [
        "sign-in.example.org", "http://sign-in.example.org", "https://sign-in.example.org?x=1", "https://a b",
        "https://sign-in.example.org#x", "https://name:word@sign-in.example.org", "http://127.0.0.1.example.org",
    ],
)  # fmt: skip
def test_an_issuer_is_an_address_of_https_and_nothing_more(tmp_path: Path, issuer: str) -> None:
    assert "BEENTHERE_OIDC_ISSUER must begin with https://" in faults(given(tmp_path, OIDC_ISSUER=issuer))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "rs256", "", "EdDSA"])
def test_an_algorithm_of_a_shared_secret_or_of_nothing_is_refused(tmp_path: Path, algorithm: str) -> None:
    assert "BEENTHERE_OIDC_ALGORITHMS" in faults(given(tmp_path, OIDC_ALGORITHMS=f"{algorithm},none"))


def test_a_demo_beside_a_provider_is_refused(tmp_path: Path) -> None:
    assert "both set" in faults(given(tmp_path, DEMO="yes"))


# ---- the key


def of(path: str, algorithm: str = "RS256", key_id: str = "") -> OidcSettings:
    return OidcSettings(issuer="https://x.example", key_file=Path(path), key_algorithm=algorithm, key_id=key_id)


def test_a_key_file_others_can_read_is_refused(tmp_path: Path) -> None:
    a_file(tmp_path)
    says = faults(given(tmp_path) | {"BEENTHERE_OIDC_KEY_FILE": a_file(tmp_path, mode=0o640)})
    assert "BEENTHERE_OIDC_KEY_FILE can be read by others" in says


@pytest.mark.parametrize("text", ["", "not a key", "{}", '{"kty": "RSA"}', "{", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_holds_no_key_is_refused_without_a_word_of_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "provider.key"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no private key") as refused:
        read_key(of(str(path)))
    assert "not a key" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(1536), "RS256"), (RSA, "ES256"), (RSA, "Ed25519"),
        (OKPKey.generate_key("Ed25519"), "RS256"),
        (ECKey.generate_key("P-384"), "ES256"), (OKPKey.generate_key("X25519"), "Ed25519"),
    ],
)  # fmt: skip
def test_a_key_that_is_weak_or_of_another_kind_is_refused(tmp_path: Path, key: SigningKey, algorithm: str) -> None:
    with pytest.raises(ValueError, match=f"holds no private key for {algorithm}"):
        read_key(of(a_file(tmp_path, key), algorithm))


def test_a_public_key_proves_nothing_and_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no private key"):
        read_key(of(a_file(tmp_path, private=False)))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "PS512"), (ECKey.generate_key("P-256"), "ES256"), (OKPKey.generate_key("Ed25519"), "Ed25519")],
)
def test_a_key_is_known_by_its_thumbprint_or_by_the_name_the_provider_gave_it(
    tmp_path: Path, key: SigningKey, algorithm: str
) -> None:
    path = a_file(tmp_path, key)
    assert read_key(of(path, algorithm)).kid == key.thumbprint()
    assert read_key(of(path, algorithm, "ours-1")).kid == "ours-1"


def test_a_key_may_be_one_jwk_with_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "provider.key"
    path.touch(0o600)
    path.write_text(json.dumps({**RSA.as_dict(private=True), "kid": "of-its-own"}))
    assert read_key(of(str(path))).kid == "of-its-own"
