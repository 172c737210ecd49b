"""How trouble is answered at the FHIR door: an OperationOutcome that says what to mend, never what was sent."""

from __future__ import annotations

import json

from flask import Response, request

CONTENT_TYPE = "application/fhir+json; charset=utf-8"
_CODE_SYSTEM = "https://fhir.nhs.uk/CodeSystem/http-error-codes"
_PROFILE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-OperationOutcome"
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
# Rules with an issue code of their own, and what is said where the rule's own words could repeat what was sent.
_RULES = {"MessageRepeated": "duplicate", "KeyReused": "duplicate", "NotStrictJson": "structure"}
_UNREADABLE = (
    "The body is not JSON that is read here: UTF-8, each name once in an object, at most 32 levels, no NUL, no lone "
    "surrogates, no NaN, no number beyond 2^53."
)
_REPEATED = "A message with this X-Request-Id was processed before."


def shape_problem(status: int, says: str, rule: str, errors: list[dict[str, str]]) -> Response | None:
    """Gives trouble at the FHIR door its FHIR shape; None anywhere else."""
    if request.path != "/fhir" and not request.path.startswith("/fhir/"):
        return None
    if rule == "NotStrictJson":
        says = _UNREADABLE
    if _RULES.get(rule) == "duplicate":
        status, says = 409, _REPEATED
    code, issue = _CODES.get(status, ("REC_BAD_REQUEST", "invalid"))
    coding = [{"system": _CODE_SYSTEM, "code": code}]
    faults = [f"{error['field']}: {error['detail']}" if error["field"] else error["detail"] for error in errors]
    body = {
        "resourceType": "OperationOutcome",
        "meta": {"profile": [_PROFILE]},
        "issue": [
            {
                "severity": "error",
                "code": _RULES.get(rule, issue),
                "details": {"coding": coding},
                "diagnostics": text,
            }
            for text in faults or [says]
        ],
    }
    return Response(json.dumps(body), status, content_type=CONTENT_TYPE)
