"""Referral messages that break the standard or try its readers: loops, foreign references, modifiers, odd resources."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.fuzz.corpus.hostile import CANARY, EITHER, REFUSED, Hostile, as_json
from tests.fuzz.knocks import Good

Change = Callable[[dict[str, Any]], None]
_REFUSED = REFUSED | {501}


def _resource(message: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        entry["resource"] for entry in message["entry"] if entry["resource"]["resourceType"] == kind
    )
    return found


def _set(kind: str, name: str, value: Any) -> Change:
    def change(message: dict[str, Any]) -> None:
        (message if kind == "Bundle" else _resource(message, kind))[name] = value

    return change


def _drop(kind: str, name: str) -> Change:
    def change(message: dict[str, Any]) -> None:
        (message if kind == "Bundle" else _resource(message, kind)).pop(name, None)

    return change


def _without(kind: str) -> Change:
    def change(message: dict[str, Any]) -> None:
        message["entry"] = [entry for entry in message["entry"] if entry["resource"]["resourceType"] != kind]

    return change


def _doubled(kind: str) -> Change:
    def change(message: dict[str, Any]) -> None:
        message["entry"] += [entry for entry in message["entry"] if entry["resource"]["resourceType"] == kind]

    return change


def _with(resource: Any, url: str = f"urn:uuid:{CANARY}") -> Change:
    def change(message: dict[str, Any]) -> None:
        message["entry"].append({"fullUrl": url, "resource": resource})

    return change


def _loop(message: dict[str, Any]) -> None:
    """A referrer who leads to a role who leads to the role."""
    url = message["entry"][0]["fullUrl"] + "-loop"
    message["entry"].append(
        {"fullUrl": url, "resource": {"resourceType": "PractitionerRole", "practitioner": {"reference": url}}}
    )
    _resource(message, "ServiceRequest")["requester"] = {"reference": url}


def _all_one_address(message: dict[str, Any]) -> None:
    for entry in message["entry"]:
        entry["fullUrl"] = "urn:uuid:one"


def _without_addresses(message: dict[str, Any]) -> None:
    for entry in message["entry"]:
        entry.pop("fullUrl")


def _contained(message: dict[str, Any]) -> None:
    inner: dict[str, Any] = {"resourceType": "Patient", "id": CANARY}
    for _ in range(8):
        inner = {
            "resourceType": "Patient",
            "id": CANARY,
            "contained": [inner],
            "link": [{"other": {"reference": f"#{CANARY}"}}],
        }
    _resource(message, "Patient")["contained"] = [inner]


_PATIENT: dict[str, Any] = {
    "a modifier extension": {"modifierExtension": [{"url": f"https://example.org/{CANARY}", "valueBoolean": True}]},
    "a person who died": {"deceasedBoolean": True},
    "a person who died at a time": {"deceasedDateTime": "2026-01-01"}, "an inactive record": {"active": False},
    "no name": {"name": []}, "a name of lists": {"name": [[CANARY]]},
    "names of numbers": {"name": [{"family": 5, "given": [1, None, {}]}]},
    "a name of objects": {"name": {"family": {"value": CANARY}}},
    "1,000 given names": {"name": [{"family": CANARY, "given": [CANARY] * 1000}]},
    "1,000 names": {"name": [{"family": CANARY}] * 1000},
    "half a birth date": {"birthDate": "1985"}, "a birth month": {"birthDate": "1985-03"},
    "a birth date of numbers": {"birthDate": 19850327}, "a birth date of lists": {"birthDate": ["1985-03-27"]},
    "a birth date with time": {"birthDate": "1985-03-27T00:00:00Z"},
    "a birth date to come": {"birthDate": "2099-01-01"},
    "an NHS number of numbers": {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number",
    "value": 9990000018}]},
    "an NHS number of words": {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": CANARY}]},
    "two NHS numbers": {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"},
    {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}]},
    "a system of numbers": {"identifier": [{"system": 5, "value": CANARY}]},
    "a system of lists": {"identifier": [{"system": ["/id/nhs-number"], "value": {}}]},
    "identifiers that are texts": {"identifier": [CANARY, None, 5]},
    "telecom by numbers": {"telecom": [{"system": 1, "value": 2, "rank": "first"}]},
    "telecom by huge ranks": {"telecom": [{"system": "phone", "value": "01632 960001", "rank": 2**52},
    {"system": "phone", "value": CANARY, "rank": -1}]},
    "telecom by rank of lists": {"telecom": [{"system": "phone", "value": "x", "rank": [1]},
    {"system": "phone", "value": "y", "rank": True}]},
    "contacts of lists": {"contact": [[{"extension": [{"valuePositiveInt": 1}]}]]},
    "a contact first": {"contact": [{"extension": [{"valuePositiveInt": 1}],
    "telecom": [{"system": "phone", "value": CANARY}]}]},
    "languages of numbers": {"communication": [{"language": {"coding": [{"code": 5}]}}]},
    "an unknown language": {"communication": [{"language": {"coding": [{"code": CANARY}]}}]},
    "a language of dashes": {"communication": [{"language": {"coding": [{"code": "-----"}]}}]},
    "an address of lines": {"address": [{"line": [CANARY] * 200, "postalCode": CANARY}]},
    "an address of numbers": {"address": [{"line": [1, 2], "postalCode": 5, "text": 5}]},
    "an unknown gender": {"gender": CANARY}, "a gender of lists": {"gender": ["male"]},
    "an empty ethnic category": {"extension": [{"url": "x/EthnicCategory",
    "valueCodeableConcept": {"coding": [{"code": ""}]}}]},
    "an ethnic category of numbers": {"extension": [{"url": "x/EthnicCategory",
    "valueCodeableConcept": {"coding": [{"code": 5}, {"code": None}]}}]},
    "an extension without address": {"extension": [{"valueString": CANARY}]},
    "extensions in extensions": {"extension": [{"url": "a",
    "extension": [{"url": "b", "extension": [{"url": "c", "valueString": CANARY}]}]}]},
    "a narrative with a script": {"text": {"status": "generated",
    "div": f"<div xmlns='http://www.w3.org/1999/xhtml'><script>{CANARY}</script></div>"}},
    "a photo elsewhere": {"photo": [{"url": f"http://127.0.0.1:9/{CANARY}"}]},
    "a photo of 300 KB": {"photo": [{"data": "QUJD" * 75_000}]},
    "a profile elsewhere": {"meta": {"profile": [f"http://127.0.0.1:9/{CANARY}"]}},
    "a rule set": {"implicitRules": f"http://127.0.0.1:9/{CANARY}"}, "an unknown element": {CANARY: CANARY},
    "an element twice as extension": {"_birthDate": {"extension": [{"url": CANARY}]}},
    "another kind": {"resourceType": CANARY},
    "a kind of lists": {"resourceType": ["Patient"]}, "a kind of numbers": {"resourceType": 5},
    "no kind": {"resourceType": None}, "a resource in a resource": {"resource": {"resourceType": "Patient"}},
}  # fmt: skip
_REQUEST: dict[str, Any] = {
    "a request elsewhere": {"subject": {"reference": f"http://127.0.0.1:9/Patient/{CANARY}"}},
    "a subject of lists": {"subject": [{"reference": CANARY}]},
    "a subject with words": {"subject": {"reference": "urn:uuid:x", "display": CANARY}},
    "a requester elsewhere": {"requester": {"reference": f"file:///etc/{CANARY}"}},
    "a requester of numbers": {"requester": {"reference": 5}},
    "a requester of itself": {"requester": {"reference": f"#{CANARY}"}},
    "a category of lists": {"category": [[{"coding": []}]]},
    "a category with words": {"category": [{"coding": [{"code": "referral", "display": CANARY}], "text": CANARY}]},
    "a status of lists": {"status": ["active"]}, "a draft": {"status": "draft"},
    "a revoked request": {"status": "revoked"}, "another intent": {"intent": CANARY},
    "an intent of objects": {"intent": {}}, "not to be done": {"doNotPerform": True},
    "a modifier extension": {"modifierExtension": [{"url": CANARY}]},
    "an authored time of words": {"authoredOn": CANARY},
    "an authored time of objects": {"authoredOn": {CANARY: CANARY}},
    "a reference of ours of 10,000 characters": {"identifier": [{"system": "x", "value": CANARY * 800}]},
    "identifiers of numbers": {"identifier": [{"system": "", "value": 5}]},
    "based on itself": {"basedOn": [{"reference": f"#{CANARY}"}]},
}  # fmt: skip
_HEADER: dict[str, Any] = {
    "another event": {"eventCoding": {"code": CANARY}},
    "an event of lists": {"eventCoding": [{"code": "servicerequest-request"}]},
    "an event of numbers": {"eventCoding": {"code": 5}}, "a booking": {"eventCoding": {"code": "booking-request"}},
    "a response": {"eventCoding": {"code": "servicerequest-response"}},
    "an event by address": {"eventUri": f"http://127.0.0.1:9/{CANARY}", "eventCoding": None},
    "no destination": {"destination": []}, "a destination of objects": {"destination": {"endpoint": CANARY}},
    "a destination of numbers": {"destination": [{"endpoint": 5}]},
    "another destination": {"destination": [{"endpoint": f"https://fhir.nhs.uk/Id/dos-service-id|{CANARY}"}]},
    "10,000 destinations": {"destination": [{"endpoint": "x|y"}] * 10_000},
    "bars alone": {"destination": [{"endpoint": "|" * 5000}]}, "no focus": {"focus": []},
    "a focus elsewhere": {"focus": [{"reference": f"http://127.0.0.1:9/{CANARY}"}]},
    "a focus of numbers": {"focus": [5, None, []]}, "a source of words": {"source": CANARY},
    "a source endpoint of the canary": {"source": {"name": CANARY, "endpoint": f"http://127.0.0.1:9/{CANARY}"}},
    "a source of objects": {"source": {"endpoint": {CANARY: 1}}},
    "another reason": {"reason": {"coding": [{"code": "update"}]}},
    "a reason of lists": {"reason": [{"coding": [{"code": "new"}]}]},
    "a response inside": {"response": {"identifier": CANARY, "code": "ok"}},
}  # fmt: skip
_BUNDLE: dict[str, Change] = {
    "another type of bundle": _set("Bundle", "type", "transaction"),
    "a type of lists": _set("Bundle", "type", ["message"]), "no entries": _set("Bundle", "entry", []),
    "entries of texts": _set("Bundle", "entry", [CANARY, 5, None]),
    "entries of objects": _set("Bundle", "entry", {"0": {}}),
    "entries without resources": _set("Bundle", "entry", [{"fullUrl": CANARY}]),
    "no bundle": _set("Bundle", "resourceType", "Parameters"),
    "a bundle id of the canary": _set("Bundle", "id", CANARY),
    "a bundle id of objects": _set("Bundle", "id", {CANARY: 1}),
    "a bundle id of 100,000 characters": _set("Bundle", "id", CANARY * 8000),
    "a link elsewhere": _set("Bundle", "link", [{"relation": "next", "url": f"http://127.0.0.1:9/{CANARY}"}]),
    "a signature": _set("Bundle", "signature", {"data": "AAAA", "who": {"reference": CANARY}}),
    "a total": _set("Bundle", "total", 2**53 - 1),
    "all at one address": _all_one_address, "no addresses": _without_addresses, "a loop of roles": _loop,
    "resources in resources": _contained,
    **{f"without {kind}": _without(kind) for kind in ("MessageHeader", "ServiceRequest", "Patient", "Consent",
    "CarePlan", "Practitioner")},
    **{f"two of {kind}": _doubled(kind) for kind in ("MessageHeader", "ServiceRequest", "Patient", "Consent",
    "CarePlan", "Practitioner")},
    "an unknown resource": _with({"resourceType": CANARY, CANARY: CANARY}),
    "a resource without a kind": _with({"id": CANARY}), "a kind of objects": _with({"resourceType": {CANARY: 1}}),
    "a binary": _with({"resourceType": "Binary", "contentType": "text/html", "data": "PHNjcmlwdD4="}),
    "a bundle inside": _with({"resourceType": "Bundle", "type": "message", "entry": []}),
    "a request to delete": _with({"resourceType": "Parameters",
    "parameter": [{"name": "delete", "valueString": CANARY}]}),
    "1,000 conditions": _with({"resourceType": "Condition", "code": {"text": CANARY}}),
    "a flag with words": _with({"resourceType": "Flag", "category": [{"coding": [{"code": "SG"}]}],
    "code": {"text": CANARY}}),
    "a flag with bidi": _with({"resourceType": "Flag", "category": [{"coding": [{"code": "SG"}]}],
    "code": {"text": f"\u202e{CANARY}"}}),
    "a flag of lists": _with({"resourceType": "Flag", "category": [[]], "code": []}),
    "a plan of objects": _with({"resourceType": "CarePlan", "activity": {"outcomeCodeableConcept": CANARY}}),
    "a plan of 100,000 characters": _with({"resourceType": "CarePlan",
    "activity": [{"outcomeCodeableConcept": [{"text": CANARY * 8000}]}]}),
    "a plan of written line breaks": _with({"resourceType": "CarePlan",
    "activity": [{"outcomeCodeableConcept": [{"text": "\\n" * 5000}]}]}),
    "a consent of lists": _with({"resourceType": "Consent", "status": "active",
    "category": [[{"coding": [{"code": "DRC"}]}]], "dateTime": ["2026"]}),
    "a consent to come": _set("Consent", "dateTime", "2999-01-01T00:00:00Z"),
    "a consent of a month": _set("Consent", "dateTime", "2026-03"),
    "a consent of no day": _set("Consent", "dateTime", "2026-02-31T00:00:00Z"),
    "a consent of Arabic digits": _set("Consent", "dateTime", "٢٠٢٦-٠٣-٠٢"),
    "a consent of numbers": _set("Consent", "dateTime", 20260302),
    "an inactive consent": _set("Consent", "status", "rejected"),
    "a referrer of numbers": _set("Practitioner", "name", [{"family": 5, "given": {}}]),
    "a referrer with bidi": _set("Practitioner", "name", [{"family": f"\u202e{CANARY}"}]),
    "a referrer by another kind": _set("Practitioner", "resourceType", "Organization"),
    "no event": _drop("MessageHeader", "eventCoding"), "no reason": _drop("MessageHeader", "reason"),
}  # fmt: skip


def _together(kind: str, changed: dict[str, Any]) -> dict[str, Change]:
    def change_all(message: dict[str, Any], more: dict[str, Any]) -> None:
        _resource(message, kind).update(more)

    return {f"{kind}: {name}": partial(change_all, more=more) for name, more in changed.items()}


CHANGES: dict[str, Change] = {
    **_together("Patient", _PATIENT), **_together("ServiceRequest", _REQUEST), **_together("MessageHeader", _HEADER),
    **_BUNDLE,
}  # fmt: skip
# What cannot be a new referral, whatever else stands in it.
_MUST = {
    *(f"without {kind}" for kind in ("MessageHeader", "ServiceRequest", "Patient", "Consent")),
    *(f"two of {kind}" for kind in ("MessageHeader", "ServiceRequest", "Patient")), "another type of bundle",
    "a type of lists", "no entries", "entries of texts",
    "entries of objects", "entries without resources", "no bundle", "no addresses", "no event", "no reason",
    "inactive consent", "a consent to come", "Patient: a kind of lists", "Patient: another kind", "Patient: no kind",
    "ServiceRequest: a draft", "ServiceRequest: a revoked request",
    "ServiceRequest: another intent", "MessageHeader: a booking", "MessageHeader: another event",
    "MessageHeader: another destination", "MessageHeader: no destination", "MessageHeader: no focus",
    "MessageHeader: a focus elsewhere", "MessageHeader: another reason",
    "ServiceRequest: not to be done", "ServiceRequest: a modifier extension", "Patient: a modifier extension",
    "Patient: a rule set",
}  # fmt: skip


def _changed(message: Any, change: Change) -> bytes:
    whole = copy.deepcopy(message)
    change(whole)
    return as_json(whole)


def of(good: Good) -> Iterator[Hostile]:
    """The good message with one thing in it changed."""
    for name, change in CHANGES.items():
        must = _REFUSED if name in _MUST else EITHER
        yield Hostile(f"message: {name}", partial(_changed, good.body, change), must=must)
