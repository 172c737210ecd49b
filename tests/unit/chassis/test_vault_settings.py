"""Settings of a Vault that keeps the master key: every fault is told before anything starts, never the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.master import MovedMaster
from chassis.serve import master_key
from chassis.settings import SettingsFaulty, read
from chassis.transit import TransitMaster


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("hvs.made-up-for-tests")
    path.chmod(0o600)
    return path


def given(token: Path, **changes: str) -> dict[str, str]:
    texts = {"ADDRESS": "https://vault.example.org:8200", "TOKEN_FILE": str(token), **changes}
    return {f"BEENTHERE_VAULT_{name}": text for name, text in texts.items()}


def test_with_an_address_vault_keeps_the_master_key_and_what_a_file_wrapped_still_opens(
    token: Path, tmp_path: Path
) -> None:
    settings = read({**given(token), "BEENTHERE_DATA": str(tmp_path)})
    assert (settings.vault.key, settings.vault.mount) == ("beenthere", "transit")
    assert isinstance(master_key(settings), TransitMaster)
    assert not settings.master_key_path.exists()
    assert master_key(read({"BEENTHERE_DATA": str(tmp_path)})).name().startswith("file ")
    assert isinstance(master_key(settings), MovedMaster)
    # What a compose file passes on empty is not set.
    assert not read({f"BEENTHERE_VAULT_{name}": "" for name in ("ADDRESS", "TOKEN_FILE", "CA")}).vault


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ADDRESS": "http://vault.example.org"}, "ADDRESS must begin with https"),
        ({"ADDRESS": "https://vault.example.org/?x=1"}, "ADDRESS must begin with https"),
        ({"ADDRESS": ""}, "TOKEN_FILE is set without BEENTHERE_VAULT_ADDRESS"),
        ({"TOKEN_FILE": ""}, "TOKEN_FILE is not set"),
        ({"TOKEN_FILE": "/nowhere/token"}, "TOKEN_FILE names a file that does not exist"),
        ({"KEY": "one/two"}, "KEY must be the name"),
        ({"KEY": ".."}, "KEY must be the name"),
        ({"MOUNT": "/sys"}, "MOUNT must be the path"),
        ({"NAMESPACE": "a\nb"}, "NAMESPACE must be the path"),
        ({"CA": "/nowhere/ca.pem"}, "CA names a file that does not exist"),
    ],
)
def test_what_cannot_be_used_is_told(token: Path, changes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsFaulty) as refused:
        read(given(token, **changes))
    assert said in str(refused.value)
    assert "hvs." not in str(refused.value)


def test_a_token_others_can_read_is_refused(token: Path) -> None:
    token.chmod(0o640)
    with pytest.raises(SettingsFaulty, match="600"):
        read(given(token))
