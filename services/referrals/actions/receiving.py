"""How a referral is taken in: kept with its person, stated in facts, and answered with a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from chassis import told, working_days
from chassis.ids import short_code, trace_parent
from chassis.once import Answer, body_hash
from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Thread, Unit
from contracts import marks
from contracts import needs as lists
from contracts.referrals import ConsentGiven, EquityStated, ReferralReceived
from contracts.worries import WorryRaised
from services.referrals import domain, store
from services.referrals.actions import changing, searching

NEW_PERSON_CLASSES = ("called", "contact", "needs", "safety", "notes", "raw", "reporting", "worry")
WORDING_VERSION = "2026-11"


@dataclass(frozen=True)
class Arrival:
    """How a referral came in: the door, the body as it was sent, and whether numbers kept for tests are taken.

    The referral's id is that of the sending, whenever it is sent again and whatever is put back meanwhile.
    """

    door: str
    raw: bytes
    test_numbers_allowed: bool
    referral_id: str


def new_keys(house: Service, person_id: str) -> Ring:
    """The keys of a new person, and those their marks are made with; fetched before the transaction."""
    return house.vault.make(person_id, NEW_PERSON_CLASSES).joined(searching.mark_keys(house))


def receive_referral(unit: Unit, person_id: str, asked: Mapping[str, Any], arrival: Arrival) -> Answer:
    """Keeps a new referral and states it; refuses one that breaks a hard rule, and a partner that may not send.

    Refuses (TakenBefore) a sending whose referral was stated and is lacking here, in an older copy that was put back.

    `asked` is the canonical referral (schemas.ReferralSchema, loaded); the unit's ring holds `new_keys`.
    """
    changing.heed_suspension(unit)
    changing.heed_conditions(unit)
    domain.check(asked, today=changing.today(unit), test_numbers_allowed=arrival.test_numbers_allowed)
    referral_id, reporting_id = arrival.referral_id, unit.ids.new()
    person = _person_row(unit, person_id, reporting_id, asked)
    referral = _referral_row(unit, referral_id, person_id, asked, arrival)
    store.add(unit, person, referral)
    # A rival that kept the same sending a moment ago has made the line above fail; this one was stated and is not kept.
    if unit.at(f"referrals/referral/{referral_id}"):
        raise domain.TakenBefore()
    # Whoever sent it knows of it; they go on seeing where it stands.
    told.keep_from(unit, person_id, set(asked["safety"]["must_not_be_told"]) - {unit.who.id})
    _state_arrival(unit, person, referral, asked, reporting_id)
    if asked["safety"]["present_danger"]:
        _state_danger(unit, referral, asked)
    unit.note("referral.send", subject=person_id, record=referral_id)
    return Answer(201, receipt(referral), referral_id)


def _person_row(unit: Unit, person_id: str, reporting_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    person, ring = asked["person"], unit.ring
    born = person["birth_date"]
    contact = {**person, **asked["contact"], "birth_date": born.isoformat() if born else None}
    consent = asked["consent"]
    given_on = consent["given_on"] or changing.today(unit)
    return {
        "person_id": person_id,
        "partner_id": unit.who.partner_id,
        "called": ring.seal(person_id, "called", person["called"] or domain.called(person["name"])),
        "contact": ring.seal(person_id, "contact", contact),
        "consent_id": unit.ids.new(),
        "consent_state": domain.GIVEN,
        "consent": {
            "given_by": consent["given_by"],
            "how": consent["how"],
            "given_on": given_on.isoformat(),
            "wording": WORDING_VERSION,
        },
        "reporting_id": ring.seal(person_id, "reporting", reporting_id),
        "is_protected": False,
        **marks.marks_of(partial(ring.mark, marks.OWNER, marks.CLASS), person["name"], person["postcode"])._asdict(),
        **searching.marks_to_find(ring, person),
    }


def _referral_row(
    unit: Unit, referral_id: str, person_id: str, asked: Mapping[str, Any], arrival: Arrival
) -> dict[str, Any]:
    ring, policy = unit.ring, unit.policy
    safety = asked["safety"]
    note_code = "check" if safety["note"] or safety["present_danger"] else "none"
    notes = {name: asked[name] for name in ("strengths", "hopes", "why_peer_support", "your_reference", "referrer")}
    notes |= {"safety_note": safety["note"], "present_danger": safety["present_danger"]}
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
        "holder_id": None,
        "incomplete": list(domain.gaps(asked)),
        "needs": ring.seal(person_id, "needs", {**asked["needs"], "age_band": _age_band(unit, asked)}),
        "safety": ring.seal(person_id, "safety", {"conflicts": safety["must_not_be_told"], "note_code": note_code}),
        "notes": ring.seal(person_id, "notes", notes),
        "raw": ring.seal(person_id, "raw", arrival.raw.decode("utf-8", "replace")),
        "raw_hash": body_hash(arrival.raw),
    }


def _age_band(unit: Unit, asked: Mapping[str, Any]) -> str:
    return domain.age_band(asked["person"]["birth_date"], changing.today(unit))


def _state_arrival(
    unit: Unit, person: Mapping[str, Any], referral: Mapping[str, Any], asked: Mapping[str, Any], reporting_id: str
) -> None:
    person_id = person["person_id"]
    given_on = asked["consent"]["given_on"] or changing.today(unit)
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
        safety=referral["safety"],
        is_incomplete=bool(referral["incomplete"]),
        reply_due_at=referral["reply_due_at"],
    )
    unit.state(f"referrals/referral/{referral['referral_id']}", received, requires=[place])
    _keep_codes(unit, asked, reporting_id)


def _keep_codes(unit: Unit, asked: Mapping[str, Any], reporting_id: str) -> None:
    # Stated beside the referral, the codes would be tied to the person by their moment and their place in the log.
    codes = {
        "area": asked["needs"]["area"] or "unknown",
        "age_band": _age_band(unit, asked),
        "ethnicity": asked["equity"]["ethnicity"],
        "gender": asked["equity"]["gender"],
    }
    store.keep_codes(unit, reporting_id, changing.today(unit), codes)


def state_codes(unit: Unit, reporting_id: str, codes: Mapping[str, str]) -> bool:
    """States the group codes kept under one reporting id, on a thread of its own; false when it was done already.

    The ids that tie facts of one knock together would tie the codes of one day to one another.
    """
    if not store.drop_codes(unit, reporting_id):
        return False
    apart = unit.ids.new()
    alone = replace(unit, thread=Thread(apart, apart, traceparent=trace_parent()))
    equity = EquityStated(reporting_id=reporting_id, stated_on=changing.today(unit), **codes)
    alone.state(f"referrals/equity/{reporting_id}", equity)
    unit.stated += 1
    return True


def _state_danger(unit: Unit, referral: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    worry_id, person_id = unit.ids.new(), referral["person_id"]
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
        safety=referral["safety"],
    )
    unit.state(f"referrals/worry/{worry_id}", worry)
    store.keep_worry_about(unit, worry_id, person_id, is_own=True)


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
