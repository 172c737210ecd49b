"""A start with faulty settings is refused with every fault at once, and no secret is ever printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.settings import Settings, SettingsFaulty, read, read_policy, secret_from


def test_nothing_set_is_an_embedded_house_in_a_folder() -> None:
    settings = read({})
    assert settings.database_for("referrals") == "sqlite:///var/referrals.sqlite"
    assert not settings.demo


def test_every_fault_is_listed_at_once() -> None:
    with pytest.raises(SettingsFaulty) as refused:
        read(
            {
                "BEENTHERE_PORT": "ninety",
                "BEENTHERE_DEMO": "yes",
                "BEENTHERE_OIDC_ISSUER": "https://sign-in.example",
                "BEENTHERE_ORIGIN": "peers.example.org/here",
                "BEENTHERE_KAFKA": "127.0.0.1:9092",
                "BEENTHERE_KAFKA_USER": "service.referrals",
                "BEENTHERE_KAFKA_CA": "nowhere.pem",
                "BEENTHERE_LOG_LEVEL": "loud",
                "BEENTHERE_COLOUR": "blue",
                "HOME": "/somewhere",
            }
        )
    says = str(refused.value)
    for name in ("PORT", "OIDC_ISSUER", "ORIGIN", "KAFKA", "KAFKA_USER", "KAFKA_CA", "LOG_LEVEL", "COLOUR"):
        assert f"BEENTHERE_{name}" in says
    assert "short-secret" not in says


def test_a_demo_beside_real_sign_in_is_refused() -> None:
    with pytest.raises(SettingsFaulty, match="both set"):
        read({"BEENTHERE_DEMO": "1", "BEENTHERE_OIDC_ISSUER": "https://sign-in.example"})
    assert read({"BEENTHERE_DEMO": "1"}).demo


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    shown = repr(Settings(kafka_password="a secret nobody may read", database_url="postgresql+psycopg://x:hidden@h/d"))
    assert "nobody may read" not in shown
    assert "hidden" not in shown


def test_a_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    made = secret_from(path)
    assert len(made) >= 32
    assert secret_from(path) == made
    assert path.stat().st_mode & 0o077 == 0


def test_a_secret_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    secret_from(path)
    path.chmod(0o644)
    with pytest.raises(SettingsFaulty, match="600"):
        secret_from(path)


@dataclass(frozen=True)
class Policy:
    reply_days: int = 2
    share: float = 0.5


def test_a_network_may_override_a_number_of_a_policy() -> None:
    assert read_policy(Policy, {"reply_days": 3}) == Policy(reply_days=3)


def test_an_unknown_name_or_a_wrong_type_in_a_policy_is_refused() -> None:
    with pytest.raises(SettingsFaulty) as refused:
        read_policy(Policy, {"replydays": 3, "share": "half"})
    assert "replydays" in str(refused.value)
    assert "share must be float" in str(refused.value)


def test_a_policy_file_is_read_by_service(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[referrals]\nreply_working_days = 1\n")
    assert read({"BEENTHERE_POLICY_FILE": str(path)}).policy == {"referrals": {"reply_working_days": 1}}
    with pytest.raises(SettingsFaulty, match="does not exist"):
        read({"BEENTHERE_POLICY_FILE": str(tmp_path / "none.toml")})
    with pytest.raises(SettingsFaulty, match="cannot be read"):
        read({"BEENTHERE_POLICY_FILE": str(tmp_path)})
    path.write_bytes(b"\x83\xff")
    with pytest.raises(SettingsFaulty, match="is not TOML"):
        read({"BEENTHERE_POLICY_FILE": str(path)})
