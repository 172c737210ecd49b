"""What a coordinator does with a referral: open it, add what is missing, accept it or decline it."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis import working_days
from chassis.unit import Unit
from contracts.referrals import ReferralAccepted, ReferralAcknowledged, ReferralDeclined
from services.referrals import domain, store
from services.referrals.actions import changing


def acknowledge_referral(unit: Unit, referral_id: str) -> None:
    """Says that a human being opened the referral, and holds it from now; the decision clock starts."""
    row = store.referral(unit.scope, unit, referral_id)
    after = domain.move(changing.standing(row), "acknowledge")
    due = working_days.after(unit.now, unit.policy.decision_working_days)
    changing.save(
        unit, row, after, acknowledged_at=unit.now, decision_due_at=due, reply_due_at=None, holder_id=unit.who.id
    )
    fact = ReferralAcknowledged(
        referral_id=referral_id,
        person_id=row.person_id,
        acknowledged_at=unit.now,
        by_account_id=unit.who.id,
        decision_due_at=due,
    )
    changing.state(unit, row, fact)
    unit.note("referral.acknowledge", subject=row.person_id, record=referral_id)


def accept_referral(unit: Unit, referral_id: str) -> None:
    """Accepts the referral: the person waits for a match from now, with the day they were referred kept.

    Refuses without consent, without a birth date, and for anyone under age. The ring opens the contact token.
    """
    row = store.referral(unit.scope, unit, referral_id)
    if row.consent_state != domain.GIVEN:
        raise domain.ConsentMissing()
    born = _birth_date(unit.ring.open(row.contact, owner_id=row.person_id))
    years = unit.policy.adult_years
    after = domain.accept(changing.standing(row, born), today=changing.today(unit), adult_years=years)
    changing.save(unit, row, after, accepted_at=unit.now, decision_due_at=None, holder_id=unit.who.id)
    fact = ReferralAccepted(
        referral_id=referral_id,
        person_id=row.person_id,
        partner_id=row.partner_id,
        received_at=row.received_at,
        accepted_at=unit.now,
        called=row.called,
        needs=row.needs,
        safety=row.safety,
    )
    changing.state(unit, row, fact)
    unit.note("referral.accept", subject=row.person_id, record=referral_id)


def _birth_date(contact: Any) -> date | None:
    text = contact.get("birth_date") if contact else None
    return date.fromisoformat(text) if text else None


def decline_referral(unit: Unit, referral_id: str, declined_by: str, reason: str) -> None:
    """Says that the referral will not go on, by whom and why."""
    row = store.referral(unit.scope, unit, referral_id)
    after = domain.move(changing.standing(row), "decline")
    changing.save(unit, row, after, ended_at=unit.now, outcome="declined", reply_due_at=None, decision_due_at=None)
    fact = ReferralDeclined(
        referral_id=referral_id,
        person_id=row.person_id,
        declined_at=unit.now,
        declined_by=declined_by,
        reason=reason,
    )
    changing.state(unit, row, fact)
    unit.note("referral.decline", subject=row.person_id, record=referral_id)


def add_birth_date(unit: Unit, referral_id: str, birth_date: date) -> None:
    """Adds the birth date a referral came without, before it is decided; needs and contact are sealed anew with it.

    Refuses a day to come. The ring opens and seals both tokens.
    """
    row = store.referral(unit.scope, unit, referral_id)
    after = domain.move(changing.standing(row), "add_birth_date")
    today = changing.today(unit)
    domain.check_birth_date(birth_date, today)
    person_id, ring = row.person_id, unit.ring
    contact = {**(ring.open(row.contact, owner_id=person_id) or {}), "birth_date": birth_date.isoformat()}
    needs = {**(ring.open(row.needs, owner_id=person_id) or {}), "age_band": domain.age_band(birth_date, today)}
    store.change_person(unit, person_id, contact=ring.seal(person_id, "contact", contact))
    left = [name for name in row.incomplete if name != "birth_date"]
    changing.save(unit, row, after, needs=ring.seal(person_id, "needs", needs), incomplete=left)
    unit.note("referral.add_birth_date", subject=person_id, record=referral_id)
