"""The rules of a referral: what is refused and why, what is merely incomplete, and which moves its life allows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chassis.errors import Conflict, Fault, Invalid, NotAllowed

RECEIVED = "received"
ACKNOWLEDGED = "acknowledged"
WAITING = "waiting"
OFFERED = "offered"
MATCHED = "matched"
SUPPORTED = "supported"
DECLINED = "declined"
CLOSED = "closed"
# A referral that ended never moves again.
ENDED = (DECLINED, CLOSED)
# What is recorded of a person's consent.
GIVEN = "given"
WITHDRAWN = "withdrawn"
FORGOTTEN = "forgotten"

STAGES: Mapping[str, str] = {
    RECEIVED: "Received",
    ACKNOWLEDGED: "Being looked at",
    WAITING: "Waiting for a match",
    OFFERED: "Someone is being asked",
    MATCHED: "Matched",
    SUPPORTED: "Support is under way",
    DECLINED: "Not going on",
    CLOSED: "Ended",
}
# From which states each move may be made; all else is refused by name.
MOVES: Mapping[str, tuple[str, ...]] = {
    "acknowledge": (RECEIVED,),
    "add_birth_date": (RECEIVED, ACKNOWLEDGED),
    "accept": (ACKNOWLEDGED,),
    "decline": (RECEIVED, ACKNOWLEDGED, WAITING, OFFERED),
    "offer": (WAITING, OFFERED),
    "match": (WAITING, OFFERED, MATCHED),
    "support": (WAITING, OFFERED, MATCHED, SUPPORTED),
    "return": (OFFERED, MATCHED, SUPPORTED, WAITING),
    "close": (WAITING, OFFERED, MATCHED, SUPPORTED),
    "withdraw": (RECEIVED, ACKNOWLEDGED, WAITING, OFFERED, MATCHED, SUPPORTED),
}
# Where each move leads; a move that is not here leaves the referral where it stands.
_LEADS_TO: Mapping[str, str] = {
    "acknowledge": ACKNOWLEDGED,
    "accept": WAITING,
    "decline": DECLINED,
    "offer": OFFERED,
    "match": MATCHED,
    "support": SUPPORTED,
    "return": WAITING,
    "close": CLOSED,
    "withdraw": CLOSED,
}


class ReferralRefused(Invalid):
    """The referral breaks one or more of the rules every door keeps; each is a fault of its own."""

    says = "There is a problem with this referral."


class MoveNotAllowed(Conflict):
    """The referral is not in a state from which this move is made."""


class ChangedMeanwhile(Conflict):
    """Somebody else changed the referral between looking at it and acting on it."""

    says = "Somebody else changed this referral at the same moment. Look at it again."


class TakenBefore(Conflict):
    """This sending was taken in before; what came of it was lost with records that an older copy stands in for."""

    says = (
        "This referral was taken in before, and our records of it are being put back by a person. Do not send it again;"
        " ask the coordinators how it stands."
    )


class AdulthoodNotConfirmed(Conflict):
    """The birth date is missing, so nobody knows yet that the person is an adult."""

    says = "Ask for the date of birth first. Support is for adults, and this referral does not say how old they are."


class PersonTooYoung(Conflict):
    """The person is under the age from which the network supports people."""

    says = (
        "This person is under 18. Decline the referral with the reason 'too young' and tell the referrer who can help."
    )


class ConsentMissing(Conflict):
    """The person's consent is not recorded, or they took it back."""

    says = "This person's consent has been taken back, so nothing more of theirs is shared."


class PartnerSuspended(NotAllowed):
    """The partner is suspended and may send nothing for now."""

    says = "Your organisation is suspended from the network for now. Ask the network lead."


class AgreementLapsed(NotAllowed):
    """No data-sharing agreement of the partner is in force, so it sends nobody new."""

    says = (
        "Your organisation's data-sharing agreement has ended, so nobody new can be referred. Ask your lead to sign a "
        "new one with the network lead. People you referred keep their place."
    )


class QuestionsUnanswered(NotAllowed):
    """A partner answers the critical questions before it refers its first person."""

    says = "Your organisation has questions to answer before it refers anybody."


@dataclass(frozen=True)
class Referral:
    """Where one referral stands."""

    referral_id: str
    person_id: str
    state: str
    birth_date: date | None = None


def check(asked: Mapping[str, Any], *, today: date, test_numbers_allowed: bool) -> None:
    """Refuses a referral that breaks a hard rule, with every fault at once (rules.md, Referring: hard refusals).

    `asked` is the canonical referral: `person`, `contact`, `consent` and `referrer` are mappings, missing values None.
    """
    if faults := faults_in(asked, today=today, test_numbers_allowed=test_numbers_allowed):
        raise ReferralRefused(faults=tuple(faults))


def faults_in(
    asked: Mapping[str, Any], *, today: date, test_numbers_allowed: bool, unread: Collection[str] = ()
) -> list[Fault]:
    """Every hard rule a referral breaks; a rule that looks at something `unread` waits until that can be read.

    `unread` are places, such as `person.phone`, whose text is no phone number: what was meant there is not known yet.
    """
    person, contact, consent = asked["person"], asked["contact"], asked["consent"]
    ways = ("person.phone", "person.email", "person.address", "person.postcode", "referrer.phone", "referrer.email")
    rules = (
        (("person.name", "person.nhs_number"), _identity_faults(person, test_numbers_allowed)),
        (("person.birth_date",), _birth_faults(person.get("birth_date"), today, "person.birth_date")),
        ((*ways, "contact.channel"), _contact_faults(person, contact, asked["referrer"])),
        (("consent.given",), _consent_faults(consent)),
        (("consent.given_on",), _consent_day_faults(consent, today)),
    )
    return [fault for looks_at, faults in rules if not _any_within(looks_at, unread) for fault in faults]


def _any_within(places: Iterable[str], unread: Collection[str]) -> bool:
    return any(place == one or not one or place.startswith(f"{one}.") for place in places for one in unread)


def _identity_faults(person: Mapping[str, Any], test_numbers_allowed: bool) -> list[Fault]:
    number = person.get("nhs_number")
    if not number:
        missing = Fault("person.name", "Enter a name or an NHS number. One of them is needed.")
        return [] if person.get("name") else [missing]
    kind = kind_of_number(number)
    if kind == "wrong":
        says = "This is not an NHS number: its check digit does not fit. Check each digit."
        return [Fault("person.nhs_number", says)]
    if kind == "test" and not test_numbers_allowed:
        return [Fault("person.nhs_number", "This NHS number is of the range kept for tests. Enter the real one.")]
    if kind == "not_issued":
        return [Fault("person.nhs_number", "NHS numbers of this range are not issued. Check each digit.")]
    return []


def _birth_faults(born: date | None, today: date, where: str) -> list[Fault]:
    if born and born > today:
        return [Fault(where, "The date of birth is in the future. Check the year.")]
    return []


def check_birth_date(born: date, today: date) -> None:
    """Refuses a birth date that is yet to come."""
    if faults := _birth_faults(born, today, "birth_date"):
        raise ReferralRefused(faults=tuple(faults))


def _contact_faults(person: Mapping[str, Any], contact: Mapping[str, Any], referrer: Mapping[str, Any]) -> list[Fault]:
    ways = {
        "phone": person.get("phone"),
        "text": person.get("phone"),
        "email": person.get("email"),
        "post": person.get("address") or person.get("postcode"),
        "through_referrer": referrer.get("phone") or referrer.get("email"),
    }
    if not any(ways.values()):
        return [
            Fault("person.phone", "Enter a phone number, an email, an address, or someone who can pass a message on.")
        ]
    channel = contact.get("channel")
    if channel and not ways.get(channel):
        where = {"post": "person.address", "email": "person.email", "through_referrer": "referrer.phone"}
        return [Fault(where.get(channel, "person.phone"), "This is the way they want to be contacted, so enter it.")]
    return []


def _consent_faults(consent: Mapping[str, Any]) -> list[Fault]:
    asked_first = Fault("consent.given", "Ask the person first. A referral needs their consent.")
    return [] if consent.get("given") else [asked_first]


def _consent_day_faults(consent: Mapping[str, Any], today: date) -> list[Fault]:
    given_on = consent.get("given_on")
    if given_on and given_on > today:
        return [Fault("consent.given_on", "The day of consent is in the future. Check the date.")]
    return []


def gaps(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """What is missing without being a reason to refuse; the referral goes on and the clock runs."""
    person, consent = asked["person"], asked["consent"]
    named = {
        "name": person.get("name"),
        "birth_date": person.get("birth_date"),
        "postcode": person.get("postcode"),
        "nhs_number": person.get("nhs_number"),
        "gp_code": person.get("gp_code"),
        "area": asked["needs"].get("area"),
        "hopes": asked.get("hopes"),
        "consent_details": consent.get("given_by") and consent.get("how"),
        "strengths": asked.get("strengths"),
    }
    return tuple(name for name, value in named.items() if not value)


def kind_of_number(number: str) -> str:
    """Says whether ten digits are an NHS number: issued, test, not_issued or wrong.

    Modulus 11 with weights 10 to 2; ranges by the first three digits: 400-499 and 600-799 England, Wales and the Isle
    of Man, 010-311 Scotland, 320-399 Northern Ireland, 900-999 kept for tests, never issued (sources.md, NHS number).
    """
    if not re.fullmatch(r"[0-9]{10}", number) or len(set(number)) == 1:
        return "wrong"
    check_digit = 11 - sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    if (0 if check_digit == 11 else check_digit) != int(number[9]):
        return "wrong"
    first = int(number[:3])
    if 900 <= first <= 999:
        return "test"
    issued = 400 <= first <= 499 or 600 <= first <= 799 or 10 <= first <= 311 or 320 <= first <= 399
    return "issued" if issued else "not_issued"


def age_on(born: date, day: date) -> int:
    """Whole years of age on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def age_band(born: date | None, day: date) -> str:
    """The coarse age band reports use; unknown without a birth date or under 18."""
    if born is None or age_on(born, day) < 18:
        return "unknown"
    for band, first_above in (("18-24", 25), ("25-34", 35), ("35-44", 45), ("45-54", 55), ("55-64", 65)):
        if age_on(born, day) < first_above:
            return band
    return "65+"


def called(name: str | None) -> str:
    """What to call a person who has not said: their first name; without a name, a plain word."""
    return name.split()[0] if name and name.split() else "Someone"


def may_move(state: str, what: str) -> bool:
    """Whether a move is made from a state."""
    return state in MOVES[what]


def move(referral: Referral, what: str) -> Referral:
    """Checks that a move may be made now; refuses with MoveNotAllowed, which names both state and move."""
    if not may_move(referral.state, what):
        raise MoveNotAllowed(f"This referral is at '{STAGES[referral.state]}', so it cannot be changed that way now.")
    return replace(referral, state=_LEADS_TO.get(what, referral.state))


def accept(referral: Referral, *, today: date, adult_years: int) -> Referral:
    """Accepts an acknowledged referral of an adult; a missing birth date delays it, youth refuses it."""
    accepted = move(referral, "accept")
    if referral.birth_date is None:
        raise AdulthoodNotConfirmed()
    if age_on(referral.birth_date, today) < adult_years:
        raise PersonTooYoung()
    return accepted


def is_late(reply_due_at: datetime | None, decision_due_at: datetime | None, now: datetime) -> bool:
    """Whether the step a referral waits for ran past its time; a step that is done is due no more."""
    return any(due_at is not None and now > due_at for due_at in (reply_due_at, decision_due_at))
