"""A coordinator finds a person by exactly what is known of them, on record; whoever must not be found is not there."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.boundary import NETWORK
from chassis.granted import ClassNotGranted
from contracts import marks
from services.referrals.store import people
from tests.builders import forget_person
from tests.integration.referrals.conftest import AT, Referrals, faults_of, faults_on

NUMBER, PHONE, SURNAME, POSTCODE = "999 000 0018", "01632 960 001", "Okafor", "ZZ1 1AA"
# Jordan as somebody else would write what is known of them.
WAYS: tuple[dict[str, str], ...] = (
    {"nhs_number": "9990000018"},
    {"phone": "+44 (0)1632 960001"},
    {"surname": "OKAFOR", "postcode": "zz11aa"},
)
NOBODY: tuple[dict[str, str], ...] = (
    {"nhs_number": "999 000 0026"},
    {"phone": "01632 960 999"},
    {"surname": "Okafor", "postcode": "ZZ1 1AB"},
    {"surname": "Okafo", "postcode": POSTCODE},
)


def find(room: Referrals, by: dict[str, str], who: Any = None) -> Any:
    return (who or room.coordinator).api("POST", f"{AT}/search", by)


def found(room: Referrals, by: dict[str, str]) -> list[str]:
    answer = find(room, by)
    assert answer.status_code == 200, answer.get_json()
    return [row["referral_id"] for row in answer.get_json()]


def row_of(room: Referrals, person_id: str) -> Any:
    with room["referrals"].database.reading(NETWORK) as connection:
        return connection.execute(sa.select(people).where(people.c.person_id == person_id)).one()


def test_a_person_is_found_in_three_ways_and_each_is_on_record(told: io.StringIO, room_on_each: Referrals) -> None:
    room = room_on_each
    first = room.received()
    other = room.received(
        person={"name": "Ada Long", "nhs_number": "999 000 0034", "phone": "01632 960 777", "postcode": "ZZ1 1AA"}
    )
    again = room.received(person={"phone": "0044 1632 960001"})
    for by in WAYS:
        assert sorted(found(room, by)) == sorted([first, again]), by
    assert found(room, {"nhs_number": "999 000 0034"}) == [other]
    for by in NOBODY:
        assert found(room, by) == [], by
    # One row for each search, also of whoever was not there, and one for each person shown.
    searches = room.audited(action="referral.search")
    assert [row.subject_kind for row in searches] == [
        "nhs_number", "phone", "surname_and_postcode", "nhs_number", "nhs_number", "phone",
        "surname_and_postcode", "surname_and_postcode",
    ]  # fmt: skip
    listed = [row for row in room.audited(action="person.listed") if row.purpose == "referral.search"]
    assert sorted(row.record for row in listed) == sorted([first, again] * 3 + [other])
    assert {row.subject for row in listed} == {room.person_of(one) for one in (first, again, other)}
    # What was looked for stands in no log line, and no row holds it, nor a hash that needs no key.
    kept = row_of(room, room.person_of(first))
    for text in ("9990000018", "01632960001", "999 000 0018", "Okafor", "OKAFOR"):
        assert text not in told.getvalue()
        assert text not in repr(kept._mapping)
    assert "referral.search" in told.getvalue()
    plain = {hashlib.sha256(text.encode()).hexdigest()[:32] for text in ("9990000018", "nhs|9990000018")}
    assert kept.nhs_mark not in plain
    assert len(kept.nhs_mark) == 32


def test_whoever_must_not_be_found_answers_as_if_they_were_not_there(room_on_each: Referrals) -> None:
    room = room_on_each
    nobody = [find(room, by) for by in NOBODY]
    bytes_of_nobody = {(one.status_code, one.data) for one in nobody}
    assert len(bytes_of_nobody) == 1
    referral_id = room.received(safety={"must_not_be_told": [room.ids.new()]})
    person_id = room.person_of(referral_id)
    assert room.coordinator.api("POST", f"{AT}/people/{person_id}/protection").status_code == 204
    by_number, *by_place = [find(room, by) for by in WAYS]
    assert [row["referral_id"] for row in by_number.get_json()] == [referral_id]
    # Who it is, is shown to whoever works with them alone.
    assert "Jordan" not in room.coordinator.form("/referrals/search", WAYS[0]).text
    assert {(one.status_code, one.data) for one in by_place} == bytes_of_nobody
    assert room.coordinator.api("DELETE", f"{AT}/people/{person_id}/protection").status_code == 204
    assert all(found(room, by) == [referral_id] for by in WAYS)
    assert "Jordan" in room.coordinator.form("/referrals/search", WAYS[0]).text
    # Whom they named finds nobody, in any way.
    feared = room.as_("coordinator", id=room.ids.new())
    named = room.received(
        person={"name": "Ada Long", "nhs_number": "999 000 0034", "phone": "01632 960 777", "postcode": "ZZ9 9ZZ"},
        safety={"must_not_be_told": [feared.who.id]},
    )
    ada = ({"nhs_number": "9990000034"}, {"phone": "01632960777"}, {"surname": "Long", "postcode": "ZZ9 9ZZ"})
    for by in ada:
        assert found(room, by) == [named]
        answer = find(room, by, feared)
        assert {(answer.status_code, answer.data)} == bytes_of_nobody


def test_of_whoever_is_forgotten_no_mark_is_left(room_on_each: Referrals) -> None:
    room = room_on_each
    person_id = room.person_of(room.received())
    before = row_of(room, person_id)
    made = {name: before._mapping[name] for name in before._mapping if name.endswith("_mark")}
    assert len(made) == 5
    assert all(made.values())
    assert forget_person(room.as_("privacy_officer"), room.as_("network_lead"), person_id) == 204
    after = row_of(room, person_id)
    assert {after._mapping[name] for name in made} == {None}
    assert [found(room, by) for by in WAYS] == [[], [], []]


@pytest.mark.parametrize(
    ("by", "where"),
    [
        ({}, "nhs_number"),
        ({"surname": "Okafor"}, "postcode"),
        ({"nhs_number": NUMBER, "phone": PHONE}, "phone"),
        ({"nhs_number": "999 000 0019"}, "nhs_number"),
        ({"nhs_number": "12345"}, "nhs_number"),
        ({"name": "Okafor"}, ""),
    ],
)
def test_what_nobody_can_be_looked_for_by_is_refused_and_not_repeated(
    room: Referrals, by: dict[str, str], where: str
) -> None:
    answer = find(room, by)
    assert answer.status_code == 422
    assert list(faults_of(answer)) == [where]
    assert not any(text in answer.get_data(as_text=True) for text in by.values())
    page = room.coordinator.form("/referrals/search", by)
    assert page.status_code == 422
    assert not where or list(faults_on(page)) == [where]


def test_the_page_finds_and_keeps_what_was_looked_for_out_of_every_address(room: Referrals) -> None:
    referral_id = room.received()
    assert "/referrals/search" in room.coordinator.page("/referrals").text
    assert "/referrals/search" not in room.referrer.page("/referrals").text
    form = room.coordinator.page("/referrals/search")
    assert 'method="post"' in form.text
    hit = room.coordinator.form("/referrals/search", {"nhs_number": NUMBER})
    assert (hit.status_code, f"/referrals/{referral_id}" in hit.text, "Jordan" in hit.text) == (200, True, True)
    assert "Nobody is known by that" in room.coordinator.form("/referrals/search", {"phone": "01632 960 999"}).text
    # In an address it says nothing.
    asked = room.coordinator.page("/referrals/search?nhs_number=9990000018")
    assert referral_id not in asked.text
    assert [row for row in room.audited(action="person.listed") if row.purpose == "referral.search"] != []
    for other in (room.referrer, room.safeguarding):
        assert other.form("/referrals/search", {"nhs_number": NUMBER}).status_code == 403


def test_no_other_room_can_try_numbers_out(room: Referrals) -> None:
    room.received()
    with pytest.raises(ClassNotGranted):
        room["partners"].vault.make(marks.OWNER, [marks.SEARCH])
    assert room["partners"].vault.make(marks.OWNER, [marks.CLASS])
