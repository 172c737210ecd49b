"""A referral request message, read by the standard's rules of shape, workflow and address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chassis.errors import Fault, Invalid, NotOffered
from services.referrals.fhir.reading import at, codes, codes_of, rows, text

# Senders write the system in more than one way; this part they all have.
_ADDRESS = "dos-service-id"


class MessageFaulty(Invalid):
    """The message breaks a rule of the standard."""

    status = 400
    says = "The message breaks a rule of the Booking and Referral Standard."


class NotForUs(Invalid):
    """The message is addressed to another service."""

    status = 422
    says = "MessageHeader.destination is not this service."


def _parts(found: Any) -> Iterator[dict[str, Any]]:
    """Every object of a message."""
    todo = [found]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
            todo += one.values()
        elif isinstance(one, list):
            todo += one


def _changes_meaning(part: dict[str, Any]) -> bool:
    # Whoever does not know such an element must not read on as if it were not there (FHIR R4, Extensibility).
    return bool(part.get("modifierExtension") or part.get("implicitRules"))


def _faulty(where: str, says: str) -> MessageFaulty:
    return MessageFaulty(faults=(Fault(where, says),))


class Message:
    """A message: its bundle, and in it the one header, the one request and the one person it is about."""

    def __init__(self, bundle: Any) -> None:
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != "message":
            raise _faulty("Bundle", "The body must be a FHIR Bundle of type message.")
        entries = bundle.get("entry")
        if not isinstance(entries, list) or not all(isinstance(at(entry, "resource"), dict) for entry in entries):
            raise _faulty("Bundle.entry", "Every entry needs a resource.")
        self.bundle: dict[str, Any] = bundle
        self.by_reference = {entry["fullUrl"]: entry["resource"] for entry in entries if text(entry, "fullUrl")}
        self.resources = [entry["resource"] for entry in entries]
        self.header, self.request, self.patient = self._each("MessageHeader", "ServiceRequest", "Patient")

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The resources of one kind."""
        return [resource for resource in self.resources if resource.get("resourceType") == kind]

    def _each(self, *kinds: str) -> list[dict[str, Any]]:
        wrong = [kind for kind in kinds if len(self.of(kind)) != 1]
        if wrong:
            raise MessageFaulty(
                faults=tuple(Fault(kind, f"The message must hold exactly one {kind}.") for kind in wrong)
            )
        return [self.of(kind)[0] for kind in kinds]

    def referred_to(self, found: Any) -> dict[str, Any]:
        """The resource of this message a reference points to, or an empty one."""
        found_here: dict[str, Any] = self.by_reference.get(text(found, "reference"), {})
        return found_here

    def check_header(self, service_ids: Iterable[str]) -> None:
        """Refuses a message that is no new referral, or is not addressed to one of `service_ids`."""
        event = text(self.header, "eventCoding", "code")
        if event.startswith("booking-"):
            raise NotOffered("This service takes referrals, not bookings.")
        reasons, categories = codes(self.header.get("reason")), codes_of(self.request.get("category"))
        is_new_request = event == "servicerequest-request" and "new" in reasons
        if not is_new_request or "referral" not in categories or self.request.get("status") != "active":
            raise MessageFaulty("This door takes new, active referral requests; other workflows are not known here.")
        if any(_changes_meaning(part) for part in _parts(self.bundle)):
            raise MessageFaulty(
                "The message holds a modifier that is not known here (modifierExtension, implicitRules)."
            )
        if self.request.get("doNotPerform"):
            raise _faulty("ServiceRequest.doNotPerform", "This door takes requests for something to be done.")
        if self.request.get("intent") != "plan":
            raise _faulty("ServiceRequest.intent", "The intent of a referral is plan.")
        if not any(self.referred_to(one) is self.request for one in rows(self.header.get("focus"))):
            raise _faulty("MessageHeader.focus", "The focus must be the ServiceRequest in the message.")
        if not self._destinations() & set(service_ids):
            raise NotForUs()

    def _destinations(self) -> set[str]:
        """The services the message is addressed to, by their ids in the directory of services."""
        endpoints = [text(one, "endpoint").rpartition("|") for one in rows(self.header.get("destination"))]
        return {service_id for system, _, service_id in endpoints if _ADDRESS in system.lower()}
