"""What the events page shows of a fact is true of its class."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.events.shapes import fact_of
from contracts.fact import CATALOGUE
from contracts.hearers import EVERY_FACT
from contracts.matching import PeerPaused
from contracts.partners import PartnerSuspended
from contracts.referrals import PersonProtected, ReferralAccepted
from contracts.supervision import PeerCleared
from services.home import schemas


def test_every_fact_of_the_catalogue_is_shown_under_its_owner() -> None:
    shown = schemas.facts_shown()
    assert {fact.type for facts in shown.values() for fact in facts} == set(CATALOGUE)
    assert all(fact.says == owner for owner, facts in shown.items() for fact in facts)


@pytest.mark.parametrize("kind", EVERY_FACT, ids=lambda kind: str(kind.FACT.name))
def test_a_sample_is_a_body_that_can_be_read(kind: Any) -> None:
    sample = schemas.fact_shown(kind).sample
    assert fact_of(kind, sample.encode())
    assert schemas.fact_shown(kind).sample == sample
    assert list(json.loads(sample)) == [field.name for field in schemas.fact_shown(kind).fields]


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
