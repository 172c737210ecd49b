"""E-mail and texts are handed to real servers on loopback, which misbehave at every word."""

from __future__ import annotations

import email
import json
import time
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import HandClock
from chassis.settings.sending import SendingSettings
from services.partners.domain.notices import NO_ANSWER, NOT_NOW, REFUSED, TAKEN
from services.partners.ways import Letter
from services.partners.ways.mail import Mail, is_address
from services.partners.ways.texts import Texts, signature
from tests.builders import MORNING
from tests.parts.certificates import write_certificates
from tests.parts.letterbox import BANNER, DROPPED, LETTER, SILENT, MailServer, Webhook, nobody_there

# How long a call may take in these tests; the house gives it 10.
SECONDS = 0.4
SECRET = "a secret of this test that is long enough"
ASHA = "asha@example.org"


def a_letter(**changes: Any) -> Letter:
    given = {
        "key": "3f2b",
        "to": ASHA,
        "subject": "Been There: a question",
        "body": "Hello,\n.\n..x\n",
        "text": "Hello",
    }
    return Letter(**{**given, **changes})


@pytest.fixture
def mail_server() -> Iterator[Callable[..., MailServer]]:
    made: list[MailServer] = []

    def start(**rest: Any) -> MailServer:
        made.append(MailServer(**rest))
        return made[-1]

    yield start
    for one in made:
        one.close()


def mail_to(port: int, **changes: Any) -> Mail:
    given = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "us@network.example"}
    return Mail(SendingSettings(**{**given, **changes}), HandClock(MORNING), SECONDS)


def test_a_letter_arrives_as_it_was_written_and_once(mail_server: Callable[..., MailServer]) -> None:
    server = mail_server()
    assert mail_to(server.port).hand_over(a_letter()) == TAKEN
    [(to, sent)] = server.letters
    read = email.message_from_bytes(sent, policy=default)
    assert to == ASHA
    assert (read["To"], read["From"]) == (ASHA, "Been There <us@network.example>")
    assert (read["Subject"], read["Message-ID"]) == ("Been There: a question", "<3f2b@network.example>")
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"].datetime == MORNING
    assert read.get_content() == "Hello,\r\n.\r\n..x\r\n"
    assert server.words[0] == "ehlo network.example"


def test_a_discreet_letter_comes_from_a_sender_who_says_less(mail_server: Callable[..., MailServer]) -> None:
    server = mail_server()
    mail_to(server.port).hand_over(a_letter(is_discreet=True, subject="A message"))
    assert b"From: Messages <us@network.example>" in server.letters[0][1]
    assert b"Been There" not in server.letters[0][1]


@pytest.mark.parametrize(
    ("word", "does", "outcome"),
    [
        (BANNER, "421 busy", NOT_NOW), (BANNER, "554 go away", NOT_NOW), (BANNER, DROPPED, NOT_NOW),
        (BANNER, SILENT, NOT_NOW), ("MAIL", "451 later", NOT_NOW), ("MAIL", "530 who are you", NOT_NOW),
        ("MAIL", DROPPED, NOT_NOW), ("RCPT", "450 full", NOT_NOW), ("RCPT", "550 nobody here", REFUSED),
        ("RCPT", SILENT, NOT_NOW), ("DATA", "451 later", NOT_NOW), ("DATA", "554 no", REFUSED),
        ("DATA", DROPPED, NOT_NOW), ("DATA", SILENT, NOT_NOW), (LETTER, "451 later", NOT_NOW),
        (LETTER, "421 closing", NOT_NOW), (LETTER, "554 no", REFUSED), (LETTER, DROPPED, NO_ANSWER),
        (LETTER, SILENT, NO_ANSWER), (LETTER, "what", NO_ANSWER), (LETTER, "250 taken", TAKEN),
    ],
)  # fmt: skip
def test_what_the_mail_server_does_at_each_word_is_known_for_what_it_is(
    mail_server: Callable[..., MailServer], word: str, does: str, outcome: str
) -> None:
    server, began = mail_server(answers={word: does}), time.monotonic()
    assert mail_to(server.port).hand_over(a_letter()) == outcome
    assert time.monotonic() - began < SECONDS + 2


def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    assert mail_to(nobody_there()).hand_over(a_letter()) == NOT_NOW


def test_mail_is_encrypted_and_we_sign_in_only_where_the_certificate_is_believed(
    mail_server: Callable[..., MailServer], tmp_path: Path
) -> None:
    authority, chain = write_certificates(tmp_path)
    (tmp_path / "password").write_text("hunter of letters")
    (tmp_path / "password").chmod(0o600)
    server = mail_server(chain=chain)
    signing_in = {"smtp_security": "starttls", "smtp_name": "us", "smtp_password_file": tmp_path / "password"}
    assert mail_to(server.port, smtp_ca=authority, **signing_in).hand_over(a_letter()) == TAKEN
    assert [word.split()[0] for word in server.words] == ["ehlo", "STARTTLS", "ehlo", "AUTH", "mail", "rcpt", "DATA"]
    # the same without the authority: not a word about anybody, and no password
    server.words.clear()
    assert mail_to(server.port, **signing_in).hand_over(a_letter()) == NOT_NOW
    assert [word.split()[0] for word in server.words] == ["ehlo", "STARTTLS"]


def test_a_mail_server_that_offers_no_encryption_is_told_nothing(mail_server: Callable[..., MailServer]) -> None:
    server = mail_server()
    assert mail_to(server.port, smtp_security="starttls").hand_over(a_letter()) == NOT_NOW
    assert [word.split()[0] for word in server.words] == ["ehlo"]


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example\r\nBcc: c@d.example", "a@b.example\nRCPT TO:<c@d.example>", "a@b.example\r", "a b@c.example",
        "a@b.example>", "a@b.example,c@d.example", "a@b@c.example", "", "müller@b.example", "a@b.example\x00",
        '"a\r\n"@b.example', "a@b.example\u2028Bcc: x",
    ],
)  # fmt: skip
def test_an_address_that_would_write_a_header_or_a_command_goes_nowhere(
    mail_server: Callable[..., MailServer], to: str
) -> None:
    server = mail_server()
    assert mail_to(server.port).hand_over(a_letter(to=to)) == REFUSED
    assert not server.words


def test_the_same_goes_for_an_honest_address_with_everything_allowed(mail_server: Callable[..., MailServer]) -> None:
    server = mail_server()
    to = "o'neil.sam+network@mail.example.org"
    assert is_address(to)
    assert mail_to(server.port).hand_over(a_letter(to=to)) == TAKEN
    assert server.letters[0][0] == to


def test_a_subject_with_a_line_break_is_never_sent(mail_server: Callable[..., MailServer]) -> None:
    server = mail_server()
    with pytest.raises(ValueError, match="linefeed"):
        mail_to(server.port).hand_over(a_letter(subject="Hello\r\nBcc: c@d.example"))
    assert not server.words


# ---- texts


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.close()


def texts_to(address: str, folder: Path) -> Texts:
    path = folder / "secret"
    path.write_text(SECRET)
    path.chmod(0o600)
    return Texts(SendingSettings(sms_url=address, sms_secret_file=path), HandClock(MORNING), SECONDS)


def test_a_text_is_signed_and_says_no_more_than_it_must(webhook: Webhook, tmp_path: Path) -> None:
    assert texts_to(webhook.address, tmp_path).hand_over(a_letter(to="07700900123")) == TAKEN
    [(headers, body)] = webhook.posts
    assert json.loads(body) == {"id": "3f2b", "to": "07700900123", "text": "Hello"}
    # 2 March 2026, 10:00 UTC
    assert headers["Been-There-Timestamp"] == "1772445600"
    # reckoned with another implementation: printf '%s' "1772445600.$body" | openssl dgst -sha256 -hmac "$secret"
    assert headers["Been-There-Signature"] == "sha256=3aef5c9abdff3aa6554efa9734aa5790eafc696839d4927939ab86be820022f9"
    assert headers["Idempotency-Key"] == "3f2b"
    assert headers["Been-There-Signature"] != signature(b"another secret", "1772445600", body)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, TAKEN), (202, TAKEN), (204, TAKEN), (301, REFUSED), (307, REFUSED), (400, REFUSED), (401, REFUSED),
        (404, REFUSED), (422, REFUSED), (429, NOT_NOW), (500, NOT_NOW), (503, NOT_NOW), (502, NO_ANSWER),
        (504, NO_ANSWER), (DROPPED, NO_ANSWER), (SILENT, NO_ANSWER),
    ],
)  # fmt: skip
def test_what_whoever_takes_texts_answers_is_known_for_what_it_is(
    webhook: Webhook, tmp_path: Path, status: int | str, outcome: str
) -> None:
    webhook.status = status
    assert texts_to(webhook.address, tmp_path).hand_over(a_letter(to="07700900123")) == outcome
    assert len(webhook.posts) == 1


def test_whoever_takes_texts_and_is_not_there_is_tried_again(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{nobody_there()}/texts"
    assert texts_to(gone, tmp_path).hand_over(a_letter(to="07700900123")) == NOT_NOW


def test_an_address_stands_in_nothing_that_is_printed() -> None:
    assert ASHA not in repr(a_letter())
