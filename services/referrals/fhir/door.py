"""Where messages come in: `POST /fhir/$process-message`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request

from chassis.errors import Conflict, Fault
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import body_of
from services.referrals import domain, routes
from services.referrals.fhir import answering, translation
from services.referrals.fhir.message import Message, MessageFaulty
from services.referrals.fhir.outcome import CONTENT_TYPE

blueprint = ApiBlueprint("fhir", __name__, description="NHS Booking and Referral Standard (BaRS), as a receiver")
MEDIA = ("application/fhir+json", "application/json")
_IDS = ("X-Request-Id", "X-Correlation-Id")


class MessageRepeated(Conflict):
    """The message was taken in before."""

    says = "A message with this X-Request-Id was processed before."


@blueprint.post("/fhir/$process-message")
@door("referral.send")
def process_message() -> Response:
    """Take a referral request message; answers 200 with a message bundle, or an OperationOutcome."""
    ids = {name: request.headers.get(name, "") for name in _IDS}
    faults = [Fault(name, "This header must be a UUID.") for name, text in ids.items() if not _is_uuid(text)]
    if faults:
        raise MessageFaulty(faults=tuple(faults))
    message = Message(body_of(request, *MEDIA))
    message.check_header(here().settings.fhir_service_ids)
    try:
        answer = routes.receive(
            "fhir", ids["X-Request-Id"].lower(), request.get_data(), translation.referral_in(message)
        )
    except domain.ReferralRefused as refused:
        raise MessageFaulty(faults=translation.faults_of(refused.faults)) from None
    if answer.is_repeat:
        raise MessageRepeated()
    urls = [f"urn:uuid:{here().ids.new()}" for _ in range(2)]
    return _fhir(answering.answer_to(message, answer.body, here().clock.now(), urls))


def _fhir(body: Mapping[str, Any]) -> Response:
    return Response(json.dumps(body), 200, content_type=CONTENT_TYPE)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
