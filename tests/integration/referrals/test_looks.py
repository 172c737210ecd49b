"""Five ways of looking where one should perhaps not look are each asked about within a minute, and nobody is scored."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from contracts import marks
from contracts.partners import AccountOpened
from contracts.records import RecordSeen
from services.referrals.store import looks
from tests.builders import Caller, forget_person
from tests.integration.referrals.conftest import words_of

# Seconds between two looks of a room at its clocks (chassis/serve.py).
TICK = 15
HERE = {"name": "Jordan Okafor", "postcode": "ZZ1 1AA"}


def an_account(room: Any, name: str, postcode: str, *roles: str, partner_id: str = "") -> Caller:
    """Somebody with an account, of whom partners stated the marks."""
    account_id, partner_id = room.ids.new(), partner_id or room.partner_id
    vault = room["partners"].vault
    mark = partial(vault.make(marks.OWNER, [marks.CLASS]).mark, marks.OWNER, marks.CLASS)
    called = vault.make(account_id, ["called"]).seal(account_id, "called", name.split()[0])
    fact = AccountOpened(
        account_id=account_id, partner_id=partner_id, called=called, roles=roles, opened_at=room.clock.now(),
        **marks.marks_of(mark, name, postcode)._asdict(),
    )  # fmt: skip
    room.tell(f"partners/account/{account_id}", fact)
    caller: Caller = room.as_(*roles, partner_id=partner_id, id=account_id)
    return caller


def flagged(room: Any) -> list[tuple[str, str]]:
    """What was flagged: the pattern and whose account it was, in order."""
    with room["referrals"].reading() as unit:
        rows = unit.connection.execute(sa.select(looks).order_by(looks.c.flagged_at, looks.c.pattern)).all()
    return [(row.pattern, row.account_id) for row in rows]


def a_minute_passes(room: Any) -> None:
    for _ in range(60 // TICK):
        room.clock.advance(seconds=TICK)
        room.house.tick()
        room.quiet()


def withdrawn_long_ago(room: Any) -> str:
    """A referral of a partner that ended a year ago."""
    referral_id = room.received(person={"name": "Ada Long", "postcode": "ZZ9 9ZZ"})
    room.done(referral_id, "decline", {"declined_by": "person", "reason": "other_help_found"})
    room.clock.advance(days=365)
    return str(referral_id)


def test_five_patterns_are_each_flagged_within_a_minute(room_on_each: Any) -> None:
    room = room_on_each
    ended = withdrawn_long_ago(room)
    here = room.received(person=HERE)
    at_other = {"partner_id": room.other_id}
    an_account(room, "Jordan Okafor", "ZZ1 1AA", "peer", partner_id=room.other_id)
    same_name = an_account(room, "Ruth OKAFOR", "ZZ5 5AA", "coordinator")
    same_place = an_account(room, "Ruth Evans", "zz11aa", "coordinator")
    # At a partner of their own: to those they work beside they would be a colleague.
    oneself = an_account(room, "jordan  okafor", "ZZ1 1AA", "coordinator", partner_id=room.a_partner("Third"))
    colleague = an_account(room, "Meera Shah", "ZZ7 7AA", "coordinator", **at_other)
    unrelated = an_account(room, "Tom Hill", "ZZ8 8AA", "coordinator", **at_other)
    honest = an_account(room, "Kai Moss", "ZZ6 6AA", "coordinator")
    for caller, referral_id in (
        (same_name, here), (same_place, here), (oneself, here), (colleague, here), (unrelated, ended), (honest, here),
    ):  # fmt: skip
        assert caller.page(f"/referrals/{referral_id}").status_code == 200
    # The lists show everyone to everyone who works with them: a row there is no opening.
    assert honest.page("/referrals").status_code == 200
    a_minute_passes(room)
    assert sorted(flagged(room)) == sorted([
        ("same_surname", same_name.who.id), ("same_postcode", same_place.who.id), ("oneself", oneself.who.id),
        ("colleague", colleague.who.id), ("no_relation", unrelated.who.id),
    ])  # fmt: skip
    assert sorted(one["pattern"] for one in room.facts("look.flagged.v1")) == [
        "colleague", "no_relation", "oneself", "same_postcode", "same_surname",
    ]  # fmt: skip
    # No fact says who looked or at whom.
    assert all(set(one) == {"look_id", "pattern", "flagged_at"} for one in room.facts("look.flagged.v1"))


def test_a_look_in_another_room_is_judged_as_soon_as_it_is_heard(room: Any) -> None:
    person_id = room.person_of(room.received(person=HERE))
    caller = an_account(room, "Ruth Okafor", "ZZ5 5AA", "coordinator")
    fact = RecordSeen(
        subject_ids=(person_id,), subject_kind="person", by_id=caller.who.id, roles=("coordinator",),
        partner_id=room.partner_id, purpose="matching", is_opened=True, seen_at=room.clock.now(),
    )  # fmt: skip
    room.tell(f"matching/seen/{caller.who.id}", fact)
    assert flagged(room) == [("same_surname", caller.who.id)]


def test_the_same_look_is_asked_about_once_and_anew_only_long_after_it_was_seen_to(room: Any) -> None:
    referral_id = room.received(person=HERE)
    caller = an_account(room, "Ruth Okafor", "ZZ5 5AA", "coordinator")
    officer = room.as_("privacy_officer")

    def open_it() -> int:
        caller.page(f"/referrals/{referral_id}")
        a_minute_passes(room)
        return len(flagged(room))

    assert open_it() == 1
    assert open_it() == 1
    (told,) = room.facts("look.flagged.v1")
    done = officer.form(f"/referrals/looks/{told['look_id']}/settling", {"outcome": "explained"})
    assert done.status_code == 303
    assert room.facts("look.settled.v1")[0]["outcome"] == "explained"
    room.clock.advance(days=89)
    assert open_it() == 1
    room.clock.advance(days=2)
    assert open_it() == 2


def test_only_a_privacy_officer_reads_of_a_look_and_no_name_stands_there(room: Any) -> None:
    referral_id = room.received(person=HERE)
    caller = an_account(room, "Ruth Okafor", "ZZ5 5AA", "coordinator")
    caller.page(f"/referrals/{referral_id}")
    a_minute_passes(room)
    look_id = room.facts("look.flagged.v1")[0]["look_id"]
    officer = room.as_("privacy_officer")
    for path in ("/referrals/looks", f"/referrals/looks/{look_id}"):
        for role in ("coordinator", "network_lead", "administrator", "safeguarding_lead", "partner_lead"):
            assert room.as_(role, partner_id=room.partner_id).page(path).status_code == 403, (path, role)
        words = words_of(officer.page(path))
        assert "same surname" in words
        assert "coordinator" in words
        assert not any(name in words for name in ("Jordan", "Okafor", "Ruth"))
    one = officer.page(f"/referrals/looks/{look_id}")
    assert caller.who.id in one.text
    assert room.person_of(referral_id) in one.text
    # The officer's own look at the person's record is on record as well.
    assert [row.purpose for row in room.audited(who_id=officer.who.id, action="person.seen")] == ["look.read"] * 2


def test_nobody_sees_to_a_look_of_their_own_or_twice(room: Any) -> None:
    referral_id = room.received(person=HERE)
    both = an_account(room, "Ruth Okafor", "ZZ5 5AA", "coordinator", "privacy_officer")
    both.page(f"/referrals/{referral_id}")
    a_minute_passes(room)
    look_id = room.facts("look.flagged.v1")[0]["look_id"]
    at = f"/referrals/looks/{look_id}/settling"
    assert both.form(at, {"outcome": "explained"}).status_code == 409
    assert "another privacy officer" in words_of(both.page(f"/referrals/looks/{look_id}"))
    other = room.as_("privacy_officer")
    assert other.form(at, {"outcome": "nonsense"}).status_code == 422
    assert other.form(at, {"outcome": "taken_further"}).status_code == 303
    assert other.form(at, {"outcome": "explained"}).status_code == 409
    assert [row.rule for row in room.audited(outcome="refused")] == ["OwnLook", "LookSettledBefore"]


def test_the_marks_of_somebody_forgotten_are_gone(room: Any) -> None:
    referral_id = room.received(person=HERE)
    person_id = room.person_of(referral_id)
    assert forget_person(room.as_("privacy_officer"), room.as_("network_lead"), person_id) == 204
    with room["referrals"].reading() as unit:
        from services.referrals.store import people

        row = unit.connection.execute(sa.select(people).where(people.c.person_id == person_id)).one()
    assert (row.surname_mark, row.postcode_mark, row.whole_mark) == (None, None, None)


@pytest.mark.parametrize("text", ["Okafor", "ZZ1 1AA", "zz11aa", "okafor"])
def test_no_mark_tells_the_word_it_is_of(room: Any, text: str) -> None:
    ring = room["referrals"].vault.make(marks.OWNER, [marks.CLASS])
    made = marks.marks_of(partial(ring.mark, marks.OWNER, marks.CLASS), "Jordan Okafor", "ZZ1 1AA")
    assert all(mark is not None and len(mark) == 32 and text.lower() not in mark for mark in made)
