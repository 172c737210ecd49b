"""Who has looked at my record, for a person and for a peer: from every room, without a name, and to take away."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from contracts.records import AuditHeadPublished, RecordSeen
from contracts.referrals import LookFlagged, LookSettled, PersonForgotten
from services.home.commands import kept_heads
from tests.builders import Caller
from tests.integration.home.conftest import Hall, Referred

_HEADING = re.compile(r"<span[^>]*table[^>]*heading[^>]*>.*?</span>", re.DOTALL)
MATCHING = "To find someone who has been there for you"


def words_of(answer: Any) -> str:
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def rows_of(answer: Any) -> list[list[str]]:
    """The cells of the page's table, row by row."""
    body = answer.text.split("<tbody", 1)[1].split("</tbody>")[0] if "<tbody" in answer.text else ""
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    # In a narrow window each cell repeats its heading, hidden from a wide one.
    plain = [_HEADING.sub("", row) for row in rows]
    return [
        [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in
         re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in plain
    ]  # fmt: skip


def seen(hall: Hall, room: str, subject_ids: tuple[str, ...], by: Caller, **changes: Any) -> None:
    """Another room states that somebody was shown these records."""
    given = {
        "subject_ids": subject_ids, "subject_kind": "person", "by_id": by.who.id, "roles": tuple(sorted(by.who.roles)),
        "partner_id": by.who.partner_id, "purpose": "referral", "is_opened": True, "seen_at": hall.now,
    }  # fmt: skip
    hall.tell(room, "seen", by.who.id, RecordSeen(**{**given, **changes}))


def lived(hall: Hall) -> tuple[Referred, Caller]:
    """A person and a peer whose records were seen in several rooms."""
    person, asha = hall.waiting("Jordan"), hall.an_account("Asha", "peer")
    hall.join(asha)
    other = hall.a_partner("Northmoor Trust")
    referrer = hall.as_("referrer", partner_id=other)
    seen(hall, "referrals", (person.person_id, hall.ids.new()), referrer)
    hall.clock.advance(minutes=2)
    seen(hall, "matching", (person.person_id,), hall.coordinator, purpose="matching", is_opened=False)
    seen(hall, "support", (asha.who.id,), hall.coordinator, purpose="support", subject_kind="peer")
    hall.clock.advance(minutes=3)
    # And here: the list of what a coordinator has to do names the person.
    hall.work_of(hall.coordinator)
    return person, asha


def told(hall: Hall) -> tuple[list[list[str]], list[list[str]]]:
    person, asha = lived(hall)
    return rows_of(person.own.page("/my/record")), rows_of(asha.page("/my/record"))


def test_a_person_and_a_peer_each_read_who_looked_on_both_databases(hall: Hall, hall_on_postgres: Hall) -> None:
    for made in (hall, hall_on_postgres):
        persons, peers = told(made)
        assert persons == [
            [
                "10:05am on 2 March 2026",
                "A coordinator",
                "The network",
                "Your name stood on a list of what is to be done",
            ],
            ["10:02am on 2 March 2026", "A coordinator", "The network", MATCHING],
            ["10am on 2 March 2026", "A referrer", "Northmoor Trust", "To read your referral, or where it stands"],
        ]
        assert [
            "10:02am on 2 March 2026",
            "A coordinator",
            "The network",
            "To see how support you give stands",
        ] in peers
        assert len(persons) == 3


def test_nobody_reads_of_anybody_elses_record(hall: Hall) -> None:
    lived(hall)
    assert rows_of(hall.waiting("Sam").own.page("/my/record")) == []
    for role in ("coordinator", "network_lead", "privacy_officer", "referrer", "supervisor"):
        assert hall.as_(role, partner_id=hall.partner_id).page("/my/record").status_code == 403, role


def test_no_name_and_no_account_stands_on_the_page_or_in_the_file(hall: Hall) -> None:
    person, _ = lived(hall)
    for path in ("/my/record", "/my/record/export"):
        text = person.own.page(path).text
        assert hall.coordinator.who.id not in text
        assert "Asha" not in text


def test_a_protected_person_reads_days_alone(hall: Hall) -> None:
    person, _ = lived(hall)
    hall.protect(person)
    page = person.own.page("/my/record")
    assert rows_of(page) == [["2 March 2026", "Somebody who works here"]] * 3
    assert not any(word in words_of(page) for word in ("Northmoor", "coordinator", "referral,", "10:0"))
    events = [one["resource"] for one in person.own.page("/my/record/export").get_json(force=True)["entry"]]
    assert {event["recorded"] for event in events} == {"2026-03-02T00:00:00.000Z"}
    assert "Northmoor" not in str(events)
    assert not any("purposeOfEvent" in event for event in events)


def test_the_file_is_a_fhir_bundle_of_audit_events(hall: Hall) -> None:
    person, _ = lived(hall)
    answer = person.own.page("/my/record/export")
    assert answer.content_type == "application/fhir+json"
    assert "attachment" in answer.headers["Content-Disposition"]
    found = answer.get_json(force=True)
    assert (found["resourceType"], found["type"]) == ("Bundle", "collection")
    events = [one["resource"] for one in found["entry"]]
    assert len(events) == 3
    assert len({event["id"] for event in events}) == 3
    for event in events:
        # What R4 asks of every AuditEvent.
        assert event["resourceType"] == "AuditEvent"
        assert event["type"]["code"] == "110110"
        assert event["recorded"].endswith("Z")
        assert all(isinstance(agent["requestor"], bool) for agent in event["agent"])
        assert event["source"]["observer"]["display"]
        assert event["entity"][0]["what"]["identifier"]["value"] == f"urn:uuid:{person.person_id}"
    assert events[2]["agent"][0]["role"][0]["text"] == "A referrer"
    assert events[2]["agent"][1]["who"]["display"] == "Northmoor Trust"


def test_looks_are_told_page_by_page(hall: Hall) -> None:
    person = hall.waiting("Jordan")
    for _ in range(30):
        hall.clock.advance(minutes=1)
        seen(hall, "referrals", (person.person_id,), hall.coordinator)
    first, second = person.own.page("/my/record"), person.own.page("/my/record?page=2")
    assert (len(rows_of(first)), len(rows_of(second))) == (25, 5)
    assert "page 1 of 2" in words_of(first)


def test_nothing_is_kept_for_somebody_forgotten_whatever_is_heard_later(hall: Hall) -> None:
    person, _ = lived(hall)
    fact = PersonForgotten(person_id=person.person_id, forgotten_at=hall.now)
    hall.tell("referrals", "person", person.person_id, fact)
    seen(hall, "referrals", (person.person_id,), hall.coordinator)
    with hall["home"].reading() as unit:
        import sqlalchemy as sa

        from services.home.store.tables import records_seen

        kept = unit.connection.execute(sa.select(records_seen.c.subject_id)).scalars().all()
    assert person.person_id not in kept
    assert len(kept) >= 2


# ---- what a privacy officer is to see to


def test_a_flagged_look_is_work_for_the_privacy_officer_alone_until_it_was_seen_to(hall: Hall) -> None:
    look_id = hall.ids.new()
    fact = LookFlagged(look_id=look_id, pattern="same_surname", flagged_at=hall.now)
    hall.tell("referrals", "look", look_id, fact)
    officer = hall.as_("privacy_officer")
    (line,) = hall.work_of(officer)
    assert line.says == "Somebody opened a record they may be too near to: see to it"
    assert line.href == f"/referrals/looks/{look_id}"
    for caller in (hall.coordinator, hall.lead, hall.as_("administrator"), hall.as_("peer")):
        assert not any("too near" in one.says for one in hall.work_of(caller))
    settled = LookSettled(look_id=look_id, outcome="explained", settled_at=hall.now)
    hall.tell("referrals", "look", look_id, settled)
    assert hall.work_of(officer) == []


# ---- heads of other rooms


@pytest.mark.parametrize("count", [1, 3])
def test_heads_that_rooms_state_are_kept_here(hall: Hall, count: int) -> None:
    for number in range(1, count + 1):
        fact = AuditHeadPublished(
            room="referrals", place=number, sequence=number, hash="a" * 64, key_id="k", public_key="p", signature="s",
            published_at=hall.now + timedelta(hours=number),
        )  # fmt: skip
        hall.tell("referrals", "audit", "heads", fact)
    with hall["home"].reading() as unit:
        kept, none = kept_heads(unit, "referrals"), kept_heads(unit, "matching")
    assert [(head.room, head.place, head.signature) for head in kept] == [
        ("referrals", number, "s") for number in range(1, count + 1)
    ]
    assert list(none) == []
