"""Somebody who looks after what is set aside in a service, at its pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from chassis.access import Principal
from chassis.events.bus import Message
from chassis.events.envelope import as_bytes, as_texts
from chassis.service import Service
from chassis.tables import audit
from tests.builders import COOKIE, a_pass, shows_a_form

STREAM = "partners/partner/p1"
AMINA, BILAL, CHLOE = (f"0000000{digit}-1111-4111-8111-111111111111" for digit in "123")
AT = "/services/matching/set-aside"
WORDS = "The form was mended this morning; the new release is in."
_TAG = re.compile(r"<[^>]+>")
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]\b.*?</t[hd]>", re.DOTALL)


# What differs on no carrier and no database is looked at on one.
embedded = pytest.mark.parametrize("world", ["embedded"], indirect=True)


class Keeper:
    """A person signed in with some roles, at the pages of one service."""

    def __init__(self, service: Service, *roles: str, account_id: str) -> None:
        self.service, self.account_id = service, account_id
        self._client = Client(service.app)
        self._who = Principal("account", account_id, None, frozenset(roles))

    def page(self, path: str = "", **about: Any) -> TestResponse:
        """Opens a page under the service's own address."""
        return self._signed_in().get(f"{AT}{path}{'?' + urlencode(about) if about else ''}")

    def form(self, path: str, fields: Mapping[str, Any] | None = None) -> TestResponse:
        """Sends a form there, as a browser does."""
        sent = {**shows_a_form(self._client, self.service.app), **(fields or {})}
        return self._signed_in().post(f"{AT}{path}", data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    def _signed_in(self) -> Client:
        """A browser with a pass of this moment; of whoever has no role, with none."""
        if self._who.roles:
            self._client.set_cookie(COOKIE, a_pass(self._who, self.service.clock.now()))
        return self._client

    def asks(self, what: str, on: str, number: int, **fields: Any) -> str:
        """Asks by the form; gives the id of the asking."""
        answer = self.sends(what, on, number, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def sends(self, what: str, on: str, number: int, **fields: Any) -> TestResponse:
        """Sends the form of an asking, filled in as most would."""
        filled = {"on": on, "number": number, "reason": "other", "words": WORDS}
        if what == "give-up":
            filled["fences"] = "no"
        return self.form(f"/ask/{what}", {**filled, **fields})

    def confirms(self, asking_id: str) -> TestResponse:
        """Confirms what another asked."""
        return self.form(f"/asked/{asking_id}/confirm")

    def refuses(self, asking_id: str) -> TestResponse:
        """Refuses it."""
        return self.form(f"/asked/{asking_id}/refuse")


def rows_of(answer: TestResponse) -> list[list[str]]:
    """The rows of all tables of a page, each a list of its cells' words."""
    rows = [[_words(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(answer.text)]
    return [row for row in rows if row]


def _words(markup: str) -> str:
    without_headings = re.sub(r'<span class="nhsuk-table__heading[^>]*>.*?</span>', "", _without_hidden(markup))
    return " ".join(html.unescape(_TAG.sub("", without_headings)).split())


def _without_hidden(markup: str) -> str:
    return re.sub(r'<span class="nhsuk-u-visually-hidden">.*?</span>', "", markup, flags=re.DOTALL)


def words_of(answers: Iterable[TestResponse]) -> str:
    """Everything some pages say, markup included."""
    return "\n".join(answer.text for answer in answers)


# ---- what comes to be set aside


def parks(world: Any, *names: str) -> None:
    """The first of these cannot be acted on; the others come behind it, all on one stream."""
    world.failing = {names[0]}
    for name in names:
        world.joins("p1", name)
    world.hear_all()


def other_than(message: Message, fact_id: str = "another fact") -> Message:
    """The same place in a stream, as another fact."""
    return Message(message.stream, as_bytes({**as_texts(message.headers), "ce_id": fact_id}), message.body)


def noted(world: Any, action: str) -> list[tuple[str, str | None, str | None]]:
    """Who did this, about whom and on which record, as the audit rows of the hearer say."""
    rows = [row for row in world.rows(audit) if row.action == action and row.outcome == "done"]
    return [(row.who_id, row.subject, row.record) for row in rows]
