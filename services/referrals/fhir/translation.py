"""From a message to the canonical referral, and from faults of the referral to the elements they came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from chassis.errors import Fault
from services.referrals.fhir.message import Message
from services.referrals.fhir.reading import at, codes, codes_of, first, identifiers, many, rows, telecom, text, texts
from services.referrals.fhir.reading import whole_name as joined

_LANGUAGES = {"en", "ar", "bn", "cy", "fa", "gu", "pa", "pl", "pt", "ro", "so", "ur", "yo"}
# The first letter of the NHS ethnic category, to the catalogue's coarse groups (MHSDS v6 EthnicCategory).
_ETHNICITY = {
    **dict.fromkeys("ABC", "white"),
    **dict.fromkeys("DEFG", "mixed"),
    **dict.fromkeys("HJKLR", "asian"),
    **dict.fromkeys("MNP", "black"),
    "S": "other",
}
_GENDER = {"male": "man", "female": "woman", "other": "other"}
# Flags that say what keeps everyone safe: safeguarding, scene safety, reasonable adjustment.
_SAFETY_FLAGS = {"SG", "SS", "RA"}
# Where in a message each part of a referral stands.
_ELEMENTS = {
    "person.name": "Patient.name",
    "person.called": "Patient.name.given",
    "person.birth_date": "Patient.birthDate",
    "person.nhs_number": "Patient.identifier",
    "person.address": "Patient.address",
    "person.postcode": "Patient.address.postalCode",
    "person.phone": "Patient.telecom",
    "person.email": "Patient.telecom",
    "why_peer_support": "CarePlan.activity",
    "your_reference": "ServiceRequest.identifier",
    "consent": "Consent",
    "safety": "Flag",
    "referrer": "Practitioner",
}


def referral_in(message: Message) -> dict[str, Any]:
    """The referral as every door gives it; what the message does not say is left out."""
    return {
        "your_reference": next(identifiers(message.request, ""), "")[:60],
        "why_peer_support": _words(message),
        "person": _person(message),
        "needs": {"language": _language(message)},
        "consent": _consent(message),
        "equity": {
            "ethnicity": _ethnicity(message),
            "gender": _GENDER.get(text(message.patient, "gender"), "unknown"),
        },
        "safety": {"note": _flags(message)},
        "referrer": _referrer(message),
    }


def faults_of(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults of a referral, each at the element of the message it came from."""
    return tuple(Fault(_element(fault.where), fault.says) for fault in faults)


def _element(where: str) -> str:
    return _ELEMENTS.get(where) or _ELEMENTS.get(where.partition(".")[0], "Bundle")


def _person(message: Message) -> dict[str, Any]:
    patient, ranked = message.patient, _first_to_call(message)
    name, address = first(patient.get("name")), first(patient.get("address"))
    return {
        "name": joined(name),
        "called": next(iter(texts(name.get("given"))), ""),
        "birth_date": patient.get("birthDate") or None,
        "nhs_number": next(identifiers(patient, "/id/nhs-number"), "") or None,
        "address": text(address, "text") or ", ".join(texts(address.get("line"))),
        "postcode": text(address, "postalCode"),
        "phone": _phone(telecom(ranked, "phone") or telecom(patient, "phone")),
        "email": telecom(ranked, "email") or telecom(patient, "email"),
    }


def _first_to_call(message: Message) -> dict[str, Any]:
    for contact in rows(message.patient.get("contact")):
        if 1 in [one.get("valuePositiveInt") for one in rows(contact.get("extension"))]:
            return contact
    return {}


def _language(message: Message) -> str:
    spoken = text(first(at(first(message.patient.get("communication")), "language", "coding")), "code")
    code = spoken.partition("-")[0].lower()
    return code if code in _LANGUAGES else "en"


def _consent(message: Message) -> dict[str, Any]:
    active = [one for one in message.of("Consent") if one.get("status") == "active"]
    direct_care = [one for one in active if "DRC" in codes_of(one.get("category"))]
    given_on = text(first(direct_care), "dateTime")[:10]
    # A year or a month alone is a date in FHIR and no day to count from.
    is_a_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", given_on)
    return {"given": bool(direct_care), "how": "in_writing", "given_on": given_on if is_a_day else None}


def _words(message: Message) -> str:
    said = []
    for plan in message.of("CarePlan"):
        for activity in rows(plan.get("activity")):
            said += [text(one, "text") for one in many(activity.get("outcomeCodeableConcept"))]
    said += [text(condition, "code", "text") for condition in message.of("Condition")]
    return _clean("\n".join(part for part in said if part))[:4000]


def _flags(message: Message) -> str:
    flags = [flag for flag in message.of("Flag") if codes_of(flag.get("category")) & _SAFETY_FLAGS]
    notes = [text(first(at(flag, "code", "coding")), "display") or text(flag, "code", "text") for flag in flags]
    return _clean("\n".join(note for note in notes if note))[:2000]


def _ethnicity(message: Message) -> str:
    for extension in rows(message.patient.get("extension")):
        if text(extension, "url").endswith("EthnicCategory"):
            letters = [code[:1] for code in sorted(codes(extension.get("valueCodeableConcept"))) if code]
            return _ETHNICITY.get(letters[0], "unknown") if letters else "unknown"
    return "unknown"


def _referrer(message: Message) -> dict[str, str]:
    asked_by = message.referred_to(message.request.get("requester"))
    if asked_by.get("resourceType") == "PractitionerRole":
        asked_by = message.referred_to(asked_by.get("practitioner"))
    is_human = asked_by.get("resourceType") == "Practitioner"
    return {
        "name": joined(first(asked_by.get("name"))) if is_human else "",
        "phone": _phone(telecom(asked_by, "phone")),
        "email": telecom(asked_by, "email"),
    }


def _phone(given: str) -> str:
    """A number as the referral takes it; what is none (an extension in words) is left out."""
    return given if re.fullmatch(r"\+?[0-9 ()\-]{5,25}", given) else ""


def _clean(said: str) -> str:
    return re.sub(r"[^\S\n]+", " ", said.replace("\\n", "\n")).strip()
