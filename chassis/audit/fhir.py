"""What is on record as FHIR R4 AuditEvent: a row of an audit trail, and a look as its subject may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.ids import DerivedIds

CONTENT_TYPE = "application/fhir+json"
_IDS = "urn:ietf:rfc:3986"
_ACTIONS = "https://beenthere.example/fhir/CodeSystem/audit-action"
_ROLES = "https://beenthere.example/fhir/CodeSystem/role"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_RECORD = {"system": _DICOM, "code": "110110", "display": "Patient Record"}
_SERVER = {"system": f"{_TERMS}security-source-type", "code": "4", "display": "Application Server"}
_PERSON = {"system": f"{_TERMS}audit-entity-type", "code": "1", "display": "Person"}
_AS_PATIENT = {"system": f"{_TERMS}object-role", "code": "1", "display": "Patient"}
_AS_PROVIDER = {"system": f"{_TERMS}object-role", "code": "15", "display": "Practitioner"}
# Outcomes of the standard: success, and a minor failure for what was refused.
_DONE, _REFUSED = "0", "4"
_SHOWN = ("seen", "listed", "read", "open")


def bundle(events: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Events as one collection."""
    entries = [{"fullUrl": f"urn:uuid:{event['id']}", "resource": event} for event in events]
    return {
        "resourceType": "Bundle", "type": "collection", "timestamp": _instant(now),
        **({"entry": entries} if entries else {}),
    }  # fmt: skip


def row(room: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """One audit row; ids are opaque, and there is no name in it."""
    agent: dict[str, Any] = {
        "role": [{"coding": [{"system": _ROLES, "code": role}]} for role in kept["roles"].split()],
        "who": {"identifier": _identifier(kept["who_id"]), "display": kept["who_kind"]},
        "requestor": True,
    }
    event = {
        **_event(f"{room}/{kept['sequence']}", kept["at"], room),
        "subtype": [{"system": _ACTIONS, "code": kept["action"]}],
        "action": _action(kept["action"]),
        "outcome": _DONE if kept["outcome"] == "done" else _REFUSED,
        "agent": [_without_empty(agent), *_organisation(kept["partner_id"])],
    }
    if kept["purpose"]:
        event["purposeOfEvent"] = [{"coding": [{"system": _ACTIONS, "code": kept["purpose"]}]}]
    if kept["rule"]:
        event["outcomeDesc"] = kept["rule"]
    entities = []
    if kept["subject"]:
        as_whom = _AS_PATIENT if kept["subject_kind"] in (None, "person") else _AS_PROVIDER
        entities.append({"what": {"identifier": _identifier(kept["subject"])}, "type": _PERSON, "role": as_whom})
    if kept["record"]:
        entities.append({"what": {"identifier": _identifier(kept["record"])}})
    return {**event, **({"entity": entities} if entities else {})}


def look(
    key: str, *, subject: str, who: str, organisation: str, purpose: str, seen_at: datetime, is_day_alone: bool
) -> dict[str, Any]:
    """One look as whose record it was may read it: by role and organisation, in words, and by nobody's id."""
    at = seen_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if is_day_alone else seen_at
    agent = {"role": [{"text": who}], "requestor": True}
    of = [{"who": {"display": organisation}, "requestor": False}] if organisation else []
    return {
        **_event(f"look/{key}", at, "home"),
        "action": "R",
        "outcome": _DONE,
        "agent": [agent, *of],
        **({"purposeOfEvent": [{"text": purpose}]} if purpose else {}),
        "entity": [{"what": {"identifier": _identifier(subject)}, "type": _PERSON, "role": _AS_PATIENT}],
    }


def _event(key: str, at: datetime, room: str) -> dict[str, Any]:
    return {
        "resourceType": "AuditEvent", "id": DerivedIds(f"audit event/{key}").new(), "type": _RECORD,
        "recorded": _instant(at), "source": {"observer": {"display": f"Been There: {room}"}, "type": [_SERVER]},
    }  # fmt: skip


def _organisation(partner_id: str | None) -> list[dict[str, Any]]:
    return [{"who": {"identifier": _identifier(partner_id)}, "requestor": False}] if partner_id else []


def _identifier(text: str) -> dict[str, str]:
    return (
        {"system": _IDS, "value": f"urn:uuid:{text}"} if len(text) == 36 and text.count("-") == 4 else {"value": text}
    )


def _action(action: str) -> str:
    """Read for what is shown, else Execute: what was done is said by its own code."""
    return "R" if action.rpartition(".")[2] in _SHOWN else "E"


def _without_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
