"""The one rule table decides; what it does not say is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.access import NOBODY, PUBLIC, Principal, Resource, covers, decide, may, scope_for
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


# ---- one thing, and a list


IDS = ("a", "b", "c")
_REACHES = st.sampled_from(["own", "partner", "network"])
_TABLES = st.dictionaries(
    st.sampled_from(["see", "change"]), st.dictionaries(st.sampled_from(["x", "y", "z"]), _REACHES)
)
_ASKERS = st.builds(
    Principal, st.just("account"), st.sampled_from(IDS), st.none() | st.sampled_from(IDS),
    st.frozensets(st.sampled_from(["x", "y", "z"])),
)  # fmt: skip
_THINGS = st.builds(Resource, st.frozensets(st.sampled_from(IDS)), st.frozensets(st.sampled_from(IDS)))


@given(_TABLES, _ASKERS, st.lists(_THINGS, max_size=8), st.booleans())
def test_a_list_holds_exactly_what_one_by_one_is_allowed(
    table: dict[str, dict[str, str]], who: Principal, things: list[Resource], is_held: bool
) -> None:
    table = {"see": {}, **table}
    one_by_one = [thing for thing in things if decide(table, who, "see", thing, is_partner_held=is_held).is_allowed]
    try:
        scope = scope_for(table, who, "see", is_partner_held=is_held)
        listed = [thing for thing in things if covers(scope, thing)]
    except NotAllowed:
        listed = []
    assert listed == one_by_one


def test_what_is_out_of_reach_is_not_found_and_what_a_role_may_not_do_is_not_allowed() -> None:
    table = {"see": {"peer": "own", "partner_lead": "partner", "coordinator": "network"}}
    theirs, others = Resource(frozenset({"me"}), frozenset({"p1"})), Resource(frozenset({"you"}), frozenset({"p2"}))

    def verdict(role: str, thing: Resource, *, is_held: bool = False) -> str:
        who = Principal("account", "me", "p1", frozenset({role}))
        return decide(table, who, "see", thing, is_partner_held=is_held).rule or "allowed"

    assert [verdict(role, theirs) for role in ("peer", "partner_lead", "coordinator")] == ["allowed"] * 3
    assert [verdict(role, others) for role in ("peer", "partner_lead")] == ["NotFound", "NotFound"]
    assert verdict("coordinator", others) == "allowed"
    assert verdict("commissioner", theirs) == "NotAllowed"
    assert verdict("partner_lead", theirs, is_held=True) == "PartnerSuspended"
    assert verdict("peer", theirs, is_held=True) == "allowed"
    nobody = Principal("nobody", "nobody")
    assert decide(table, nobody, "see", theirs).rule == "NotSignedIn"


def test_whoever_has_no_organisation_reaches_none_and_an_empty_one_is_nobodys() -> None:
    table = {"see": {"partner_lead": "partner"}}
    who = Principal("account", "me", None, frozenset({"partner_lead"}))
    assert not decide(table, who, "see", Resource(partner_ids=frozenset({""}))).is_allowed
    assert not decide(table, who, "see", Resource()).is_allowed


# ---- a pass for one purpose

_NAMES = st.sampled_from(["x", "y", "x/one", "x/two", "y/one"])
_WITH_PURPOSES = st.dictionaries(st.sampled_from(["see", "change"]), st.dictionaries(_NAMES, _REACHES))


@given(_WITH_PURPOSES, _ASKERS, st.sampled_from(["one", "two", "three", "", "/", "one/two"]), _THINGS)
def test_a_pass_for_one_purpose_has_what_the_table_gives_that_purpose_and_nothing_of_the_role(
    table: dict[str, dict[str, str]], who: Principal, only: str, thing: Resource
) -> None:
    narrowed = replace(who, only=only)
    for action, reaches in table.items():
        given_to = {reaches[name] for role in who.roles if (name := f"{role}/{only}") in reaches}
        assert may(table, narrowed, action) is bool(given_to)
        verdict = decide(table, narrowed, action, thing)
        if not given_to:
            assert verdict.rule == "NotAllowed"
            continue
        scope = scope_for(table, narrowed, action)
        assert scope.reach in given_to
        assert verdict.is_allowed is covers(scope, thing)


def test_a_purpose_nobody_wrote_down_opens_nothing_that_the_role_opens() -> None:
    table = {"own.read": {"member": "own", "member/letter": "own"}, "own.change": {"member": "own"}}
    signed_in, by_letter, odd = MEMBER, replace(MEMBER, only="letter"), replace(MEMBER, only="member")
    assert [may(table, who, "own.read") for who in (signed_in, by_letter, odd)] == [True, True, False]
    assert [may(table, who, "own.change") for who in (signed_in, by_letter, odd)] == [True, False, False]
