"""The FHIR door: an NHS Booking and Referral Standard message becomes the canonical referral, or an OperationOutcome.

FHIR's own words (patient and the like) stay inside this file. Sources: docs/sources.md, BaRS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError

from chassis.errors import Conflict, Fault, Invalid, NotOffered
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import body_of, faults_in

from . import routes
from .schemas import ReferralSchema

blueprint = ApiBlueprint("fhir", __name__, description="NHS Booking and Referral Standard (BaRS), as a receiver")
MEDIA = ("application/fhir+json", "application/json")
_SYSTEMS = "https://fhir.nhs.uk/"
_OUTCOME_PROFILE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-OperationOutcome"
# status: (BaRS error code, FHIR issue code)
_CODES = {
    400: ("REC_BAD_REQUEST", "invariant"),
    401: ("REC_UNAUTHORIZED", "security"),
    403: ("REC_FORBIDDEN", "forbidden"),
    404: ("REC_NOT_FOUND", "not-found"),
    405: ("REC_METHOD_NOT_ALLOWED", "not-supported"),
    406: ("REC_NOT_ACCEPTABLE", "not-supported"),
    409: ("REC_CONFLICT", "conflict"),
    413: ("REC_BAD_REQUEST", "too-long"),
    415: ("REC_UNSUPPORTED_MEDIA_TYPE", "not-supported"),
    422: ("REC_UNPROCESSABLE_ENTITY", "processing"),
    500: ("REC_SERVER_ERROR", "exception"),
    501: ("REC_NOT_IMPLEMENTED", "not-supported"),
    503: ("REC_UNAVAILABLE", "transient"),
}
_LANGUAGES = {"en", "ar", "bn", "cy", "fa", "gu", "pa", "pl", "pt", "ro", "so", "ur", "yo"}
# The first letter of the NHS ethnic category, to the catalogue's coarse groups (MHSDS v6 EthnicCategory).
_ETHNICITY = {"A": "white", "B": "white", "C": "white", "D": "mixed", "E": "mixed", "F": "mixed", "G": "mixed"} | {
    **dict.fromkeys("HJKLR", "asian"), **dict.fromkeys("MNP", "black"), "S": "other",
}  # fmt: skip
_GENDER = {"male": "man", "female": "woman", "other": "other"}


class MessageFaulty(Invalid):
    """The message breaks a rule of the standard."""

    status = 400
    says = "The message breaks a rule of the Booking and Referral Standard."


class MessageRepeated(Conflict):
    """The message was taken in before."""

    says = "A message with this X-Request-Id was processed before."


class NotForUs(Invalid):
    """The message is addressed to another service."""

    status = 422
    says = "MessageHeader.destination is not this service."


@blueprint.post("/fhir/$process-message")
@door("referral.send")
def process_message() -> Response:
    """Take a referral request message; answers 200 with a message bundle, or an OperationOutcome."""
    for name in ("X-Request-Id", "X-Correlation-Id"):
        if not _is_uuid(request.headers.get(name, "")):
            raise MessageFaulty(faults=(Fault(name, f"The header {name} must be a UUID."),))
    message = Message(body_of(request, *MEDIA))
    message.check_header(here().settings.fhir_service_ids)
    try:
        asked = ReferralSchema().load(message.canonical())
    except ValidationError as error:
        raise MessageFaulty(faults=tuple(faults_in(error.messages))) from None
    answer = routes.receive("fhir", request.headers["X-Request-Id"].lower(), request.get_data(), asked)
    if answer.is_repeat:
        raise MessageRepeated()
    return _fhir(message.answer(answer.body, here().clock.now().isoformat()), 200)


def _fhir(body: Mapping[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/fhir+json; charset=utf-8")


def shape_problem(status: int, says: str, rule: str, errors: list[dict[str, str]]) -> Response | None:
    """Gives trouble at the FHIR door its FHIR shape; None anywhere else. It never repeats what was sent."""
    if not request.path.startswith("/fhir"):
        return None
    code, issue = _CODES.get(status, ("REC_BAD_REQUEST", "invalid"))
    if rule in {"MessageRepeated", "KeyReused"}:
        status, code, issue = 409, "REC_CONFLICT", "duplicate"
    faults = [f"{error['field']}: {error['detail']}" if error["field"] else error["detail"] for error in errors]
    texts = faults or [says]
    coding = [{"system": f"{_SYSTEMS}CodeSystem/http-error-codes", "code": code}]
    return _fhir(
        {
            "resourceType": "OperationOutcome",
            "meta": {"profile": [_OUTCOME_PROFILE]},
            "issue": [
                {"severity": "error", "code": issue, "details": {"coding": coding}, "diagnostics": text}
                for text in texts
            ],
        },
        status,
    )


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


class Message:
    """A referral request message, read by the standard's rules."""

    def __init__(self, bundle: Any) -> None:
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != "message":
            raise MessageFaulty(faults=(Fault("Bundle", "The body must be a FHIR Bundle of type message."),))
        entries = bundle.get("entry")
        if not isinstance(entries, list) or not all(
            isinstance(entry, dict) and isinstance(entry.get("resource"), dict) for entry in entries
        ):
            raise MessageFaulty(faults=(Fault("Bundle.entry", "Every entry needs a resource."),))
        self.bundle = bundle
        self.by_reference = {entry["fullUrl"]: entry["resource"] for entry in entries if _text(entry, "fullUrl")}
        self.resources = [entry["resource"] for entry in entries]
        self.header = self._only("MessageHeader")
        self.request = self._only("ServiceRequest")
        self.patient = self._only("Patient")

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [resource for resource in self.resources if resource.get("resourceType") == kind]

    def _only(self, kind: str) -> dict[str, Any]:
        found = self._of(kind)
        if len(found) != 1:
            raise MessageFaulty(faults=(Fault(kind, f"The message must hold exactly one {kind}."),))
        return found[0]

    def check_header(self, service_ids: Iterable[str]) -> None:
        """Refuses a message that is no new referral, or is not addressed to one of `service_ids`."""
        event = _at(self.header, "eventCoding", "code")
        if isinstance(event, str) and event.startswith("booking-"):
            raise NotOffered("This service takes referrals, not bookings.")
        codings = _list(_at(self.header, "reason", "coding"))
        reasons = {coding.get("code") for coding in codings if isinstance(coding, dict)}
        categories = {
            coding.get("code")
            for category in _list(self.request.get("category"))
            for coding in _list(_at(category, "coding"))
            if isinstance(coding, dict)
        }
        status = self.request.get("status")
        is_new_request = event == "servicerequest-request" and "new" in reasons and status == "active"
        if not is_new_request or "referral" not in categories:
            raise MessageFaulty("This door takes new, active referral requests; other workflows are not known here.")
        if self.request.get("intent") != "plan":
            raise MessageFaulty(faults=(Fault("ServiceRequest.intent", "The intent of a referral is plan."),))
        focus = [_at(one, "reference") for one in _list(self.header.get("focus"))]
        if not any(self.by_reference.get(str(one)) is self.request for one in focus):
            fault = Fault("MessageHeader.focus", "The focus must be the ServiceRequest in the message.")
            raise MessageFaulty(faults=(fault,))
        self._check_destination(set(service_ids))

    def _check_destination(self, ours: set[str]) -> None:
        endpoints = [str(_at(one, "endpoint") or "") for one in _list(self.header.get("destination"))]
        named = {endpoint.rpartition("|")[2] for endpoint in endpoints if "dos-service-id" in endpoint.lower()}
        if not named & ours:
            raise NotForUs()

    def canonical(self) -> dict[str, Any]:
        """The referral as every door gives it; what the message does not say is left out."""
        patient = self.patient
        name = _first(patient.get("name"))
        number = _identifier(patient, "/id/nhs-number")
        first = self._rank_one_contact()
        address = _first(patient.get("address"))
        consent = self._consent()
        language = _at(_first(patient.get("communication")), "language", "coding")
        spoken = _text(_first(language), "code").split("-")[0].lower()
        person = {
            "name": _joined(name),
            "called": _text({"given": _first_text(_at(name, "given"))}, "given"),
            "birth_date": patient.get("birthDate") or None,
            "nhs_number": number or None,
            "address": _text(address, "text") or ", ".join(map(str, _list(_at(address, "line")))),
            "postcode": _text(address, "postalCode"),
            "phone": _tidy_phone(_telecom(first, "phone") or _telecom(patient, "phone")),
            "email": _telecom(first, "email") or _telecom(patient, "email"),
        }
        return {
            "your_reference": _identifier(self.request, "")[:60],
            "why_peer_support": self._words(),
            "person": person,
            "needs": {"language": spoken if spoken in _LANGUAGES else "en"},
            "consent": consent,
            "equity": {"ethnicity": self._ethnicity(), "gender": _GENDER.get(str(patient.get("gender")), "unknown")},
            "safety": {"note": self._flags()},
            "referrer": self._referrer(),
        }

    def _rank_one_contact(self) -> dict[str, Any]:
        for contact in _list(self.patient.get("contact")):
            ranks = [one.get("valuePositiveInt") for one in _list(_at(contact, "extension")) if isinstance(one, dict)]
            if 1 in ranks:
                return contact if isinstance(contact, dict) else {}
        return {}

    def _consent(self) -> dict[str, Any]:
        direct_care = [
            consent
            for consent in self._of("Consent")
            if consent.get("status") == "active"
            and any(
                _text(coding, "code") == "DRC"
                for category in _list(consent.get("category"))
                for coding in _list(_at(category, "coding"))
            )
        ]
        given_on = _text(_first(direct_care), "dateTime")[:10]
        return {"given": bool(direct_care), "how": "in_writing", "given_on": given_on or None}

    def _words(self) -> str:
        said = []
        for plan in self._of("CarePlan"):
            for activity in _list(plan.get("activity")):
                said += [_text(one, "text") for one in _list(_at(activity, "outcomeCodeableConcept"))]
        said += [_text(_at(condition, "code"), "text") for condition in self._of("Condition")]
        return _clean("\n".join(part for part in said if part))[:4000]

    def _flags(self) -> str:
        notes = []
        for flag in self._of("Flag"):
            kinds = {_text(c, "code") for one in _list(flag.get("category")) for c in _list(_at(one, "coding"))}
            if kinds & {"SG", "SS", "RA"}:
                coding = _first(_at(flag, "code", "coding"))
                notes.append(_text(coding, "display") or _text(flag.get("code"), "text"))
        return _clean("\n".join(note for note in notes if note))[:2000]

    def _ethnicity(self) -> str:
        for extension in _list(self.patient.get("extension")):
            if str(_at(extension, "url")).endswith("EthnicCategory"):
                code = _text(_first(_at(extension, "valueCodeableConcept", "coding")), "code")
                return _ETHNICITY.get(code[:1], "unknown")
        return "unknown"

    def _referrer(self) -> dict[str, str]:
        asked_by = self.by_reference.get(str(_at(self.request, "requester", "reference")), {})
        if asked_by.get("resourceType") == "PractitionerRole":
            asked_by = self.by_reference.get(str(_at(asked_by, "practitioner", "reference")), {})
        return {
            "name": _joined(_first(asked_by.get("name"))) if asked_by.get("resourceType") == "Practitioner" else "",
            "phone": _tidy_phone(_telecom(asked_by, "phone")),
            "email": _telecom(asked_by, "email"),
        }

    def answer(self, receipt: Mapping[str, Any], moment: str) -> dict[str, Any]:
        """The answering message: the sender's bundle id, our id on the request, our own planned Encounter."""
        request_url = next(url for url, resource in self.by_reference.items() if resource is self.request)
        header = {
            "resourceType": "MessageHeader",
            "eventCoding": {"system": f"{_SYSTEMS}CodeSystem/message-events-bars", "code": "servicerequest-response"},
            "destination": [{"endpoint": _at(self.header, "source", "endpoint")}],
            "source": {"name": "Been There", "endpoint": _at(_first(self.header.get("destination")), "endpoint")},
            "reason": {"coding": [{"system": f"{_SYSTEMS}CodeSystem/message-reason-bars", "code": "new"}]},
            "response": {"identifier": _text(self.bundle, "id"), "code": "ok"},
            "focus": [{"reference": request_url}],
        }
        asked = {
            "resourceType": "ServiceRequest",
            "id": receipt["referral_id"],
            "identifier": [{"value": receipt["reference"]}],
            "status": "active",
            "intent": "plan",
            "category": self.request.get("category"),
            "subject": self.request.get("subject"),
            "authoredOn": self.request.get("authoredOn"),
        }
        encounter = {"resourceType": "Encounter", "id": receipt["referral_id"], "status": "planned",
                     "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"}}  # fmt: skip
        urls = [f"urn:uuid:{here().ids.new()}", request_url, f"urn:uuid:{here().ids.new()}"]
        return {
            "resourceType": "Bundle",
            "id": _text(self.bundle, "id"),
            "meta": {"lastUpdated": moment, "profile": [f"{_SYSTEMS}StructureDefinition/BARSBundleMessage"]},
            "type": "message",
            "timestamp": moment,
            "entry": [
                {"fullUrl": url, "resource": resource}
                for url, resource in zip(urls, (header, asked, encounter), strict=True)
            ],
        }


# ---- reading loosely shaped resources without tripping ------------------------------------------------------------


def _at(found: Any, *names: str) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _first(found: Any) -> dict[str, Any]:
    rows = [one for one in _list(found) if isinstance(one, dict)]
    return rows[0] if rows else {}


def _first_text(found: Any) -> str:
    rows = [one for one in _list(found) if isinstance(one, str)]
    return rows[0] if rows else ""


def _text(found: Any, name: str) -> str:
    value = _at(found, name)
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    return re.sub(r"[^\S\n]+", " ", text.replace("\\n", "\n")).strip()


def _joined(name: Mapping[str, Any]) -> str:
    parts = [*[one for one in _list(name.get("given")) if isinstance(one, str)], _text(name, "family")]
    return " ".join(part for part in parts if part) or _text(name, "text")


def _identifier(resource: Mapping[str, Any], ending: str) -> str:
    for one in _list(resource.get("identifier")):
        if _text(one, "system").lower().endswith(ending):
            return _text(one, "value")
    return ""


def _telecom(resource: Mapping[str, Any], system: str) -> str:
    rows = [one for one in _list(resource.get("telecom")) if isinstance(one, dict) and one.get("system") == system]
    rows.sort(key=lambda one: one["rank"] if isinstance(one.get("rank"), int) else 99)
    return _text(_first(rows), "value")


def _tidy_phone(text: str) -> str:
    return text if re.fullmatch(r"\+?[0-9 ()\-]{5,25}", text) else ""
