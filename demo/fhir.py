"""Made-up FHIR messages: a referral as an NHS system sends it by the Booking and Referral Standard.

FHIR's own words stay inside this file. Sources: docs/sources.md, BaRS.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.house import House
from chassis.ids import Ids
from demo.region import MadePartner

_SYSTEMS = "https://fhir.nhs.uk/"
_UK_CORE = "https://fhir.hl7.org.uk/"
_GENDER = {"woman": "female", "man": "male"}
# One NHS ethnic category for each of our coarse groups.
_ETHNIC_CATEGORY = {"white": "A", "mixed": "F", "asian": "J", "black": "N", "other": "S", "unknown": "Z"}
# The sending systems of the made-up region, outside any real range.
_SENDER_SERVICE_ID = "2000088888"


def our_service_id(house: House) -> str:
    """The id under which the made-up network is addressed."""
    return house.services["referrals"].settings.fhir_service_ids[0]


def a_message(
    ids: Ids, partner: MadePartner, service_id: str, asked: Mapping[str, Any], moment: datetime
) -> dict[str, Any]:
    """A referral request message of a partner about one made-up person; what the standard has no place for is left out.

    `asked` is a referral as the API takes it.
    """
    urls = {name: f"urn:uuid:{ids.new()}" for name in ("header", "request", "person", "consent", "plan", "referrer")}
    resources = {
        "header": _header(partner, service_id, urls),
        "request": _request(asked, urls, moment),
        "person": _person(asked),
        "consent": _consent(asked, urls, moment),
        "plan": _plan(asked, urls),
        "referrer": _referrer(asked),
    }
    return {
        "resourceType": "Bundle",
        "id": ids.new(),
        "meta": {"lastUpdated": moment.isoformat(), "profile": [f"{_SYSTEMS}StructureDefinition/BARSBundleMessage"]},
        "type": "message",
        "timestamp": moment.isoformat(),
        "entry": [{"fullUrl": urls[name], "resource": resource} for name, resource in resources.items()],
    }


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _header(partner: MadePartner, service_id: str, urls: Mapping[str, str]) -> dict[str, Any]:
    return {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": f"{_SYSTEMS}CodeSystem/message-events-bars", "code": "servicerequest-request"},
        "destination": [{"endpoint": f"{_SYSTEMS}Id/dos-service-id|{service_id}"}],
        "source": {"name": partner.name, "endpoint": f"{_SYSTEMS}Id/dos-service-id|{_SENDER_SERVICE_ID}"},
        "reason": _coded(f"{_SYSTEMS}CodeSystem/message-reason-bars", "new"),
        "focus": [{"reference": urls["request"]}],
    }


def _request(asked: Mapping[str, Any], urls: Mapping[str, str], moment: datetime) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "plan",
        "category": [_coded(f"{_SYSTEMS}CodeSystem/message-category-servicerequest", "referral")],
        "subject": {"reference": urls["person"]},
        "authoredOn": moment.isoformat(),
        "requester": {"reference": urls["referrer"]},
    }


def _person(asked: Mapping[str, Any]) -> dict[str, Any]:
    person, equity = asked["person"], asked["equity"]
    *given, family = person["name"].split()
    made: dict[str, Any] = {
        "resourceType": "Patient",
        "extension": [
            {
                "url": f"{_UK_CORE}StructureDefinition/Extension-UKCore-EthnicCategory",
                "valueCodeableConcept": _coded(
                    f"{_UK_CORE}CodeSystem/UKCore-EthnicCategory", _ETHNIC_CATEGORY[equity["ethnicity"]]
                ),
            }
        ],
        "name": [{"use": "official", "family": family, "given": given}],
        "gender": _GENDER.get(equity["gender"], "unknown"),
        "telecom": [{"system": "phone", "value": person["phone"], "rank": 1}],
        "communication": [
            {"language": _coded(f"{_UK_CORE}CodeSystem/UKCore-HumanLanguage", asked["needs"]["language"])}
        ],
    }
    if person["nhs_number"]:
        made["identifier"] = [{"system": f"{_SYSTEMS}Id/nhs-number", "value": person["nhs_number"]}]
    if person["birth_date"]:
        made["birthDate"] = person["birth_date"]
    if person["postcode"]:
        made["address"] = [{"use": "home", "postalCode": person["postcode"]}]
    return made


def _consent(asked: Mapping[str, Any], urls: Mapping[str, str], moment: datetime) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": "active",
        "category": [_coded(f"{_SYSTEMS}CodeSystem/consent-categories-bars", "DRC")],
        "patient": {"reference": urls["person"]},
        "dateTime": moment.isoformat(),
    }


def _plan(asked: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    told = [text for text in (asked["why_peer_support"], asked["hopes"]) if text]
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": urls["person"]},
        "activity": [{"outcomeCodeableConcept": [{"text": text} for text in told]}],
    }


def _referrer(asked: Mapping[str, Any]) -> dict[str, Any]:
    *given, family = asked["referrer"]["name"].split()
    return {
        "resourceType": "Practitioner",
        "name": [{"family": family, "given": given}],
        "telecom": [{"system": "phone", "value": asked["referrer"]["phone"]}],
    }
