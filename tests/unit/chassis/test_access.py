"""The one rule table decides; what it does not say is refused."""

from __future__ import annotations

import pytest

from chassis.access import NOBODY, PUBLIC, Principal, may, scope_for
from chassis.errors import Misbuilt, NotAllowed, NotSignedIn

RULES = {"thing.read": {"lead": "network", "member": "partner"}, "own.read": {"member": "own"}}
LEAD = Principal("account", "a", "p1", frozenset({"lead"}))
MEMBER = Principal("account", "b", "p1", frozenset({"member"}))
BOTH = Principal("account", "c", "p1", frozenset({"member", "lead"}))


def test_a_role_reaches_as_far_as_the_table_says() -> None:
    assert scope_for(RULES, LEAD, "thing.read").partner_id is None
    assert scope_for(RULES, MEMBER, "thing.read").partner_id == "p1"
    assert scope_for(RULES, MEMBER, "own.read").own_id == "b"


def test_with_two_roles_the_wider_reach_counts() -> None:
    assert scope_for(RULES, BOTH, "thing.read").reach == "network"


def test_who_has_no_role_for_it_is_refused() -> None:
    with pytest.raises(NotAllowed):
        scope_for(RULES, LEAD, "own.read")
    with pytest.raises(NotSignedIn):
        scope_for(RULES, NOBODY, "thing.read")
    assert not may(RULES, LEAD, "own.read")


def test_an_action_in_no_rule_is_a_fault_of_ours() -> None:
    with pytest.raises(Misbuilt):
        scope_for(RULES, LEAD, "thing.burn")


def test_what_is_public_reaches_nothing() -> None:
    assert scope_for(RULES, NOBODY, PUBLIC).reach == "none"
