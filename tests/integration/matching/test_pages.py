"""The screens of the matching room: each answers, works without a script, and shows no more than it may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import Client

from chassis.ids import chance
from contracts.needs import THEMES
from contracts.referrals import ConsentWithdrawn, PersonProtected
from tests.builders import without_ids


def body_of(text: str) -> str:
    """A page without what is new on every request."""
    return re.sub(r'nonce="[^"]*"|name="form_token" value="[^"]*"', "", text)


def test_the_board_shows_who_waits_and_links_by_id(room: Any) -> None:
    person = room.a_person("Jordan", days_ago=5)
    text = room.coordinator.page("/matching").text
    assert "Jordan" in text
    assert "5 days ago" in text
    assert f"/matching/{person.referral_id}" in text
    assert "Jordan" not in room.coordinator.page("/matching?area=coast").text


def test_a_shortlist_offers_by_form_and_leads_to_the_match(room: Any) -> None:
    peer, person = room.a_peer("Asha", {"hospital": "open"}), room.a_person("Jordan")
    text = room.coordinator.page(f"/matching/{person.referral_id}").text
    assert "Has been through this too: Being in hospital." in text
    assert "Please do not assume" in text
    answer = room.coordinator.form(f"/matching/{person.referral_id}/proposals", {"peer_ids": [peer.who.id]})
    assert answer.status_code == 303
    shown = room.coordinator.page(answer.headers["Location"])
    assert shown.status_code == 200
    assert "Being asked" in shown.text
    assert "Asha" in shown.text


def test_a_form_without_a_choice_says_what_to_do_in_the_words_of_the_api(room: Any) -> None:
    room.a_peer()
    person = room.a_person()
    page = room.coordinator.form(f"/matching/{person.referral_id}/proposals", {})
    assert page.status_code == 422
    assert "Choose one, two or three peers." in page.text
    api = room.coordinator.api("POST", "/api/v1/matches", {"referral_id": person.referral_id, "peer_ids": []})
    assert api.status_code == 422
    assert "Choose one, two or three peers." in api.text


def test_a_form_with_a_name_nobody_asked_for_makes_no_peer(room: Any) -> None:
    account_id = room.an_account("Bela")
    answer = room.lead.form("/peers/joining", {"account_id": account_id, "Jordan": "x"})
    assert answer.status_code == 422
    assert room.facts("peer.joined") == []


def test_bytes_that_are_no_form_leave_a_peers_entries_as_they_are(room: Any) -> None:
    peer = room.a_peer("Asha", {"hospital": "open"})
    headers = {"Authorization": f"Bearer {peer.token}", "Content-Type": "application/x-www-form-urlencoded"}
    answer = Client(room.house).post("/peers/me/experience", data=b"\x1f\x8b\xff\xfe", headers=headers)
    assert answer.status_code == 400
    entries = peer.api("GET", "/api/v1/peers/me").get_json()["entries"]
    assert entries == [{"theme": "hospital", "level": "open"}]


def test_what_is_not_known_is_asked_before_anyone_is_offered(room: Any) -> None:
    peer, person = room.a_peer(), room.a_person(times=[])
    text = room.coordinator.page(f"/matching/{person.referral_id}").text
    assert "Ask when both are free" in text
    at = f"/matching/{person.referral_id}/proposals"
    refused = room.coordinator.form(at, {"peer_ids": [peer.who.id]})
    assert refused.status_code == 422
    assert "Something is not known yet. Ask when both are free." in refused.text
    assert room.coordinator.form(at, {"peer_ids": [peer.who.id], "has_asked": "yes"}).status_code == 303


def test_the_pair_can_do_it_all_on_their_own_pages(room: Any) -> None:
    peer, person = room.a_peer("Asha", {"depression": "shown_at_match"}), room.a_person("Jordan")
    own = room.as_person(person.person_id)
    match = room.offer(person, peer)
    at = f"/matching/offers/{match['match_id']}"
    assert "1 person has been asked" in own.page("/my/match").text
    assert "Could you be a peer for Jordan?" in peer.page("/matching/offers").text
    assert peer.form(f"{at}/answer", {"answer": "could"}).status_code == 303
    text = own.page("/my/match").text
    assert "Asha" in text
    assert "Has been through: Depression." in text
    assert "Waiting for another is just as easy" in text
    mine = f"/my/match/{match['match_id']}"
    assert own.form(f"{mine}/choice", {"peer_id": peer.who.id}).status_code == 303
    assert "Jordan chose you" in peer.page("/matching/offers").text
    assert peer.form(f"{at}/taster").status_code == 303
    assert own.form(f"{mine}/agreement").status_code == 303
    assert "Asha has not answered yet" in own.page("/my/match").text
    assert room.match(match)["state"] == "taster_held"
    assert peer.form(f"{at}/agreement", {"answer": "yes"}).status_code == 303
    assert room.match(match)["state"] == "agreed"
    assert "You and Asha said yes" in own.page("/my/match").text
    assert {one["how"] for one in room.facts("match.answered")} == {"own_page"}


def test_a_person_may_wait_for_someone_else_without_a_reason(room: Any) -> None:
    peer, person = room.a_peer("Asha"), room.a_person()
    match = room.offer(person, peer)
    room.record(match, peer, "peer", "could")
    own = room.as_person(person.person_id)
    assert own.form(f"/my/match/{match['match_id']}/not-this-time").status_code == 303
    text = own.page("/my/match").text
    assert "We are looking for someone" in text
    assert "Asha" not in text


@pytest.mark.parametrize("path", ["/matching/offers/{match}/answer", "/matching/offers/{match}/taster"])
def test_a_peer_cannot_touch_a_match_they_are_no_part_of(room: Any, path: str) -> None:
    match = room.offer(room.a_person(), room.a_peer("In it"))
    stranger = room.a_peer("Stranger")
    assert stranger.form(path.format(match=match["match_id"]), {"answer": "could"}).status_code == 404


def test_a_person_cannot_touch_or_see_another_persons_match(room: Any) -> None:
    peer, person, other = room.a_peer("Asha"), room.a_person(), room.a_person("Other")
    match = room.offer(person, peer)
    room.record(match, peer, "peer", "could")
    stranger = room.as_person(other.person_id)
    assert "Asha" not in stranger.page("/my/match").text
    at = f"/my/match/{match['match_id']}"
    assert stranger.form(f"{at}/choice", {"peer_id": peer.who.id}).status_code == 404
    assert stranger.form(f"{at}/not-this-time").status_code == 404


def test_an_answer_that_is_none_is_refused_and_changes_nothing(room: Any) -> None:
    peer = room.a_peer()
    match = room.offer(room.a_person(), peer)
    assert peer.form(f"/matching/offers/{match['match_id']}/answer", {}).status_code == 422
    assert room.match(match)["options"][0]["state"] == "asked"


def test_a_coordinator_records_what_was_said_by_form(room: Any) -> None:
    peer = room.a_peer("Asha")
    match = room.offer(room.a_person(), peer)
    at = f"/matching/match/{match['match_id']}"
    empty = room.coordinator.form(f"{at}/answers", {})
    assert empty.status_code == 422
    assert empty.text.count("Choose one.") >= 3
    for said in ("peer could", "person yes"):
        given = {"peer_id": peer.who.id, "said": said, "how": "by_phone"}
        assert room.coordinator.form(f"{at}/answers", given).status_code == 303
    assert room.coordinator.form(f"{at}/taster", {"peer_id": peer.who.id}).status_code == 303
    both = {"person_yes": "yes", "peer_yes": "yes", "how": "by_phone"}
    assert room.coordinator.form(f"{at}/agreement", both).status_code == 303
    assert "Both said yes" in room.coordinator.page(at).text


def test_a_peer_says_what_they_take_by_form(room: Any) -> None:
    peer = room.a_peer()
    given = {
        "places": "3", "areas": ["coast"], "modes": ["phone"], "times": ["weekend"], "languages": ["en", "so"],
        "gender": "woman", "topics_not_taken": ["grief"],
    }  # fmt: skip
    assert peer.form("/peers/me/limits", given).status_code == 303
    known = peer.api("GET", "/api/v1/peers/me").get_json()["limits"]
    assert known == {**given, "places": 3, "age_bands": []}
    assert 'value="3"' in peer.page("/peers/me").text
    wrong = peer.form("/peers/me/limits", {**given, "places": "7"})
    assert wrong.status_code == 422
    assert "Offer 6 places or fewer." in wrong.text


def test_a_peer_says_what_they_have_lived_through_by_form(room: Any) -> None:
    peer = room.a_peer()
    given = {"level.grief": "open", "level.hospital": "private", "level.panic": ""}
    assert peer.form("/peers/me/experience", given).status_code == 303
    entries = peer.api("GET", "/api/v1/peers/me").get_json()["entries"]
    assert {entry["theme"]: entry["level"] for entry in entries} == {"grief": "open", "hospital": "private"}
    assert peer.page("/peers/me/experience").status_code == 200
    assert peer.form("/peers/me/experience", {"level.grief": "loud"}).status_code == 422
    text = room.coordinator.page("/peers").text
    assert "Grief" in text
    assert "Being in hospital" not in text


def test_a_break_needs_no_reason_and_others_see_only_unavailable(room: Any) -> None:
    peer, person = room.a_peer("Asha"), room.a_person()
    match = room.offer(person, peer)
    assert peer.form("/peers/me/pause").status_code == 303
    assert room.match(match)["options"][0]["code"] == "not_available"
    assert room.waiting()[0]["state"] == "waiting"
    listed = room.coordinator.page("/peers").text
    assert "Unavailable" in listed
    assert "break" not in listed.lower()
    assert [one["rule"] for one in room.shortlist(person)["excluded"]] == ["not_available"]
    assert peer.form("/peers/me/resumption").status_code == 303
    assert len(room.shortlist(person)["cards"]) == 1


def test_someone_never_cleared_or_held_back_is_simply_not_available(room: Any) -> None:
    new, cleared, person = room.a_peer("New", cleared=False), room.a_peer("Cleared"), room.a_person()
    found = room.shortlist(person)
    assert [card["peer_id"] for card in found["cards"]] == [cleared.who.id]
    assert found["excluded"] == [{"rule": "not_available", "says": "Not available just now", "count": 1}]
    body = {"referral_id": person.referral_id, "peer_ids": [new.who.id]}
    refused = room.coordinator.api("POST", "/api/v1/matches", body)
    assert refused.status_code == 422
    assert "not available just now" in refused.text
    room.hold_back(cleared.who.id)
    assert room.shortlist(person)["excluded"][0]["count"] == 2
    room.clear(cleared.who.id)
    assert len(room.shortlist(person)["cards"]) == 1


def test_fewer_places_give_up_a_hold_but_nobody_chosen(room: Any) -> None:
    peer = room.a_peer(places=2)
    kept = room.chosen(room.a_person("Kept"), peer)
    held = room.offer(room.a_person("Held"), peer)
    room.record(held, peer, "peer", "could")
    limits = peer.api("GET", "/api/v1/peers/me").get_json()["limits"]
    assert peer.api("PUT", "/api/v1/peers/me/limits", {**limits, "places": 1}).status_code == 204
    assert room.match(kept)["state"] == "chosen"
    assert room.match(held)["state"] == "released"


def test_new_peers_join_from_accounts_of_the_leads_own_partner(room: Any) -> None:
    mine = room.an_account("Mine")
    theirs = room.an_account("Theirs", partner_id=room.ids.new())
    room.an_account("Referrer", role="referrer")
    text = room.lead.page("/peers/joining").text
    assert "Mine" in text
    assert "Theirs" not in text
    assert "Referrer" not in text
    assert room.lead.form("/peers/joining", {"account_id": mine}).status_code == 303
    assert room.lead.api("POST", "/api/v1/peers", {"account_id": mine}).status_code == 201
    assert room.lead.api("POST", "/api/v1/peers", {"account_id": theirs}).status_code == 422
    assert len(room.facts("peer.joined")) == 1


SCREENS = ("/matching", "/peers", "/matching/{referral}", "/matching/match/{match}")


def test_flipping_a_hidden_entry_changes_no_byte_of_any_page_but_the_order_of_a_shortlist(room: Any) -> None:
    draws = chance("hidden entries")
    crowd = []
    for number in range(8):
        levels = {
            theme: draws.choice(["private", "match_only", "shown_at_match", "open"]) for theme in list(THEMES)[:8]
        }
        crowd.append((room.a_peer(f"Peer{number}", levels), levels))
    person, offered = room.a_person(themes=["depression", "panic"]), room.a_person("Offered", themes=["panic"])
    match = room.offer(offered, crowd[0][0])
    room.record(match, crowd[0][0], "peer", "could")
    own = room.as_person(offered.person_id)

    def all_there_is() -> list[str]:
        known = {"referral": person.referral_id, "match": match["match_id"]}
        texts = [body_of(room.coordinator.page(path.format(**known)).text) for path in SCREENS]
        texts[2] = "\n".join(sorted(_pieces(texts[2])))
        return [*texts, body_of(own.page("/my/match").text), body_of(crowd[1][0].page("/matching/offers").text)]

    before, order = all_there_is(), [card["peer_id"] for card in room.shortlist(person)["cards"]]
    moved = False
    for peer, levels in crowd:
        for theme, level in levels.items():
            if level in ("private", "match_only"):
                flipped = "private" if level == "match_only" else "match_only"
                room.say_experience(peer, {**levels, theme: flipped})
                assert all_there_is() == before
                moved |= [card["peer_id"] for card in room.shortlist(person)["cards"]] != order
                room.say_experience(peer, levels)
                break
    assert moved, "no flip ever moved the order, so this test proved nothing"


def _pieces(text: str) -> list[str]:
    # A card's tick box is numbered by its place in the order; that number is part of the order.
    unnumbered = re.sub(r"peer_ids(-\d+)+", "peer_ids", text)
    return [piece.strip() for piece in re.split(r'(?=<div class="nhsuk-card)|(?=<h2)|(?=<button)', unnumbered)]


def test_no_fact_carries_an_entry_at_any_level(room: Any) -> None:
    import sqlalchemy as sa

    from chassis.tables import facts

    levels = dict(zip(THEMES, ["private", "match_only", "shown_at_match", "open"], strict=False))
    peer = room.a_peer("Asha", levels, topics_not_taken=["grief"])
    room.agreed(room.a_person(themes=[]), peer)
    with room["matching"].reading() as unit:
        said = " ".join(row.headers + str(row.body) for row in unit.connection.execute(sa.select(facts)))
        kept = unit.connection.exec_driver_sql("SELECT about FROM peers").scalar_one()
    for theme in (*levels, "grief"):
        assert theme not in said
        assert theme not in kept


def test_every_person_shown_is_one_audit_row(room: Any) -> None:
    import sqlalchemy as sa

    from chassis.tables import audit

    peer, person = room.a_peer(), room.a_person()
    match = room.offer(person, peer)

    def seen() -> int:
        with room["matching"].reading() as unit:
            query = sa.select(sa.func.count()).where(
                audit.c.action.in_(("person.seen", "person.listed")), audit.c.subject == person.person_id
            )
            return int(unit.connection.execute(query).scalar_one())

    for path in ("/matching", f"/matching/{person.referral_id}", f"/matching/match/{match['match_id']}"):
        before = seen()
        room.coordinator.page(path)
        assert seen() == before + 1
    before = seen()
    peer.page("/matching/offers")
    assert seen() == before + 1


def test_a_refused_move_is_audited_by_the_name_of_its_rule(room: Any) -> None:
    import sqlalchemy as sa

    from chassis.tables import audit

    peer = room.a_peer()
    match = room.offer(room.a_person(), peer)
    refused = room.record(match, peer, "person", "yes")
    assert refused.status_code == 409
    with room["matching"].reading() as unit:
        rules = unit.connection.execute(sa.select(audit.c.rule).where(audit.c.outcome == "refused")).scalars().all()
    assert rules == ["PeerHasNotSaidYes"]


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("peer", "/matching"), ("referrer", "/peers"), ("commissioner", "/matching"), ("partner_lead", "/matching"),
        ("coordinator", "/peers/me"), ("coordinator", "/matching/offers"), ("coordinator", "/my/match"),
    ],
)  # fmt: skip
def test_each_screen_is_for_those_it_is_for(room: Any, role: str, path: str) -> None:
    assert room.as_(role, partner_id=room.partner_id).page(path).status_code == 403


def test_after_a_withdrawal_a_match_is_no_longer_there_for_a_coordinator(room: Any) -> None:
    person = room.a_person("Jordan")
    match = room.offer(person, room.a_peer())
    at = f"/matching/match/{match['match_id']}"
    assert "Jordan" in room.coordinator.page(at).text
    fact = ConsentWithdrawn(person_id=person.person_id, consent_id=room.ids.new(), withdrawn_at=room.now)
    room.tell("referrals", f"referrals/person/{person.person_id}", fact)
    assert room.coordinator.page(at).status_code == 404


def test_someone_protected_reads_the_same_as_someone_nothing_is_known_of(room: Any) -> None:
    person = room.a_person()
    waiting = _main(room.as_person(person.person_id).page("/my/match"))
    room.tell(
        "referrals",
        f"referrals/person/{person.person_id}",
        PersonProtected(person_id=person.person_id, protected_at=room.now),
    )
    protected = _main(room.as_person(person.person_id).page("/my/match"))
    unknown = _main(room.as_person(room.ids.new()).page("/my/match"))
    assert protected == unknown
    assert waiting != unknown


def _main(answer: Any) -> str:
    return str(answer.text).partition("<main")[2].partition("</main>")[0]


def test_a_match_of_somebody_protected_is_not_there_by_the_api_as_it_is_on_no_page(room: Any) -> None:
    person, peer = room.a_person(), room.a_peer()
    match_id = room.offer(person, peer)["match_id"]
    places = (f"/api/v1/matches/{match_id}", f"/api/v1/matches/{room.ids.new()}")
    assert room.coordinator.api("GET", places[0]).status_code == 200
    fact = PersonProtected(person_id=person.person_id, protected_at=room.now)
    room.tell("referrals", f"referrals/person/{person.person_id}", fact)
    hidden, never = (room.coordinator.api("GET", place) for place in places)
    assert (hidden.status_code, never.status_code) == (404, 404)
    assert without_ids(hidden.text) == without_ids(never.text)
    assert peer.who.id not in hidden.text
    assert room.coordinator.page(f"/matching/match/{match_id}").status_code == 404
