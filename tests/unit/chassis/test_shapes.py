"""A fact becomes bytes and a fact again; what its class does not allow is refused before it is stated."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from chassis.events.shapes import BodyUnreadable, FactMisstated, body_of, classification_of, fact_of, sealed_tokens
from contracts.matching import MatchProposed, MatchReleased
from contracts.partners import AccountOpened
from contracts.support import SupportEnded

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TOKEN = "s1.called.someone.AAAA"


def an_account(**changes: Any) -> AccountOpened:
    given: dict[str, Any] = {
        "account_id": "a1", "partner_id": "p1", "called": TOKEN, "roles": ("peer", "referrer"), "opened_at": AT,
    }  # fmt: skip
    return AccountOpened(**{**given, **changes})


def a_release(**changes: Any) -> MatchReleased:
    given: dict[str, Any] = {
        "match_id": "m1", "referral_id": "r1", "person_id": "x1", "peer_id": None, "code": "hold_lapsed",
        "released_at": AT,
    }  # fmt: skip
    return MatchReleased(**{**given, **changes})


def test_a_fact_comes_back_as_it_was() -> None:
    for fact in (an_account(), a_release(), a_release(peer_id="p9")):
        assert fact_of(type(fact), body_of(fact)) == fact


def test_the_body_is_plain_json_with_moments_in_utc() -> None:
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    assert json.loads(body_of(an_account(opened_at=summer))) == {
        "account_id": "a1", "partner_id": "p1", "called": TOKEN, "roles": ["peer", "referrer"],
        "opened_at": "2026-03-02T10:00:00Z", "surname_mark": None, "postcode_mark": None, "whole_mark": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "fact",
    [
        an_account(called="Asha"),
        an_account(called="s1.needs.someone.AAAA"),
        an_account(opened_at=datetime(2026, 3, 2)),  # noqa: DTZ001 - the fault under test
        an_account(account_id=7),
        an_account(roles=["peer", 1]),
        a_release(code="because they were late"),
    ],
)
def test_what_its_class_does_not_allow_is_never_stated(fact: Any) -> None:
    with pytest.raises(FactMisstated):
        body_of(fact)


def test_a_refusal_does_not_repeat_the_value_it_refuses() -> None:
    with pytest.raises(FactMisstated) as refused:
        body_of(an_account(called="Asha Begum"))
    assert "Asha" not in str(refused.value)


def test_a_field_nobody_knows_is_passed_over() -> None:
    body = json.loads(body_of(a_release())) | {"added_later": {"deep": [1]}}
    assert fact_of(MatchReleased, json.dumps(body).encode()) == a_release()


@pytest.mark.parametrize(
    "change",
    [
        {"released_at": "2026-03-02T10:00:00"},
        {"released_at": "soon"},
        {"released_at": 17},
        {"person_id": None},
        {"person_id": 5},
        {"match_id": ["m1"]},
    ],
)
def test_a_body_that_does_not_fit_its_type_is_unreadable(change: dict[str, Any]) -> None:
    body = json.loads(body_of(a_release())) | change
    with pytest.raises(BodyUnreadable):
        fact_of(MatchReleased, json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"text"'])
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        fact_of(MatchReleased, body)


def test_a_missing_field_is_unreadable() -> None:
    body = json.loads(body_of(a_release()))
    del body["person_id"]
    with pytest.raises(BodyUnreadable):
        fact_of(MatchReleased, json.dumps(body).encode())


def test_a_count_is_no_yes() -> None:
    ended = SupportEnded(
        support_id="s", match_id="m", referral_id="r", person_id="x", peer_id="p", ended_on=date(2026, 3, 2),
        ending="planned", agreed_by="both", contacts_made_count=3, connections_alive_count=1, wants_return=False,
    )  # fmt: skip
    body = json.loads(body_of(ended)) | {"wants_return": 0}
    with pytest.raises(BodyUnreadable):
        fact_of(SupportEnded, json.dumps(body).encode())


def test_only_what_a_room_may_open_is_looked_up() -> None:
    assert sealed_tokens(an_account(), frozenset({"called"})) == [TOKEN]
    assert sealed_tokens(an_account(), frozenset({"needs"})) == []


def test_a_fact_says_how_sensitive_it_is() -> None:
    assert classification_of(AccountOpened) == "sealed:called"
    assert classification_of(MatchProposed) == "codes"
