"""Worries of the pair: stated on a stream of their own, sealed, and held up by nothing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.tables import facts
from contracts import referrals


def worries(room: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = room.facts("worry.raised")
    return found


def opened(room: Any, token: str) -> str:
    return str(room["support"].vault.ring([token]).open(token))


def test_a_peer_states_a_worry_about_the_person_on_a_stream_of_its_own(room: Any) -> None:
    pair = room.begun()
    body = {"level": 3, "words": "Jordan said goodbye in a way I did not like.", "about": "person"}
    answer = pair.peer.api("POST", f"{pair.at}/worries", body)
    assert answer.status_code == 201
    assert answer.get_json()["says"] == "A safeguarding lead reads it within the hour."
    (fact,) = worries(room)
    assert (fact["about"], fact["about_id"]) == ("person", pair.person_id)
    assert (fact["raised_by"], fact["raised_by_id"], fact["level"]) == ("peer", pair.peer_id, 3)
    assert fact["words"].startswith(f"s1.worry.{pair.person_id}.")
    assert opened(room, fact["words"]) == body["words"]
    with room["support"].reading() as unit:
        query = sa.select(facts.c.stream, facts.c.headers).where(facts.c.type.like("worry.raised%"))
        stream, headers = unit.connection.execute(query).one()
    assert stream == f"support/worry/{fact['worry_id']}"
    assert "referrals/" not in headers


def test_a_person_states_a_worry_about_their_peer_who_is_named_by_id_alone(room: Any) -> None:
    pair = room.begun()
    text = pair.person.page("/my/support/worry").text
    assert text.index("999") < text.index("How soon should someone act?")
    taken = pair.person.form("/my/support/worry", {"level": "2", "about": "peer", "words": "I do not feel safe."})
    assert taken.status_code == 303
    assert "A coordinator reads it today" in pair.person.page(taken.headers["Location"]).text
    (fact,) = worries(room)
    assert (fact["about"], fact["about_id"], fact["raised_by"]) == ("peer", pair.peer_id, "person")
    assert fact["words"].startswith(f"s1.worry.{pair.person_id}.")


def test_level_4_shows_999_before_anything_else_and_needs_no_words(room: Any) -> None:
    pair = room.begun()
    taken = pair.peer.form(f"{pair.page}/worry", {"level": "4", "about": "person"})
    text = pair.peer.page(taken.headers["Location"]).text
    main = text[text.index("<main") :]
    assert main.index("Call 999") < main.index("The person on duty") < main.index("A worry stays open")
    (fact,) = worries(room)
    assert fact["level"] == 4
    assert opened(room, fact["words"]) == "No words were added."
    api = pair.peer.api("POST", f"{pair.at}/worries", {"level": 4})
    assert api.get_json()["says"].startswith("Call 999 now.")


def test_without_a_level_the_form_comes_back_and_says_so(room: Any) -> None:
    pair = room.begun()
    again = pair.peer.form(f"{pair.page}/worry", {"words": "Something is not right.", "about": "supervisor"})
    assert again.status_code == 422
    assert "Choose one." in again.text
    assert "Something is not right." in again.text
    assert worries(room) == []


def test_a_peers_worry_about_their_supervisor_is_sealed_for_the_peer_and_names_no_person(room: Any) -> None:
    pair = room.begun()
    pair.peer.api("POST", f"{pair.at}/worries", {"level": 1, "words": "We never meet.", "about": "supervisor"})
    (fact,) = worries(room)
    assert (fact["about"], fact["about_id"]) == ("supervisor", None)
    assert fact["words"].startswith(f"s1.worry.{pair.peer_id}.")


def test_a_worry_is_taken_after_the_ending_and_behind_every_brake(room: Any) -> None:
    pair = room.begun()
    pair.peer.api("POST", f"{pair.at}/ending", {"ending": "lost_touch", "agreed_by": "peer"})
    assert pair.peer.api("POST", f"{pair.at}/worries", {"level": 2}).status_code == 201
    for fact in (
        referrals.PersonProtected(person_id=pair.person_id, protected_at=room.clock.now()),
        referrals.ConsentWithdrawn(person_id=pair.person_id, consent_id=room.ids.new(), withdrawn_at=room.clock.now()),
    ):
        room.tell(f"referrals/person/{pair.person_id}", fact)
        assert pair.peer.page(f"{pair.page}/worry").status_code == 200
        assert pair.peer.form(f"{pair.page}/worry", {"level": "2", "about": "person"}).status_code == 303
        assert pair.person.form("/my/support/worry", {"level": "2", "about": "person"}).status_code == 303
    assert len(worries(room)) == 5


def test_a_person_without_a_support_can_say_that_they_are_worried(room: Any) -> None:
    person_id = room.a_person("Jordan")
    taken = room.as_person(person_id).form("/my/support/worry", {"level": "2", "about": "peer", "words": "Help."})
    assert taken.status_code == 303
    (fact,) = worries(room)
    assert (fact["about"], fact["about_id"], fact["raised_by_id"]) == ("peer", None, person_id)


def test_the_same_form_or_key_raises_one_worry(room: Any) -> None:
    pair = room.begun()
    for _ in range(2):
        pair.peer.form(f"{pair.page}/worry", {"level": "2", "about": "person", "key": "the same form"})
        pair.peer.api("POST", f"{pair.at}/worries", {"level": 2}, Idempotency_Key="the-same-key")
    assert len(worries(room)) == 2


def test_nobody_raises_a_worry_on_a_support_that_is_not_theirs(room: Any) -> None:
    pair = room.begun()
    for stranger in (room.as_("peer"), room.coordinator, room.as_person(room.ids.new())):
        assert stranger.api("POST", f"{pair.at}/worries", {"level": 2}).status_code == 404
        assert stranger.page(f"{pair.page}/worry").status_code == 404
    assert worries(room) == []


def test_the_page_after_a_worry_is_not_there_for_whoever_has_no_such_support(room: Any) -> None:
    pair, other = room.begun(), room.begun("Sam", "Femi")
    at = f"{pair.page}/worry/taken?level=2"
    assert pair.peer.page(at).status_code == 200
    for stranger in (other.peer, other.person, pair.person, room.as_("administrator")):
        assert stranger.page(at).status_code == 404
    assert pair.person.page("/my/support/worry/taken?level=2").status_code == 200
    assert pair.peer.page("/my/support/worry/taken?level=2").status_code == 404
