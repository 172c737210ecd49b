"""The pages of what is set aside in a service: what it is and why, asking to have something done, and confirming it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request
from marshmallow import Schema, fields

from chassis.access import Rules
from chassis.errors import Invalid
from chassis.events import askings, settling
from chassis.events import set_aside as kept
from chassis.events.askings import Aim, Wanted
from chassis.ids import short_code
from chassis.unit import Unit
from chassis.web.door import door, here
from chassis.web.fields import OneOf, Strict, Words
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page

LIST, ASK, CONFIRM = "parked.list", "parked.ask", "parked.confirm"
ROWS = 25
_DIGITS = 18
# What can be asked, by its last part of the address, with its words.
ASKS: Mapping[str, tuple[str, str]] = {
    "try-again": (askings.TRY_AGAIN, "Ask to try again"),
    "give-up": (askings.GIVE_UP, "Ask to give up a fact"),
    "put-away": (askings.PUT_AWAY, "Ask to put a record away"),
    "show-again": (askings.SHOW_AGAIN, "Ask to show them again"),
}
WHAT_WORDS = {
    askings.TRY_AGAIN: "Try again",
    askings.GIVE_UP: "Give up a fact",
    askings.PUT_AWAY: "Put a record away",
    askings.SHOW_AGAIN: "Show them again",
}
STATE_WORDS = {
    askings.ASKED: "To be confirmed",
    askings.CONFIRMED: "Confirmed",
    askings.REFUSED: "Refused",
    askings.RAN_OUT: "Ran out",
}
OUTCOME_WORDS = {
    settling.TRIED_AGAIN: "Tried again",
    settling.GIVEN_UP: "Given up",
    settling.PUT_AWAY: "Put away",
    settling.SHOWN_AGAIN: "Shown again",
    settling.OVERTAKEN: "Settled in another way before",
}


def _schema(what: str) -> Schema:
    """The form of one kind of asking."""
    return Strict.from_dict(
        {
            "on": Words(most=400, least=1, required=True),
            "number": fields.Integer(required=True),
            "alike": OneOf(("one", "all") if what in askings.FOR_ALL_ALIKE else ("one",), load_default="one"),
            "reason": OneOf(askings.REASONS[what], required=True),
            "words": Words(most=askings.MOST_WORDS, least=askings.LEAST_WORDS, lines=True, required=True),
            "fences": OneOf(("yes", "no"), load_default=""),
        }
    )()


_SCHEMAS = {what: _schema(what) for what in askings.REASONS}


def blueprint(service: str, rules: Rules) -> Blueprint | None:
    """The pages under `/services/<service>/set-aside`; none where the rules let nobody look."""
    if LIST not in rules:
        return None
    pages = Blueprint("set_aside", __name__, url_prefix=at(service))
    pages.add_url_rule("", "listed", door(LIST)(listed))
    pages.add_url_rule("/waiting", "waiting", door(LIST)(waiting))
    pages.add_url_rule("/unreadable", "unreadable", door(LIST)(unreadable))
    pages.add_url_rule("/stream", "stream", door(LIST)(stream))
    pages.add_url_rule("/asked", "asked", door(LIST)(asked))
    pages.add_url_rule("/asked/<uuid:asking_id>", "asking", door(LIST)(asking))
    pages.add_url_rule("/asked/<uuid:asking_id>/confirm", "confirm", door(CONFIRM)(confirm), methods=["POST"])
    pages.add_url_rule("/asked/<uuid:asking_id>/refuse", "refuse", door(CONFIRM)(refuse), methods=["POST"])
    for name in ASKS:
        for method, view in (("GET", form), ("POST", ask)):
            pages.add_url_rule(
                f"/ask/{name}", f"{view.__name__}_{name}", door(ASK)(view), methods=[method], defaults={"name": name}
            )
    return pages


def at(service: str) -> str:
    """Where the pages of a service stand."""
    return f"/services/{service}/set-aside"


def listed() -> Any:
    """The parked streams, urgent ones first, what waits for a second person, and whoever is still hidden."""
    with here().reading() as unit:
        standing = kept.standing(unit.scope, unit)
        start, paging = _paging(standing.parked)
        return _page(
            "list", f"Set aside in {unit.service}", unit, standing, **paging,
            rows=kept.parked_streams(unit.scope, unit, start, ROWS), asked=kept.open_askings(unit.scope, unit),
            still_hidden=kept.hidden(unit.scope, unit),
        )  # fmt: skip


def waiting() -> Any:
    """The streams that wait for another and go on by themselves."""
    with here().reading() as unit:
        standing = kept.standing(unit.scope, unit)
        start, paging = _paging(standing.waiting)
        rows = kept.waiting_streams(unit.scope, unit, start, ROWS)
        return _page("waiting", f"Waiting in {unit.service}", unit, standing, rows=rows, **paging)


def unreadable() -> Any:
    """The records that are no fact: where they lie, never what they hold."""
    with here().reading() as unit:
        standing = kept.standing(unit.scope, unit)
        start, paging = _paging(standing.unreadable)
        rows = kept.unreadable_records(unit.scope, unit, start, ROWS)
        return _page("unreadable", f"Not readable in {unit.service}", unit, standing, rows=rows, **paging)


def stream() -> Any:
    """One parked stream, and what can be asked about it."""
    with here().reading() as unit:
        row = kept.parked_stream(unit.scope, unit, request.args.get("on", ""))
        brake = kept.brake_of(unit.scope, unit, row)
        asked = kept.asked_about(unit.scope, unit, Aim(row.stream, row.number))
        standing = kept.standing(unit.scope, unit)
        return _page("stream", "A stream set aside", unit, standing, row=row, brake=brake, asked=asked)


# ---- what was asked


def asked() -> Any:
    """All that was ever asked, the newest first."""
    with here().reading() as unit:
        start, paging = _paging(kept.count_askings(unit.scope, unit))
        rows, standing = kept.all_askings(unit.scope, unit, start, ROWS), kept.standing(unit.scope, unit)
        return _page("asked", f"What was asked in {unit.service}", unit, standing, rows=rows, **paging)


def asking(asking_id: Any) -> Any:
    """One asking: why, about what, and how it ended; whoever else may can confirm or refuse it."""
    with here().reading() as unit:
        row, lines = kept.one_asking(unit.scope, unit, str(asking_id))
        stuck = {(one.stream, one.number) for one in kept.parked_streams(unit.scope, unit)}
        return _page(
            "asking", WHAT_WORDS[row.what], unit, kept.standing(unit.scope, unit), row=row, lines=lines, stuck=stuck,
            is_open=row.state == askings.ASKED and row.ends_at > unit.now, reasons=askings.REASONS[row.what],
        )  # fmt: skip


def confirm(asking_id: Any) -> Any:
    """A second person confirms, and it is done."""
    with here().writing() as unit:
        done = settling.confirm(unit, str(asking_id))
    here().event_metrics.given_up.inc(done[settling.GIVEN_UP])
    return redirect(f"{at(here().name)}/asked/{asking_id}", 303)


def refuse(asking_id: Any) -> Any:
    """A second person refuses, and nothing is done."""
    with here().writing() as unit:
        settling.refuse(unit, str(asking_id))
    return redirect(f"{at(here().name)}/asked/{asking_id}", 303)


# ---- asking


def form(name: str) -> Any:
    """The empty form; what somebody asked about already leads there."""
    on, number = _about(request.args)
    with here().reading() as unit:
        aim = kept.aim_at(unit.scope, unit, ASKS[name][0], on, number)
        if before := kept.asked_about(unit.scope, unit, aim):
            return redirect(f"{at(unit.service)}/asked/{before}", 303)
        return _form(unit, name, aim)


def ask(name: str) -> Any:
    """Keeps what is asked, for another to confirm."""
    what, (on, number) = ASKS[name][0], _about(request.form)
    given, faults = read_form(_SCHEMAS[what], request.form)
    with here().reading() as unit:
        aim = kept.aim_at(unit.scope, unit, what, on, number)
        if what == askings.GIVE_UP and not given.get("fences", "") and kept.parked_stream(unit.scope, unit, on).fences:
            faults = {**faults, "fences": "Choose one."}
        if faults:
            return _form(unit, name, aim, faults)
    try:
        asking_id = _ask(what, aim, given)
    except Invalid as refused:
        here().note_refusal(refused)
        with here().reading() as unit:
            return _form(unit, name, aim, faults_of(refused))
    return redirect(f"{at(here().name)}/asked/{asking_id}", 303)


def _ask(what: str, aim: Aim, given: Mapping[str, Any]) -> str:
    wanted = Wanted(what, given["reason"], given["words"], fences=given["fences"] == "yes")
    with here().writing() as unit:
        aims = [kept.aim_at(unit.scope, unit, what, aim.stream, aim.number)]
        if given["alike"] == "all":
            aims = kept.alike(unit.scope, unit, what, aim.stream, aim.number)
        return askings.ask(unit, wanted, aims, here().carrying.asking_days)


def _form(unit: Unit, name: str, aim: Aim, faults: Faults | None = None) -> Any:
    what, title = ASKS[name]
    parked = kept.parked_stream(unit.scope, unit, aim.stream) if what in {askings.TRY_AGAIN, askings.GIVE_UP} else None
    return _page(
        "ask", title, unit, kept.standing(unit.scope, unit), status=422 if faults else 200, what=what, aim=aim,
        parked=parked, brake=kept.brake_of(unit.scope, unit, parked) if parked else None,
        alike=len(kept.alike(unit.scope, unit, what, aim.stream, aim.number)), reasons=askings.REASONS[what],
        most=askings.MOST_WORDS, form=request.form or {"alike": "one"}, faults=faults or {},
    )  # fmt: skip


# ---- shared by the pages


def _page(template: str, title: str, unit: Unit, standing: kept.Standing, *, status: int = 200, **values: Any) -> Any:
    return page(
        f"set_aside/{template}.jinja", title=title, status=status, at=at(unit.service), service=unit.service,
        standing=standing, rooms={room: at(room) for room in here().parts.rooms}, me=unit.who.id, why=why,
        code=short_code, age=lambda moment: kept.age(moment, unit.now), what_words=WHAT_WORDS,
        state_words=STATE_WORDS, outcome_words=OUTCOME_WORDS, now=unit.now, **values,
    )  # fmt: skip


def why(reason: str) -> str:
    """A reason in plain words."""
    return kept.WHY.get(reason) or f"This room failed at it ({reason})"


def _about(sent: Mapping[str, str]) -> tuple[str, int]:
    return sent.get("on", ""), _whole(sent.get("number", ""))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _paging(count: int) -> tuple[int, dict[str, Any]]:
    """Where the page asked for begins, and its number and the last for the links below."""
    last = max(1, -(-count // ROWS))
    number = min(max(1, _whole(request.args.get("page", ""))), last)
    return (number - 1) * ROWS, {"number": number, "last": last}
