"""What can be done with a referral: each verb loads, asks the domain, saves, audits and states the fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis import working_days
from chassis.access import service_scope
from chassis.ids import short_code
from chassis.once import Answer, body_hash
from chassis.unit import Unit
from contracts import needs as lists
from contracts.referrals import (
    ConsentGiven,
    ConsentWithdrawn,
    EquityStated,
    PersonProtected,
    PersonUnprotected,
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralClosed,
    ReferralDeclined,
    ReferralReceived,
)
from contracts.worries import WorryRaised

from . import domain, store

NEW_PERSON_CLASSES = ("called", "contact", "needs", "safety", "notes", "raw", "reporting", "worry")
WORDING_VERSION = "2026-11"


@dataclass(frozen=True)
class Arrival:
    """How a referral came in: the door, the body as it was sent, and whether numbers kept for tests are taken."""

    door: str
    raw: bytes
    test_numbers_allowed: bool


def receive_referral(unit: Unit, person_id: str, asked: Mapping[str, Any], arrival: Arrival) -> Answer:
    """Keeps a new referral and states it; refuses one that breaks a hard rule, or comes from a suspended partner.

    `asked` is the canonical referral (schemas.ReferralSchema, loaded); the unit's ring holds the new person's keys.
    """
    partner_id = unit.who.partner_id or ""
    if "partner_suspended" in unit.braked(partner_id):
        raise domain.PartnerSuspended()
    today = unit.now.astimezone(working_days.LONDON).date()
    domain.check(asked, today=today, test_numbers_allowed=arrival.test_numbers_allowed)
    referral_id, reporting_id = unit.ids.new(), unit.ids.new()
    person = _person_row(unit, person_id, reporting_id, asked)
    referral = _referral_row(unit, referral_id, person_id, asked, arrival)
    store.add(unit, person, referral)
    _state_arrival(unit, person, referral, asked, reporting_id)
    if asked["safety"]["present_danger"]:
        _state_danger(unit, person_id, asked)
    unit.note("referral.send", subject=person_id, record=referral_id)
    return Answer(201, receipt(referral), referral_id)


def _person_row(unit: Unit, person_id: str, reporting_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    person, ring = asked["person"], unit.ring
    born = person["birth_date"]
    contact = {**person, **asked["contact"], "birth_date": born.isoformat() if born else None}
    consent = asked["consent"]
    given_on = consent["given_on"] or unit.now.date()
    return {
        "person_id": person_id,
        "called": ring.seal(person_id, "called", person["called"] or domain.called(person["name"])),
        "contact": ring.seal(person_id, "contact", contact),
        "consent_id": unit.ids.new(),
        "consent_state": "given",
        "consent": {
            "given_by": consent["given_by"],
            "how": consent["how"],
            "given_on": given_on.isoformat(),
            "wording": WORDING_VERSION,
        },
        "reporting_id": ring.seal(person_id, "reporting", reporting_id),
        "is_protected": False,
    }


def _referral_row(
    unit: Unit, referral_id: str, person_id: str, asked: Mapping[str, Any], arrival: Arrival
) -> dict[str, Any]:
    ring, policy = unit.ring, unit.policy
    band = domain.age_band(asked["person"]["birth_date"], unit.now.date())
    safety = asked["safety"]
    note_code = "check" if safety["note"] or safety["present_danger"] else "none"
    notes = {name: asked[name] for name in ("strengths", "hopes", "why_peer_support", "your_reference", "referrer")}
    return {
        "referral_id": referral_id,
        "reference": "BT-" + short_code(referral_id),
        "person_id": person_id,
        "partner_id": unit.who.partner_id,
        "sender_id": unit.who.id,
        "door": arrival.door,
        "state": domain.RECEIVED,
        "received_at": unit.now,
        "reply_due_at": working_days.after(unit.now, policy.reply_working_days),
        "decision_due_at": None,
        "incomplete": list(domain.gaps(asked)),
        "needs": ring.seal(person_id, "needs", {**asked["needs"], "age_band": band}),
        "safety": ring.seal(person_id, "safety", {"conflicts": safety["must_not_be_told"], "note_code": note_code}),
        "notes": ring.seal(person_id, "notes", {**notes, "safety_note": safety["note"]}),
        "raw": ring.seal(person_id, "raw", arrival.raw.decode("utf-8", "replace")),
        "raw_hash": body_hash(arrival.raw),
    }


def _state_arrival(
    unit: Unit, person: Mapping[str, Any], referral: Mapping[str, Any], asked: Mapping[str, Any], reporting_id: str
) -> None:
    person_id = person["person_id"]
    given_on = asked["consent"]["given_on"] or unit.now.date()
    expires_on = given_on + timedelta(days=round(unit.policy.consent_months * 30.44))
    consent = ConsentGiven(
        person_id=person_id,
        consent_id=person["consent_id"],
        scope=lists.CONSENT_SCOPE,
        wording_version=WORDING_VERSION,
        given_on=given_on,
        expires_on=expires_on,
    )
    place = unit.state(f"referrals/person/{person_id}", consent)
    received = ReferralReceived(
        referral_id=referral["referral_id"],
        person_id=person_id,
        partner_id=referral["partner_id"],
        door=referral["door"],
        received_at=unit.now,
        called=person["called"],
        reporting_id=person["reporting_id"],
        is_incomplete=bool(referral["incomplete"]),
        reply_due_at=referral["reply_due_at"],
    )
    unit.state(f"referrals/referral/{referral['referral_id']}", received, requires=[place])
    equity = EquityStated(
        reporting_id=reporting_id,
        stated_on=unit.now.date(),
        area=asked["needs"]["area"] or "unknown",
        age_band=domain.age_band(asked["person"]["birth_date"], unit.now.date()),
        ethnicity=asked["equity"]["ethnicity"],
        gender=asked["equity"]["gender"],
    )
    unit.state(f"referrals/equity/{reporting_id}", equity)


def _state_danger(unit: Unit, person_id: str, asked: Mapping[str, Any]) -> None:
    worry_id = unit.ids.new()
    words = asked["safety"]["note"] or "The referrer says the person may be in danger now."
    worry = WorryRaised(
        worry_id=worry_id,
        about="person",
        about_id=person_id,
        raised_by="referrer",
        raised_by_id=unit.who.id,
        level=4,
        raised_at=unit.now,
        words=unit.ring.seal(person_id, "worry", words),
    )
    unit.state(f"referrals/worry/{worry_id}", worry)


def receipt(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the sender is told of a referral: where it stands and when someone will have read it."""
    due = row["reply_due_at"]
    return {
        "referral_id": row["referral_id"],
        "reference": row["reference"],
        "state": row["state"],
        "stage": domain.STAGES[row["state"]],
        "received_at": row["received_at"].isoformat(),
        "reply_due_at": due.isoformat() if due else None,
        "incomplete": list(row["incomplete"]),
    }


def _standing(row: Any, birth_date: Any = None) -> domain.Referral:
    return domain.Referral(row.referral_id, row.person_id, row.state, birth_date)


def _save(unit: Unit, row: Any, after: domain.Referral, **columns: Any) -> None:
    if not store.change(unit, row.referral_id, row.state, state=after.state, **columns):
        raise domain.MoveNotAllowed("Somebody else changed this referral at the same moment. Look at it again.")


def acknowledge_referral(unit: Unit, referral_id: str) -> None:
    """Says that a human being opened the referral; the decision clock starts."""
    row = store.referral(unit.scope, unit, referral_id)
    after = domain.move(_standing(row), "acknowledge")
    due = working_days.after(unit.now, unit.policy.decision_working_days)
    _save(unit, row, after, acknowledged_at=unit.now, decision_due_at=due, reply_due_at=None)
    fact = ReferralAcknowledged(
        referral_id=referral_id,
        person_id=row.person_id,
        acknowledged_at=unit.now,
        by_account_id=unit.who.id,
        decision_due_at=due,
    )
    unit.state(f"referrals/referral/{referral_id}", fact)
    unit.note("referral.acknowledge", subject=row.person_id, record=referral_id)


def accept_referral(unit: Unit, referral_id: str) -> None:
    """Accepts the referral: the person waits for a match from now, with the day they were referred kept.

    Refuses without consent, without a birth date, and for anyone under age. The ring opens the contact token.
    """
    row = store.referral(unit.scope, unit, referral_id)
    if row.consent_state != "given":
        raise domain.ConsentMissing()
    born = unit.ring.open(row.contact, owner_id=row.person_id)
    birth_date = _date_of(born)
    after = domain.accept(_standing(row, birth_date), today=unit.now.date(), adult_years=unit.policy.adult_years)
    _save(unit, row, after, accepted_at=unit.now, decision_due_at=None)
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
    unit.state(f"referrals/referral/{referral_id}", fact, requires=[unit.at(f"referrals/person/{row.person_id}")])
    unit.note("referral.accept", subject=row.person_id, record=referral_id)


def _date_of(contact: Any) -> Any:
    from datetime import date

    text = contact.get("birth_date") if contact else None
    return date.fromisoformat(text) if text else None


def decline_referral(unit: Unit, referral_id: str, declined_by: str, reason: str) -> None:
    """Says that the referral will not go on, by whom and why."""
    row = store.referral(unit.scope, unit, referral_id)
    after = domain.move(_standing(row), "decline")
    _save(unit, row, after, ended_at=unit.now, outcome="declined", reply_due_at=None, decision_due_at=None)
    fact = ReferralDeclined(
        referral_id=referral_id,
        person_id=row.person_id,
        declined_at=unit.now,
        declined_by=declined_by,
        reason=reason,
    )
    unit.state(f"referrals/referral/{referral_id}", fact, requires=[unit.at(f"referrals/person/{row.person_id}")])
    unit.note("referral.decline", subject=row.person_id, record=referral_id)


def add_birth_date(unit: Unit, referral_id: str, birth_date: Any) -> None:
    """Adds the birth date a referral came without; needs and contact are sealed anew with it."""
    row = store.referral(unit.scope, unit, referral_id)
    contact = {**unit.ring.open(row.contact, owner_id=row.person_id), "birth_date": birth_date.isoformat()}
    needs = {
        **unit.ring.open(row.needs, owner_id=row.person_id),
        "age_band": domain.age_band(birth_date, unit.now.date()),
    }
    store.change_person(unit, row.person_id, contact=unit.ring.seal(row.person_id, "contact", contact))
    left = [name for name in row.incomplete if name != "birth_date"]
    sealed = unit.ring.seal(row.person_id, "needs", needs)
    if not store.change(unit, referral_id, row.state, needs=sealed, incomplete=left):
        raise domain.MoveNotAllowed("Somebody else changed this referral at the same moment. Look at it again.")
    unit.note("referral.add_birth_date", subject=row.person_id, record=referral_id)


def withdraw_consent(unit: Unit, person_id: str) -> None:
    """Takes the person's consent back: a brake in every room, and their open referrals end."""
    person = store.person(unit.scope, unit, person_id)
    if person.consent_state == "withdrawn":
        return
    store.change_person(unit, person_id, consent_state="withdrawn")
    fact = ConsentWithdrawn(person_id=person_id, consent_id=person.consent_id, withdrawn_at=unit.now)
    unit.state(f"referrals/person/{person_id}", fact)
    whole = service_scope(unit.service)
    for row in store.of_person(whole, unit, person_id):
        if row.state not in {domain.DECLINED, domain.CLOSED}:
            _save(unit, row, domain.Referral(row.referral_id, person_id, domain.CLOSED), ended_at=unit.now,
                  outcome="withdrawn", reply_due_at=None, decision_due_at=None)  # fmt: skip
            _state_closed(unit, row.referral_id, person_id, "withdrawn")
    unit.note("consent.withdraw", subject=person_id)


def protect_person(unit: Unit, person_id: str, protect: bool) -> None:
    """Sets or lifts a person's protection; lifting works only in its turn."""
    person = store.person(unit.scope, unit, person_id)
    if person.is_protected == protect:
        return
    store.change_person(unit, person_id, is_protected=protect)
    fact: Any = (
        PersonProtected(person_id=person_id, protected_at=unit.now)
        if protect
        else PersonUnprotected(person_id=person_id, unprotected_at=unit.now)
    )
    unit.state(f"referrals/person/{person_id}", fact)
    unit.note("person.protect" if protect else "person.unprotect", subject=person_id)


def follow_stage(unit: Unit, referral_id: str, what: str) -> None:
    """Moves a referral along with what another room stated; a move that no longer fits is left alone.

    A referral that ended here meanwhile (a withdrawal crossing a match) stays ended.
    """
    row = store.referral(unit.scope, unit, referral_id)
    try:
        after = domain.move(_standing(row), what)
    except domain.MoveNotAllowed:
        return
    _save(unit, row, after)


def close_referral(unit: Unit, referral_id: str) -> None:
    """Closes a referral whose support ended."""
    row = store.referral(unit.scope, unit, referral_id)
    if row.state in {domain.CLOSED, domain.DECLINED}:
        return
    _save(unit, row, domain.move(_standing(row), "close"), ended_at=unit.now, outcome="support_ended")
    _state_closed(unit, referral_id, row.person_id, "support_ended")


def _state_closed(unit: Unit, referral_id: str, person_id: str, outcome: str) -> None:
    fact = ReferralClosed(referral_id=referral_id, person_id=person_id, closed_at=unit.now, outcome=outcome)
    unit.state(f"referrals/referral/{referral_id}", fact, requires=[unit.at(f"referrals/person/{person_id}")])
