"""What every verb needs: the referral as its rules see it, how a change is saved, and how it is stated."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis import working_days
from chassis.unit import Unit
from contracts.referrals import ReferralClosed
from contracts.setup import QUESTIONS
from services.referrals import domain, store


def today(unit: Unit) -> date:
    """The day it is in London."""
    return unit.now.astimezone(working_days.LONDON).date()


def standing(row: Any, birth_date: date | None = None) -> domain.Referral:
    """Where a referral stands; with a birth date when the rule at hand asks for age."""
    return domain.Referral(row.referral_id, row.person_id, row.state, birth_date)


def save(unit: Unit, row: Any, after: domain.Referral, **columns: Any) -> None:
    """Saves a change of a referral that still stands where it stood."""
    if not store.change(unit, row.referral_id, row.state, state=after.state, **columns):
        raise domain.ChangedMeanwhile()


def state(unit: Unit, row: Any, fact: Any) -> None:
    """States a fact of a referral; hearers apply it only after the person's latest consent and protection."""
    requires = [unit.at(f"referrals/person/{row.person_id}")]
    unit.state(f"referrals/referral/{row.referral_id}", fact, requires=requires)


def end(unit: Unit, row: Any, what: str, outcome: str) -> None:
    """Brings a referral to its end by the move `what`, and states its outcome."""
    after = domain.move(standing(row), what)
    save(unit, row, after, ended_at=unit.now, outcome=outcome, reply_due_at=None, decision_due_at=None)
    fact = ReferralClosed(
        referral_id=row.referral_id, person_id=row.person_id, closed_at=unit.now, outcome=outcome
    )  # fmt: skip
    state(unit, row, fact)


def heed_conditions(unit: Unit) -> None:
    """Refuses somebody new from a partner without an agreement, or before it has answered; all else goes on."""
    if not unit.who.partner_id:
        return
    held = unit.braked(unit.who.partner_id)
    if "agreement_lapsed" in held:
        raise domain.AgreementLapsed()
    if "setup_unanswered" in held:
        raise domain.QuestionsUnanswered(
            f"Your organisation answers {len(QUESTIONS)} questions first, before it refers anybody. Its lead answers "
            f"them at /partners/{unit.who.partner_id}/questions"
        )


def heed_suspension(unit: Unit) -> None:
    """Refuses whoever asks for a partner that may send and see nothing for now; who reaches the network goes on."""
    partner_id = None if unit.scope.reach == "network" else unit.who.partner_id
    if partner_id and "partner_suspended" in unit.braked(partner_id):
        raise domain.PartnerSuspended()
