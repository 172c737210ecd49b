"""The answering message: the sender's bundle id, our id on the request, our own planned Encounter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.referrals.fhir.message import Message
from services.referrals.fhir.reading import first, text

_SYSTEMS = "https://fhir.nhs.uk/"


def answer_to(message: Message, receipt: Mapping[str, Any], now: datetime, urls: Sequence[str]) -> dict[str, Any]:
    """The message that says a referral was taken in; `urls` are new ones, for the header and for the Encounter."""
    request_url = next(url for url, resource in message.by_reference.items() if resource is message.request)
    header_url, encounter_url = urls
    entries = {
        header_url: _header(message, request_url),
        request_url: _request(message, receipt),
        encounter_url: _encounter(receipt),
    }
    return {
        "resourceType": "Bundle",
        "id": text(message.bundle, "id"),
        "meta": {
            "lastUpdated": now.isoformat(),
            "profile": [f"{_SYSTEMS}StructureDefinition/BARSBundleMessage"],
        },
        "type": "message",
        "timestamp": now.isoformat(),
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries.items()],
    }


def _header(message: Message, request_url: str) -> dict[str, Any]:
    events, reasons = f"{_SYSTEMS}CodeSystem/message-events-bars", f"{_SYSTEMS}CodeSystem/message-reason-bars"
    return {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": events, "code": "servicerequest-response"},
        "destination": [{"endpoint": text(message.header, "source", "endpoint")}],
        "source": {"name": "Been There", "endpoint": text(first(message.header.get("destination")), "endpoint")},
        "reason": {"coding": [{"system": reasons, "code": "new"}]},
        "response": {"identifier": text(message.bundle, "id"), "code": "ok"},
        "focus": [{"reference": request_url}],
    }


def _request(message: Message, receipt: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": receipt["referral_id"],
        "identifier": [{"value": receipt["reference"]}],
        "status": "active",
        "intent": "plan",
        "category": message.request.get("category"),
        "subject": message.request.get("subject"),
        "authoredOn": message.request.get("authoredOn"),
    }


def _encounter(receipt: Mapping[str, Any]) -> dict[str, Any]:
    act = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"}
    return {"resourceType": "Encounter", "id": receipt["referral_id"], "status": "planned", "class": act}
