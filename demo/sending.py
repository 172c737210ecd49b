"""A made-up referral sent by one of the three doors: the API, a referrer's form, or a FHIR message."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from demo import fhir
from demo.people import Cast, Partner

API, WEB, FHIR = "api", "web", "fhir"
# By turns; only NHS bodies send FHIR messages, the others use the API instead.
_TURNS = (API, WEB, FHIR, API, API, WEB, API)


def a_door(partner: Partner, number: int) -> str:
    """By which door a partner sends."""
    door = _TURNS[number % len(_TURNS)]
    return API if door == FHIR and partner.made.kind != "nhs_body" else door


def send(cast: Cast, partner: Partner, door: str, asked: Mapping[str, Any], draw: Random) -> str:
    """Sends a referral; gives its id."""
    if door == API:
        return str(partner.system.post("/api/v1/referrals", asked, key=cast.ids.new())["referral_id"])
    if door == WEB:
        referrer = draw.choice(partner.referrers)
        page = referrer.hand.fill_in("/referrals/new", {"key": cast.ids.new(), **form_of(asked)})
        return page.split("/")[2]
    message = fhir.a_message(cast.ids, partner.made, fhir.our_service_id(cast.house), asked, cast.diary.now)
    names = {"X_Request_Id": cast.ids.new(), "X_Correlation_Id": cast.ids.new()}
    answer = partner.system.post("/fhir/$process-message", message, **names)
    return next(
        str(entry["resource"]["id"])
        for entry in answer["entry"]
        if entry["resource"]["resourceType"] == "ServiceRequest"
    )


def form_of(asked: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A referral as a browser sends the form: dotted names, dates in three parts, only what is filled in or ticked."""
    fields: dict[str, Any] = {}
    for name, value in asked.items():
        if isinstance(value, Mapping):
            fields.update(form_of(value, f"{before}{name}."))
        elif name == "birth_date" and value:
            year, month, day = value.split("-")
            typed = {"day": day, "month": month, "year": year}
            fields.update({f"{before}{name}-{part}": text for part, text in typed.items()})
        elif value is True:
            fields[before + name] = "yes"
        elif value:
            fields[before + name] = value
    return fields
