"""What is set about writing to people: the mail server that takes our e-mail, and the address that takes our texts."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9a-fA-F:]{2,45}")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_URL = re.compile(r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Encrypted after a first word in clear, encrypted from the first byte, or not at all: on one's own machine alone.
SECURITY = ("starttls", "tls", "none")
_LEAST_SECRET = 32
_LONGEST_NAME = 40


@dataclass(frozen=True)
class SendingSettings:
    """Where e-mail and texts are handed over; without `smtp_host` no e-mail goes, without `sms_url` no text."""

    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_name: str = ""
    smtp_password_file: Path | None = None
    # The certificate that vouches for the mail server, when the system's own do not.
    smtp_ca: Path | None = None
    mail_from: str = ""
    # The sender as it is shown, and as it is shown to whoever asked for something that says less.
    mail_from_name: str = "Been There"
    mail_from_discreet: str = "Messages"
    sms_url: str = ""
    sms_secret_file: Path | None = field(default=None, repr=False)


NAMES = frozenset(one.name for one in fields(SendingSettings))


def value(name: str, text: str) -> Any:
    """The value of one setting; raises ValueError in plain words."""
    if name == "smtp_port":
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
            raise ValueError("must be a port number from 1 to 65535")
        return int(text)
    if name in {"smtp_password_file", "smtp_ca", "sms_secret_file"}:
        return Path(text)
    return text


def faults(settings: SendingSettings, given: Mapping[str, Any], *, is_demo: bool) -> list[str]:
    """Everything that is wrong with these settings together; `given` are those that were set, by their names."""
    found = [*_of_mail(settings, given), *_of_texts(settings, given)]
    if is_demo and (settings.smtp_host or settings.sms_url):
        found.append("SMTP_HOST or SMS_URL is set beside BEENTHERE_DEMO; a demo writes to nobody, see its page /outbox")
    return [f"BEENTHERE_{fault}" for fault in found]


def _of_mail(settings: SendingSettings, given: Mapping[str, Any]) -> list[str]:
    if not settings.smtp_host:
        alone = sorted(name for name in given if name.startswith(("smtp_", "mail_")))
        return [f"{name.upper()} is set without BEENTHERE_SMTP_HOST" for name in alone]
    found = []
    if not _HOST.fullmatch(settings.smtp_host):
        found.append("SMTP_HOST must be the name of a host or an address, without a scheme or port")
    if settings.smtp_security not in SECURITY:
        found.append(f"SMTP_SECURITY must be one of {', '.join(SECURITY)}")
    elif settings.smtp_security == "none" and settings.smtp_host not in _LOOPBACK:
        found.append("SMTP_SECURITY may be none for a mail server on this machine alone; whom we write to is private")
    if not _ADDRESS.fullmatch(settings.mail_from):
        found.append("MAIL_FROM must be the e-mail address that stands as the sender")
    for name in ("mail_from_name", "mail_from_discreet"):
        shown = getattr(settings, name)
        if not 1 <= len(shown) <= _LONGEST_NAME or not shown.isprintable():
            found.append(f"{name.upper()} must have 1 to {_LONGEST_NAME} characters")
    if bool(settings.smtp_name) != bool(settings.smtp_password_file):
        found.append("SMTP_NAME and BEENTHERE_SMTP_PASSWORD_FILE belong together; one of them is not set")
    if settings.smtp_password_file:
        found += _faults_of_secret("SMTP_PASSWORD_FILE", settings.smtp_password_file, 1)
    if settings.smtp_ca:
        found += _faults_of_certificate(settings.smtp_ca)
    return found


def _of_texts(settings: SendingSettings, given: Mapping[str, Any]) -> list[str]:
    if not settings.sms_url:
        return ["SMS_SECRET_FILE is set without BEENTHERE_SMS_URL"] if "sms_secret_file" in given else []
    found = []
    if not _URL.fullmatch(settings.sms_url):
        found.append("SMS_URL must begin with https:// and have no query and no password")
    if settings.sms_secret_file is None:
        found.append("SMS_SECRET_FILE is not set; what we hand over is signed by it")
    else:
        found += _faults_of_secret("SMS_SECRET_FILE", settings.sms_secret_file, _LEAST_SECRET)
    return found


def _faults_of_secret(name: str, path: Path, least: int) -> list[str]:
    try:
        secret_in(path, least)
    except ValueError as fault:
        return [f"{name} {fault}"]
    return []


def _faults_of_certificate(path: Path) -> list[str]:
    try:
        ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError):
        return ["SMTP_CA names a file that is not there or holds no certificate"]
    return []


def secret_in(path: Path, least: int = 1) -> str:
    """The secret in a file only its owner may read; ValueError says why it cannot be used, never what it holds."""
    try:
        mode, text = path.stat().st_mode, path.read_text().strip()
    except FileNotFoundError:
        raise ValueError("names a file that does not exist") from None
    except (OSError, UnicodeDecodeError):
        raise ValueError("names a file that cannot be read") from None
    if mode & 0o077:
        raise ValueError("can be read by others; set its mode to 600")
    if len(text) < least:
        raise ValueError(f"must hold {least} characters or more")
    return text
