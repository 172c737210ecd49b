"""Forgetting takes two people: one asks, another confirms or refuses, in time, once and never for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis.clock import SystemClock
from chassis.second import NotConfirmed, carry_out
from chassis.tables import second_askings
from services.__main__ import main
from tests.builders import Caller, forget_person, without_ids
from tests.integration.referrals.conftest import AT, words_of

WHY = {"reason": "asked_by_the_person"}


def asks(by: Caller, person_id: str, **changes: str) -> Any:
    return by.api("POST", f"{AT}/people/{person_id}/forgetting", {**WHY, **changes})


def settles(by: Caller, asking_id: str, how: str = "confirmation") -> Any:
    return by.api("POST", f"{AT}/confirmations/{asking_id}/{how}")


def states(room: Any) -> list[str]:
    with room["referrals"].reading() as unit:
        query = sa.select(second_askings.c.state).order_by(second_askings.c.asked_at, second_askings.c.asking_id)
        return list(unit.connection.execute(query).scalars())


def test_nothing_is_done_until_another_confirms_it_and_then_once(room_on_each: Any) -> None:
    room = room_on_each
    person_id, officer = room.person_of(room.received()), room.as_("privacy_officer")
    asked = asks(officer, person_id)
    assert (asked.status_code, asked.get_json()["person_id"], asked.get_json()["state"]) == (202, person_id, "asked")
    asking_id = asked.get_json()["asking_id"]
    # The same person asks for the same once; somebody else is told that it waits.
    assert asks(officer, person_id).get_json()["asking_id"] == asking_id
    other = room.as_("privacy_officer")
    assert asks(other, person_id).get_json()["rule"] == "AlreadyAsked"
    assert settles(officer, asking_id).get_json()["rule"] == "OwnAsking"
    assert settles(officer, asking_id, "refusal").get_json()["rule"] == "OwnAsking"
    assert room.facts("person.forgotten") == []
    assert "Jordan" in room.coordinator.page("/referrals").text
    assert [settles(other, asking_id).status_code for _ in range(2)] == [204, 204]
    assert len(room.facts("person.forgotten")) == 1
    assert "Jordan" not in room.coordinator.page("/referrals").text
    assert states(room) == ["confirmed"]
    # Whoever asks again learns that it is done.
    assert asks(officer, person_id).status_code == 204


@pytest.mark.parametrize("role", ["privacy_officer", "network_lead"])
def test_another_privacy_officer_or_a_network_lead_settles_it(room: Any, role: str) -> None:
    assert forget_person(room.as_("privacy_officer"), room.as_(role), room.person_of(room.received())) == 204


def test_no_other_role_asks_or_settles(room: Any) -> None:
    person_id = room.person_of(room.received())
    asking_id = asks(room.as_("privacy_officer"), person_id).get_json()["asking_id"]
    for role in ("coordinator", "administrator", "safeguarding_lead", "partner_lead", "commissioner", "peer"):
        by = room.as_(role, partner_id=room.partner_id)
        assert asks(by, person_id).status_code == 403, role
        assert [settles(by, asking_id, how).status_code for how in ("confirmation", "refusal")] == [403, 403], role
        assert by.page("/referrals/confirmations").status_code == 403, role
    # A network lead is a second person, and asks for nothing.
    assert asks(room.as_("network_lead"), person_id).status_code == 403


def test_refused_or_too_late_nothing_is_done_and_it_may_be_asked_anew(room_on_each: Any) -> None:
    room = room_on_each
    person_id, officer, second = room.person_of(room.received()), room.as_("privacy_officer"), room.as_("network_lead")
    first = asks(officer, person_id).get_json()["asking_id"]
    assert settles(second, first, "refusal").status_code == 204
    assert settles(second, first).get_json()["rule"] == "AskingOver"
    late = asks(officer, person_id, reason="no_longer_needed").get_json()["asking_id"]
    room.clock.advance(days=7)
    assert settles(second, late).get_json()["rule"] == "AskingRanOut"
    room["referrals"].tick()
    assert sorted(states(room)) == ["ran_out", "refused"]
    assert [one["ending"] for one in room.facts("confirmation.settled")] == ["refused", "ran_out"]
    assert room.facts("person.forgotten") == []
    assert settles(second, asks(officer, person_id).get_json()["asking_id"]).status_code == 204
    assert len(room.facts("person.forgotten")) == 1


def test_it_is_told_by_ids_alone_and_whose_it_is_stays_here(room: Any) -> None:
    person_id = room.person_of(room.received())
    asks(room.as_("privacy_officer"), person_id)
    (told,) = room.facts("confirmation.asked")
    assert set(told) == {"asking_id", "kind", "partner_id", "asked_at", "ends_at"}
    assert (told["kind"], told["partner_id"]) == ("forgetting", None)
    assert asks(room.as_("privacy_officer"), person_id, reason="curious").status_code == 422
    assert room.as_("privacy_officer").api("POST", f"{AT}/people/{person_id}/forgetting", {}).status_code == 422


def test_for_whom_the_person_named_neither_they_nor_the_asking_are_there(room: Any) -> None:
    feared = room.as_("privacy_officer", "network_lead")
    person_id = room.person_of(room.received(safety={"must_not_be_told": [feared.who.id]}))
    asking_id = asks(room.as_("privacy_officer"), person_id).get_json()["asking_id"]
    never = room.ids.new()
    assert asks(feared, person_id).status_code == 404
    assert feared.api("GET", f"{AT}/confirmations").get_json() == []
    for how in ("confirmation", "refusal"):
        mine, none = (settles(feared, one, how) for one in (asking_id, never))
        assert (mine.status_code, none.status_code) == (404, 404)
    shown, none = (feared.page(f"/referrals/confirmations/{one}") for one in (asking_id, never))
    assert (shown.status_code, without_ids(shown.text)) == (404, without_ids(none.text))
    assert len(room.as_("network_lead").api("GET", f"{AT}/confirmations").get_json()) == 1


def test_by_the_pages_one_asks_and_another_confirms(room: Any) -> None:
    person_id, officer, second = room.person_of(room.received()), room.as_("privacy_officer"), room.as_("network_lead")
    at = f"/referrals/people/{person_id}/asking"
    assert "Forget a person for good" in officer.page(at).text
    assert officer.form(at, {"what": "forgetting"}).status_code == 422
    assert officer.form(at, {"what": "forgetting", "reason": "looked_into"}).status_code == 422
    asked = officer.form(at, {"what": "forgetting", **WHY})
    assert asked.status_code == 303
    assert "another person must confirm" in words_of(officer.page(asked.location))
    assert asked.location in second.page("/referrals/confirmations").text
    words = words_of(second.page(asked.location))
    assert "The person asked to be forgotten" in words
    assert "It cannot be undone" in words
    assert officer.form(f"{asked.location}/confirmation").status_code == 409
    assert second.form(f"{asked.location}/confirmation").status_code == 303
    assert len(room.facts("person.forgotten")) == 1
    assert "Nothing waits for a second person." in second.page("/referrals/confirmations").text


def test_what_is_on_record_is_handed_out_once_two_people_want_it(room: Any, tmp_path: Path) -> None:
    # A command has the clock of its machine.
    room.clock.move_to(SystemClock().now())
    person_id, officer, second = room.person_of(room.received()), room.as_("privacy_officer"), room.as_("network_lead")
    asked = officer.form(
        f"/referrals/people/{person_id}/asking", {"what": "handing_out", "reason": "asked_by_the_person"}
    )
    asking_id = asked.location.rpartition("/")[2]

    def export(subject: str = person_id) -> int:
        given = ("--service", "referrals", "--data", str(tmp_path), "--as", officer.who.id)
        done = CliRunner().invoke(main, ["audit", "export", *given, "--subject", subject, "--asking", asking_id])
        assert ("AuditEvent" in done.output) == (done.exit_code == 0), done.output
        return done.exit_code

    # Before another confirmed it, and for somebody else, nothing is written.
    assert export() == 2
    assert second.form(f"{asked.location}/confirmation").status_code == 303
    assert asking_id in words_of(officer.page(asked.location))
    assert export(room.person_of(room.received())) == 2
    assert [export(), export()] == [0, 2]
    assert states(room) == ["done"]
    assert "Jordan" in room.coordinator.page("/referrals").text
    carried = room.audited(action="asking.carry_out")
    assert [(row.who_kind, row.who_id, row.subject) for row in carried] == [("command", officer.who.id, person_id)]


def test_what_was_confirmed_too_long_ago_is_not_handed_out(room: Any) -> None:
    person_id, officer, another = room.person_of(room.received()), room.as_("privacy_officer"), room.as_("network_lead")
    asked = officer.form(f"/referrals/people/{person_id}/asking", {"what": "handing_out", "reason": "looked_into"})
    asking_id = asked.location.rpartition("/")[2]
    another.form(f"{asked.location}/confirmation")
    room.clock.advance(days=7)
    with pytest.raises(NotConfirmed), room["referrals"].writing() as unit:
        carry_out(unit, asking_id, "handing_out", person_id)
    room.clock.advance(seconds=-1)
    with room["referrals"].writing() as unit:
        carry_out(unit, asking_id, "handing_out", person_id)
