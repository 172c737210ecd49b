"""Every fact ever declared has a sample as it was stated, and whoever hears it still reads it and acts on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from chassis.events import samples
from chassis.events.arrival import Arrived, Reader
from chassis.events.bus import Message, Record
from chassis.events.envelope import Place, as_bytes, as_texts, read
from chassis.events.shapes import body_of
from chassis.rows import put
from chassis.sealing import Ring
from chassis.tables import inbox, parked, unreadable, waiting
from contracts import kept
from contracts.addresses import SERVICES
from contracts.fact import CATALOGUE
from contracts.hearers import HEARS
from deploy.golden_story import SAMPLE_KEY, STORY, an_id
from services.referrals.store import referrals
from tests.builders import TestHouse, a_house, a_referral

TYPES = sorted(CATALOGUE)
# What the referrals room does itself before others hear of it.
STEPS = ("acknowledgement", "acceptance")
ROOMS = [room for room in SERVICES if HEARS.get(room)]


def sample(type_: str) -> Message:
    """The sample kept of a fact."""
    return samples.read(kept.sample_bytes(type_))


def in_order() -> list[str]:
    """Every type in the order of the story, an older version before a newer one."""
    order = [name for name, _, _ in STORY]
    return sorted(TYPES, key=lambda type_: (order.index(type_.rpartition(".v")[0]), CATALOGUE[type_].FACT.version))  # type: ignore[attr-defined]


def misread(room: str, message: Message) -> str:
    """What a room that hears a fact cannot do with a message; empty when it reads it."""
    record = Record("topic", 0, 0, "t", message.stream.encode(), message.headers, message.body)
    arrived = Reader({kind.FACT.type: kind for kind in HEARS[room]}).read(record)  # type: ignore[attr-defined]
    if not isinstance(arrived, Arrived):
        return f"{room} finds no fact: {arrived.reason}"
    if arrived.trouble is not None:
        return f"{room} cannot read {arrived.envelope.type}: {arrived.trouble.rule}"
    return ""


def hears(room: str, type_: str) -> bool:
    """Whether a room hears any version of a fact."""
    name = type_.rpartition(".v")[0]
    return any(kind.FACT.name == name for kind in HEARS[room])  # type: ignore[attr-defined]


# ---- the files


@pytest.mark.parametrize("type_", TYPES)
def test_a_sample_is_a_message_of_its_type_byte_for_byte(type_: str) -> None:
    message = sample(type_)
    found = read(message.stream.encode(), as_texts(message.headers), message.body)
    assert (found.type, found.owner) == (type_, message.stream.partition("/")[0])
    assert samples.written(message) == kept.sample_bytes(type_)


@pytest.mark.parametrize("type_", TYPES)
def test_a_sample_fits_the_schema_that_is_kept_of_its_type(type_: str) -> None:
    schema = json.loads(kept.schema_text(type_))
    assert validator_for(schema) is Draft202012Validator
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator.FORMAT_CHECKER
    faults = Draft202012Validator(schema, format_checker=checker).iter_errors(json.loads(sample(type_).body))
    assert [fault.message for fault in faults] == []


def test_a_body_that_does_not_fit_its_schema_is_seen() -> None:
    type_ = "referral.received.v1"
    validator = Draft202012Validator(json.loads(kept.schema_text(type_)))
    body = json.loads(sample(type_).body)
    assert validator.is_valid({**body, "added_later": 1})
    for change in ({"called": "Sam"}, {"called": "s1.contact.x.AAAA"}, {"door": "letter"}, {"is_incomplete": None}):
        assert not validator.is_valid({**body, **change}), change
    del body["person_id"]
    assert not validator.is_valid(body)


def test_there_is_a_sample_and_a_schema_of_every_fact_and_of_nothing_else() -> None:
    assert {path.name for path in kept.SAMPLES.iterdir()} == {kept.sample_file(type_) for type_ in TYPES}
    assert {path.name for path in kept.SCHEMAS.iterdir()} == {kept.schema_file(type_) for type_ in TYPES}


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_read_from_a_sample_would_be_stated_the_same_way(type_: str) -> None:
    kind, body = CATALOGUE[type_], sample(type_).body
    record = Record("topic", 0, 0, "t", sample(type_).stream.encode(), sample(type_).headers, body)
    arrived = Reader({type_: kind}).read(record)
    assert isinstance(arrived, Arrived)
    assert arrived.fact is not None
    stated = json.loads(body_of(arrived.fact))
    assert {name: stated[name] for name in json.loads(body)} == json.loads(body)


# ---- whoever hears them


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_reads_every_version_of_what_it_hears(room: str) -> None:
    heard = [type_ for type_ in TYPES if hears(room, type_)]
    assert len(heard) >= len(HEARS[room])
    assert [said for type_ in heard if (said := misread(room, sample(type_)))] == []


def test_a_version_that_no_upcaster_leads_from_is_seen() -> None:
    message = sample("match.agreed.v1")
    newer = Message(message.stream, as_bytes({**as_texts(message.headers), "ce_type": "match.agreed.v9"}), message.body)
    assert misread("support", newer) == "support cannot read match.agreed.v9: VersionUnknown"
    assert misread("support", Message(message.stream, message.headers, b"{}")).endswith("BodyUnreadable")


class Told:
    """One room alone, told of every sample in the story's order, whatever it missed in between."""

    def __init__(self, house: TestHouse, room: str, *, forgotten: bool) -> None:
        self.house, self.room, self.service = house, room, house[room]
        if not forgotten:
            house.house.shared.keys.fetch = lambda pairs: dict.fromkeys(pairs, SAMPLE_KEY)  # type: ignore[method-assign]

    def tell(self, message: Message) -> int:
        """Brings the room to just before this message's turn, gives it the message; gives the number then applied."""
        found = read(message.stream.encode(), as_texts(message.headers), message.body)
        before = [Place(found.stream, found.number - 1), *found.requires]
        with self.service.database.writing() as connection:
            put(connection, inbox, *({
                "consumer": self.room, "stream": place.stream, "number": place.number, "fact_id": "before",
            } for place in before))  # fmt: skip
        self.house.house.shared.bus.publisher("story").publish(found.owner, [message])
        self.house.quiet()
        row = next(row for row in self.rows(inbox) if row.stream == found.stream)
        return int(row.number) - found.number

    def has_the_referral(self) -> None:
        """The referrals room has what the story is about by its own door, never by hearing."""
        self.tell(sample("partner.joined.v1"))
        system = self.house.as_system(an_id("partner_id"))
        sent = system.api("POST", "/api/v1/referrals", a_referral(), Idempotency_Key="the-golden-story")
        at = f"/api/v1/referrals/{sent.get_json()['referral_id']}"
        assert [self.house.as_("coordinator").api("POST", f"{at}/{what}").status_code for what in STEPS] == [200, 200]
        with self.service.writing() as unit:
            unit.connection.execute(sa.update(referrals).values(referral_id=an_id("referral_id")))

    def rows(self, table: sa.Table) -> list[Any]:
        with self.service.reading() as unit:
            return list(unit.connection.execute(sa.select(table)).all())

    def stuck(self) -> list[str]:
        """What the room set aside."""
        aside = [f"{row.stream}: {row.reason} {row.detail}" for row in self.rows(parked)]
        return (
            aside
            + [f"{row.stream} waits" for row in self.rows(waiting)]
            + [row.reason for row in self.rows(unreadable)]
        )


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every room's tables and nothing in them."""
    folder: Path = tmp_path_factory.mktemp("empty")
    a_house(folder).close()
    return folder


@pytest.fixture(params=ROOMS)
def room(request: pytest.FixtureRequest) -> str:
    """One of the rooms that hear anything."""
    return str(request.param)


@pytest.fixture(params=["its people are known", "its people are forgotten"])
def told(request: pytest.FixtureRequest, tmp_path: Path, empty: Path, room: str) -> Iterator[Told]:
    """That room alone, in a house where the sealed texts of the samples open, or where they do not any more."""
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    house = a_house(tmp_path, room)
    made = Told(house, room, forgotten="forgotten" in request.param)
    if room == "referrals":
        made.has_the_referral()
    yield made
    house.close()


def test_a_room_acts_on_every_sample_it_hears(told: Told) -> None:
    heard = [type_ for type_ in in_order() if hears(told.room, type_)]
    behind = {type_: told.tell(sample(type_)) for type_ in heard}
    assert told.stuck() == []
    assert behind == dict.fromkeys(heard, 0)


def test_what_is_sealed_in_a_sample_is_still_understood_where_it_is_opened(tmp_path: Path) -> None:
    house = a_house(tmp_path, "matching")
    told = Told(house, "matching", forgotten=False)
    told.tell(sample("referral.accepted.v1"))
    page = house.as_("coordinator").page(f"/matching/{an_id('referral_id')}")
    assert page.status_code == 200
    for words in ("Sam", "North", "Weekends", "Depression, Being in hospital"):
        assert words in page.text, words
    house.close()


def test_a_sample_that_a_reaction_cannot_do_anything_with_is_seen(tmp_path: Path) -> None:
    house = a_house(tmp_path, "reporting")
    told, message = Told(house, "reporting", forgotten=False), sample("referral.received.v1")
    body = json.loads(message.body)
    body["reporting_id"] = Ring({("another", "reporting"): SAMPLE_KEY}).seal("another", "reporting", "r")
    behind = told.tell(Message(message.stream, message.headers, json.dumps(body).encode()))
    assert behind == -1
    stuck = told.stuck()
    assert stuck[0].startswith(f"{message.stream}: TokenBroken")
    assert stuck[1:] == [f"{message.stream} waits"]
    house.close()
