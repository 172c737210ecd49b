"""A referral follows what matching and support state, and keeps its first day through every return."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.matching import MatchAgreed, MatchProposed, MatchReleased
from contracts.support import SupportEnded, SupportStarted
from tests.builders import MORNING
from tests.integration.referrals.conftest import words_of


class Told:
    """What other rooms state of one referral's match."""

    def __init__(self, room: Any, referral_id: str) -> None:
        self.room, self.referral_id, self.person_id = room, referral_id, room.person_of(referral_id)
        self.match_id, self.support_id, self.peer_id = (room.ids.new() for _ in range(3))

    def _ids(self) -> dict[str, str]:
        return {"match_id": self.match_id, "referral_id": self.referral_id, "person_id": self.person_id}

    def _of_match(self, fact: Any) -> None:
        self.room.tell(f"matching/match/{self.match_id}", fact)

    def _of_support(self, fact: Any) -> None:
        self.room.tell(f"support/support/{self.support_id}", fact)

    def proposed(self) -> None:
        now = self.room.clock.now()
        self._of_match(MatchProposed(**self._ids(), peer_ids=(self.peer_id,), proposed_at=now, answer_by=now))

    def agreed(self) -> None:
        partner_id = self.room.ids.new()
        fact = MatchAgreed(**self._ids(), peer_id=self.peer_id, partner_id=partner_id, agreed_at=self.room.clock.now())
        self._of_match(fact)

    def released(self, *, whole: bool, code: str = "person_not_this_time") -> None:
        peer_id = None if whole else self.peer_id
        self._of_match(MatchReleased(**self._ids(), peer_id=peer_id, code=code, released_at=self.room.clock.now()))

    def started(self) -> None:
        day = self.room.clock.now().date()
        fact = SupportStarted(
            **self._ids(), support_id=self.support_id, peer_id=self.peer_id, started_on=day, agreed_end_on=day
        )
        self._of_support(fact)

    def ended(self, *, wants_return: bool) -> None:
        fact = SupportEnded(
            **self._ids(), support_id=self.support_id, peer_id=self.peer_id, ended_on=self.room.clock.now().date(),
            ending="swap" if wants_return else "planned", agreed_by="both", contacts_made_count=3,
            connections_alive_count=1, wants_return=wants_return,
        )  # fmt: skip
        self._of_support(fact)

    @property
    def state(self) -> str:
        return str(self.room.shown(self.referral_id)["state"])


@pytest.fixture
def told(room: Any) -> Told:
    """What is told of a referral whose person waits for a match."""
    return Told(room, room.accepted())


def test_a_referral_goes_through_the_stages_of_its_match_and_support(room: Any, told: Told) -> None:
    person = room.as_person(told.person_id)
    for step, state, words in (
        (told.proposed, "offered", "We are asking people who have been there."),
        (told.agreed, "matched", "You and your peer both said yes."),
        (told.started, "supported", "You and your peer are on your way."),
    ):
        step()
        assert told.state == state
        assert words in words_of(person.page("/my/referral"))
    told.ended(wants_return=False)
    assert told.state == "closed"
    assert "This has come to its end." in words_of(person.page("/my/referral"))
    (closed,) = room.facts("referral.closed")
    assert (closed["referral_id"], closed["outcome"]) == (told.referral_id, "support_ended")
    assert room.headers("referral.closed")[0]["ce_requires"] == f"referrals/person/{told.person_id}@1"


def test_an_option_let_go_changes_nothing_and_a_whole_match_let_go_returns_the_person(room: Any, told: Told) -> None:
    told.proposed()
    told.released(whole=False)
    assert told.state == "offered"
    told.released(whole=True)
    assert told.state == "waiting"
    assert room.kept(told.referral_id).received_at == MORNING


def test_support_that_ends_with_a_wish_for_someone_else_returns_the_person(room: Any, told: Told) -> None:
    told.proposed()
    told.agreed()
    told.started()
    told.ended(wants_return=True)
    assert told.state == "waiting"
    assert room.facts("referral.closed") == []
    again = Told(room, told.referral_id)
    again.proposed()
    again.agreed()
    again.started()
    assert told.state == "supported"
    again.ended(wants_return=False)
    assert told.state == "closed"
    assert room.kept(told.referral_id).received_at == MORNING


def test_a_fact_heard_twice_closes_once(room: Any, told: Told) -> None:
    told.agreed()
    told.started()
    told.ended(wants_return=False)
    again = Told(room, told.referral_id)
    again.ended(wants_return=False)
    assert len(room.facts("referral.closed")) == 1


@pytest.mark.parametrize("step", ["proposed", "agreed", "started"])
def test_what_comes_after_the_end_moves_nothing(room: Any, step: str) -> None:
    told = Told(room, room.received())
    room.done(told.referral_id, "decline", {"declined_by": "person", "reason": "other_help_found"})
    getattr(told, step)()
    told.ended(wants_return=True)
    assert told.state == "declined"


def test_facts_of_one_referral_leave_others_where_they_stand(room: Any, told: Told) -> None:
    other = room.accepted()
    told.proposed()
    assert room.shown(other)["state"] == "waiting"


def test_following_is_no_act_of_a_human_being(room: Any, told: Told) -> None:
    told.proposed()
    told.agreed()
    told.started()
    told.ended(wants_return=False)
    done = [row for row in room.audited(record=told.referral_id) if row.action != "person.seen"]
    assert [row.who_kind for row in done] == ["system", "account", "account"]
