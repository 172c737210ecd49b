"""What the events page shows of a fact is true of its class."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.fact import CATALOGUE, is_superseded
from contracts.matching import PeerPaused
from contracts.partners import PartnerSuspended
from contracts.referrals import PersonProtected, ReferralAccepted
from contracts.supervision import PeerCleared
from services.home import schemas


def test_every_fact_of_the_catalogue_is_shown_under_its_owner() -> None:
    shown, today = schemas.facts_shown(), {one for one in CATALOGUE if not is_superseded(one)}
    assert {fact.type for facts in shown.values() for fact in facts} == today
    assert all(fact.says == owner for owner, facts in shown.items() for fact in facts)


@pytest.mark.parametrize("type_", CATALOGUE)
def test_a_sample_shows_what_travels_in_clear_and_of_what_is_sealed_its_class_alone(type_: str) -> None:
    shown = schemas.sample_shown(type_)
    body = json.loads(shown.body)
    assert dict(shown.headers)["ce_type"] == type_
    assert shown.stream.count("/") == 2
    for field in schemas.fact_shown(CATALOGUE[type_]).fields:
        if field.sealed_class and body[field.name]:
            assert body[field.name] == f"(sealed: {field.sealed_class})"
    assert "s1." not in shown.body


def test_an_accepted_referral_shows_what_travels_sealed_and_who_hears_it() -> None:
    shown = schemas.fact_shown(ReferralAccepted)
    sealed = {field.name: field.sealed_class for field in shown.fields if field.sealed_class}
    assert sealed == {"called": "called", "needs": "needs", "safety": "safety"}
    assert {field.holds for field in shown.fields if field.name.endswith("_id")} == {"opaque id"}
    assert {"home", "matching"} <= set(shown.hearers)
    assert (shown.name, shown.version, shown.says) == ("referral.accepted", 1, "referrals")


@pytest.mark.parametrize(
    ("kind", "is_about_somebody", "restricts"),
    [
        (PersonProtected, True, "sets protected"),
        (PeerPaused, True, "sets peer_paused"),
        (PeerCleared, True, "lifts peer_held_back"),
        (PartnerSuspended, False, "sets partner_suspended"),
        (ReferralAccepted, False, ""),
    ],
)
def test_what_restricts_one_human_being_is_known_as_such(kind: Any, is_about_somebody: bool, restricts: str) -> None:
    shown = schemas.fact_shown(kind)
    assert (shown.is_about_somebody, shown.restricts) == (is_about_somebody, restricts)
