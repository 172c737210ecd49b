"""A real process is killed while the mail server holds its letter: nobody knows, and nothing goes twice."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.access import service_scope
from chassis.clock import HandClock
from chassis.settings.sending import SendingSettings
from services.partners.domain.notices import EMAIL
from services.partners.store.tables import notices
from services.partners.ways.mail import Mail
from tests.builders import MORNING, a_house
from tests.integration.partners.post import a_post
from tests.parts.letterbox import DROPPED, LETTER, MailServer

WAIT_SECONDS = 60


def _mail(port: int) -> Mail:
    set_ = SendingSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="us@network.example")
    return Mail(set_, HandClock(MORNING))


def send_one(folder: Path, port: int, told: Any) -> None:
    """What the process does that is killed: it is asked for one notice, and sends it."""
    post = a_post(folder)
    sender = post.room.app.extensions["notices"]
    sender.ways = {EMAIL: _mail(port)}
    told.put(post.ask("killed for good"))
    sender.send_due()


def test_a_killed_process_leaves_one_letter_and_a_notice_nobody_knows_of(tmp_path: Path) -> None:
    started = multiprocessing.get_context("spawn")
    told = started.Queue()
    server = MailServer(answers={LETTER: DROPPED})
    sending = started.Process(target=send_one, args=(tmp_path, server.port, told))
    server.on_letter = sending.kill
    sending.start()
    notice_id = told.get(timeout=WAIT_SECONDS)
    sending.join(WAIT_SECONDS)
    assert sending.exitcode == -9

    house = a_house(tmp_path, "partners", at=MORNING)
    # The ids of these houses are drawn alike; those of the one that was killed are used.
    for _ in range(1000):
        house.ids.new()
    house["partners"].app.extensions["notices"].ways = {EMAIL: _mail(server.port)}

    def state() -> str:
        with house["partners"].reading(scope=service_scope("partners")) as unit:
            query = sa.select(notices.c.state).where(notices.c.notice_id == notice_id)
            return str(unit.connection.execute(query).scalar_one())

    assert state() == "sending"
    for _ in range(3):
        house.clock.advance(minutes=5)
        house["partners"].tick()
    assert (state(), len(server.letters)) == ("unknown", 1)
    house.close()
    server.close()
