"""Two versions of one made-up fact: what was stated as version 1 is read as version 2 by whoever hears version 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.errors import Misbuilt
from chassis.events.arrival import Arrived, Reader, VersionUnknown
from chassis.events.bus import Record
from chassis.events.envelope import Envelope, as_bytes, header_texts
from chassis.events.upcasting import older_of
from chassis.house import House
from chassis.parts import Parts
from chassis.serve import make_bus, share
from chassis.service import Service
from chassis.tables import inbox, parked, waiting
from chassis.unit import Unit
from contracts import addresses, classes, roles
from contracts.fact import CATALOGUE, fact, is_superseded
from tests.builders import MORNING, a_settings
from tests.tellers import NoNumbers, a_teller


def from_first(old: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 said nothing of how a letter was sent: they all went by post."""
    return {"letter_id": old["letter_id"], "page_count": old["pages"], "sent_by": "post"}


def from_second(old: Mapping[str, Any]) -> dict[str, Any]:
    """Version 2 counted pages, version 3 counts sheets."""
    return {"letter_id": old["letter_id"], "sheet_count": (old["page_count"] + 1) // 2, "sent_by": old["sent_by"]}


@pytest.fixture(autouse=True)
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is gone after it."""
    monkeypatch.setattr("contracts.fact.CATALOGUE", dict(CATALOGUE))


def first() -> Any:
    @fact("letter.sent.v1", owner="partners")
    class FirstLetter:
        """A letter went out."""

        letter_id: str
        pages: int

    return FirstLetter


def second(**more: Any) -> Any:
    @fact("letter.sent.v2", owner="partners", upcasters={1: from_first}, **more)
    class SecondLetter:
        """A letter went out, and how."""

        letter_id: str
        page_count: int
        sent_by: str

    return SecondLetter


def third(upcasters: Mapping[int, Any]) -> Any:
    @fact("letter.sent.v3", owner="partners", upcasters=upcasters)
    class ThirdLetter:
        """A letter went out, in sheets."""

        letter_id: str
        sheet_count: int
        sent_by: str

    return ThirdLetter


def a_record(type_: str, body: bytes) -> Record:
    """Something of a type that lies on a carrier."""
    envelope = Envelope(
        id="f1", type=type_, stream="partners/letter/l1", number=1, stated_at=MORNING, subject="l1",
        correlation_id="c1", causation_id=None, traceparent="", classification="codes",
    )  # fmt: skip
    return Record("partners", 0, 0, "t", envelope.stream.encode(), as_bytes(header_texts(envelope)), body)


def read(kind: Any, type_: str, body: bytes) -> Arrived:
    """What a hearer of one class makes of it."""
    found = Reader({kind.FACT.type: kind}).read(a_record(type_, body))
    assert isinstance(found, Arrived)
    return found


# ---- reading


def test_an_old_body_is_read_as_the_version_heard() -> None:
    heard = second()
    found = read(heard, "letter.sent.v1", b'{"letter_id":"l1","pages":3}')
    assert found.fact == heard(letter_id="l1", page_count=3, sent_by="post")
    assert found.trouble is None
    assert found.envelope.type == "letter.sent.v1"
    assert found.value == b'{"letter_id":"l1","pages":3}'


def test_an_old_body_takes_every_step_on_the_way() -> None:
    heard = third({1: from_first, 2: from_second})
    oldest = read(heard, "letter.sent.v1", b'{"letter_id":"l1","pages":3}')
    older = read(heard, "letter.sent.v2", b'{"letter_id":"l1","page_count":5,"sent_by":"hand"}')
    assert oldest.fact == heard(letter_id="l1", sheet_count=2, sent_by="post")
    assert older.fact == heard(letter_id="l1", sheet_count=3, sent_by="hand")


def test_whoever_hears_both_versions_gets_each_as_it_was_said() -> None:
    old, new = first(), second()
    reader = Reader({"letter.sent.v1": old, "letter.sent.v2": new})
    found = reader.read(a_record("letter.sent.v1", b'{"letter_id":"l1","pages":3}'))
    assert isinstance(found, Arrived)
    assert found.fact == old(letter_id="l1", pages=3)


@pytest.mark.parametrize("type_", ["letter.sent.v3", "letter.sent.v0"])
def test_a_version_that_nothing_leads_from_is_unknown(type_: str) -> None:
    found = read(second(), type_, b'{"letter_id":"l1","page_count":3,"sent_by":"post"}')
    assert isinstance(found.trouble, VersionUnknown)
    assert found.fact is None


@pytest.mark.parametrize("body", [b'{"letter_id":"l1"}', b"[]", b"{", b'{"letter_id":"l1","pages":"three"}'])
def test_an_old_body_that_does_not_fit_is_trouble_of_its_own_stream(body: bytes) -> None:
    found = read(second(), "letter.sent.v1", body)
    assert found.trouble is not None
    assert found.trouble.rule == "BodyUnreadable"


def test_a_gap_between_versions_keeps_a_hearer_from_starting() -> None:
    with pytest.raises(Misbuilt, match=r"each version up to 2 needs one"):
        older_of([third({1: from_first})])


def test_a_version_is_superseded_once_a_newer_one_stands_beside_it() -> None:
    first()
    assert not is_superseded("letter.sent.v1")
    second()
    assert is_superseded("letter.sent.v1")
    assert not is_superseded("letter.sent.v2")


# ---- the whole way


class Pair:
    """A room that states letters, and one that hears them."""

    def __init__(self, data: Path, reactions: Mapping[type, Callable[[Unit, Any], None]]) -> None:
        settings = a_settings(data)
        shared = share(settings, bus=make_bus(settings), clock=HandClock(MORNING))
        parts = Parts(
            name="matching", purpose="Hears letters.", folder=data / "none", says=(), reactions=reactions, routines={},
            api=(), pages=(), policy=NoNumbers, rules=roles.RULES, opens=classes.OPENS, seals=classes.SEALS,
            rooms=addresses.SERVICES,
        )  # fmt: skip
        self.teller, self.hearer = a_teller("partners", settings, shared), Service(parts, settings, shared)
        self.house = House({"partners": self.teller, "matching": self.hearer}, shared, lambda _path: "partners")

    def state(self, letter: Any) -> None:
        with self.teller.writing() as unit:
            unit.state("partners/letter/l1", letter)
        self.house.pump()

    def rows(self, table: sa.Table) -> list[Any]:
        with self.hearer.reading() as unit:
            return list(unit.connection.execute(sa.select(table)).all())


@pytest.fixture
def heard() -> list[Any]:
    """What the hearing room did something about."""
    return []


@pytest.fixture
def pair(tmp_path: Path, heard: list[Any]) -> Iterator[Pair]:
    """A room that hears version 2 of a letter."""
    made = Pair(tmp_path, {second(): lambda _unit, letter: heard.append(letter)})
    yield made
    made.house.close()


def test_both_versions_stated_on_one_stream_are_applied_in_their_order(pair: Pair, heard: list[Any]) -> None:
    old, new = first(), next(iter(pair.hearer.parts.reactions))
    pair.state(old(letter_id="l1", pages=2))
    pair.state(new(letter_id="l1", page_count=4, sent_by="hand"))
    pair.state(old(letter_id="l1", pages=6))
    assert [(letter.page_count, letter.sent_by) for letter in heard] == [(2, "post"), (4, "hand"), (6, "post")]
    assert [row.number for row in pair.rows(inbox)] == [3]
    assert pair.rows(parked) == pair.rows(waiting) == []


def test_a_newer_version_than_is_heard_parks_its_stream_and_what_follows_waits(pair: Pair, heard: list[Any]) -> None:
    newer = third({1: from_first, 2: from_second})
    pair.state(first()(letter_id="l1", pages=2))
    pair.state(newer(letter_id="l1", sheet_count=4, sent_by="hand"))
    pair.state(next(iter(pair.hearer.parts.reactions))(letter_id="l1", page_count=8, sent_by="post"))
    assert [letter.page_count for letter in heard] == [2]
    assert [(row.number, row.reason) for row in pair.rows(parked)] == [(2, "VersionUnknown")]
    assert sorted(row.number for row in pair.rows(waiting)) == [2, 3]
