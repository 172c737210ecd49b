"""The JSON doors of the partners room: who joins, who gets an account from whom, and what a suspension does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.sealing import is_token
from chassis.tables import answers, audit, second_askings
from services.partners.store.tables import accounts


def test_an_organisation_joins_with_its_agreement_and_the_network_hears_both(room: Any) -> None:
    answer = room.join()
    assert answer.status_code == 201
    made = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/partners/{made['partner_id']}"
    assert {name: made[name] for name in ("code", "state", "joined_on", "ods_code")} == {
        "code": "north-trust",
        "state": "active",
        "joined_on": "2026-03-02",
        "ods_code": "RZ901",
    }
    assert room.network.api("GET", answer.headers["Location"]).get_json() == made
    joined, signed = room.facts("partner.joined")[0], room.facts("agreement.signed")[0]
    assert joined == {
        "partner_id": made["partner_id"],
        "code": "north-trust",
        "name": "Northmoor Mental Health Trust",
        "kind": "nhs_body",
        "area": "north",
        "joined_on": "2026-03-02",
    }
    assert (signed["partner_id"], signed["starts_on"], signed["ends_on"]) == (
        made["partner_id"],
        "2026-03-01",
        "2027-02-28",
    )


def test_joining_again_with_the_same_key_makes_no_second_partner(room: Any) -> None:
    first, again = room.join(), room.join()
    assert again.status_code == 201
    assert again.get_json() == first.get_json()
    assert len(room.facts("partner.joined")) == 1


def test_the_same_key_for_another_organisation_is_refused(room: Any) -> None:
    room.join()
    refused = room.join(code="other")
    assert refused.status_code == 422
    assert refused.get_json()["rule"] == "KeyReused"


def test_without_an_idempotency_key_nothing_is_made(room: Any) -> None:
    assert room.join(key="").status_code == 422
    assert room.network.api("GET", "/api/v1/partners").get_json() == []


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"ods_code": "RZ902"}, "CodeTaken", "code"),
        ({"code": "other"}, "OdsCodeTaken", "ods_code"),
    ],
)
def test_a_code_names_one_partner(room: Any, changes: dict[str, str], rule: str, field: str) -> None:
    room.joined()
    refused = room.join(key="another key", **changes)
    assert refused.status_code == 422
    assert (refused.get_json()["rule"], refused.get_json()["errors"][0]["field"]) == (rule, field)


def test_two_voluntary_organisations_without_an_ods_code_may_join(room: Any) -> None:
    for code in ("harbour", "open-door"):
        room.joined(code=code, kind="voluntary", ods_code=None)
    assert len(room.network.api("GET", "/api/v1/partners").get_json()) == 2


def test_every_fault_of_shape_is_told_at_once(room: Any) -> None:
    body = {"code": "", "name": "", "kind": "bank", "area": "moon", "agreement": {"starts_on": "soon"}, "colour": "red"}
    answer = room.network.api("POST", "/api/v1/partners", body, Idempotency_Key="a key of this test")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.get_json()["errors"]} == {
        "code",
        "name",
        "kind",
        "area",
        "agreement.starts_on",
        "agreement.ends_on",
        "",
    }


@pytest.mark.parametrize("role", ["partner_lead", "coordinator", "administrator", "referrer"])
def test_only_the_network_lead_takes_organisations_in(room: Any, role: str) -> None:
    assert room.join(by=room.house.as_(role, partner_id=room.house.ids.new())).status_code == 403


def test_an_account_is_opened_with_its_called_sealed_for_itself(room: Any) -> None:
    partner_id = room.joined()
    answer = room.open(room.lead_of(partner_id), partner_id, "peer", "supervisor", called="Asha")
    assert answer.status_code == 201
    made = answer.get_json()
    assert (made["partner_id"], made["roles"]) == (partner_id, ["peer", "supervisor"])
    assert "Asha" not in answer.text
    fact = room.facts("account.opened")[0]
    assert (fact["account_id"], fact["roles"]) == (made["account_id"], ["peer", "supervisor"])
    assert is_token(fact["called"], "called")
    vault = room.house["partners"].vault
    assert vault.ring([fact["called"]]).open(fact["called"], owner_id=made["account_id"]) == "Asha"


def test_opening_again_with_the_same_key_opens_no_second_account(room: Any) -> None:
    partner_id = room.joined()
    lead = room.lead_of(partner_id)
    first, again = (room.open(lead, partner_id, "peer", key="one and the same") for _ in range(2))
    assert again.get_json() == first.get_json()
    assert len(lead.api("GET", f"/api/v1/partners/{partner_id}/accounts").get_json()) == 1


def test_a_partner_lead_gives_no_role_that_reaches_beyond_the_partner(room: Any) -> None:
    partner_id = room.joined()
    refused = room.open(room.lead_of(partner_id), partner_id, "peer", "coordinator")
    assert refused.status_code == 403
    assert refused.get_json()["rule"] == "RoleReachesBeyondPartner"
    assert room.open(room.network, partner_id, "peer", "coordinator").status_code == 201


def test_nobody_opens_an_account_for_a_person_or_a_system(room: Any) -> None:
    partner_id = room.joined()
    refused = room.open(room.network, partner_id, "person")
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "NotAStaffRole")


def test_another_partner_looks_as_if_it_were_not_there(room: Any) -> None:
    own, other = room.joined(), room.joined(code="harbour", kind="voluntary", ods_code=None)
    lead = room.lead_of(own)
    assert [row["partner_id"] for row in lead.api("GET", "/api/v1/partners").get_json()] == [own]
    assert lead.api("GET", f"/api/v1/partners/{other}").status_code == 404
    assert lead.api("GET", f"/api/v1/partners/{other}/accounts").status_code == 404
    assert room.open(lead, other, "peer").status_code == 404
    assert lead.api("GET", f"/api/v1/partners/{room.house.ids.new()}").status_code == 404


def test_a_suspended_partner_sees_nothing_and_gets_no_account_until_it_is_resumed(room: Any) -> None:
    partner_id = room.joined()
    lead, at = room.lead_of(partner_id), f"/api/v1/partners/{partner_id}/suspension"
    assert room.network.api("POST", at).get_json()["state"] == "suspended"
    assert lead.api("GET", "/api/v1/partners").status_code == 403
    assert lead.api("GET", f"/api/v1/partners/{partner_id}").get_json()["rule"] == "PartnerSuspended"
    assert room.open(lead, partner_id, "peer").status_code == 403
    assert room.network.api("GET", f"/api/v1/partners/{partner_id}").get_json()["state"] == "suspended"
    assert room.network.api("DELETE", at).get_json()["state"] == "active"
    assert room.open(lead, partner_id, "peer").status_code == 201


def test_suspending_twice_states_it_once(room: Any) -> None:
    at = f"/api/v1/partners/{room.joined()}/suspension"
    for method in ("POST", "POST", "DELETE", "DELETE"):
        assert room.network.api(method, at).status_code == 200
    assert (len(room.facts("partner.suspended")), len(room.facts("partner.resumed"))) == (1, 1)


def test_only_the_network_lead_suspends(room: Any) -> None:
    partner_id = room.joined()
    assert room.lead_of(partner_id).api("POST", f"/api/v1/partners/{partner_id}/suspension").status_code == 403


def test_no_account_is_opened_after_the_agreement_has_ended(room: Any) -> None:
    partner_id = room.joined()
    room.clock.move_to(datetime(2027, 2, 28, 12, tzinfo=UTC))
    assert room.open(room.network, partner_id, "peer", called="Asha").status_code == 201
    room.clock.move_to(room.clock.now() + timedelta(days=1))
    refused = room.open(room.network, partner_id, "peer", called="Femi")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "AgreementEnded")


def test_a_name_and_a_postcode_become_marks_and_are_kept_nowhere(room: Any) -> None:
    partner_id = room.joined()
    more = {"name": "Ruth Okafor", "postcode": "ZZ1 1AA"}
    assert room.open(room.network, partner_id, "coordinator", called="Ruth", **more).status_code == 201
    (opened,) = room.facts("account.opened")
    assert all(len(opened[name]) == 32 for name in ("surname_mark", "postcode_mark", "whole_mark"))
    kept = str(opened)
    with room.house["partners"].reading() as unit:
        for table in (accounts, audit, answers, second_askings):
            kept += str(unit.connection.execute(sa.select(table)).all())
    assert "coordinator" in kept
    assert not any(word in kept for word in ("Okafor", "okafor", "ZZ1", "zz11aa"))


def test_without_a_name_an_account_has_no_marks(room: Any) -> None:
    assert room.open(room.network, room.joined(), "coordinator").status_code == 201
    (opened,) = room.facts("account.opened")
    assert [opened[name] for name in ("surname_mark", "postcode_mark", "whole_mark")] == [None, None, None]


def test_each_peer_among_a_partners_accounts_is_one_audit_row(room: Any) -> None:
    partner_id = room.joined()
    peer = room.open(room.network, partner_id, "peer").get_json()["account_id"]
    room.open(room.network, partner_id, "referrer", called="Ben")
    lead = room.lead_of(partner_id)
    assert lead.api("GET", f"/api/v1/partners/{partner_id}/accounts").status_code == 200
    assert lead.page(f"/partners/{partner_id}").status_code == 200
    with room.house["partners"].reading() as unit:
        rows = unit.connection.execute(sa.select(audit).where(audit.c.action == "peer.listed")).all()
    assert [(row.subject, row.who_id) for row in rows] == [(peer, lead.who.id)] * 2
