"""The rules of coming in: which organisations may join, and who may give which role to whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.errors import Trouble
from contracts import partners as said
from contracts import roles as table
from services.partners.domain import accounts
from services.partners.domain import organisations as domain
from services.partners.domain.organisations import Partner

TODAY = date(2026, 3, 2)
AT_WORK = Partner("p", domain.ACTIVE, date(2027, 3, 1))


def asked(**changes: Any) -> dict[str, Any]:
    agreement = {"starts_on": date(2026, 3, 1), "ends_on": date(2027, 2, 28)}
    return {"code": "north-trust", "kind": "nhs_body", "ods_code": "RZ901", "agreement": agreement, **changes}


def faults(**changes: Any) -> set[str]:
    with pytest.raises(domain.PartnerRefused) as refused:
        domain.check_joining(asked(**changes), today=TODAY, longest_years=3)
    return {fault.where for fault in refused.value.faults}


def test_an_nhs_body_with_its_ods_code_may_join() -> None:
    domain.check_joining(asked(), today=TODAY, longest_years=3)


@pytest.mark.parametrize("ods_code", [None, "8HX21"])
def test_a_voluntary_organisation_may_join_with_or_without_an_ods_code(ods_code: str | None) -> None:
    domain.check_joining(asked(kind="voluntary", ods_code=ods_code), today=TODAY, longest_years=3)


def test_an_nhs_body_without_an_ods_code_is_asked_for_it() -> None:
    assert faults(ods_code=None) == {"ods_code"}


@pytest.mark.parametrize("ods_code", ["AB", "ABCDEFGHI", "rz901", "RZ-01", ""])
def test_what_is_no_ods_code_is_refused(ods_code: str) -> None:
    assert faults(ods_code=ods_code) == {"ods_code"}


@pytest.mark.parametrize("code", ["", "North", "1st", "north--trust", "north-", "north trust", "north.trust", "nörth"])
def test_a_code_that_could_not_name_a_topic_is_refused(code: str) -> None:
    assert faults(code=code) == {"code"}


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 2, 1)),
        (date(2025, 3, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2029, 3, 2)),
    ],
    ids=["ends on its first day", "ends before it starts", "has ended", "spans more than three years"],
)
def test_an_agreement_that_cannot_be_in_force_is_refused(starts_on: date, ends_on: date) -> None:
    assert faults(agreement={"starts_on": starts_on, "ends_on": ends_on}) == {"agreement.ends_on"}


@pytest.mark.parametrize("ends_on", [date(2026, 3, 2), date(2029, 3, 1)])
def test_an_agreement_may_end_today_or_after_three_years_to_the_day(ends_on: date) -> None:
    domain.check_joining(
        asked(agreement={"starts_on": date(2026, 3, 1), "ends_on": ends_on}), today=TODAY, longest_years=3
    )


def test_an_agreement_from_a_leap_day_may_end_on_the_last_of_february() -> None:
    leap = {"starts_on": date(2028, 2, 29), "ends_on": date(2031, 2, 28)}
    domain.check_joining(asked(agreement=leap), today=date(2028, 2, 29), longest_years=3)


def test_every_fault_is_told_at_once() -> None:
    bad = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 1)}
    assert faults(code="?", ods_code=None, agreement=bad) == {"code", "ods_code", "agreement.ends_on"}


@pytest.mark.parametrize("role", ["referrer", "partner_lead", "peer", "supervisor"])
@pytest.mark.parametrize("is_network", [True, False])
def test_lead_and_network_give_the_roles_that_stay_inside_a_partner(role: str, is_network: bool) -> None:
    accounts.check_may_open(AT_WORK, [role], is_network=is_network, today=TODAY)


@pytest.mark.parametrize(
    "role",
    ["coordinator", "safeguarding_lead", "commissioner", "network_lead", "privacy_officer", "administrator"],
)
def test_a_role_that_reaches_beyond_one_partner_is_given_by_the_network_alone(role: str) -> None:
    accounts.check_may_open(AT_WORK, ["peer", role], is_network=True, today=TODAY)
    with pytest.raises(accounts.RoleReachesBeyondPartner):
        accounts.check_may_open(AT_WORK, ["peer", role], is_network=False, today=TODAY)


@pytest.mark.parametrize("role", ["person", "system"])
def test_nobody_gets_an_account_as_a_person_or_a_system(role: str) -> None:
    with pytest.raises(accounts.NotAStaffRole):
        accounts.check_may_open(AT_WORK, [role], is_network=True, today=TODAY)


@pytest.mark.parametrize(
    ("partner", "refusal"),
    [
        (Partner("p", domain.SUSPENDED, date(2027, 3, 1)), domain.PartnerSuspended),
        (Partner("p", domain.ACTIVE, date(2026, 3, 1)), domain.AgreementEnded),
    ],
)
def test_no_account_is_opened_at_a_partner_that_may_not_work(partner: Partner, refusal: type[Trouble]) -> None:
    with pytest.raises(refusal):
        accounts.check_may_open(partner, ["peer"], is_network=True, today=TODAY)


def test_the_last_day_of_an_agreement_is_still_in_force() -> None:
    accounts.check_may_open(Partner("p", domain.ACTIVE, TODAY), ["peer"], is_network=True, today=TODAY)


def test_a_suspended_partner_sees_nothing_and_the_network_sees_it() -> None:
    stopped = Partner("p", domain.SUSPENDED, date(2027, 3, 1))
    domain.check_may_look(stopped, is_network=True)
    domain.check_may_look(AT_WORK, is_network=False)
    with pytest.raises(domain.PartnerSuspended):
        domain.check_may_look(stopped, is_network=False)


def test_suspending_and_resuming_twice_changes_nothing() -> None:
    stopped = domain.suspend(AT_WORK)
    assert stopped == Partner("p", "suspended", date(2027, 3, 1))
    assert domain.suspend(stopped) is None
    assert domain.resume(stopped) == AT_WORK
    assert domain.resume(AT_WORK) is None


def test_the_rules_and_the_contracts_speak_of_the_same_roles_and_kinds() -> None:
    assert set(table.ROLES) - {"person", "system"} == accounts.STAFF
    assert set(said.KINDS) == {domain.NHS_BODY, domain.VOLUNTARY}
