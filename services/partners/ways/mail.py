"""E-mail, handed to one mail server by SMTP: encrypted, signed in where asked, and honest about what it answered."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import closing
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

from chassis.clock import Clock
from chassis.settings.sending import SendingSettings, secret_in
from services.partners.domain.notices import NO_ANSWER, NOT_NOW, REFUSED, TAKEN
from services.partners.ways.calling import CALL_SECONDS, Call, within

if TYPE_CHECKING:
    from services.partners.ways import Letter

_ADDRESS = re.compile(r"[\x21-\x7e]{1,254}")
_GO_ON = 354


class Mail:
    """One mail server, as the settings name it."""

    def __init__(self, settings: SendingSettings, clock: Clock, seconds: float = CALL_SECONDS) -> None:
        self._settings, self._clock, self._seconds = settings, clock, seconds
        self._password = secret_in(settings.smtp_password_file) if settings.smtp_password_file else ""
        self._trusts = None
        if settings.smtp_security != "none":
            self._trusts = ssl.create_default_context(cafile=str(settings.smtp_ca) if settings.smtp_ca else None)

    def hand_over(self, letter: Letter) -> str:
        """Hands one letter to the mail server; gives how that went."""
        if not is_address(letter.to):
            return REFUSED
        message = self._written(letter)
        return within(self._seconds, lambda call: self._send(call, letter.to, message))

    def _written(self, letter: Letter) -> bytes:
        name = self._settings.mail_from_discreet if letter.is_discreet else self._settings.mail_from_name
        local, _, domain = self._settings.mail_from.rpartition("@")
        to, _, at = letter.to.rpartition("@")
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, local, domain)
        message["To"] = Address("", to, at)
        message["Subject"] = letter.subject
        message["Date"] = self._clock.now()
        # The same for each try, so that a mailbox may know a repeat; it names nobody.
        message["Message-ID"] = f"<{letter.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body, cte="quoted-printable")
        # Its last line is ended, so that a dot alone may follow.
        return bytes(message).removesuffix(b"\r\n") + b"\r\n"

    def _send(self, call: Call, to: str, message: bytes) -> str:
        with closing(self._opened(call)) as server:
            self._come_in(server)
            return self._hand(call, server, to, message)

    def _opened(self, call: Call) -> smtplib.SMTP:
        """The mail server's first word; nothing of ours is told it by the name of this machine."""
        at, ours = (self._settings.smtp_host, self._settings.smtp_port), self._settings.mail_from.rpartition("@")[2]
        if self._settings.smtp_security == "tls":
            return _Secure(call, *at, local_hostname=ours, timeout=self._seconds, context=self._trusts)
        return _Plain(call, *at, local_hostname=ours, timeout=self._seconds)

    def _come_in(self, server: smtplib.SMTP) -> None:
        if self._settings.smtp_security == "starttls":
            server.starttls(context=self._trusts)
        server.ehlo_or_helo_if_needed()
        if self._settings.smtp_name:
            server.login(self._settings.smtp_name, self._password)

    def _hand(self, call: Call, server: smtplib.SMTP, to: str, message: bytes) -> str:
        code, _ = server.mail(self._settings.mail_from)
        if not 200 <= code < 300:
            # Whatever is wrong with us says nothing of whom we write to.
            return NOT_NOW
        code, _ = server.rcpt(to)
        if not 200 <= code < 300:
            return _not_taken(code)
        code, _ = server.docmd("DATA")
        if code != _GO_ON:
            return _not_taken(code)
        call.begin()
        server.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
        code, _ = server.getreply()
        # smtplib says -1 where the line broke without an answer.
        if not 200 <= code < 600:
            return NO_ANSWER
        return TAKEN if code < 300 else _not_taken(code)


class _Plain(smtplib.SMTP):
    """A connection whose socket is known before the first word is waited for."""

    def __init__(self, call: Call, *at: Any, **rest: Any) -> None:
        self._call = call
        super().__init__(*at, **rest)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        self._call.note(made)
        return made


class _Secure(_Plain, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = self.context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)
        self._call.note(made)
        return made


def _not_taken(code: int) -> str:
    return REFUSED if 500 <= code < 600 else NOT_NOW


def is_address(text: str) -> bool:
    """Whether something can stand as an address in a command and a header: one @, no space, no line break, ASCII."""
    return bool(_ADDRESS.fullmatch(text)) and text.count("@") == 1 and not set('<>,;:"\\()[]') & set(text)
