"""What the FHIR door does with messages that are wrong, are not for us, or leave things out."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import OUR_SERVICE
from tests.integration.referrals.conftest import FHIR, a_room

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "fhir"
CANARY = "Kanarienvogel"
PROFILE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-OperationOutcome"


def resource(message: Any, kind: str) -> Any:
    return next(one["resource"] for one in message["entry"] if one["resource"]["resourceType"] == kind)


def without(message: Any, kind: str) -> None:
    message["entry"] = [one for one in message["entry"] if one["resource"]["resourceType"] != kind]


def twice(message: Any, kind: str) -> None:
    message["entry"].append({"fullUrl": "urn:uuid:other", "resource": dict(resource(message, kind))})


def checked(answer: Any, status: int, code: str, issue: str) -> list[str]:
    """What an OperationOutcome says, after a look at its shape."""
    assert (answer.status_code, answer.mimetype) == (status, "application/fhir+json"), answer.text
    outcome = answer.get_json()
    assert (outcome["resourceType"], outcome["meta"]["profile"]) == ("OperationOutcome", [PROFILE])
    for one in outcome["issue"]:
        assert (one["severity"], one["code"]) == ("error", issue)
        coding = {"system": "https://fhir.nhs.uk/CodeSystem/http-error-codes", "code": code}
        assert one["details"]["coding"] == [coding]
    return [one["diagnostics"] for one in outcome["issue"]]


def set_in(kind: str, name: str, value: Any) -> Callable[[Any], None]:
    """A change that puts a value into the one resource of a kind."""

    def change(message: Any) -> None:
        resource(message, kind)[name] = value

    return change


def an_event(code: str) -> Callable[[Any], None]:
    """A change of what the message is about."""
    return set_in("MessageHeader", "eventCoding", {"code": code})


def coded(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


WRONG: dict[str, tuple[Callable[[Any], Any], int, str, str]] = {
    "no entries": (lambda m: m.pop("entry"), 400, "REC_BAD_REQUEST", "invariant"),
    "entries without a resource": (lambda m: m["entry"].append({}), 400, "REC_BAD_REQUEST", "invariant"),
    "an entry that is text": (lambda m: m["entry"].append(CANARY), 400, "REC_BAD_REQUEST", "invariant"),
    "no bundle": (lambda m: m.update(resourceType="Patient"), 400, "REC_BAD_REQUEST", "invariant"),
    "a collection": (lambda m: m.update(type="collection"), 400, "REC_BAD_REQUEST", "invariant"),
    "no header": (lambda m: without(m, "MessageHeader"), 400, "REC_BAD_REQUEST", "invariant"),
    "no request": (lambda m: without(m, "ServiceRequest"), 400, "REC_BAD_REQUEST", "invariant"),
    "nobody": (lambda m: without(m, "Patient"), 400, "REC_BAD_REQUEST", "invariant"),
    "two people": (lambda m: twice(m, "Patient"), 400, "REC_BAD_REQUEST", "invariant"),
    "no consent": (lambda m: without(m, "Consent"), 400, "REC_BAD_REQUEST", "invariant"),
    "consent of another kind": (
        set_in("Consent", "category", [coded("RESEARCH")]), 400, "REC_BAD_REQUEST", "invariant",
    ),
    "consent that ended": (set_in("Consent", "status", "inactive"), 400, "REC_BAD_REQUEST", "invariant"),
    "a booking": (an_event("booking-request"), 501, "REC_NOT_IMPLEMENTED", "not-supported"),
    "an answer": (an_event("servicerequest-response"), 400, "REC_BAD_REQUEST", "invariant"),
    "an update": (set_in("MessageHeader", "reason", coded("update")), 400, "REC_BAD_REQUEST", "invariant"),
    "a validation": (set_in("ServiceRequest", "category", [coded("validation")]), 400, "REC_BAD_REQUEST", "invariant"),
    "a draft": (set_in("ServiceRequest", "status", "draft"), 400, "REC_BAD_REQUEST", "invariant"),
    "an order": (set_in("ServiceRequest", "intent", "order"), 400, "REC_BAD_REQUEST", "invariant"),
    "not to be done": (set_in("ServiceRequest", "doNotPerform", True), 400, "REC_BAD_REQUEST", "invariant"),
    "a modifier": (
        set_in("Patient", "modifierExtension", [{"url": CANARY, "valueBoolean": True}]), 400, "REC_BAD_REQUEST",
        "invariant",
    ),
    "a modifier deep inside": (
        set_in("Patient", "contact", [{"name": {"modifierExtension": [{"url": CANARY}]}}]), 400, "REC_BAD_REQUEST",
        "invariant",
    ),
    "other rules": (set_in("Consent", "implicitRules", f"urn:{CANARY}"), 400, "REC_BAD_REQUEST", "invariant"),
    "no focus": (set_in("MessageHeader", "focus", []), 400, "REC_BAD_REQUEST", "invariant"),
    "a focus elsewhere": (
        set_in("MessageHeader", "focus", [{"reference": f"urn:uuid:{CANARY}"}]), 400, "REC_BAD_REQUEST", "invariant",
    ),
    "for another service": (
        set_in("MessageHeader", "destination", [{"endpoint": f"https://fhir.nhs.uk/Id/dos-service-id|{CANARY}"}]),
        422, "REC_UNPROCESSABLE_ENTITY", "processing",
    ),
    "for nobody": (set_in("MessageHeader", "destination", None), 422, "REC_UNPROCESSABLE_ENTITY", "processing"),
    "our number under another system": (
        set_in("MessageHeader", "destination", [{"endpoint": f"https://fhir.nhs.uk/Id/ods|{OUR_SERVICE}"}]),
        422, "REC_UNPROCESSABLE_ENTITY", "processing",
    ),
    "born tomorrow": (set_in("Patient", "birthDate", "2026-03-03"), 400, "REC_BAD_REQUEST", "invariant"),
    "born on no day": (set_in("Patient", "birthDate", f"{CANARY}"), 400, "REC_BAD_REQUEST", "invariant"),
    "born on a list": (set_in("Patient", "birthDate", [CANARY]), 400, "REC_BAD_REQUEST", "invariant"),
    "a number that is none": (
        set_in("Patient", "identifier", [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": CANARY}]),
        400, "REC_BAD_REQUEST", "invariant",
    ),
    "a name too long": (
        set_in("Patient", "name", [{"family": CANARY * 30, "given": ["J"]}]), 400, "REC_BAD_REQUEST", "invariant",
    ),
    "neither name nor number": (
        lambda m: resource(m, "Patient").update(name=[], identifier=[]), 400, "REC_BAD_REQUEST", "invariant",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_message_gets_an_outcome_and_leaves_nothing(shared_room: Any, name: str) -> None:
    room = shared_room
    change, status, code, issue = WRONG[name]
    message = room.message(person={"name": f"Jordan {CANARY}", "called": CANARY})
    change(message)
    answer = room.process(message)
    for says in checked(answer, status, code, issue):
        assert len(says) > 15
    for told in (CANARY, "9990000018", "01632 960", "Traceback"):
        assert told not in answer.text
    assert room.count() == 0
    assert room.audited(action="referral.send")[-1].outcome == "refused"


# Every place of a message that is read, with shapes it should not have: nothing may trip over them.
PLACES = {
    "MessageHeader": ("eventCoding", "reason", "destination", "focus", "source", "id"),
    "ServiceRequest": ("category", "status", "intent", "requester", "identifier", "subject", "authoredOn"),
    "Patient": (
        "name", "identifier", "birthDate", "gender", "telecom", "address", "contact", "communication", "extension",
    ),
    "Consent": ("status", "category", "dateTime"),
    "CarePlan": ("activity",),
    "Practitioner": ("name", "telecom"),
}  # fmt: skip
SHAPES: tuple[Any, ...] = (
    None, True, 7, "text", [], {}, [None], [[]], [{}], ["text"], {"coding": 7}, {"coding": [[]]}, {"reference": []},
    [{"coding": [{"code": []}]}], {"coding": [{"code": {}}]}, {"code": ["x"]}, [{"endpoint": {}}], [{"reference": {}}],
    [{"system": "phone", "value": 7, "rank": "x"}], [{"given": [7, None], "family": {}}],
    [{"outcomeCodeableConcept": [{"text": 7}, None]}], [{"url": "EthnicCategory", "valueCodeableConcept": []}],
    [{"telecom": {}, "extension": [{"valuePositiveInt": 1}]}], [{"line": [7], "text": []}],
)  # fmt: skip


@pytest.mark.parametrize("kind", PLACES)
def test_no_shape_of_any_element_trips_the_door(room: Any, kind: str) -> None:
    for name, shape in itertools.product(PLACES[kind], SHAPES):
        message = room.message()
        resource(message, kind)[name] = shape
        answer = room.process(message)
        assert answer.status_code in {200, 400, 422, 501}, (name, shape, answer.status_code, answer.text)
        assert "resourceType" in answer.get_json()


@pytest.mark.parametrize("header", ["X_Request_Id", "X_Correlation_Id"])
@pytest.mark.parametrize("text", ["", "not-a-uuid", CANARY * 3, "{9995d8aa-ff0f-4b81-a3e2-889c795e846b}", "0" * 32])
def test_both_ids_must_be_uuids(shared_room: Any, header: str, text: str) -> None:
    room = shared_room
    ids = {"X_Request_Id": room.ids.new(), "X_Correlation_Id": room.ids.new(), header: text}
    answer = room.system.api("POST", FHIR, room.message(), **ids)
    (says,) = checked(answer, 400, "REC_BAD_REQUEST", "invariant")
    assert says == f"{header.replace('_', '-')}: This header must be a UUID."


def test_both_missing_ids_are_said_at_once(room: Any) -> None:
    answer = room.system.api("POST", FHIR, room.message())
    assert len(checked(answer, 400, "REC_BAD_REQUEST", "invariant")) == 2


def test_both_ids_come_back_with_every_answer(room: Any) -> None:
    for body in (room.message(), {"resourceType": "Bundle"}):
        one, two = room.ids.new(), room.ids.new()
        answer = room.system.api("POST", FHIR, body, X_Request_Id=one, X_Correlation_Id=two)
        assert (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"]) == (one, two)


def test_trouble_of_the_web_has_its_fhir_shape_too(room: Any) -> None:
    checked(room.as_nobody().api("POST", FHIR, {}), 401, "REC_UNAUTHORIZED", "security")
    checked(room.coordinator.api("POST", FHIR, {}), 403, "REC_FORBIDDEN", "forbidden")
    checked(room.system.api("GET", FHIR), 405, "REC_METHOD_NOT_ALLOWED", "not-supported")
    checked(room.system.api("GET", "/fhir/Patient/1"), 404, "REC_NOT_FOUND", "not-found")
    ids = {"X_Request_Id": room.ids.new(), "X_Correlation_Id": room.ids.new()}
    answer = room.knock(FHIR, b"<Bundle/>", "application/fhir+xml", **ids)
    checked(answer, 415, "REC_UNSUPPORTED_MEDIA_TYPE", "not-supported")


def test_several_faults_are_several_issues(room: Any) -> None:
    message = room.message()
    without(message, "Consent")
    resource(message, "Patient")["birthDate"] = "2030-01-01"
    said = checked(room.process(message), 400, "REC_BAD_REQUEST", "invariant")
    assert said == [
        "Patient.birthDate: The date of birth is in the future. Check the year.",
        "Consent: Ask the person first. A referral needs their consent.",
    ]


def test_what_a_message_leaves_out_is_not_yet_known(room: Any) -> None:
    message = room.message()
    patient = resource(message, "Patient")
    for name in ("birthDate", "identifier", "gender", "extension", "address", "communication"):
        patient.pop(name, None)
    without(message, "CarePlan")
    without(message, "Practitioner")
    resource(message, "Consent")["dateTime"] = "2026"
    answer = room.process(message)
    assert answer.status_code == 200, answer.text
    (fact,) = room.facts("referral.received")
    row = room.kept(fact["referral_id"])
    assert {"birth_date", "nhs_number", "area", "postcode"} <= set(row.incomplete)
    room.day_is_over()
    (equity,) = room.facts("equity.stated")
    assert (equity["age_band"], equity["ethnicity"], equity["gender"]) == ("unknown",) * 3
    assert room.facts("consent.given")[0]["given_on"] == "2026-03-02"


def test_the_number_the_person_is_called_on_first_is_kept(room: Any) -> None:
    message = room.message()
    rank = {"extension": [{"url": "Extension-UKCore-ContactRank", "valuePositiveInt": 1}]}
    numbers = [
        {"system": "phone", "value": "01632 960 300", "rank": 2},
        {"system": "phone", "value": "01632 960 200", "rank": 1},
    ]
    resource(message, "Patient")["contact"] = [{"telecom": []}, {**rank, "telecom": numbers}]
    room.process(message)
    (fact,) = room.facts("referral.received")
    assert room.opened(room.kept(fact["referral_id"]).contact)["phone"] == "01632 960 200"


def test_flags_of_safety_reach_the_coordinator(room: Any) -> None:
    message = room.message()
    flag = {
        "resourceType": "Flag",
        "category": [coded("SG")],
        "code": {"coding": [{"display": "Asks to be seen with a friend"}]},
    }
    other = {"resourceType": "Flag", "category": [coded("IR")], "code": {"text": "Something else"}}
    message["entry"] += [{"fullUrl": f"urn:uuid:flag{n}", "resource": one} for n, one in enumerate((flag, other))]
    room.process(message)
    (fact,) = room.facts("referral.received")
    row = room.kept(fact["referral_id"])
    assert room.opened(row.notes)["safety_note"] == "Asks to be seen with a friend"
    assert room.opened(row.safety)["note_code"] == "check"


def samples(room: Any) -> list[Any]:
    """The official samples where they are at hand, else messages of our own in the standard's shape."""
    files = sorted(SAMPLES.glob("referral-request-*.json"))
    return [json.loads(path.read_text()) for path in files] or [room.message(), room.message()]


def test_the_official_samples_are_taken_in(tmp_path: Path) -> None:
    room = a_room(tmp_path, fhir_service_ids=("111111111", OUR_SERVICE))
    messages = samples(room)
    assert len(messages) == 2
    for message in messages:
        answer = room.process(message)
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["id"] == message.get("id", "")
    assert [fact["door"] for fact in room.facts("referral.received")] == ["fhir", "fhir"]
    for fact in room.facts("referral.received"):
        row = room.kept(fact["referral_id"])
        contact = room.opened(row.contact)
        assert contact["name"]
        assert contact["birth_date"]
        assert contact["phone"]
        room.done(row.referral_id, "acknowledgement")
        room.done(row.referral_id, "acceptance")
    assert len(room.facts("referral.accepted")) == 2
    room.close()


def test_a_sample_that_is_not_addressed_to_us_is_refused(room: Any) -> None:
    message = samples(room)[0]
    resource(message, "MessageHeader")["destination"] = [
        {"endpoint": "https://fhir.nhs.uk/Id/dos-service-id|3333333333"}
    ]
    checked(room.process(message), 422, "REC_UNPROCESSABLE_ENTITY", "processing")
