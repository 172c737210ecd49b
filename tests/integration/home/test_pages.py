"""The open pages, the demo's people, and how the network works: each answers, and shows no more than it may."""

from __future__ import annotations

import re

import pytest

from contracts import matching, partners
from contracts.addresses import SERVICES
from contracts.fact import CATALOGUE
from tests.integration.home.conftest import Hall

OPEN_PAGES = ["/", "/demo", "/docs", "/help", "/accessibility", "/privacy"]


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_an_open_page_answers_whoever_asks(hall: Hall, path: str) -> None:
    answer = hall.as_nobody().page(path)
    assert answer.status_code == 200
    assert len(re.findall(r"<h1\b", answer.text)) == 1
    assert re.search(r"<title>[^<]+ – Been There</title>", answer.text)


@pytest.mark.parametrize("path", ["/work", "/events", "/services", "/events/match.agreed.v1"])
def test_a_page_of_ones_own_sends_nobody_to_sign_in_and_back(hall: Hall, path: str) -> None:
    answer = hall.as_nobody().page(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?to={path}")


def test_the_front_page_says_what_this_is_and_sends_those_signed_in_to_their_work(hall: Hall) -> None:
    assert "someone who has been there" in hall.as_nobody().page("/").text
    answer = hall.coordinator.page("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")


@pytest.mark.parametrize("called", ["<script>alert(1)</script>", "O'Brien & Söhne", "{{ 7 * 7 }}", "محمد"])
def test_a_name_is_shown_as_it_is_and_never_as_markup(hall: Hall, called: str) -> None:
    hall.a_person(called)
    text = hall.coordinator.page("/work").text
    assert "<script>alert" not in text
    assert hall.work_of(hall.coordinator)[0].says == f"Open the referral of {called}"


# ---- how the network works ----


def test_the_events_page_names_every_fact_with_its_hearers(hall: Hall) -> None:
    text = hall.lead.page("/events").text
    for type_ in CATALOGUE:
        assert f'href="/events/{type_}"' in text
    row = text.split('href="/events/match.agreed.v1"')[1].split("</tr>")[0]
    assert "referrals" in row
    assert "home" in row


def test_one_fact_shows_its_fields_what_is_sealed_and_a_sample(hall: Hall) -> None:
    hall.a_person()
    text = hall.lead.page("/events/referral.received.v1").text
    assert "sealed: called" in text
    assert "sealed: reporting" in text
    assert "web, api, fhir" in text
    assert "&#34;door&#34;: &#34;web&#34;" in text
    count = text.split("Heard here")[1].split("</dd>")[0]
    assert re.search(r">\s*1\s*$", count)


def test_an_unknown_fact_is_not_found(hall: Hall) -> None:
    assert hall.lead.page("/events/match.forgotten.v9").status_code == 404


def test_facts_are_counted_as_they_are_heard(hall: Hall) -> None:
    row = "match.agreed.v1"
    before = hall.coordinator.page("/events").text.split(f"/events/{row}")[1].split("</tr>")[0]
    assert "never" in before
    hall.agreed(hall.waiting(), hall.an_account("Asha", "peer"))
    after = hall.coordinator.page("/events").text.split(f"/events/{row}")[1].split("</tr>")[0]
    assert "2 March 2026" in after


@pytest.mark.parametrize(("role", "is_told"), [("coordinator", False), ("network_lead", True), ("administrator", True)])
def test_whoever_plans_matches_cannot_see_a_count_move_when_a_peer_takes_a_break(
    hall: Hall, role: str, is_told: bool
) -> None:
    peer_id = hall.ids.new()
    caller = hall.as_(role)
    paths = ("/events", "/events/peer.paused.v1")
    before = [caller.page(path).text.split("<main")[1] for path in paths]
    fact = matching.PeerPaused(peer_id=peer_id, paused_at=hall.now)
    hall.tell("matching", "peer", peer_id, fact)
    after = [caller.page(path).text.split("<main")[1] for path in paths]
    assert (after != before) is is_told


def test_the_services_page_links_to_each_room_and_says_when_it_was_heard(hall: Hall) -> None:
    hall.a_person()
    text = hall.lead.page("/services").text
    for name in SERVICES:
        for path in (f"/ops/{name}/health", f"/ops/{name}/ready", f"/ops/{name}/metrics", f"/openapi/{name}.json"):
            assert f'href="{path}"' in text
    rows = dict(re.findall(r"<tr[^>]*>\s*<th[^>]*>.*?</span>\s*(\w+)\s*</th>(.*?)</tr>", text, re.DOTALL))
    assert "10am on 2 March 2026" in rows["Referrals"]
    assert "Not heard yet" in rows["Reporting"]
    assert "It says nothing" in rows["Home"]


@pytest.mark.parametrize("path", ["/events", "/services"])
@pytest.mark.parametrize("role", ["peer", "referrer", "supervisor", "commissioner"])
def test_how_the_network_works_is_for_those_who_run_it(hall: Hall, path: str, role: str) -> None:
    assert hall.as_(role, partner_id=hall.partner_id).page(path).status_code == 403


def test_the_docs_page_offers_every_rooms_document(hall: Hall) -> None:
    text = hall.as_nobody().page("/docs").text
    for name in SERVICES:
        assert f'value="{name}"' in text
    assert 'data-spec="/openapi/referrals.json"' in text
    assert 'data-spec="/openapi/matching.json"' in hall.as_nobody().page("/docs?service=matching").text


def test_the_metrics_count_open_work_and_never_a_worry(hall: Hall) -> None:
    hall.a_person()
    hall.a_worry(hall.an_account("Meera", "supervisor"), hall.as_("peer"))
    text = hall.as_nobody().page("/ops/home/metrics").text
    assert 'beenthere_home_work_open{kind="open_referral"} 1.0' in text
    assert "worry" not in text


def test_a_fact_of_a_partner_that_was_never_told_of_is_no_trouble(hall: Hall) -> None:
    partner_id = hall.ids.new()
    fact = partners.PartnerSuspended(partner_id=partner_id, suspended_at=hall.now)
    hall.tell("partners", "partner", partner_id, fact)
    assert hall.lead.page("/work").status_code == 200
