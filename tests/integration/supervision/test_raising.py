"""Anyone raises a worry in this room: by API or page, 999 first, never refused for a formality, raised once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

BODY = {"level": 2, "about": "other", "words": "Something is not right at the group."}


def a_coordinator(room: Any) -> Any:
    return room.an_account("Cora", "coordinator")


# Everybody who works here, whatever else they may see.
WHO_WORKS_HERE = (
    "referrer", "partner_lead", "coordinator", "peer", "supervisor", "safeguarding_lead", "commissioner",
    "network_lead", "privacy_officer", "administrator",
)  # fmt: skip


@pytest.mark.parametrize("role", WHO_WORKS_HERE)
def test_everybody_who_works_here_may_raise_one_and_learn_by_when_somebody_answers(room: Any, role: str) -> None:
    owner = a_coordinator(room)
    raiser = room.an_account("Raiser", role)
    answer = raiser.api("POST", "/api/v1/concerns", BODY)
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["level"], told["acknowledge_by"]) == (2, "2026-03-02T14:00:00+00:00")
    assert "owner_id" not in told
    assert [one["concern_id"] for one in room.list_of(owner)] == [told["concern_id"]]


def test_a_person_may_raise_one_and_whoever_walks_beside_them_never_gets_it(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    person = room.a_person(peer=peer)
    answer = room.as_person(person).api("POST", "/api/v1/concerns", {**BODY, "level": 1, "about": "peer"})
    assert answer.status_code == 201
    row = room.list_of(supervisor)[0]
    assert (row["about_id"], row["raised_by"]) == (peer.who.id, "person")


def test_a_person_who_is_worried_about_themselves_is_whom_it_is_about(room: Any) -> None:
    owner = a_coordinator(room)
    person = room.a_person()
    room.as_person(person).api("POST", "/api/v1/concerns", {**BODY, "about": "person"})
    assert room.list_of(owner)[0]["about_id"] == person


def test_nobody_raises_one_without_signing_in_or_as_a_system(room: Any) -> None:
    assert room.as_nobody().api("POST", "/api/v1/concerns", BODY).status_code == 401
    assert room.as_system(room.partner_id).api("POST", "/api/v1/concerns", BODY).status_code == 403


def test_the_words_are_sealed_for_the_person_they_are_about_and_travel_in_no_fact(room: Any) -> None:
    import sqlalchemy as sa

    from services.supervision import store

    a_coordinator(room)
    person = room.a_person()
    raiser = room.as_("coordinator")
    raiser.api("POST", "/api/v1/concerns", {**BODY, "about": "person", "about_id": person})
    raiser.api("POST", "/api/v1/concerns", BODY)
    with room["supervision"].reading() as unit:
        tokens = list(unit.connection.execute(sa.select(store.concerns.c.words)).scalars())
    assert {token.split(".")[2] for token in tokens} == {person, raiser.who.id}
    assert all(BODY["words"] not in token for token in tokens)
    assert all(token not in room.all_that_was_said() for token in tokens)


def test_the_same_key_raises_one_worry_and_no_key_is_no_reason_to_refuse(room: Any) -> None:
    owner, raiser = a_coordinator(room), room.as_("referrer", partner_id=room.partner_id)
    first = raiser.api("POST", "/api/v1/concerns", BODY, Idempotency_Key="a-key-of-ours")
    again = raiser.api("POST", "/api/v1/concerns", BODY, Idempotency_Key="a-key-of-ours")
    assert first.get_json() == again.get_json()
    assert len(room.list_of(owner)) == 1
    other = raiser.api("POST", "/api/v1/concerns", {**BODY, "level": 3}, Idempotency_Key="a-key-of-ours")
    assert other.status_code == 422
    assert raiser.api("POST", "/api/v1/concerns", BODY).status_code == 201
    assert len(room.list_of(owner)) == 2


def test_level_4_says_999_first_by_api_and_page(room: Any) -> None:
    room.an_account("Sade", "safeguarding_lead")
    raiser = room.as_("coordinator")
    assert "999 first" in raiser.api("POST", "/api/v1/concerns", {**BODY, "level": 4}).get_json()["says"]
    assert "999" not in raiser.api("POST", "/api/v1/concerns", {**BODY, "level": 3}).get_json()["says"]
    text = raiser.page("/worries/new").text
    main = text[text.index('id="maincontent"') :]
    assert main.index("999") < main.index("<form")
    sent = raiser.form("/worries/new", {"level": "4", "whom": "other/", "words": "Now."})
    after = raiser.page(sent.headers["Location"]).text
    assert "Call 999 first" in after[after.index('id="maincontent"') :]


def test_every_fault_at_once_and_the_same_words_on_page_and_api(room: Any) -> None:
    raiser = room.as_("coordinator")
    wrong = raiser.api("POST", "/api/v1/concerns", {"level": 7, "about": "weather", "words": " ", "mood": "low"})
    assert wrong.status_code == 422
    faults = {fault["field"]: fault["detail"] for fault in wrong.get_json()["errors"]}
    assert set(faults) == {"level", "about", "words", ""}
    page = raiser.form("/worries/new", {"level": "7", "whom": "weather/", "words": " "})
    assert page.status_code == 422
    assert faults["level"] in html.unescape(page.text)
    missing = raiser.api("POST", "/api/v1/concerns", {}).get_json()["errors"]
    page = raiser.form("/worries/new", {})
    for fault in missing:
        assert fault["detail"] in html.unescape(page.text)
    assert room.as_("coordinator").api("POST", "/api/v1/concerns", {**BODY, "about_id": "me"}).status_code == 422


def test_a_form_sent_twice_raises_one_worry_and_only_its_raiser_sees_that_it_is_in_hand(room: Any) -> None:
    owner, raiser = a_coordinator(room), room.as_("referrer", partner_id=room.partner_id)
    key = re.search(r'name="key" value="([^"]+)"', raiser.page("/worries/new").text)
    assert key is not None
    given = {"key": key.group(1), "level": "2", "whom": "other/", "words": "Something is not right."}
    first, second = raiser.form("/worries/new", given), raiser.form("/worries/new", given)
    assert first.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert len(room.list_of(owner)) == 1
    assert "2pm on 2 March 2026" in raiser.page(first.headers["Location"]).text
    assert owner.page(first.headers["Location"]).status_code == 404
    assert raiser.page(first.headers["Location"].replace("/raised", "")).status_code == 403


def test_a_peer_chooses_among_those_they_walk_beside_and_each_named_is_one_audit_row(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    person = room.a_person("Jordan", peer=peer)
    room.a_person("Somebody else")
    text = html.unescape(peer.page("/worries/new").text)
    assert "Jordan, whom I support" in text
    assert "Sam, my supervisor" in text
    assert "Somebody else" not in text
    assert [row.subject for row in room.audited("person.listed", peer)] == [person]
    room.an_account("Cora", "coordinator")
    given = {"level": "1", "whom": f"person/{person}", "words": "She was very tired."}
    assert peer.form("/worries/new", given).status_code == 303
    row = room.list_of(supervisor)[0]
    assert (row["about"], row["about_id"], row["raised_by"]) == ("person", person, "peer")
    assert "Asha, whom I supervise" in html.unescape(supervisor.page("/worries/new").text)


def test_another_rooms_screen_may_say_whom_it_is_about(room: Any) -> None:
    person = room.a_person()
    raiser = room.as_("coordinator")
    text = raiser.page(f"/worries/new?about=person&about_id={person}").text
    assert re.search(rf'value="person/{person}"[^>]*checked', text)
    assert raiser.page("/worries/new?about=weather&about_id=<b>").status_code == 200
    assert "<b>" not in raiser.page("/worries/new?about=person&about_id=<b>").text
