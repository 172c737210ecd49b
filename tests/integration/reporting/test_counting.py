"""Each fact is counted once, whatever the order and however often it is heard, and its area is found either way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.keys import keys
from chassis.tables import inbox, positions
from contracts import matching, partners, referrals
from services.reporting.store.tables import events_counted, groups, pairs
from tests.tellers import SAFE


def test_a_referral_is_counted_once(room: Any) -> None:
    told = room.a_referral()
    assert room.counted("referral.received", referral_id=told.referral_id) == 1


def test_a_replay_of_everything_from_the_start_adds_nothing(room: Any) -> None:
    for _ in range(3):
        told = room.a_referral()
        room.acknowledged(told)
        room.agreed(told)
    room.tick()
    before = [room.counted(kind) for kind in ("referral.received", "referral.acknowledged", "match.agreed")]
    # The room forgets how far it had read, and what of each stream it had applied.
    with room["reporting"].writing() as unit:
        unit.connection.execute(sa.delete(inbox))
        unit.connection.execute(sa.delete(positions))
    room["reporting"].listener.close()
    room.quiet()
    assert before == [3, 3, 3]
    assert [room.counted(kind) for kind in ("referral.received", "referral.acknowledged", "match.agreed")] == before


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_area_is_found_in_whatever_order_its_two_facts_arrive(room: Any, order: str) -> None:
    for _ in range(6):
        room.a_referral("coast", equity=order)
    room.tick()
    assert room.figure("2026-03", "referrals_received", "coast") == 5
    assert room.figure("2026-03", "referrals_received", "north") == "[c]"


def test_group_codes_that_never_come_leave_a_referral_to_the_region(room: Any) -> None:
    for _ in range(6):
        room.a_referral(equity="never")
    room.tick()
    assert room.figure("2026-03", "referrals_received") == 5
    assert {room.figure("2026-03", "referrals_received", area) for area in ("north", "coast", "city")} == {"[c]"}


def test_a_referral_of_someone_forgotten_is_counted_without_its_groups(room: Any) -> None:
    told = room.new()
    ring = room["referrals"].vault.make(told.person_id, ["called", "reporting", "safety"])
    fact = referrals.ReferralReceived(
        referral_id=told.referral_id, person_id=told.person_id, partner_id=room.partner_id, door="web",
        received_at=room.now, called=ring.seal(told.person_id, "called", "Jordan"),
        reporting_id=ring.seal(told.person_id, "reporting", told.reporting_id),
        safety=ring.seal(told.person_id, "safety", SAFE), is_incomplete=False,
    )  # fmt: skip
    with room.house.shared.keys.database.writing() as connection:
        gone = sa.update(keys).where(keys.c.owner_id == told.person_id).values(wrapped=None, gone_at=room.now)
        connection.execute(gone)
    room.referral_fact(told, fact)
    assert room.counted("referral.received", referral_id=told.referral_id) == 1
    with room["reporting"].reading() as unit:
        assert unit.connection.execute(sa.select(pairs)).all() == []


def test_the_rows_that_are_counted_name_nobody(room: Any) -> None:
    told = room.a_referral()
    room.acknowledged(told)
    room.agreed(told)
    room.supported(told)
    room.a_contact(told)
    with room["reporting"].reading() as unit:
        tables = [unit.connection.execute(sa.select(table)).all() for table in (events_counted, groups)]
        pair = unit.connection.execute(sa.select(pairs)).one()
    kept = {str(cell) for rows in tables for row in rows for cell in row}
    assert told.referral_id in kept
    assert told.person_id not in kept
    assert told.peer_id not in kept
    # Only the pair knows whose a referral is, so that it can be found and dropped when they are forgotten.
    assert pair.person_id == told.person_id
    assert not any("Jordan" in cell for cell in kept)


def test_a_group_code_row_does_not_say_whose_it_is(room: Any) -> None:
    told = room.a_referral()
    with room["reporting"].reading() as unit:
        row = unit.connection.execute(sa.select(groups)).one()
    assert row.reporting_id == told.reporting_id
    assert told.referral_id not in tuple(row)


def test_a_match_let_go_as_a_whole_is_another_thing_than_one_option(room: Any) -> None:
    told = room.a_referral()
    for peer_id in (told.peer_id, None):
        fact = matching.MatchReleased(
            match_id=told.match_id, referral_id=told.referral_id, person_id=told.person_id, peer_id=peer_id,
            code="hold_lapsed", released_at=room.now,
        )  # fmt: skip
        room.tell("matching", f"matching/match/{told.match_id}", fact)
    assert (room.counted("option.released"), room.counted("match.released")) == (1, 1)


def test_a_day_is_a_day_in_london(room: Any) -> None:
    # Half past eleven at night of 31 March by UTC is 1 April in London, where summer time has begun.
    room.clock.move_to(room.now.replace(month=3, day=31, hour=23, minute=30))
    room.a_referral()
    assert room.counted("referral.received", on_day=date(2026, 4, 1)) == 1


def test_a_peer_is_counted_where_their_partner_is_also_when_the_partner_is_heard_of_later(room: Any) -> None:
    for _ in range(6):
        peer_id = room.ids.new()
        ring = room["partners"].vault.make(peer_id, ["called"])
        fact = matching.PeerJoined(
            peer_id=peer_id, partner_id=room.partner_id, called=ring.seal(peer_id, "called", "Asha"), joined_at=room.now
        )
        room.tell("matching", f"matching/peer/{peer_id}", fact)
    joined = partners.PartnerJoined(
        partner_id=room.partner_id, code="kindred", name="Kindred Voices", kind="voluntary", area="south",
        joined_on=room.now.date() - timedelta(days=30),
    )  # fmt: skip
    room.tell("partners", f"partners/partner/{room.partner_id}", joined)
    room.tick()
    assert room.figure("2026-03", "peers_joined", "south") == 5
