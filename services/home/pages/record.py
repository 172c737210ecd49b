"""Who has looked at my record: on a page, and to take away as FHIR AuditEvent."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, g

from chassis.audit import fhir
from chassis.web import door, here
from chassis.web.look import page
from services.home.actions import looking
from services.home.pages import opening

blueprint = Blueprint("home_record", __name__)


@blueprint.get("/my/record")
@door("my.record")
def mine() -> Any:
    """Who has looked at the record of whoever asks: role, organisation, what for and when; no name."""
    with here().reading() as unit:
        found = looking.own_record(unit, opening.asked_page())
    title = "Who has looked at your record"
    title = title if found.last == 1 else f"{title} (page {found.number} of {found.last})"
    return page("home/record.jinja", title=title, found=found, is_person=g.who.kind == "person")


@blueprint.get("/my/record/export")
@door("my.record")
def export() -> Response:
    """The same as a FHIR bundle, to keep or to hand to somebody."""
    with here().reading() as unit:
        lines, is_protected = looking.own_lines(unit)
        now = unit.now
    events = [
        fhir.look(
            f"{g.who.id}/{number}", subject=g.who.id, who=line.who, organisation=line.organisation,
            purpose=line.purpose, seen_at=line.seen_at, is_day_alone=is_protected,
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip
    answer = Response(json.dumps(fhir.bundle(events, now)), content_type=fhir.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = 'attachment; filename="who-has-looked.json"'
    return answer
