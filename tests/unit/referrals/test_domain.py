"""The rules of a referral, one by one; expected answers are written from rules.md, Referring."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.referrals import domain

TODAY = date(2026, 3, 2)


def asked(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "strengths": "Sings.",
        "hopes": "To go out.",
        "person": {
            "name": "Jordan Okafor", "nhs_number": "9990000018", "birth_date": date(1985, 3, 27),
            "phone": "01632 960001", "email": "", "address": "", "postcode": "ZZ1 1AA", "gp_code": "Y12345",
        },
        "contact": {"channel": "phone"},
        "needs": {"area": "north"},
        "consent": {"given": True, "given_by": "person", "how": "in_person", "given_on": date(2026, 3, 1)},
        "referrer": {"phone": "01632 960555", "email": ""},
    }  # fmt: skip
    for name, change in changes.items():
        made[name] = {**made[name], **change} if isinstance(change, dict) else change
    return made


def faults(today: date = TODAY, test_numbers: bool = True, **changes: Any) -> list[str]:
    try:
        domain.check(asked(**changes), today=today, test_numbers_allowed=test_numbers)
    except domain.ReferralRefused as refused:
        return sorted(fault.where for fault in refused.faults)
    return []


def test_an_ordinary_referral_is_taken() -> None:
    assert faults() == []


def test_a_referral_with_neither_name_nor_number_is_refused() -> None:
    assert faults(person={"name": "", "nhs_number": None}) == ["person.name"]


def test_a_number_alone_is_enough_to_say_who_it_is() -> None:
    assert faults(person={"name": ""}) == []


def test_a_birth_date_tomorrow_is_refused_and_today_is_taken() -> None:
    assert faults(person={"birth_date": date(2026, 3, 3)}) == ["person.birth_date"]
    assert faults(person={"birth_date": TODAY}) == []


def test_nobody_who_cannot_be_reached_is_taken_in() -> None:
    nothing = {"phone": "", "email": "", "address": "", "postcode": ""}
    assert faults(person=nothing, contact={"channel": ""}, referrer={"phone": "", "email": ""}) == ["person.phone"]


def test_a_referrer_who_can_pass_a_message_is_a_way_to_reach_someone() -> None:
    assert faults(person={"phone": "", "postcode": ""}, contact={"channel": "through_referrer"}) == []


def test_the_chosen_way_of_contact_must_be_there() -> None:
    assert faults(contact={"channel": "email"}) == ["person.email"]


def test_a_referral_without_recorded_consent_is_refused() -> None:
    assert faults(consent={"given": False}) == ["consent.given"]


def test_every_fault_is_named_at_once() -> None:
    found = faults(
        person={"name": "", "nhs_number": "1234567890", "birth_date": date(2030, 1, 1), "phone": ""},
        contact={"channel": "phone"},
        consent={"given": False, "given_on": date(2026, 4, 1)},
    )
    assert found == ["consent.given", "consent.given_on", "person.birth_date", "person.nhs_number", "person.phone"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("4857773457", "issued"),
        ("9434765919", "test"),
        ("9990000018", "test"),
        ("9990548609", "test"),
        ("0101010008", "issued"),
        ("4857773456", "wrong"),
        ("0000000000", "wrong"),
        ("1111111111", "wrong"),
        ("485777345", "wrong"),
        ("48577734567", "wrong"),
        ("485777345a", "wrong"),
        ("٤٨٥٧٧٧٣٤٥٦", "wrong"),
        ("5000000009", "not_issued"),
    ],
)
def test_an_nhs_number_is_known_by_its_check_digit_and_its_range(number: str, kind: str) -> None:
    if number == "0101010008":
        number = _with_check_digit("010101000")
    if number == "5000000009":
        number = _with_check_digit("500000000")
    assert domain.kind_of_number(number) == kind


def _with_check_digit(nine: str) -> str:
    digit = 11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11
    assert digit != 10
    return nine + str(digit % 11)


def test_numbers_kept_for_tests_are_refused_unless_the_setting_allows_them() -> None:
    assert faults(test_numbers=False) == ["person.nhs_number"]


def test_what_is_missing_without_harm_is_listed_and_not_refused() -> None:
    thin = asked(person={"postcode": "", "gp_code": "", "nhs_number": None, "birth_date": None}, hopes="", strengths="")
    domain.check(thin, today=TODAY, test_numbers_allowed=True)
    assert set(domain.gaps(thin)) == {"birth_date", "postcode", "nhs_number", "gp_code", "hopes", "strengths"}


def a_referral(state: str, born: date | None = date(1985, 3, 27)) -> domain.Referral:
    return domain.Referral("r", "p", state, born)


@pytest.mark.parametrize("state", [state for state in domain.STAGES if state != domain.ACKNOWLEDGED])
def test_only_an_acknowledged_referral_can_be_accepted(state: str) -> None:
    with pytest.raises(domain.MoveNotAllowed):
        domain.accept(a_referral(state), today=TODAY, adult_years=18)


def test_an_acknowledged_referral_of_an_adult_is_accepted() -> None:
    accepted = domain.accept(a_referral(domain.ACKNOWLEDGED), today=TODAY, adult_years=18)
    assert accepted.state == domain.WAITING


def test_a_missing_birth_date_delays_acceptance() -> None:
    with pytest.raises(domain.AdulthoodNotConfirmed):
        domain.accept(a_referral(domain.ACKNOWLEDGED, None), today=TODAY, adult_years=18)


def test_adulthood_begins_on_the_birthday() -> None:
    day_before, birthday = date(2026, 3, 1), date(2026, 3, 2)
    born = date(2008, 3, 2)
    with pytest.raises(domain.PersonTooYoung):
        domain.accept(a_referral(domain.ACKNOWLEDGED, born), today=day_before, adult_years=18)
    assert domain.accept(a_referral(domain.ACKNOWLEDGED, born), today=birthday, adult_years=18).state == domain.WAITING


def test_ended_referrals_never_move_again() -> None:
    for state in (domain.DECLINED, domain.CLOSED):
        for what in domain.MOVES:
            with pytest.raises(domain.MoveNotAllowed):
                domain.move(a_referral(state), what)


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2008, 3, 2), "18-24"), (date(2008, 3, 3), "unknown"), (date(2001, 3, 2), "25-34"),
        (date(2001, 3, 3), "18-24"), (date(1961, 3, 2), "65+"), (None, "unknown"),
    ],
)  # fmt: skip
def test_age_bands_change_on_birthdays(born: date | None, band: str) -> None:
    assert domain.age_band(born, TODAY) == band


def test_someone_without_a_name_is_called_by_a_plain_word() -> None:
    assert domain.called("") == domain.called("   ") == "Someone"
    assert domain.called("Jordan Okafor") == "Jordan"
