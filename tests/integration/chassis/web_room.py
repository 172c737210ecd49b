"""A small service with one page and one API door that do, refuse or break as they are told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, make_response, render_template_string, request
from marshmallow import fields

from chassis.clock import HandClock
from chassis.errors import Conflict, Fault, Invalid, NotAllowed, NotFound, Park, Retry, WrongMediaType
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from chassis.tables import audit, facts
from chassis.unit import Unit
from chassis.web import PUBLIC, ApiBlueprint, door, here
from chassis.web.fields import Strict, Words
from contracts import addresses, classes, partners, roles
from tests.builders import MORNING, Caller, TestHouse, a_settings, believing

PAGE, API = "/partners/letters", "/api/v1/partners/letters"
TEMPLATE = """
{% extends "base.jinja" %}
{% block content %}<h1>Letters</h1><script nonce="{{ cspNonce }}"></script>
<form method="post"><input name="name"></form>{% endblock %}
"""


@dataclass(frozen=True)
class NoNumbers:
    """This service runs on no numbers."""


class LetterSchema(Strict):
    """What the API door takes."""

    do = Words(most=20, load_default="state")
    name = Words(most=100, load_default="A partner")
    count = fields.Integer(load_default=0)


class LetterRefused(Conflict):
    """A letter that is not taken."""

    says = "Letters are not taken on Mondays. Try tomorrow."


def act(unit: Unit, do: str, name: str) -> None:
    """States a fact and writes an audit row, and then ends as it is told."""
    partner_id = unit.ids.new()
    fact = partners.PartnerJoined(
        partner_id=partner_id, code="code", name="A partner", kind="voluntary", area="north", joined_on=unit.now.date()
    )
    unit.state(f"partners/partner/{partner_id}", fact)
    unit.note("letter.kept", subject=partner_id)
    ends = {
        "refuse": LetterRefused(), "forbid": NotAllowed(), "miss": NotFound(), "type": WrongMediaType(),
        "away": Retry(), "park": Park(f"of {name}"), "break": ValueError(f"cannot do it for {name}"),
        "faults": Invalid(faults=(Fault("a.b", "First."), Fault("c", "Second."))),
    }  # fmt: skip
    if do in ends:
        raise ends[do]


def blueprints() -> tuple[Blueprint, ApiBlueprint]:
    """The doors: both name an action, and one page is open to all."""
    pages = Blueprint("letters_pages", __name__)
    api = ApiBlueprint("letters", __name__, url_prefix=API, description="Letters")

    @pages.get(PAGE)
    @door("partner.list")
    def shown() -> Response:
        return make_response(render_template_string(TEMPLATE, title="Letters"))

    @pages.post(PAGE)
    @door("partner.join")
    def sent() -> Response:
        if request.form.get("do") == "show":
            return jsonify(request.form.to_dict())
        with here().writing() as unit:
            act(unit, request.form.get("do", "state"), request.form.get("name", ""))
        return make_response("kept")

    @pages.get(f"{PAGE}/open")
    @door(PUBLIC)
    def open_to_all() -> Response:
        if request.args.get("do") == "break":
            raise ValueError(f"cannot do it for {request.args.get('name')}")
        return make_response(render_template_string(TEMPLATE, title="Letters"))

    @pages.post(f"{PAGE}/open")
    @door(PUBLIC)
    def sent_by_anybody() -> Response:
        return make_response("taken")

    def listed() -> Any:
        return {"letters": []}

    def taken(given: dict[str, Any]) -> Any:
        with here().writing() as unit:
            act(unit, given["do"], given["name"])
        return {"kept": True}, 201

    api.route("", methods=["GET"])(door("partner.list")(listed))
    api.route("", methods=["POST"])(door("partner.join")(api.arguments(LetterSchema)(taken)))
    return pages, api


def a_web_service(settings: Settings, shared: Shared) -> Service:
    pages, api = blueprints()
    parts = Parts(
        name="partners", purpose="Takes letters in a test.", folder=Path(__file__).parent / "none",
        says=partners.FACTS, reactions={}, routines={}, api=(api,), pages=(pages,), policy=NoNumbers,
        rules=roles.RULES, opens=classes.OPENS, seals=classes.SEALS, rooms=addresses.SERVICES,
    )  # fmt: skip
    return Service(parts, settings, shared)


class Letters(TestHouse):
    """The small service, with its network lead at the doors."""

    def __init__(self, data: Path, **changes: Any) -> None:
        clock, ids = HandClock(MORNING), SeededIds(5)
        settings = a_settings(data, **{"relaxed": True, **changes})
        house = open_house(
            settings,
            {"partners": partial(a_web_service)},
            lambda _path: "partners",
            **believing(clock=clock, ids=ids),
        )
        super().__init__(house, clock, ids)
        self.lead = self.as_("network_lead")

    def both(self, do: str, name: str = "x", **headers: str) -> tuple[Any, Any]:
        """Has both doors do the same; gives the answers of the API and of the page."""
        api = self.lead.api("POST", API, {"do": do, "name": name}, **headers)
        return api, self.lead.form(PAGE, {"do": do, "name": name}, **headers)

    def every_answer(self) -> dict[str, Any]:
        """Answers of every kind: pages, API, what is refused, missing, too large and broken."""
        found = {
            "page": self.lead.page(PAGE),
            "api": self.lead.api("GET", API),
            "led to sign in": self.nobody().page(PAGE),
            "not signed in": self.nobody().api("GET", API),
            "no such page": self.lead.page("/partners/nothing"),
            "no such door": self.lead.api("GET", "/api/v1/partners/nothing"),
            "another method": self.lead.api("DELETE", API),
            "openapi": self.lead.api("GET", "/openapi/partners.json"),
            "health": self.lead.api("GET", "/ops/partners/health"),
            "metrics": self.lead.api("GET", "/ops/partners/metrics"),
        }
        for do in ("refuse", "forbid", "break", "away"):
            found[f"api {do}"], found[f"page {do}"] = self.both(do)
        return found

    def rows(self, table: sa.Table) -> list[Any]:
        with self["partners"].reading() as unit:
            return list(unit.connection.execute(sa.select(table)).all())

    def stated(self) -> list[Any]:
        return self.rows(facts)

    def audited(self) -> list[Any]:
        return self.rows(audit)

    def nobody(self) -> Caller:
        return self.as_nobody()
