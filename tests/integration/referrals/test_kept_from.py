"""Whoever must not be told of a person: for them the person is not there, at any door, in any list, in any count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Caller, a_referral, without_ids
from tests.integration.referrals.conftest import AT, words_of

BIRTH_DATE = {"birth_date": "1985-03-27"}
DECLINED = {"declined_by": "person", "reason": "other_help_found"}

# (how, path, body) of every door on one referral, then on one person
OF_REFERRAL: tuple[tuple[str, str, Any], ...] = (
    ("GET", f"{AT}/{{}}", None),
    ("POST", f"{AT}/{{}}/acknowledgement", None),
    ("POST", f"{AT}/{{}}/acceptance", None),
    ("POST", f"{AT}/{{}}/decline", DECLINED),
    ("PUT", f"{AT}/{{}}/birth-date", BIRTH_DATE),
    ("page", "/referrals/{}", None),
    ("page", "/referrals/{}/consent-withdrawal", None),
    ("form", "/referrals/{}/acknowledgement", {}),
    ("form", "/referrals/{}/acceptance", {}),
    ("form", "/referrals/{}/decline", DECLINED),
    ("form", "/referrals/{}/decline", {}),
    ("form", "/referrals/{}/birth-date", BIRTH_DATE),
    ("form", "/referrals/{}/birth-date", {}),
)
OF_PERSON: tuple[tuple[str, str, Any], ...] = (
    ("POST", f"{AT}/people/{{}}/consent-withdrawal", None),
    ("POST", f"{AT}/people/{{}}/protection", None),
    ("DELETE", f"{AT}/people/{{}}/protection", None),
    ("form", "/referrals/people/{}/consent-withdrawal", {}),
    ("form", "/referrals/people/{}/protection", {"protect": "yes"}),
)


def knock(by: Caller, how: str, path: str, body: Any) -> Any:
    if how == "page":
        return by.page(path)
    return by.form(path, body) if how == "form" else by.api(how, path, body)


def listed(by: Caller) -> list[str]:
    return [row["referral_id"] for row in by.api("GET", AT).get_json()]


@pytest.fixture
def feared(room: Any) -> Caller:
    """A coordinator whom a person must not be told to."""
    made: Caller = room.as_("coordinator")
    return made


def kept(room: Any, feared: Caller) -> str:
    return str(room.received(safety={"must_not_be_told": [feared.who.id]}))


@pytest.mark.parametrize(("how", "path", "body"), OF_REFERRAL)
def test_a_referral_answers_whoever_must_not_be_told_like_one_that_is_not_there(
    room: Any, feared: Caller, how: str, path: str, body: Any
) -> None:
    referral_id = kept(room, feared)
    there, nowhere = (knock(feared, how, path.format(one), body) for one in (referral_id, room.ids.new()))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert without_ids(there.text) == without_ids(nowhere.text)
    assert there.headers.get("Content-Length") == nowhere.headers.get("Content-Length")
    assert room.shown(referral_id)["state"] == "received"
    assert room.audited(who_id=feared.who.id, subject=room.person_of(referral_id)) == []
    assert knock(room.coordinator, how, path.format(referral_id), body).status_code != 404


@pytest.mark.parametrize(("how", "path", "body"), OF_PERSON)
def test_a_person_answers_whoever_must_not_be_told_like_one_who_is_not_there(
    room: Any, feared: Caller, how: str, path: str, body: Any
) -> None:
    person_id = room.person_of(kept(room, feared))
    there, nowhere = (knock(feared, how, path.format(one), body) for one in (person_id, room.ids.new()))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert without_ids(there.text) == without_ids(nowhere.text)
    assert room.facts("consent.withdrawn") == room.facts("person.protected") == []
    assert knock(room.coordinator, how, path.format(person_id), body).status_code != 404


def test_lists_and_counts_leave_the_person_out_on_each_database(room_on_each: Any) -> None:
    room = room_on_each
    feared = room.as_("coordinator")
    hidden, open_ = kept(room, feared), room.received()
    assert listed(feared) == [open_]
    assert set(listed(room.coordinator)) == {hidden, open_}
    ours, theirs = feared.page("/referrals"), room.coordinator.page("/referrals")
    assert (hidden in ours.text, hidden in theirs.text) == (False, True)
    assert words_of(ours).count("Jordan") == 1
    assert words_of(theirs).count("Jordan") == 2
    seen = room.audited(action="person.listed", who_id=feared.who.id)
    assert [row.record for row in seen] == [open_] * 2


def test_a_list_of_nobody_reads_like_a_list_where_nobody_ever_was(room: Any, feared: Caller) -> None:
    before = feared.page("/referrals").text
    kept(room, feared)
    assert without_ids(feared.page("/referrals").text) == without_ids(before)
    assert listed(feared) == []


def test_nobody_named_at_the_senders_own_partner_finds_the_person_though_the_sender_does(room: Any) -> None:
    colleague = room.as_("referrer", partner_id=room.partner_id)
    body = a_referral(safety={"must_not_be_told": [colleague.who.id, room.referrer.who.id]})
    referral_id = room.submit(body).location.split("/")[2]
    for path in (f"/referrals/{referral_id}", f"/referrals/{referral_id}/sent"):
        assert colleague.page(path).status_code == 404
        assert room.referrer.page(path).status_code == 200
    assert (listed(colleague), listed(room.referrer), listed(room.system)) == ([], [referral_id], [referral_id])


def test_the_rooms_own_clocks_and_reactions_go_on_for_such_a_person(room: Any, feared: Caller) -> None:
    kept(room, feared)
    assert room.count() == 1
    room.clock.advance(days=14)
    room["referrals"].tick()
    (overdue,) = room.facts("referral.overdue")
    assert overdue["step"] == "acknowledgement"


def test_one_named_twice_is_kept_once_and_travels_sealed(room: Any, feared: Caller) -> None:
    room.received(safety={"must_not_be_told": [feared.who.id, feared.who.id.upper()]})
    (fact,) = room.facts("referral.received")
    assert feared.who.id not in str(fact)
    assert set(room.opened(fact["safety"])["conflicts"]) == {feared.who.id}
    assert listed(feared) == []


def test_a_worry_of_somebody_in_danger_brings_whom_they_fear_with_it_sealed(room: Any, feared: Caller) -> None:
    body = a_referral(safety={"present_danger": True, "must_not_be_told": [feared.who.id]})
    sent = room.post(body)
    (worry,) = room.facts("worry.raised")
    assert worry["about_id"] == room.person_of(sent.get_json()["referral_id"])
    assert feared.who.id not in str(worry)
    assert room.opened(worry["safety"])["conflicts"] == [feared.who.id]
