"""What keeps everyone safe is read by whoever works with the person; all others break a glass, and it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from contracts import marks
from contracts.matching import MatchAgreed, MatchAnswered, MatchReleased
from contracts.partners import AccountOpened, ItemsHandedOver
from contracts.supervision import ConcernClosed, ConcernHandedOn, ConcernRaised, SupervisionDue
from contracts.support import SupportEnded, SupportStarted
from contracts.worries import WorryRaised
from services.referrals import store
from services.referrals.store import glasses
from tests.builders import Caller, forget_person, without_ids
from tests.integration.referrals.conftest import HEARD, a_room, words_of
from tests.parts.postgres import Databases

NOTE, PLACE, STREET = "Meet somewhere quiet.", "Lives in North", "12 Harbour Row"
WHY = {"reason": "danger_now", "words": "She does not answer the door."}
CARE = {"safety": {"note": NOTE}, "person": {"address": STREET}}
OTHER_NAME = {"person": {"name": "Marisol Vega", "called": "Marisol", "address": STREET}, "safety": {"note": NOTE}}
MAY_BREAK = ("coordinator", "safeguarding_lead", "network_lead")


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One referrals room that hears supervision too, on SQLite and on a real PostgreSQL."""
    databases, changes = None, {}
    if request.param == "postgres":
        databases = Databases(request.getfixturevalue("postgres_server"))
        changes["database_url"] = databases.of("referrals", *HEARD, "supervision")
    made = a_room(tmp_path_factory.mktemp("glass"), "supervision", **changes)
    yield made
    made.close()
    if databases:
        databases.close()


def at(person_id: str, what: str = "safety") -> str:
    return f"/referrals/people/{person_id}/{what}"


def protect(room: Any, person_id: str) -> None:
    path = f"/api/v1/referrals/people/{person_id}/protection"
    assert room.coordinator.api("POST", path).status_code == 204


def breaks(by: Caller, person_id: str, **changes: str) -> Any:
    return by.form(at(person_id, "glass"), {**WHY, **changes})


def reads(by: Caller, person_id: str) -> bool:
    """Whether somebody reads what keeps everyone safe; else nothing is there."""
    answer = by.page(at(person_id))
    assert answer.status_code in {200, 404}
    assert (NOTE in answer.text) == (answer.status_code == 200)
    return bool(answer.status_code == 200)


def broken(room: Any, person_id: str) -> list[dict[str, Any]]:
    """What was stated of openings of what keeps one person safe."""
    return [one for one in room.facts("glass.broken") if one["person_id"] == person_id]


# ---- relation


def test_a_coordinator_reads_it_once_they_hold_the_referral_and_until_it_ends(room: Any) -> None:
    referral_id, other = room.received(**CARE), room.as_("coordinator")
    person_id = room.person_of(referral_id)
    assert not reads(room.coordinator, person_id)
    room.done(referral_id, "acknowledgement")
    assert (reads(room.coordinator, person_id), reads(other, person_id)) == (True, False)
    assert NOTE not in other.page(f"/referrals/{referral_id}").text
    # Whoever decides it last holds it.
    assert other.api("POST", f"/api/v1/referrals/{referral_id}/acceptance").status_code == 200
    assert (reads(room.coordinator, person_id), reads(other, person_id)) == (False, True)
    handed = ItemsHandedOver(
        from_id=other.who.id, to_id=room.coordinator.who.id, partner_id=room.partner_id,
        handed_over_at=room.clock.now(),
    )  # fmt: skip
    room.tell(f"partners/account/{other.who.id}", handed)
    assert (reads(room.coordinator, person_id), reads(other, person_id)) == (True, False)
    room.done(referral_id, "decline", {"declined_by": "person", "reason": "other_help_found"})
    assert not reads(room.coordinator, person_id)


def test_a_peer_and_their_supervisor_read_it_from_the_persons_choice_until_the_ending(room: Any) -> None:
    referral_id = room.accepted(**CARE)
    person_id, now = room.person_of(referral_id), room.clock.now()
    peer, supervisor = room.as_("peer"), room.as_("supervisor")
    match_id, support_id, peer_id = room.ids.new(), room.ids.new(), peer.who.id
    due = SupervisionDue(
        peer_id=peer_id, partner_id=room.partner_id, supervisor_id=supervisor.who.id, kind="line", due_at=now
    )
    room.tell(f"supervision/peer/{peer_id}", due)

    def answers(side: str, answer: str) -> None:
        fact = MatchAnswered(
            match_id=match_id, person_id=person_id, peer_id=peer_id, side=side, answer=answer, how="own_page",
            answered_at=now,
        )  # fmt: skip
        room.tell(f"matching/match/{match_id}", fact)

    def who_reads() -> tuple[bool, bool]:
        return reads(peer, person_id), reads(supervisor, person_id)

    # That a peer could is no taster yet.
    answers("peer", "could")
    assert who_reads() == (False, False)
    answers("person", "yes")
    assert who_reads() == (True, True)
    # A peer's own role is what counts: the same account as a referrer is nobody to them.
    assert room.as_("referrer", partner_id=room.other_id, id=peer_id).page(at(person_id)).status_code == 403
    released = MatchReleased(
        match_id=match_id, referral_id=referral_id, person_id=person_id, peer_id=peer_id, code="taster_not_agreed",
        released_at=now,
    )  # fmt: skip
    room.tell(f"matching/match/{match_id}", released)
    assert who_reads() == (False, False)
    # They meet again, in another match.
    match_id = room.ids.new()
    agreed = MatchAgreed(
        match_id=match_id, referral_id=referral_id, person_id=person_id, peer_id=peer_id, partner_id=room.partner_id,
        agreed_at=now,
    )  # fmt: skip
    room.tell(f"matching/match/{match_id}", agreed)
    started = SupportStarted(
        support_id=support_id, match_id=match_id, referral_id=referral_id, person_id=person_id, peer_id=peer_id,
        started_on=now.date(), agreed_end_on=now.date() + timedelta(days=90),
    )  # fmt: skip
    room.tell(f"support/support/{support_id}", started)
    assert who_reads() == (True, True)
    # Neither place nor contact, and no name.
    assert not any(word in peer.page(at(person_id)).text for word in (STREET, "Jordan", PLACE))
    ended = SupportEnded(
        support_id=support_id, match_id=match_id, referral_id=referral_id, person_id=person_id, peer_id=peer_id,
        ended_on=now.date(), ending="planned", agreed_by="both", contacts_made_count=1, connections_alive_count=1,
        wants_return=False,
    )  # fmt: skip
    room.tell(f"support/support/{support_id}", ended)
    assert who_reads() == (False, False)


def test_whoever_owns_an_open_worry_about_them_reads_it_in_whatever_order_it_is_heard(room: Any) -> None:
    person_id, worry_id, now = room.person_of(room.received(**CARE)), room.ids.new(), room.clock.now()
    owner, other = room.as_("safeguarding_lead"), room.as_("safeguarding_lead")
    due = now + timedelta(hours=1)
    raised = ConcernRaised(
        concern_id=worry_id, level=3, owner_id=owner.who.id, raised_by_id=room.ids.new(), acknowledge_by=due,
        raised_at=now,
    )  # fmt: skip
    room.tell(f"supervision/concern/{worry_id}", raised)
    assert not reads(owner, person_id)
    # The room that heard the worry states it in its own name; here support stands for it.
    key = room["support"].vault.make(person_id, ("worry",))
    worry = WorryRaised(
        worry_id=worry_id, about="person", about_id=person_id, raised_by="staff", raised_by_id=room.ids.new(), level=3,
        raised_at=now, words=key.seal(person_id, "worry", "Something is wrong."),
    )  # fmt: skip
    room.tell(f"support/worry/{worry_id}", worry)
    assert (reads(owner, person_id), reads(other, person_id)) == (True, False)
    handed = ConcernHandedOn(
        concern_id=worry_id, from_id=owner.who.id, owner_id=other.who.id, acknowledge_by=due, handed_on_at=now
    )
    room.tell(f"supervision/concern/{worry_id}", handed)
    assert (reads(owner, person_id), reads(other, person_id)) == (False, True)
    closed = ConcernClosed(concern_id=worry_id, owner_id=other.who.id, code="plan_in_place", closed_at=now)
    room.tell(f"supervision/concern/{worry_id}", closed)
    assert not reads(other, person_id)


def test_present_danger_makes_it_the_business_of_whoever_owns_that_worry(room: Any) -> None:
    person_id = room.person_of(room.received(safety={"note": NOTE, "present_danger": True}))
    (worry,) = (one for one in room.facts("worry.raised") if one["about_id"] == person_id)
    owner = room.as_("safeguarding_lead")
    raised = ConcernRaised(
        concern_id=worry["worry_id"], level=4, owner_id=owner.who.id, raised_by_id=room.ids.new(),
        acknowledge_by=room.clock.now(), raised_at=room.clock.now(),
    )  # fmt: skip
    room.tell(f"supervision/concern/{worry['worry_id']}", raised)
    assert reads(owner, person_id)
    # It is on record, and told to nobody: they would learn that a worry is about them.
    assert [row.subject for row in room.audited(who_id=owner.who.id, action="person.seen")] == [person_id]
    assert [one for one in room.facts("record.seen") if one["by_id"] == owner.who.id] == []
    breaks(owner, person_id)
    assert reads(owner, person_id)
    (told,) = (one for one in room.facts("record.seen") if one["by_id"] == owner.who.id)
    assert told["purpose"] == "break_glass"


def test_a_pair_whose_ending_is_heard_before_their_match_does_not_meet(room: Any) -> None:
    referral_id, now, peer = room.accepted(**CARE), room.clock.now(), room.as_("peer")
    person_id = room.person_of(referral_id)
    ids = {"match_id": room.ids.new(), "person_id": person_id, "peer_id": peer.who.id, "referral_id": referral_id}
    with room["referrals"].writing() as unit:
        store.walk_no_more(unit, ids["match_id"], person_id, peer.who.id)
    room.tell(f"matching/match/{ids['match_id']}", MatchAgreed(**ids, partner_id=room.partner_id, agreed_at=now))
    assert not reads(peer, person_id)


# ---- somebody protected


def test_of_somebody_protected_others_see_neither_name_nor_words_and_whoever_works_with_them_no_place(
    room: Any,
) -> None:
    referral_id, other = room.acknowledged(**OTHER_NAME), room.as_("coordinator")
    person_id = room.person_of(referral_id)
    protect(room, person_id)
    mine, theirs = (words_of(one.page(f"/referrals/{referral_id}")) for one in (room.coordinator, other))
    assert all(told in mine for told in (NOTE, "Called Marisol", "Keeps an allotment.", "This person is protected"))
    assert not any(told in mine for told in (STREET, PLACE))
    assert "This person is protected" in theirs
    assert "Open it all the same" in theirs
    assert not any(told in theirs for told in (NOTE, "Marisol", "allotment", STREET, PLACE, "Depression"))
    assert "Marisol" in room.coordinator.page("/referrals").text
    assert "Marisol" not in other.page("/referrals").text
    # Whoever sent them sees what they saw: that tells nobody that they are protected.
    assert "Marisol" in room.referrer.page("/referrals").text


# ---- breaking the glass


def test_three_roles_open_it_all_the_same_and_nobody_else(room: Any) -> None:
    person_id = room.person_of(room.received(**CARE))
    protect(room, person_id)
    for role in MAY_BREAK:
        by = room.as_(role)
        assert not reads(by, person_id)
        assert by.page(at(person_id, "glass")).status_code == 200
        assert breaks(by, person_id).status_code == 303
        words = words_of(by.page(at(person_id)))
        assert all(told in words for told in (NOTE, STREET, PLACE, "Name Jordan Okafor", "This person is protected"))
        # It is theirs alone, and not another's of the same role.
        assert not reads(room.as_(role), person_id)
    for role in ("peer", "supervisor", "referrer", "partner_lead", "privacy_officer", "administrator", "commissioner"):
        by = room.as_(role, partner_id=room.partner_id)
        assert breaks(by, person_id).status_code == 403, role
        assert by.page(at(person_id, "glass")).status_code == 403, role


def test_it_is_told_at_once_by_ids_and_codes_and_the_reason_is_sealed(room: Any) -> None:
    person_id, by = room.person_of(room.received(**CARE)), room.as_("coordinator", partner_id=room.partner_id)
    assert [breaks(by, person_id).status_code for _ in range(2)] == [303, 303]
    # Twice is one opening.
    (fact,) = broken(room, person_id)
    assert fact == {
        "glass_id": fact["glass_id"], "person_id": person_id, "account_id": by.who.id, "reason": "danger_now",
        "broken_at": fact["broken_at"], "until": fact["until"],
    }  # fmt: skip
    lasts = datetime.fromisoformat(fact["until"]) - datetime.fromisoformat(fact["broken_at"])
    assert lasts == timedelta(hours=1)
    with room["referrals"].reading() as unit:
        (row,) = unit.connection.execute(glasses.select().where(glasses.c.person_id == person_id)).all()
    assert row.words.startswith("s1.notes")
    officer = room.as_("privacy_officer")
    listed = words_of(officer.page("/referrals/looks"))
    assert "Somebody may be in danger now" in listed
    one = officer.page(f"/referrals/looks/glass/{row.glass_id}")
    assert all(told in one.text for told in (WHY["words"], by.who.id, person_id, "It is open now"))
    assert not any(told in one.text for told in ("Jordan", NOTE, STREET))
    for role in ("coordinator", "network_lead", "administrator", "safeguarding_lead"):
        assert room.as_(role).page(f"/referrals/looks/glass/{row.glass_id}").status_code == 403


def test_it_ends_by_time_and_before_it_when_whoever_opened_it_says_so(room: Any) -> None:
    person_id, by = room.person_of(room.received(**CARE)), room.as_("network_lead")
    breaks(by, person_id)
    room.clock.advance(minutes=59, seconds=59)
    assert reads(by, person_id)
    room.clock.advance(seconds=1)
    assert not reads(by, person_id)
    # The next emergency is told of again.
    breaks(by, person_id)
    assert reads(by, person_id)
    assert len(broken(room, person_id)) == 2
    assert by.form(at(person_id, "glass/ending")).status_code == 303
    assert not reads(by, person_id)
    assert by.form(at(person_id, "glass/ending")).status_code == 303
    assert [row.action for row in room.audited(who_id=by.who.id) if row.action.startswith("glass.")] == [
        "glass.break", "glass.break", "glass.end",
    ]  # fmt: skip


def test_each_look_through_it_is_on_record_as_that_and_the_person_reads_of_it(room: Any) -> None:
    referral_id, by = room.received(**CARE), room.as_("coordinator")
    person_id = room.person_of(referral_id)
    by.page(f"/referrals/{referral_id}")
    breaks(by, person_id)
    by.page(at(person_id))
    by.page(f"/referrals/{referral_id}")
    looks = [row.purpose for row in room.audited(who_id=by.who.id, action="person.seen", subject=person_id)]
    assert looks == ["referral.read", "break_glass", "break_glass"]
    told = {one["purpose"] for one in room.facts("record.seen") if one["by_id"] == by.who.id}
    assert told == {"referral", "break_glass"}
    # It is on record as that until it ends, also of whoever came to work with them meanwhile.
    assert by.api("POST", f"/api/v1/referrals/{referral_id}/acknowledgement").status_code == 200
    by.page(f"/referrals/{referral_id}")
    assert room.audited(who_id=by.who.id, action="person.seen")[-1].purpose == "break_glass"
    by.form(at(person_id, "glass/ending"))
    by.page(f"/referrals/{referral_id}")
    assert room.audited(who_id=by.who.id, action="person.seen")[-1].purpose == "referral.read"


@pytest.mark.parametrize("what", ["words", "reason"])
def test_without_a_reason_nothing_is_opened(room: Any, what: str) -> None:
    person_id, by = room.person_of(room.received(**CARE)), room.as_("coordinator")
    refused = breaks(by, person_id, **{what: "Too short" if what == "words" else "curious"})
    assert refused.status_code == 422
    assert not reads(by, person_id)
    assert broken(room, person_id) == []


def test_for_whom_the_person_named_and_for_oneself_nothing_stands_there(room: Any) -> None:
    feared = room.as_("coordinator")
    person_id = room.person_of(room.received(**CARE | {"safety": {"note": NOTE, "must_not_be_told": [feared.who.id]}}))
    oneself = account_of(room, "Jordan Okafor", "ZZ1 1AA")
    taken_back = room.person_of(room.received(**CARE))
    withdrawal = f"/api/v1/referrals/people/{taken_back}/consent-withdrawal"
    assert room.coordinator.api("POST", withdrawal).status_code == 204
    forgotten = room.person_of(room.received(**CARE))
    assert forget_person(room.as_("privacy_officer"), room.as_("network_lead"), forgotten) == 204
    nobody, any_ = room.ids.new(), room.as_("coordinator")
    for by, whom in ((feared, person_id), (oneself, person_id), (any_, taken_back), (any_, forgotten)):
        for path, body in (("glass", None), ("glass", WHY), ("glass/ending", {}), ("safety", None)):
            asked = [by.page(at(one, path)) if body is None else by.form(at(one, path), body) for one in (whom, nobody)]
            assert [one.status_code for one in asked] == [404, 404], (path, body)
            first, second = (without_ids(one.text) for one in asked)
            assert first == second, (path, body)
    # The control: somebody else finds them.
    assert breaks(any_, person_id).status_code == 303
    assert len(broken(room, person_id)) == 1


def account_of(room: Any, name: str, postcode: str) -> Caller:
    """A coordinator of whom partners stated the marks."""
    by: Caller = room.as_("coordinator", partner_id=room.partner_id)
    vault = room["partners"].vault
    mark = partial(vault.make(marks.OWNER, [marks.CLASS]).mark, marks.OWNER, marks.CLASS)
    fact = AccountOpened(
        account_id=by.who.id, partner_id=room.partner_id,
        called=vault.make(by.who.id, ["called"]).seal(by.who.id, "called", "Jordan"), roles=("coordinator",),
        opened_at=room.clock.now(), **marks.marks_of(mark, name, postcode)._asdict(),
    )  # fmt: skip
    room.tell(f"partners/account/{by.who.id}", fact)
    return by


def test_a_privacy_officer_sees_to_it_once_and_never_to_their_own(room: Any) -> None:
    person_id, both = room.person_of(room.received(**CARE)), room.as_("coordinator", "privacy_officer")
    breaks(both, person_id)
    (fact,) = broken(room, person_id)
    assert fact["glass_id"] in room.as_("privacy_officer").page("/referrals/looks").text
    settling = f"/referrals/looks/glass/{fact['glass_id']}/settling"
    found = {"outcome": "explained"}
    assert both.form(settling, found).status_code == 409
    officer = room.as_("privacy_officer")
    assert [officer.form(settling, found).status_code for _ in range(2)] == [303, 409]
    (seen,) = (one for one in room.facts("glass.seen_to") if one["glass_id"] == fact["glass_id"])
    assert seen["outcome"] == "explained"
    assert fact["glass_id"] not in officer.page("/referrals/looks").text
    # Seeing to it ends nothing: the time does.
    assert reads(both, person_id)


def test_the_reason_goes_with_whoever_is_forgotten_and_that_it_was_opened_stays(room: Any) -> None:
    person_id = room.person_of(room.received(**CARE))
    breaks(room.as_("coordinator"), person_id)
    assert forget_person(room.as_("privacy_officer"), room.as_("network_lead"), person_id) == 204
    (fact,) = broken(room, person_id)
    page = words_of(room.as_("privacy_officer").page(f"/referrals/looks/glass/{fact['glass_id']}"))
    assert "Gone with the person" in page
    assert WHY["words"] not in page
