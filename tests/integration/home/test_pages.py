"""The open pages, the demo's people, and how the network works: each answers, and shows no more than it may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from chassis.web.passes import COOKIE
from contracts import matching, partners
from contracts.addresses import SERVICES
from contracts.fact import CATALOGUE
from tests.builders import TestHouse, a_house
from tests.integration.home.conftest import Hall

OPEN_PAGES = ["/", "/demo", "/docs", "/help", "/accessibility", "/privacy"]


@pytest.fixture
def real(tmp_path: Path) -> Iterator[TestHouse]:
    """Home alone, outside demo mode."""
    made = a_house(tmp_path, "home", demo=False)
    yield made
    made.close()


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_an_open_page_answers_whoever_asks(hall: Hall, path: str) -> None:
    answer = hall.as_nobody().page(path)
    assert answer.status_code == 200
    assert len(re.findall(r"<h1\b", answer.text)) == 1
    assert re.search(r"<title>[^<]+ – Been There</title>", answer.text)


@pytest.mark.parametrize("path", ["/work", "/events", "/services", "/events/match.agreed.v1"])
def test_a_page_of_ones_own_sends_nobody_to_choose_who_to_be(hall: Hall, path: str) -> None:
    answer = hall.as_nobody().page(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/demo")


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


# ---- the demo ----


def test_outside_demo_mode_there_is_no_people_page(real: TestHouse) -> None:
    nobody = real.as_nobody()
    assert nobody.page("/demo").status_code == 404
    assert nobody.form("/demo", {"kind": "account", "id": real.ids.new()}).status_code == 404
    assert nobody.form("/demo/leave").status_code == 404
    assert "demo" not in nobody.page("/").text.lower()


def test_choosing_somebody_signs_in_as_them_and_leads_to_their_work(hall: Hall) -> None:
    meera = hall.an_account("Meera", "coordinator")
    hall.a_person("Jordan")
    visitor = Client(hall.house)
    answer = visitor.post("/demo", data={"kind": "account", "id": meera.who.id})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")
    cookie: Any = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    page = visitor.get("/work").text
    assert "Meera, coordinator" in " ".join(page.split())
    assert "Open the referral of Jordan" in page
    left = visitor.post("/demo/leave", headers={"Sec-Fetch-Site": "same-origin"})
    assert left.status_code == 303
    assert visitor.get("/work").headers["Location"] == "/demo"
    assert hall.audited("demo.become") == [("nobody", meera.who.id, None)]


def test_choosing_a_person_leads_to_their_own_pages(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    visitor = Client(hall.house)
    assert visitor.post("/demo", data={"kind": "person", "id": person.person_id}).status_code == 303
    page = visitor.get("/work").text
    assert "Jordan, person" in " ".join(page.split())
    assert "Nothing waits for you just now" in page


@pytest.mark.parametrize("kind", ["account", "person"])
def test_nobody_can_be_somebody_who_is_not_there(hall: Hall, kind: str) -> None:
    assert hall.as_nobody().form("/demo", {"kind": kind, "id": hall.ids.new()}).status_code == 404


def test_a_person_cannot_be_taken_for_an_account(hall: Hall) -> None:
    person = hall.a_person()
    assert hall.as_nobody().form("/demo", {"kind": "account", "id": person.person_id}).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "account"},
        {"kind": "system", "id": "5d8f3b1e-6f0c-4c55-9a51-6b1f1f6f2a10"},
        {"kind": "person", "id": "x"},
    ],
)
def test_a_muddled_choice_is_refused_in_words(hall: Hall, fields: dict[str, str]) -> None:
    answer = hall.as_nobody().form("/demo", fields)
    assert answer.status_code == 422
    assert "Choose one of the people on the page." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_another_site_cannot_change_who_somebody_is(hall: Hall) -> None:
    meera = hall.an_account("Meera", "coordinator")
    answer = hall.lead.form("/demo", {"kind": "account", "id": meera.who.id}, Sec_Fetch_Site="cross-site")
    assert answer.status_code == 403


def test_the_protected_and_the_withdrawn_are_not_among_the_people(hall: Hall) -> None:
    protected, withdrawn = hall.a_person("Robin"), hall.a_person("Sunita")
    hall.a_person("Jordan")
    hall.protect(protected)
    hall.withdraw(withdrawn)
    for path in ("/demo", "/demo?show=people"):
        text = hall.as_nobody().page(path).text
        assert "Jordan" in text
        assert "Robin" not in text
        assert "Sunita" not in text
    for person in (protected, withdrawn):
        assert hall.as_nobody().form("/demo", {"kind": "person", "id": person.person_id}).status_code == 404


def test_one_of_each_kind_comes_first_and_whoever_has_something_to_do_is_marked(hall: Hall) -> None:
    for role in ("coordinator", "network_lead", "commissioner", "supervisor", "safeguarding_lead"):
        hall.an_account(f"The {role}", role)
    hall.an_account("Ruth", "referrer")
    hall.an_account("Leila", "partner_lead")
    idle, asked = hall.an_account("Idle", "peer"), hall.an_account("Asked", "peer")
    hall.propose(hall.waiting("Jordan"), asked)
    text = hall.as_nobody().page("/demo").text
    buttons = re.findall(r"Be ([^<]+)<span", text)
    order = ["The coordinator", "The network_lead", "The commissioner", "The supervisor", "The safeguarding_lead"]
    assert [name for name in buttons if name in order] == order
    assert buttons.index("Asked") < buttons.index("Idle")
    assert {"Ruth", "Leila", "Jordan"} <= set(buttons)
    row = text.split("Be Asked")[0].rpartition("<tr")[2]
    assert "Has something to do" in row
    assert "Has something to do" not in text.split("Be Idle")[0].rpartition("<tr")[2]
    assert idle.who.id in text


def test_the_people_page_stays_short_with_a_whole_region(hall: Hall) -> None:
    tell_a_region(hall, partners_count=12, peers_count=60, people_count=240)
    first = hall.as_nobody().page("/demo").text
    assert 12 * 2 < first.count('action="/demo"') < 60
    for group, count in (("peers", 60), ("people", 240)):
        assert f"All {count}" in first
        page = hall.as_nobody().page(f"/demo?show={group}&page=2")
        assert page.text.count('action="/demo"') == 30
        assert f"Page 2 of {count // 30}" in page.text
    everyone = {
        name
        for number in range(1, 9)
        for name in re.findall(r"Be (Person\d+)<", hall.as_nobody().page(f"/demo?show=people&page={number}").text)
    }
    assert len(everyone) == 240


def tell_a_region(hall: Hall, *, partners_count: int, peers_count: int, people_count: int) -> None:
    """Many at once: stated in a few transactions, carried in one go."""
    from contracts.partners import AccountOpened, PartnerJoined
    from contracts.referrals import ReferralReceived

    vault, ids = hall["partners"].vault, hall.ids
    joined = [ids.new() for _ in range(partners_count)]
    roles = [("referrer", "Ruth")] * partners_count + [("partner_lead", "Lee")] * partners_count
    roles += [("peer", "Peer")] * peers_count
    with hall["partners"].writing() as unit:
        for number, partner_id in enumerate(joined):
            unit.state(f"partners/partner/{partner_id}", PartnerJoined(
                partner_id=partner_id, code=f"p{number}", name=f"Partner {number}", kind="voluntary", area="north",
                joined_on=hall.now.date(),
            ))  # fmt: skip
    for number, (role, called) in enumerate(roles):
        account_id = ids.new()
        token = vault.make(account_id, ["called"]).seal(account_id, "called", f"{called}{number}")
        with hall["partners"].writing() as unit:
            unit.state(f"partners/account/{account_id}", AccountOpened(
                account_id=account_id, partner_id=joined[number % partners_count], called=token, roles=(role,),
                opened_at=hall.now,
            ))  # fmt: skip
    for number in range(people_count):
        person_id, referral_id = ids.new(), ids.new()
        ring = hall["referrals"].vault.make(person_id, ["called", "reporting"])
        with hall["referrals"].writing() as unit:
            unit.state(f"referrals/referral/{referral_id}", ReferralReceived(
                referral_id=referral_id, person_id=person_id, partner_id=joined[0], door="api", received_at=hall.now,
                called=ring.seal(person_id, "called", f"Person{number}"),
                reporting_id=ring.seal(person_id, "reporting", "r"), is_incomplete=False,
            ))  # fmt: skip
    hall.quiet()


def test_each_partner_has_a_token_for_its_own_system(hall: Hall) -> None:
    text = hall.as_nobody().page("/demo").text
    (token,) = re.findall(r"Kindred Voices</strong></dt>\s*<dd[^>]*><code>([^<]+)</code>", text)
    who, called = hall["home"].passes.read(token, hall.now)
    assert (who.kind, who.id, who.partner_id, who.roles) == (
        "system", hall.partner_id, hall.partner_id, frozenset({"system"}),
    )  # fmt: skip
    assert called is None
    hall.clock.advance(days=400)
    assert hall["home"].passes.read(token, hall.now)[0].kind == "system"


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
    assert "in class called" in text
    assert "in class reporting" in text
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
    assert "10am on 2 March 2026" in after


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
    assert 'data-spec="/openapi/home.json"' in text
    assert 'data-spec="/openapi/matching.json"' in hall.as_nobody().page("/docs?service=matching").text


def test_the_metrics_count_open_work_and_never_a_worry(hall: Hall) -> None:
    from tests.integration.home.test_work import a_worry

    hall.a_person()
    a_worry(hall, hall.an_account("Meera", "supervisor"), hall.as_("peer"))
    text = hall.as_nobody().page("/ops/home/metrics").text
    assert 'beenthere_home_work_open{kind="open_referral"} 1.0' in text
    assert "worry" not in text


def test_a_fact_of_a_partner_that_was_never_told_of_is_no_trouble(hall: Hall) -> None:
    partner_id = hall.ids.new()
    fact = partners.PartnerSuspended(partner_id=partner_id, suspended_at=hall.now)
    hall.tell("partners", "partner", partner_id, fact)
    assert hall.lead.page("/work").status_code == 200
