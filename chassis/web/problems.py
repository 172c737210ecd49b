"""How trouble is answered: RFC 9457 problem details on the API, a page in plain words elsewhere, and never a trace."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from chassis.errors import Fault, Invalid, NotFound, NotSignedIn, Refused, Retry, Trouble
from chassis.logs import crash_place
from chassis.web import renewing
from chassis.web.form_tokens import FormNotOurs
from chassis.web.look import page

if TYPE_CHECKING:
    from chassis.service import Service

RETRY_AFTER_SECONDS = 5
# Faults told in one answer; a long list of wrong values would make a far longer answer than what was sent.
MOST_FAULTS = 100
_TITLES = {
    400: "There is a problem",
    401: "Sign in first",
    403: "You cannot do this",
    404: "Page not found",
    405: "This cannot be done here",
    409: "This cannot be done now",
    413: "This is too large",
    415: "This cannot be read here",
    422: "There is a problem",
    429: "Too many tries",
    500: "Sorry, something went wrong",
    501: "This is not offered",
    503: "Sorry, try again in a moment",
}
_WORDS = {
    404: "There is nothing here, or it is not yours to see.",
    405: "This address does not take that method.",
    413: "What you sent is too large. Send less at once.",
    415: "This door does not read that content type.",
}


def answer_trouble(app: Flask, service: Service) -> None:
    """Attaches the handlers; a refusal's audit row is written here, after its transaction was rolled back."""

    @app.errorhandler(Trouble)
    def trouble(error: Trouble) -> Any:
        if isinstance(error, Refused):
            service.note_refusal(error)
            return _refusal(service, error)
        if isinstance(error, Retry):
            answer = _answer(service, 503, error.says, rule=error.rule)
            answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return answer
        return _unexpected(service, error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.response is not None or (error.code or 500) < 400:
            return error
        code = error.code or 500
        answer = _answer(service, code, _WORDS.get(code, "This request cannot be answered."), rule=type(error).__name__)
        if code == 405 and getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Any:
        return _unexpected(service, error)

    # Should one of these fail as well: Flask's own log lines would hold the error's words.
    app.logger.disabled = True
    app.log_exception = lambda raised: _log(service, raised[1])  # type: ignore[method-assign, assignment]


def _log(service: Service, error: BaseException | None) -> None:
    name, place = type(error).__name__, crash_place(error) if error else "unknown"
    service.log.error("unexpected", error=name, place=place)


def _refusal(service: Service, error: Refused) -> Any:
    if isinstance(error, NotSignedIn | FormNotOurs) and not wants_problem():
        instead = renewing.instead_of_refusing(error) if isinstance(error, NotSignedIn) else renewing.form_again(error)
        if instead:
            return instead
    faults = _most(error.faults) if isinstance(error, Invalid) else ()
    answer = _answer(
        service,
        error.status,
        error.says,
        rule=error.rule,
        errors=[{"pointer": _pointer(fault.where), "field": fault.where, "detail": fault.says} for fault in faults],
    )
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _most(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The first faults, when there are more than anybody reads."""
    if len(faults) <= MOST_FAULTS:
        return faults
    return (*faults[:MOST_FAULTS], Fault("", f"There is more to mend. These are the first {MOST_FAULTS}."))


def _unexpected(service: Service, error: BaseException) -> Response:
    _log(service, error)
    return _answer(
        service, 500, "Something went wrong on our side. Nothing you sent was kept half-done.", rule="Unexpected"
    )


def _pointer(where: str) -> str:
    return "/" + where.replace("~", "~0").replace("/", "~1").replace(".", "/") if where else ""


def wants_problem() -> bool:
    """Whether whoever asks reads JSON: the API and machine paths do, pages do not."""
    return request.path.startswith(("/api/", "/openapi/", "/ops/", "/fhir")) or (
        request.accept_mimetypes.best in {"application/json", "application/problem+json"}
    )


def _answer(
    service: Service, status: int, says: str, *, rule: str, errors: list[dict[str, str]] | None = None
) -> Response:
    g.rule = rule
    shaped = service.parts.shape_problem
    made: Response | None = shaped(status, says, rule, errors or []) if shaped else None
    if made is not None:
        return made
    if not wants_problem():
        return page(
            "problem.jinja",
            title=_title(status),
            status=status,
            says=says,
            faults=errors or [],
            rule=rule,
            request_id=g.get("request_id", ""),
        )
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "detail": says,
        "rule": rule,
        "instance": _instance(g.get("request_id", "")),
    }
    if errors:
        problem["errors"] = errors
    return Response(json.dumps(problem), status, content_type="application/problem+json")


def _instance(request_id: str) -> str:
    """The request as an address of its own."""
    return UUID(request_id).urn if request_id else ""


def _title(status: int) -> str:
    return _TITLES.get(status) or (HTTPStatus(status).phrase if status in set(HTTPStatus) else "There is a problem")


def not_yours() -> NotFound:
    """The one answer for what does not exist and what is not yours."""
    return NotFound()
