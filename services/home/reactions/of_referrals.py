"""What a referral brings to a list: opening it, deciding, and asking when nobody did."""

from __future__ import annotations

from collections.abc import Mapping

from chassis import told
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.needs import must_not_be_told
from contracts.referrals import (
    PersonForgotten,
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralClosed,
    ReferralDeclined,
    ReferralOverdue,
    ReferralReceived,
)
from contracts.roles import COORDINATOR
from services.home import store
from services.home.actions import hearing
from services.home.domain import journey

_OPENING, _DECISION = "acknowledgement", "decision"


def _keep_from(unit: Unit, fact: ReferralReceived | ReferralAccepted) -> None:
    told.keep_from(unit, fact.person_id, must_not_be_told(unit.ring.open(fact.safety, owner_id=fact.person_id)))


def on_referral_received(unit: Unit, fact: ReferralReceived) -> None:
    """A coordinator opens it; accounts that must not be told of the person find nothing. Forgotten, nobody is named."""
    if not told.has_forgotten(unit, fact.person_id):
        _keep_from(unit, fact)
        store.keep_name(
            unit, id=fact.person_id, kind="person", called=fact.called, partner_id=None, roles=["person"],
            since=fact.received_at,
        )  # fmt: skip
    store.begin_journey(unit, fact.referral_id, fact.person_id, fact.received_at, journey.RECEIVED)
    store.open_work(
        unit, "open_referral", fact.referral_id, role=COORDINATOR, person_id=fact.person_id, about_id=fact.person_id,
        due_at=fact.reply_due_at, since=fact.received_at,
    )  # fmt: skip


def on_referral_acknowledged(unit: Unit, fact: ReferralAcknowledged) -> None:
    """It was opened; a coordinator decides."""
    hearing.close_one(unit, "open_referral", fact.referral_id)
    hearing.close_one(unit, "ask_about_referral", fact.referral_id, _OPENING)
    store.open_work(
        unit, "decide_referral", fact.referral_id, role=COORDINATOR, person_id=fact.person_id, about_id=fact.person_id,
        due_at=fact.decision_due_at, since=fact.acknowledged_at,
    )  # fmt: skip
    hearing.move_journey(unit, fact.referral_id, journey.ACKNOWLEDGED)


def on_referral_accepted(unit: Unit, fact: ReferralAccepted) -> None:
    """The person waits: somebody is to be found for them, and whom they named by now is not told either."""
    if not told.has_forgotten(unit, fact.person_id):
        _keep_from(unit, fact)
    _settled(unit, fact.referral_id)
    hearing.move_journey(unit, fact.referral_id, journey.WAITING)


def on_referral_declined(unit: Unit, fact: ReferralDeclined) -> None:
    """Nothing more is to do."""
    _settled(unit, fact.referral_id)
    hearing.move_journey(unit, fact.referral_id, journey.DECLINED)


def on_referral_closed(unit: Unit, fact: ReferralClosed) -> None:
    """Nothing more is to do."""
    _settled(unit, fact.referral_id)
    hearing.move_journey(unit, fact.referral_id, journey.ENDED)


def _settled(unit: Unit, referral_id: str) -> None:
    hearing.close_one(unit, "open_referral", referral_id)
    hearing.close_one(unit, "decide_referral", referral_id)
    for step in (_OPENING, _DECISION):
        hearing.close_one(unit, "ask_about_referral", referral_id, step)


def on_referral_overdue(unit: Unit, fact: ReferralOverdue) -> None:
    """Whoever is told asks the coordinators what it needs."""
    store.open_work(
        unit, "ask_about_referral", fact.referral_id, whose=fact.step, role=fact.told_role, person_id=fact.person_id,
        due_at=fact.due_at, since=hearing.stated_at(unit),
    )  # fmt: skip


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """Nothing is to do about them any more, and no name is kept; where their referrals stood stays counted."""
    store.forget_person(unit, fact.person_id)
    store.forget_seen(unit, fact.person_id)
    told.forget(unit, fact.person_id)


DOES: Mapping[type, Reaction] = {
    ReferralReceived: on_referral_received,
    ReferralAcknowledged: on_referral_acknowledged,
    ReferralAccepted: on_referral_accepted,
    ReferralDeclined: on_referral_declined,
    ReferralClosed: on_referral_closed,
    ReferralOverdue: on_referral_overdue,
    PersonForgotten: on_person_forgotten,
}
