"""What a private link does on SQLite and on PostgreSQL alike: it opens, is counted, ends, and is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.entry import SessionEnded
from services.partners.store import tables as kept
from services.referrals.store import tables as of_referrals
from tests.builders import COOKIE, TestHouse, a_house
from tests.integration.partners.linked import WORD, Linked, Questions
from tests.integration.partners.test_signing_in import Browser
from tests.parts.postgres import Databases


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestHouse, str]]:
    """One house for every test on a database, and the partner in it; each test has a person of its own."""
    changes: dict[str, Any] = {"demo": False}
    databases = None
    if request.param == "postgres":
        databases = Databases(request.getfixturevalue("postgres_server"))
        changes["database_url"] = databases.of("partners", "referrals")
    house = a_house(tmp_path_factory.mktemp("links"), "partners", "referrals", **changes)
    house["partners"].app.extensions["minter"].renew_key()
    yield house, Linked(house).partner_id
    house.close()
    if databases:
        databases.close()


@pytest.fixture
def room(opened: tuple[TestHouse, str]) -> Linked:
    return Linked(*opened)


def test_the_word_opens_a_persons_own_pages_and_the_pass_says_that_and_no_more(room: Linked) -> None:
    room.chooses()
    path, browser = room.mints(), Browser(room.house)
    asked = browser.opens(path)
    assert (asked.status_code, "Your word, please" in asked.text) == (200, True)
    assert "Jordan" not in asked.text
    answer = browser.sends(path, word=" two-rivers ")
    assert (answer.status_code, answer.location) == (303, "/my/referral")
    who = room.who(browser)
    assert (who.kind, who.id, who.roles, who.only) == ("person", room.person_id, {"person"}, "own_pages")
    assert who.partner_id is None
    shown = browser.opens("/my/referral").text
    assert "Northmoor Mental Health Trust referred you" in shown
    assert browser.opens("/referrals").status_code == 403


def test_unknown_run_out_revoked_and_forgotten_answer_in_the_same_bytes_after_the_same_questions(room: Linked) -> None:
    room.chooses()
    replaced, revoked = room.mints(), room.mints()
    room.does("link", "DELETE")
    run_out = room.mints()
    room.clock.advance(days=90)
    protected = room.mints()
    room.does("protection")
    forgotten = room.mints()
    room.forgets()
    room.house.quiet()
    dead = {
        "never there": "/l/" + "x" * 43, "replaced": replaced, "revoked": revoked, "run out": run_out,
        "protected": protected, "forgotten": forgotten, "short": "/l/x", "a name": "/l/Jordan%20Okafor",
    }  # fmt: skip
    asked = Questions(room.house)
    found = {name: asked.of(path) for name, path in dead.items()}
    first = found["never there"]
    assert "This link does not work" in first[0][1]
    assert first[0][0] == 404
    assert first[1], "no statement was seen"
    assert {name for name, one in found.items() if one != first} == set()


def test_wrong_words_are_counted_and_the_link_rests_for_the_right_one_too(room: Linked) -> None:
    room.chooses()
    path = room.mints()
    tries = [Browser(room.house, address=f"198.51.100.{n}").sends(path, word=f"wrong {n}") for n in range(5)]
    assert [one.status_code for one in tries] == [401] * 5
    assert "That is not the word" in tries[0].text
    resting = Browser(room.house).sends(path, word=WORD)
    assert (resting.status_code, "too many tries" in resting.text) == (429, True)
    # What must not wait goes on.
    assert Browser(room.house).sends(path, without="yes").status_code == 303
    room.clock.advance(minutes=59)
    assert Browser(room.house).sends(path, word=WORD).status_code == 429
    room.clock.advance(minutes=2)
    assert Browser(room.house).sends(path, word=WORD).status_code == 303


ENDS = {
    "it was taken back": lambda room: room.does("link", "DELETE"),
    "another was made": lambda room: room.mints(),
    "the person is protected": lambda room: room.does("protection"),
    "the person is forgotten": lambda room: room.forgets(),
    "another word was chosen": lambda room: room.chooses("kingfisher"),
}


@pytest.mark.parametrize("what", ENDS)
def test_whoever_came_in_by_a_link_is_out_when(room: Linked, what: str) -> None:
    room.chooses()
    browser = room.opened()
    (session,) = room.sessions()
    assert room.who(browser).session == session.handle
    path = room.path
    ENDS[what](room)
    room.house.quiet()
    goes_on = what == "another word was chosen"
    assert Browser(room.house).opens(path).status_code == (200 if goes_on else 404)
    whys = {"it was taken back": "asked", "another was made": "replaced", "the person is protected": "protected",
            "the person is forgotten": "forgotten"}  # fmt: skip
    assert [one["why"] for one in room.stated("link.revoked")] == ([] if goes_on else [whys[what]])
    (ended,) = (one for one in room.sessions() if one.handle == session.handle)
    assert (ended.why_ended, ended.signalled_at) == ("link", None)
    room.signals()
    (told,) = (one for one in room.sessions() if one.handle == session.handle)
    assert told.signalled_at is not None
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    with pytest.raises(SessionEnded):
        room.house["partners"].entry.read(cookie.value)
    assert browser.opens("/sign-in?to=/my/referral").status_code == 200


@pytest.mark.parametrize(
    ("kind", "subject"), [("link_revoked", "link"), ("protected", "person"), ("forgotten", "person")]
)
def test_a_brake_ends_it_before_its_fact_has_come_to_its_turn(room: Linked, kind: str, subject: str) -> None:
    room.chooses()
    browser = room.opened()
    (session,) = room.sessions()
    path = room.mints() if kind == "protected" else ""
    if kind == "protected":
        browser = Browser(room.house)
        assert browser.sends(path, word=WORD).status_code == 303
        session = next(one for one in room.sessions() if one.ended_at is None)
    room.signals()
    assert room.who(browser).only == "own_pages"
    row = {
        "kind": kind, "subject": session.link_id if subject == "link" else room.person_id, "stream": "ahead",
        "number": 9, "is_on": True, "since": room.clock.now(),
    }  # fmt: skip
    with room.house["partners"].database.writing("network") as connection:
        connection.execute(sa.insert(tables.brakes).values(**row))
    room.signals()
    (ended,) = (one for one in room.sessions() if one.handle == session.handle)
    assert (ended.why_ended, ended.signalled_at is not None) == ("link", True)
    assert browser.opens("/sign-in?to=/my/referral").status_code == 200


def test_one_link_works_at_a_time_and_each_is_shown_once(room: Linked) -> None:
    first, second = room.mints(), room.mints()
    assert [Browser(room.house).opens(path).status_code for path in (first, second)] == [404, 200]
    minted, revoked = room.stated("link.minted"), room.stated("link.revoked")
    assert ([one["why"] for one in revoked], len(minted)) == (["replaced"], 2)
    assert revoked[0]["link_id"] == minted[0]["link_id"]
    assert len({one["hash"] for one in minted}) == 2


def test_every_row_of_a_link_is_gone_with_the_person(room: Linked) -> None:
    room.chooses()
    room.mints()
    assert room.count(kept.links) == room.count(kept.link_words) == 1
    room.forgets()
    room.house.quiet()
    assert room.count(kept.links) == room.count(kept.link_words) == 0
    with room.house["referrals"].reading() as unit:
        people, made = of_referrals.people, of_referrals.links
        row = unit.connection.execute(sa.select(people).where(people.c.person_id == room.person_id)).one()
        links = unit.connection.execute(sa.select(made).where(made.c.person_id == room.person_id)).all()
    assert row.word_chosen_at is None
    assert all(one.revoked_at for one in links)
