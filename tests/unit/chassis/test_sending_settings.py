"""Settings of e-mail and texts: read whole, refused with every fault, and no secret in any word."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.settings import SettingsFaulty, read
from chassis.settings.sending import SendingSettings

SECRET = "a secret of this test that is long enough"


def a_secret(folder: Path, text: str = SECRET, mode: int = 0o600) -> str:
    path = folder / f"secret-{mode:o}-{len(text)}"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def of(**given: str) -> SendingSettings:
    return read({f"BEENTHERE_{name}": text for name, text in given.items()}).sending


def faults(**given: str) -> str:
    with pytest.raises(SettingsFaulty) as refused:
        of(**given)
    assert SECRET not in str(refused.value)
    return str(refused.value)


def test_nothing_set_sends_nothing() -> None:
    assert of() == SendingSettings()
    assert of(SMTP_HOST="", SMS_URL=" ") == SendingSettings()


def test_a_mail_server_and_an_address_for_texts_are_read(tmp_path: Path) -> None:
    read_ = of(
        SMTP_HOST="mail.example.org", SMTP_PORT="465", SMTP_SECURITY="tls", SMTP_NAME="beenthere",
        SMTP_PASSWORD_FILE=a_secret(tmp_path), MAIL_FROM="notices@network.example.org",
        SMS_URL="https://texts.example.org/send", SMS_SECRET_FILE=a_secret(tmp_path),
    )  # fmt: skip
    assert (read_.smtp_host, read_.smtp_port, read_.smtp_security) == ("mail.example.org", 465, "tls")
    assert read_.sms_url == "https://texts.example.org/send"


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    said = faults(
        SMTP_HOST="smtp://mail example", SMTP_SECURITY="ssl", MAIL_FROM="Been There <x@y>", SMTP_NAME="beenthere",
        SMTP_CA=str(tmp_path / "none.pem"), SMS_URL="http://texts.example.org/?key=1", MAIL_FROM_NAME="a\nBcc: b",
    )  # fmt: skip
    for name in ("SMTP_HOST", "SMTP_SECURITY", "MAIL_FROM must", "SMTP_NAME", "SMTP_CA", "SMS_URL", "SMS_SECRET_FILE",
                 "MAIL_FROM_NAME"):  # fmt: skip
        assert f"BEENTHERE_{name}" in said, name


@pytest.mark.parametrize(("text", "mode", "why"), [("short", 0o600, "32 characters"), (SECRET, 0o644, "mode to 600")])
def test_a_secret_too_short_or_that_others_may_read_is_refused(tmp_path: Path, text: str, mode: int, why: str) -> None:
    said = faults(SMS_URL="https://texts.example.org", SMS_SECRET_FILE=a_secret(tmp_path, text, mode))
    assert why in said


def test_mail_goes_unencrypted_to_this_machine_alone() -> None:
    own = {"SMTP_SECURITY": "none", "MAIL_FROM": "notices@network.example.org"}
    assert of(SMTP_HOST="127.0.0.1", **own).smtp_security == "none"
    assert "on this machine alone" in faults(SMTP_HOST="mail.example.org", **own)


def test_what_belongs_to_a_server_that_is_not_set_is_said() -> None:
    said = faults(MAIL_FROM="a@b.example", SMS_SECRET_FILE="/none")
    assert "BEENTHERE_MAIL_FROM is set without BEENTHERE_SMTP_HOST" in said
    assert "BEENTHERE_SMS_SECRET_FILE is set without BEENTHERE_SMS_URL" in said


@pytest.mark.parametrize("port", ["0", "65536", "http", "²"])
def test_a_port_is_a_port(port: str) -> None:
    assert "SMTP_PORT must be a port" in faults(SMTP_HOST="m.example.org", SMTP_PORT=port, MAIL_FROM="a@b.example")


def test_a_demo_writes_to_nobody() -> None:
    said = faults(DEMO="yes", SMTP_HOST="mail.example.org", MAIL_FROM="a@b.example")
    assert "a demo writes to nobody" in said
