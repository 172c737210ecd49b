"""What a support brings to a list: meetings to come, two taps after one, and an ending to plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.support import ContactRecorded, MeetingPlanned, SupportEnded, SupportStarted
from services.home import store
from services.home.actions import hearing
from services.home.domain import journey

_MEETINGS = ("peer_meets", "person_meets")


def on_support_started(unit: Unit, fact: SupportStarted) -> None:
    """The pair has begun; near the agreed end the peer plans the ending with the person."""
    hearing.close_one(unit, "start_support", fact.match_id, ahead=True)
    store.begin_thread(unit, fact.match_id, fact.referral_id, journey.AGREED)
    store.begin_thread(unit, fact.support_id, fact.referral_id, journey.SUPPORTED)
    hearing.settle(unit, fact.referral_id)
    ends_at = hearing.end_of(fact.agreed_end_on)
    store.open_work(
        unit, "plan_ending", fact.support_id, who_id=fact.peer_id, person_id=fact.person_id, about_id=fact.person_id,
        due_at=ends_at, from_at=ends_at - timedelta(days=unit.policy.ending_notice_days),
        since=hearing.stated_at(unit),
    )  # fmt: skip


def on_meeting_planned(unit: Unit, fact: MeetingPlanned) -> None:
    """Both see when they meet; afterwards the peer may say so in two taps."""
    sides = (("peer_meets", fact.peer_id, fact.person_id), ("person_meets", fact.person_id, fact.peer_id))
    for kind, who_id, about_id in sides:
        store.open_work(
            unit, kind, fact.support_id, whose=fact.meeting_id, who_id=who_id, person_id=fact.person_id,
            about_id=about_id, due_at=fact.starts_at, since=hearing.stated_at(unit),
        )  # fmt: skip


def on_contact_recorded(unit: Unit, fact: ContactRecorded) -> None:
    """Meetings up to that day need no more taps."""
    hearing.close(unit, fact.support_id, *_MEETINGS, until=hearing.end_of(fact.held_on))


def on_support_ended(unit: Unit, fact: SupportEnded) -> None:
    """Nothing more is to do for the pair; a person who would like to come back waits again."""
    hearing.close(unit, fact.support_id, *_MEETINGS, "plan_ending")
    for thing_id in (fact.support_id, fact.match_id):
        store.begin_thread(unit, thing_id, fact.referral_id, journey.SUPPORTED)
        store.change_thread(unit, thing_id, is_open=False)
    if fact.wants_return:
        hearing.settle(unit, fact.referral_id)
    else:
        hearing.move_journey(unit, fact.referral_id, journey.ENDED)


DOES: Mapping[type, Reaction] = {
    SupportStarted: on_support_started,
    MeetingPlanned: on_meeting_planned,
    ContactRecorded: on_contact_recorded,
    SupportEnded: on_support_ended,
}
