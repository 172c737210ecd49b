"""Every door is opened by everyone who may: whoever is shown there stands in an audit row of that request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import audit
from chassis.unit import Unit
from tests.end_to_end.one_person import REFERRED, Lived, by_api

# Reporting shows nobody.
ROOMS = ("home", "partners", "referrals", "matching", "support", "supervision")
# What shows what the machinery holds, or a form to fill in, is no showing of a record.
NOT_WALKED = ("/ops/", "/static/", "/openapi/", "/docs", "/events", "/services", "/asyncapi", "/health", "/ready")


@dataclass(frozen=True)
class Showing:
    """One answer in which somebody was recognised: by whom it was asked, where, and whose record it was."""

    who: str
    path: str
    subject: str
    is_on_record: bool


class Walk:
    """One person and two peers on their way, and everyone who may look at them."""

    def __init__(self, folder: Path) -> None:
        self.lived = Lived(folder)
        self.lived.goes_as_far_as_support(by_api)
        self.network = network = self.lived.network
        network.people["officer"] = self.lived.officer
        support = f"/api/v1/supports/{self.lived.support_id}"
        network.post("asha", f"{support}/worries", {"level": 3, "words": "Mauersegelflug", "about": "person"})
        network.quiet()
        (worry,) = network.get("safeguarding", "/api/v1/concerns")
        (match,) = {row["match_id"] for row in network.get("coordinator", "/api/v1/supports")}
        people = network.people
        self.ids = {
            "referral_id": self.lived.referral_id, "person_id": self.lived.person_id, "match_id": match,
            "support_id": self.lived.support_id, "concern_id": worry["concern_id"], "peer_id": people["asha"].who.id,
            "partner_id": str(people["asha"].who.partner_id),
        }  # fmt: skip
        # By what somebody is recognised in an answer: their name, or their id.
        self.signs = {
            self.lived.person_id: ("Goldammer", self.lived.person_id, str(REFERRED["nhs_number"])),
            people["asha"].who.id: ("Asha", people["asha"].who.id),
            people["femi"].who.id: ("Femi", people["femi"].who.id),
        }  # fmt: skip

    def paths(self, room: str) -> Iterator[str]:
        """The addresses of a room that are read, with the ids of this story filled in."""
        for rule in self.network[room].app.url_map.iter_rules():
            if "GET" not in rule.methods or rule.rule.startswith(NOT_WALKED):
                continue
            if rule.arguments <= self.ids.keys():
                path = rule.rule.replace("<uuid:", "<")
                for name in rule.arguments:
                    path = path.replace(f"<{name}>", self.ids[name])
                yield path

    def showings(self) -> list[Showing]:
        """Every answer in which somebody else was recognised."""
        return [one for room in ROOMS for path in self.paths(room) for one in self._at(room, path)]

    def _at(self, room: str, path: str) -> Iterator[Showing]:
        for name, caller in self.network.people.items():
            answer = caller.api("GET", path) if path.startswith("/api") else caller.page(path)
            if answer.status_code != 200:
                continue
            # An address that was asked for shows nothing that was not known.
            text = answer.text.replace(path, "")
            for subject, signs in self.signs.items():
                if subject != caller.who.id and any(sign in text for sign in signs):
                    on_record = subject in self._subjects(room, answer.headers["X-Request-Id"])
                    yield Showing(name, path, subject, on_record)

    def _subjects(self, room: str, request_id: str) -> set[str | None]:
        query = sa.select(audit.c.subject).where(audit.c.request_id == request_id, audit.c.outcome == "done")
        with self.network[room].reading() as unit:
            return set(unit.connection.execute(query).scalars())


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    made = Walk(tmp_path_factory.mktemp("walk"))
    yield made
    made.network.close()


def test_whoever_is_shown_to_somebody_else_stands_in_an_audit_row_of_that_request(walk: Walk) -> None:
    found = walk.showings()
    assert [(one.who, one.path, one.subject) for one in found if not one.is_on_record] == []
    assert len({one.path for one in found}) >= 20, sorted({one.path for one in found})
    assert len({one.who for one in found}) >= 6
    assert len(found) >= 50


def test_a_house_that_puts_nothing_on_record_is_caught(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_given: Any, **_named: Any) -> None:
        """What a room would do that forgot its row."""

    monkeypatch.setattr(Unit, "disclose", nothing)
    monkeypatch.setattr(Unit, "note", nothing)
    found = walk.showings()
    assert len(found) >= 50
    assert not any(one.is_on_record for one in found)


def test_the_person_reads_of_looks_in_every_room_and_of_no_worry(walk: Walk) -> None:
    walk.showings()
    walk.network.quiet()
    page = walk.network.people["person"].page("/my/record")
    assert page.status_code == 200
    answer = walk.network.people["person"].page("/my/record/export")
    told = {who_and_why(entry["resource"]) for entry in answer.get_json(force=True)["entry"]}
    assert told >= {
        ("A referrer", "To read your referral, or where it stands"),
        ("The computer system of an organisation", "To read your referral, or where it stands"),
        ("A coordinator", "To find someone who has been there for you"),
        ("A peer", "To see how your support stands"),
        ("The network lead", "To see how your referral went"),
    }
    # The safeguarding lead opened a worry about them: on record, and told to nobody. The demo's page of people names
    # them to everybody.
    assert {why for who, why in told if who == "A safeguarding lead"} == {"Another reason"}
    assert not any(word in answer.text for word in ("worry", "Asha", walk.network.people["asha"].who.id))


def who_and_why(event: dict[str, Any]) -> tuple[str, str]:
    """The role and the purpose of one event, in words."""
    return event["agent"][0]["role"][0]["text"], event["purposeOfEvent"][0]["text"]
