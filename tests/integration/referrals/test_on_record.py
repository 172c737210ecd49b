"""What is shown is on record first, a row for each person; what cannot be put on record is neither shown nor done."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.boundary import NETWORK
from chassis.database import Database
from tests.builders import a_referral
from tests.integration.referrals.conftest import AT
from tests.parts.postgres import as_owner

_SQLITE = (
    "CREATE TRIGGER audit_is_full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room left'); END",
    "DROP TRIGGER audit_is_full",
)
_POSTGRES = (
    "CREATE FUNCTION audit_is_full() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'no room left'; END $$;"
    " CREATE TRIGGER audit_is_full BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_full()",
    "DROP TRIGGER audit_is_full ON audit",
)


def run(room: Any, statement: str) -> None:
    """Does what an administrator of the database could."""
    service = room["referrals"]
    url = service.settings.database_for("referrals")
    owner = service.database if service.database.is_sqlite else Database(as_owner(url))
    with owner.writing(NETWORK) as connection:
        connection.execute(sa.text(statement))
    if owner is not service.database:
        owner.close()


def shows(room: Any, referral_id: str) -> list[tuple[Any, str]]:
    """Every door of the room that shows a person to somebody else: who asks, and where."""
    return [
        (room.coordinator, "/referrals"),
        (room.coordinator, f"/referrals/{referral_id}"),
        (room.coordinator, f"/referrals/{referral_id}/consent-withdrawal"),
        (room.referrer, "/referrals"),
        (room.referrer, f"/referrals/{referral_id}"),
        (room.referrer, f"/referrals/{referral_id}/sent"),
        (room.system, AT),
        (room.system, f"{AT}/{referral_id}"),
    ]


def asked(caller: Any, path: str) -> Any:
    return caller.api("GET", path) if path.startswith("/api") else caller.page(path)


def test_what_cannot_be_put_on_record_is_not_shown(room_on_each: Any) -> None:
    room = room_on_each
    referral_id = room.received()
    kept = room.kept(referral_id)
    secrets = ("Jordan", kept.reference, kept.person_id, "01632 960 001")
    fails, works = _SQLITE if room["referrals"].database.is_sqlite else _POSTGRES
    run(room, fails)
    for caller, path in shows(room, referral_id):
        answer = asked(caller, path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"]
        assert not any(secret in answer.text for secret in secrets), path
    # Nor is anything done.
    refused = room.decide(referral_id, "acknowledgement")
    assert (refused.status_code, refused.get_json()["rule"]) == (503, "AuditNotWritten")
    assert room.post(a_referral()).status_code == 503
    run(room, works)
    assert room.kept(referral_id).state == "received"
    assert room.count() == 1
    # The control: with room for its row each of them shows the person.
    for caller, path in shows(room, referral_id):
        answer = asked(caller, path)
        assert answer.status_code == 200, path
        assert any(secret in answer.text for secret in secrets), path


def test_each_door_that_shows_a_person_writes_a_row_for_each(room: Any) -> None:
    ids = [room.received(), room.received(person={"name": "Sam Field", "called": "Sam"})]
    people = {room.kept(one).person_id for one in ids}
    for caller, path in shows(room, ids[0]):
        before = len(room.audited(outcome="done"))
        answer = asked(caller, path)
        rows = room.audited(outcome="done")[before:]
        is_list = path in ("/referrals", AT)
        assert {row.subject for row in rows} == (people if is_list else {room.kept(ids[0]).person_id}), path
        assert len(rows) == (2 if is_list else 1)
        assert {row.action for row in rows} == {"person.listed" if is_list else "person.seen"}
        assert {row.request_id for row in rows} == {answer.headers["X-Request-Id"]}
        assert {row.who_id for row in rows} == {caller.who.id}
        assert {row.subject_kind for row in rows} == {"person"}
        assert all(row.purpose and row.roles for row in rows)


def test_a_person_who_looks_at_their_own_page_is_no_disclosure(room: Any) -> None:
    own = room.as_person(room.person_of(room.received()))
    before = len(room.audited(outcome="done"))
    assert own.page("/my/referral").status_code == 200
    assert len(room.audited(outcome="done")) == before


def test_whose_record_was_shown_is_stated_once_an_hour_without_a_name(room: Any) -> None:
    referral_id = room.received()
    person_id = room.kept(referral_id).person_id
    for minutes in (0, 1, 58, 1):
        room.clock.advance(minutes=minutes)
        room.coordinator.page(f"/referrals/{referral_id}")
    told = room.facts("record.seen.v1")
    assert [one["seen_at"] for one in told] == ["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]
    assert told[0] == {
        "subject_ids": [person_id], "subject_kind": "person", "by_id": room.coordinator.who.id,
        "roles": ["coordinator"], "partner_id": None, "purpose": "referral", "is_opened": True,
        "seen_at": "2026-03-02T10:00:00Z",
    }  # fmt: skip
    # The audit trail has every one.
    assert len(room.audited(action="person.seen", who_id=room.coordinator.who.id)) == 4


def test_a_page_of_a_list_is_one_fact_for_all_its_people(room: Any) -> None:
    people = {room.kept(room.received()).person_id for _ in range(3)}
    room.coordinator.page("/referrals")
    (told,) = room.facts("record.seen.v1")
    assert set(told["subject_ids"]) == people
    assert told["is_opened"] is False


def test_nothing_is_stated_when_the_page_could_not_be_put_on_record(room: Any) -> None:
    referral_id = room.received()
    run(room, _SQLITE[0])
    assert room.coordinator.page(f"/referrals/{referral_id}").status_code == 503
    run(room, _SQLITE[1])
    assert room.facts("record.seen.v1") == []
    # A look that was not committed is not kept in mind as told either.
    room.coordinator.page(f"/referrals/{referral_id}")
    assert len(room.facts("record.seen.v1")) == 1
