"""Partners and referrals with somebody who has a private link, and what an address answers after which statements."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from chassis import tables
from services.partners.store import tables as kept
from tests.builders import COOKIE, SETUP, TestHouse, a_referral, forget_person, without_ids
from tests.integration.partners.conftest import Partners
from tests.integration.partners.test_signing_in import Browser

WORD = "Two Rivers"


class Linked(Partners):
    """Partners and referrals, with a person whose referral was accepted."""

    def __init__(self, house: TestHouse, partner_id: str = "") -> None:
        super().__init__(house)
        self.partner_id = partner_id or self.a_partner()
        self.coordinator = house.as_("coordinator")
        system = house.as_system(self.partner_id)
        sent = system.api("POST", "/api/v1/referrals", a_referral(), Idempotency_Key=house.ids.new())
        self.referral_id = sent.get_json()["referral_id"]
        for step in ("acknowledgement", "acceptance"):
            row = self.coordinator.api("POST", f"/api/v1/referrals/{self.referral_id}/{step}").get_json()
        self.person_id = row["person_id"]
        self.people = f"/api/v1/referrals/people/{self.person_id}"
        house.quiet()

    def a_partner(self) -> str:
        """A partner that may refer people."""
        made = self.joined()
        at = f"/api/v1/partners/{made}/answers"
        assert self.network.api("POST", at, SETUP, Idempotency_Key="the answers").status_code == 201
        self.house.quiet()
        return made

    def mints(self) -> str:
        """The path of a new private link, as it was shown once; both rooms know it."""
        answer = self.coordinator.api("POST", f"{self.people}/link")
        assert answer.status_code == 201, answer.get_json()
        self.house.quiet()
        self.path = "/l/" + str(answer.get_json()["link"]).rpartition("/l/")[2]
        return self.path

    def chooses(self, word: str = WORD) -> None:
        assert self.coordinator.api("PUT", f"{self.people}/word", {"word": word}).status_code == 204
        self.house.quiet()

    def does(self, what: str, method: str = "POST", by: str = "coordinator") -> None:
        answer = self.house.as_(by).api(method, f"{self.people}/{what}")
        assert answer.status_code == 204, answer.get_json()

    def forgets(self) -> None:
        """Forgets the person, by two people."""
        officer, second = self.house.as_("privacy_officer"), self.house.as_("network_lead")
        assert forget_person(officer, second, self.person_id) == 204

    def opened(self, word: str = WORD) -> Browser:
        """A browser that opened a new link with the word."""
        browser = Browser(self.house)
        assert browser.sends(self.mints(), word=word).status_code == 303
        return browser

    def who(self, browser: Browser) -> Any:
        """Whom the pass of a browser names, as a room reads it."""
        cookie = browser.client.get_cookie(COOKIE)
        assert cookie is not None
        entry = self.house["referrals"].entry
        # It may have looked for keys a moment ago, before there was this one.
        entry.forget_held()
        return entry.read(cookie.value).who

    def signals(self) -> None:
        """What the sending side does every two seconds."""
        self.house["partners"].app.extensions["signaller"].step()

    def stated(self, kind: str) -> list[dict[str, Any]]:
        """What referrals stated of one kind, as it travels."""
        with self.house["referrals"].reading() as unit:
            query = sa.select(tables.facts).where(tables.facts.c.type.like(f"{kind}%")).order_by(tables.facts.c.number)
            bodies = [json.loads(row.body) for row in unit.connection.execute(query)]
        return [body for body in bodies if body["person_id"] == self.person_id]

    def count(self, table: sa.Table) -> int:
        with self.house["partners"].reading() as unit:
            return len(unit.connection.execute(sa.select(table).where(table.c.person_id == self.person_id)).all())

    def sessions(self) -> list[Any]:
        with self.house["partners"].reading() as unit:
            theirs = sa.select(kept.sessions).where(kept.sessions.c.who_id == self.person_id)
            return list(unit.connection.execute(theirs.order_by(kept.sessions.c.began_at)))


class Questions:
    """What an address answers, by GET and by POST, and which statements it took."""

    def __init__(self, house: TestHouse) -> None:
        self.house = house
        self.statements: list[str] = []
        engine = house["partners"].database.engine
        sa.event.listen(engine, "before_cursor_execute", self._keep)

    def _keep(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)

    def of(self, path: str) -> Any:
        browser = Browser(self.house, address="203.0.113.9")
        self.statements.clear()
        answers = [browser.opens(path), browser.sends(path, word=WORD), browser.sends(path, without="yes")]
        said = [(one.status_code, without_ids(one.text), _headers(one)) for one in answers]
        return said[0], list(self.statements), said[1:]


def _headers(answer: TestResponse) -> list[tuple[str, str]]:
    of_one_request = {"X-Request-ID", "X-Correlation-ID", "Content-Security-Policy"}
    return [(name, text) for name, text in answer.headers if name not in of_one_request]
