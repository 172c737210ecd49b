"""The demo's people: choose who to be, be nobody again, and none of it outside demo mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from chassis.web.passes import COOKIE
from tests.builders import TestHouse, a_house
from tests.integration.home.conftest import Hall
from tests.tellers import SAFE


@pytest.fixture
def real(tmp_path: Path) -> Iterator[TestHouse]:
    """Home alone, outside demo mode."""
    made = a_house(tmp_path, "home", demo=False)
    yield made
    made.close()


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
        assert f"See all {count}" in first
        page = hall.as_nobody().page(f"/demo?show={group}&page=2")
        assert page.text.count('action="/demo"') == 30
        assert f"(page 2 of {count // 30})" in page.text
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
        ring = hall["referrals"].vault.make(person_id, ["called", "reporting", "safety"])
        with hall["referrals"].writing() as unit:
            unit.state(f"referrals/referral/{referral_id}", ReferralReceived(
                referral_id=referral_id, person_id=person_id, partner_id=joined[0], door="api", received_at=hall.now,
                called=ring.seal(person_id, "called", f"Person{number}"),
                reporting_id=ring.seal(person_id, "reporting", "r"),
                safety=ring.seal(person_id, "safety", SAFE), is_incomplete=False,
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
