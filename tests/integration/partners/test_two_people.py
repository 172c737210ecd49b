"""What gives rights takes two people: one asks, another confirms or refuses in time; a role ends at once, by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import audit, second_askings
from services.partners.store.tables import accounts, sessions
from tests.builders import Caller, a_house
from tests.integration.partners.conftest import Partners
from tests.integration.partners.test_pages import hidden_key
from tests.integration.partners.test_signing_in import Signing

ROLE = {"role": "supervisor", "words": "Dana leaves in May."}


class Two(Partners):
    """The partners room with one account, and the askings about it."""

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.partner_id = self.joined()
        self.at = f"/api/v1/partners/{self.partner_id}"
        self.lead = self.lead_of(self.partner_id)
        self.account_id = self.open(self.network, self.partner_id, "peer").get_json()["account_id"]

    def ask_account(self, by: Caller | None = None, key: str = "asking for Ben", **more: Any) -> Any:
        body = {"called": "Ben", "roles": ["referrer"], **more}
        return (by or self.lead).api("POST", f"{self.at}/accounts", body, Idempotency_Key=key)

    def ask_role(self, by: Caller | None = None, key: str = "asking for a role", **more: Any) -> Any:
        at = f"{self.at}/accounts/{self.account_id}/roles"
        return (by or self.lead).api("POST", at, {**ROLE, **more}, Idempotency_Key=key)

    def settle(self, by: Caller, asking: Any, what: str = "confirmation") -> Any:
        return by.api("POST", f"{self.at}/askings/{asking.get_json()['asking_id']}/{what}")

    def roles(self) -> list[str]:
        with self.house["partners"].reading() as unit:
            query = sa.select(accounts.c.roles).where(accounts.c.account_id == self.account_id)
            return list(unit.connection.execute(query).scalar_one())

    def count(self, table: sa.Table, *where: Any) -> int:
        with self.house["partners"].reading() as unit:
            return int(
                unit.connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()
            )


@pytest.fixture(params=["sqlite", "postgres"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    house = a_house(tmp_path, "partners", **changes)
    yield Two(house)
    house.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    house = a_house(tmp_path, "partners")
    yield Two(house)
    house.close()


# ---- opening an account


def test_an_account_is_nobodys_until_a_second_person_confirms_it(on_each: Two) -> None:
    room, before = on_each, len(on_each.facts("account.opened"))
    asked = room.ask_account(email="ben@example.org")
    account_id = asked.get_json()["account_id"]
    assert (asked.status_code, asked.get_json()["state"]) == (202, "asked")
    assert len(room.facts("account.opened")) == before
    assert account_id not in room.lead.api("GET", f"{room.at}/accounts").text
    page = room.network.form(f"/partners/{room.partner_id}/accounts/{account_id}/invitation")
    assert (page.status_code, "Another person confirms it first" in page.text) == (409, True)
    assert [one["account_id"] for one in room.lead.api("GET", f"{room.at}/askings").get_json()] == [account_id]
    opened = room.settle(room.network, asked)
    assert (opened.status_code, opened.get_json()["account_id"]) == (201, account_id)
    assert [fact["account_id"] for fact in room.facts("account.opened")][before:] == [account_id]
    assert room.lead.api("GET", f"{room.at}/askings").get_json() == []
    assert account_id in room.lead.api("GET", f"{room.at}/accounts").text


def test_confirming_twice_opens_once_and_asking_twice_asks_once(on_each: Two) -> None:
    room = on_each
    asked, again = room.ask_account(), room.ask_account()
    assert again.get_json() == asked.get_json()
    first, second = room.settle(room.network, asked), room.settle(room.network, asked)
    assert (first.status_code, second.get_json()) == (201, first.get_json())
    opened = [fact for fact in room.facts("account.opened") if fact["account_id"] == first.get_json()["account_id"]]
    assert len(opened) == 1


def test_a_refused_account_leaves_nothing_and_its_address_is_free(on_each: Two) -> None:
    room = on_each
    asked = room.ask_account(email="ben@example.org")
    assert room.ask_account(key="another asking", email="ben@example.org").get_json()["rule"] == "LoginTaken"
    assert room.settle(room.second, asked, "refusal").status_code == 204
    assert room.count(accounts) == 1
    assert room.settle(room.network, asked).get_json()["rule"] == "AskingOver"
    assert room.ask_account(key="asked once more", email="ben@example.org").status_code == 202


def test_what_nobody_settles_in_seven_days_is_let_go(on_each: Two) -> None:
    room = on_each
    asked = room.ask_account(email="ben@example.org")
    room.clock.advance(days=7)
    assert room.settle(room.network, asked).get_json()["rule"] == "AskingRanOut"
    assert room.count(accounts) == 2
    room.house.house.tick()
    assert room.count(accounts) == 1
    assert room.settle(room.network, asked).get_json()["rule"] == "AskingRanOut"
    assert room.ask_account(key="asked once more", email="ben@example.org").status_code == 202


# ---- who is the second person


def test_nobody_confirms_their_own_asking_or_one_about_themselves(on_each: Two) -> None:
    room = on_each
    account = room.ask_account()
    role = room.ask_role(role="partner_lead")
    themselves = room.house.as_("partner_lead", partner_id=room.partner_id, id=room.account_id)
    assert room.settle(room.lead, account).get_json()["rule"] == "OwnAsking"
    assert room.settle(room.lead, account, "refusal").get_json()["rule"] == "OwnAsking"
    for what in ("confirmation", "refusal"):
        assert room.settle(themselves, role, what).get_json()["rule"] == "AboutThemselves"
    assert room.ask_role(by=themselves, key="for myself").get_json()["rule"] == "OwnAccount"
    assert room.roles() == ["peer"]


def test_whoever_confirms_could_have_asked(two: Two) -> None:
    beyond = two.ask_role(by=two.network, role="coordinator")
    assert two.settle(two.lead, beyond).get_json()["rule"] == "RoleReachesBeyondPartner"
    assert two.settle(two.house.as_("coordinator"), beyond).status_code == 403
    others = two.lead_of(two.joined(code="others", ods_code="RZ902"))
    assert two.settle(others, beyond).status_code == 404
    assert two.ask_role(role="coordinator", key="beyond a lead").get_json()["rule"] == "RoleReachesBeyondPartner"
    assert two.settle(two.second, beyond).status_code == 201
    assert two.roles() == ["peer", "coordinator"]


# ---- roles


def test_a_role_is_given_by_the_second_person_and_told_to_every_room(on_each: Two) -> None:
    room = on_each
    asked = room.ask_role()
    assert (asked.status_code, room.roles(), room.facts("role.granted")) == (202, ["peer"], [])
    assert room.ask_role(by=room.network, key="asked by another").get_json()["rule"] == "AlreadyAsked"
    assert room.settle(room.network, asked).get_json()["state"] == "confirmed"
    assert room.roles() == ["peer", "supervisor"]
    (fact,) = room.facts("role.granted")
    assert (fact["account_id"], fact["role"], fact["roles"]) == (room.account_id, "supervisor", ["peer", "supervisor"])
    assert room.ask_role(key="once more").get_json()["rule"] == "RoleHeld"
    with room.house["partners"].reading() as unit:
        rows = unit.connection.execute(sa.select(audit.c.action).where(audit.c.subject == room.account_id)).scalars()
        assert {"asking.ask", "asking.confirm", "role.grant"} <= set(rows)


def test_a_role_ends_at_once_by_one_person_and_never_the_last(on_each: Two) -> None:
    room = on_each
    room.settle(room.network, room.ask_role())
    at = f"{room.at}/accounts/{room.account_id}/roles"
    themselves = room.house.as_("partner_lead", partner_id=room.partner_id, id=room.account_id)
    assert themselves.api("DELETE", f"{at}/peer").get_json()["rule"] == "OwnAccount"
    assert room.second.api("DELETE", f"{at}/supervisor").status_code == 204
    (fact,) = room.facts("role.ended")
    assert (fact["role"], fact["roles"], room.roles()) == ("supervisor", ["peer"], ["peer"])
    assert room.second.api("DELETE", f"{at}/supervisor").get_json()["rule"] == "RoleNotHeld"
    assert room.second.api("DELETE", f"{at}/peer").get_json()["rule"] == "LastRole"


def test_a_pass_from_before_a_role_ended_opens_nothing(two: Two) -> None:
    two.settle(two.network, two.ask_role(role="partner_lead"))
    before = two.house.as_("partner_lead", partner_id=two.partner_id, id=two.account_id)
    assert before.api("GET", two.at).status_code == 200
    two.second.api("DELETE", f"{two.at}/accounts/{two.account_id}/roles/partner_lead")
    two.house["partners"].entry.forget_held()
    assert before.api("GET", two.at).get_json()["rule"] == "SessionEnded"


def test_a_role_that_asks_for_a_second_factor_ends_sessions_begun_without_one(tmp_path: Path) -> None:
    house = a_house(tmp_path, "partners")
    room = Signing(house)
    account_id, browser = room.with_password("peer")
    assert browser.opens("/sign-in?to=/work").location == "/work"
    at = f"/api/v1/partners/{room.partner_id}"
    body = {"role": "coordinator", "words": "She joins the office."}
    asked = room.network.api("POST", f"{at}/accounts/{account_id}/roles", body, Idempotency_Key="a further role")
    confirmed = room.second.api("POST", f"{at}/askings/{asked.get_json()['asking_id']}/confirmation")
    assert confirmed.status_code == 201
    assert {row.why_ended for row in room.rows(sessions)} == {"account"}
    house.close()


# ---- pages


def test_pages_ask_for_a_role_and_the_second_person_settles_it(two: Two) -> None:
    at = f"/partners/{two.partner_id}/accounts/{two.account_id}"
    shown = two.lead.page(at).text
    assert "Ask for a further role" in shown
    assert 'value="coordinator"' not in shown
    form = {"key": hidden_key(shown), "role": "supervisor", "words": ""}
    refused = two.lead.form(f"{at}/roles", form)
    assert (refused.status_code, "Fill this in." in refused.text) == (422, True)
    asked = two.lead.form(f"{at}/roles", {**form, "words": ROLE["words"]})
    assert asked.status_code == 303
    assert "Another person confirms or refuses this." in two.lead.page(asked.location).text
    assert asked.location in two.network.page("/partners/askings").text
    assert ROLE["words"] in two.network.page(asked.location).text
    assert two.network.form(f"{asked.location}/confirmation").location == at
    assert "End this role" in two.network.page(at).text
    assert two.network.form(f"{at}/roles/supervisor/end").status_code == 303
    assert two.roles() == ["peer"]
    assert "Nothing waits for a second person." in two.network.page("/partners/askings").text


def test_a_page_refuses_an_asking(two: Two) -> None:
    asked = two.ask_account().get_json()
    at = f"/partners/{two.partner_id}/askings/{asked['asking_id']}"
    assert two.second.form(f"{at}/refusal").status_code == 303
    assert "Refused" in two.second.page(at).text
    assert not re.search("Confirm this", two.second.page(at).text)
    assert two.count(second_askings, second_askings.c.open_for.is_not(None)) == 0
    assert timedelta(days=7) == timedelta(days=two.house["partners"].policy.asking_days)
