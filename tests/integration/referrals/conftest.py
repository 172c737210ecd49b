"""A house of the referrals room alone; other rooms are tellers that only state facts, sealed and carried as usual."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.tables import audit, facts, outbox
from contracts import partners
from demo import fhir
from demo.region import PARTNERS
from demo.sending import form_of
from services.referrals import store
from services.referrals.app import create
from tests.builders import MORNING, OUR_SERVICE, Caller, TestHouse, a_referral, a_settings, believing
from tests.tellers import tellers

# The rooms this one hears, here as tellers.
HEARD = ("partners", "matching", "support")
AT = "/api/v1/referrals"
FHIR = "/fhir/$process-message"


class Referrals(TestHouse):
    """The referrals room with two partners and those who work with referrals."""

    def __init__(self, house: Any, clock: HandClock, ids: SeededIds) -> None:
        super().__init__(house, clock, ids)
        self.coordinator = self.as_("coordinator")
        self.safeguarding = self.as_("safeguarding_lead")
        self.partner_id, self.other_id = self.a_partner("Northmoor Trust"), self.a_partner("Kindred Voices")
        self.referrer = self.as_("referrer", partner_id=self.partner_id)
        self.system = self.as_system(self.partner_id)
        self.others = self.as_("referrer", partner_id=self.other_id)

    def a_partner(self, name: str) -> str:
        partner_id = self.ids.new()
        fact = partners.PartnerJoined(
            partner_id=partner_id, code=name[:5].lower(), name=name, kind="nhs_body", area="north",
            joined_on=MORNING.date(),
        )  # fmt: skip
        self.tell(f"partners/partner/{partner_id}", fact)
        return partner_id

    def tell(self, stream: str, fact: Any) -> None:
        """States a fact as the room that owns its stream would, and carries it."""
        with self[stream.split("/")[0]].writing() as unit:
            unit.state(stream, fact)
        self.quiet()

    def suspend(self, partner_id: str) -> None:
        fact = partners.PartnerSuspended(partner_id=partner_id, suspended_at=self.clock.now())
        self.tell(f"partners/partner/{partner_id}", fact)

    def resume(self, partner_id: str) -> None:
        fact = partners.PartnerResumed(partner_id=partner_id, resumed_at=self.clock.now())
        self.tell(f"partners/partner/{partner_id}", fact)

    def lapse(self, partner_id: str) -> None:
        fact = partners.AgreementLapsed(partner_id=partner_id, lapsed_on=self.clock.now().date())
        self.tell(f"partners/partner/{partner_id}", fact)

    def sign(self, partner_id: str) -> None:
        fact = partners.AgreementBegan(
            partner_id=partner_id, agreement_id=self.ids.new(), began_on=self.clock.now().date()
        )
        self.tell(f"partners/partner/{partner_id}", fact)

    def ask(self, partner_id: str) -> None:
        fact = partners.SetupAsked(partner_id=partner_id, version=1, asked_on=self.clock.now().date())
        self.tell(f"partners/partner/{partner_id}", fact)

    def answer(self, partner_id: str) -> None:
        fact = partners.SetupAnswered(
            partner_id=partner_id, version=1, answered_on=self.clock.now().date(), peer_role="both",
            employer="ourselves", settings=("community",), training="local", training_hours=40, career_steps="none",
            supervision=("line",), supervisors="some", staff_stance="open", post_kinds=("paid",),
        )  # fmt: skip
        self.tell(f"partners/partner/{partner_id}", fact)

    # ---- sending

    def post(self, body: Any, key: str = "", by: Caller | None = None) -> Any:
        """Sends a referral by the API; gives the answer of the door."""
        return (by or self.system).api("POST", AT, body, Idempotency_Key=key or self.ids.new())

    def submit(self, body: Any, key: str = "", by: Caller | None = None) -> Any:
        """Sends a referral by the form, as a browser would; gives the answer of the door."""
        return (by or self.referrer).form("/referrals/new", {"key": key or self.ids.new(), **form_of(body)})

    def message(self, **changes: Any) -> dict[str, Any]:
        """A referral as an NHS system sends it."""
        return fhir.a_message(self.ids, PARTNERS[0], OUR_SERVICE, a_referral(**changes), self.clock.now())

    def process(self, message: Any, key: str = "", by: Caller | None = None) -> Any:
        """Sends a FHIR message; gives the answer of the door."""
        ids = {"X_Request_Id": key or self.ids.new(), "X_Correlation_Id": self.ids.new()}
        return (by or self.system).api("POST", FHIR, message, **ids)

    def knock(self, path: str, data: bytes, content_type: str, by: Caller | None = None, **headers: str) -> Any:
        """Sends bytes as they are, as a partner's system or whoever is named; names of headers with underscores."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {
            "Idempotency-Key": self.ids.new(),
            "X-Request-Id": self.ids.new(),
            "X-Correlation-Id": self.ids.new(),
            **sent,
        }
        sent["Authorization"] = f"Bearer {(by or self.system).token}"
        return Client(self.house).post(path, data=data, content_type=content_type, headers=sent)

    def received(self, **changes: Any) -> str:
        """A referral that was taken in; gives its id."""
        answer = self.post(a_referral(**changes))
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["referral_id"])

    def acknowledged(self, **changes: Any) -> str:
        referral_id = self.received(**changes)
        self.done(referral_id, "acknowledgement")
        return referral_id

    def accepted(self, **changes: Any) -> str:
        referral_id = self.acknowledged(**changes)
        self.done(referral_id, "acceptance")
        return referral_id

    # ---- deciding

    def decide(self, referral_id: str, what: str, body: Any = None) -> Any:
        return self.coordinator.api("POST", f"{AT}/{referral_id}/{what}", body)

    def done(self, referral_id: str, what: str, body: Any = None) -> Any:
        answer = self.decide(referral_id, what, body)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def shown(self, referral_id: str, by: Caller | None = None) -> Any:
        """The referral as the API gives it."""
        return (by or self.coordinator).api("GET", f"{AT}/{referral_id}").get_json()

    def person_of(self, referral_id: str) -> str:
        return str(self.shown(referral_id)["person_id"])

    # ---- what came of it

    def unsent(self, stream: str) -> list[Any]:
        """References to facts not sent yet on streams that begin like this."""
        with self["referrals"].reading() as unit:
            return list(unit.connection.execute(sa.select(outbox).where(outbox.c.stream.startswith(stream))).all())

    def day_is_over(self) -> None:
        """Lets the day end and its clocks be looked at."""
        self.clock.advance(days=1)
        self["referrals"].tick()

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """What the room stated of one kind, as it travels."""
        return [json.loads(row.body) for row in self.stated(kind)]

    def headers(self, kind: str) -> list[dict[str, str]]:
        """The envelopes of what the room stated of one kind."""
        return [json.loads(row.headers) for row in self.stated(kind)]

    def stated(self, kind: str = "") -> list[Any]:
        with self["referrals"].reading() as unit:
            query = sa.select(facts).where(facts.c.type.like(f"{kind}%")).order_by(facts.c.stated_at, facts.c.number)
            return list(unit.connection.execute(query))

    def audited(self, **same: Any) -> list[Any]:
        """The audit rows with these columns."""
        with self["referrals"].reading() as unit:
            query = sa.select(audit).where(*(audit.c[name] == value for name, value in same.items()))
            return list(unit.connection.execute(query.order_by(audit.c.sequence)))

    def kept(self, referral_id: str) -> Any:
        """The row of a referral, with its person's."""
        with self["referrals"].reading() as unit:
            return store.referral(unit.scope, unit, referral_id)

    def count(self) -> int:
        """How many referrals there are."""
        with self["referrals"].reading() as unit:
            return sum(store.count_by_state(unit.scope, unit).values())

    def opened(self, token: str) -> Any:
        """What is sealed in a token that this room may open."""
        return self["referrals"].vault.ring([token]).open(token)


def a_room(data: Path, *more: str, **changes: Any) -> Referrals:
    """The referrals room with tellers for the rooms it hears; `more` are others than those of every test."""
    clock, ids = HandClock(MORNING), SeededIds(17)
    creators: dict[str, Any] = {"referrals": create, **tellers(*HEARD, *more)}
    settings = a_settings(data, **{"relaxed": True, **changes})
    house = open_house(settings, creators, lambda _path: "referrals", **believing(clock=clock, ids=ids))
    return Referrals(house, clock, ids)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Referrals]:
    """The referrals room on SQLite, with tellers for the rooms it hears."""
    made = a_room(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Referrals]:
    """One room for the many tests of a file that must leave nothing in it."""
    made = a_room(tmp_path_factory.mktemp("room"))
    yield made
    assert made.count() == 0
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def room_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Referrals]:
    """The referrals room on SQLite, and on a real PostgreSQL."""
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("referrals", *HEARD)
    made = a_room(tmp_path, **changes)
    yield made
    made.close()


def words_of(answer: Any) -> str:
    """The words of a page, without its marks and its head."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def faults_of(answer: Any) -> dict[str, str]:
    """What a refusal of the API says of each field, the first fault of each."""
    first: dict[str, str] = {}
    for error in answer.get_json()["errors"]:
        first.setdefault(error["field"], error["detail"])
    return first


def faults_on(answer: Any) -> dict[str, str]:
    """What the error summary of a page says, by the id of the field each line leads to."""
    summary = re.search(r'class="nhsuk-error-summary".*?</ul>', answer.get_data(as_text=True), re.DOTALL)
    assert summary, words_of(answer)
    lines = re.findall(r'<a href="#([^"]+)">\s*(.*?)\s*</a>', summary[0], re.DOTALL)
    return {where: html.unescape(says) for where, says in lines}
