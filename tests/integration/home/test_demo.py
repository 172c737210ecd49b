"""The demo's people: choose who to be, and none of it outside demo mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    assert "demo" not in nobody.page("/").text.lower()


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
    assert 12 * 2 < first.count('action="/sign-in/demo"') < 60
    for group, count in (("peers", 60), ("people", 240)):
        assert f"See all {count}" in first
        page = hall.as_nobody().page(f"/demo?show={group}&page=2")
        assert page.text.count('action="/sign-in/demo"') == 30
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
