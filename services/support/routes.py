"""JSON in and out of the support room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.unit import Unit
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key

from . import domain, schemas
from .actions import asking, changing, connecting, ending, meeting, starting, worrying

blueprint = ApiBlueprint(
    "supports", __name__, url_prefix="/api/v1/supports", description="What people and their peers do together"
)
_OF_ROW = (
    "support_id", "match_id", "referral_id", "person_id", "peer_id", "partner_id", "state", "agreed_at", "started_on",
    "midpoint_on", "agreed_end_on", "paused_by", "ended_on",
)  # fmt: skip
_OF_ENDING = ("ending", "agreed_by", "wants_return")


def support_answer(seen: asking.Seen, ring: Ring | None = None) -> dict[str, Any]:
    """A support as the API gives it; with a ring the pair reads the words of its connections too."""
    meeting_row, is_over = seen.next_meeting, seen.row.state == domain.ENDED
    how = {name: getattr(seen.row, name) if seen.is_ending_told else None for name in _OF_ENDING}
    return {
        **{name: getattr(seen.row, name) for name in _OF_ROW},
        **how,
        "stage": domain.STAGES[seen.row.state],
        "is_overrun": seen.is_overrun,
        "next_meeting": _meeting_answer(meeting_row) if meeting_row else None,
        "connections": [_connection_answer(one, ring if seen.is_of_the_pair else None) for one in seen.connections],
        "outcome": domain.outcome(len(seen.alive)) if is_over else None,
    }


def _meeting_answer(row: Any) -> dict[str, Any]:
    return {"meeting_id": row.meeting_id, "starts_at": row.starts_at, "mode": row.mode}


def _connection_answer(row: Any, ring: Ring | None) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("connection_id", "kind", "state", "moved_on")}
    return {**told, "what": ring.open_text(row.what, field="what")} if ring else told


def _seen_after(support_id: str, work: Callable[..., None], **given: Any) -> dict[str, Any]:
    with here().writing() as unit:
        work(unit, support_id, **given)
        return support_answer(asking.see_changed(unit, support_id))


@blueprint.get("")
@door("support.read")
@blueprint.response(200, schemas.SupportSchema(many=True))
def listed() -> Any:
    """The supports you may see, newest first."""
    with here().writing() as unit:
        return [support_answer(seen) for seen in asking.see_all(unit, (*domain.LIVE, domain.ENDED))]


@blueprint.get("/<uuid:support_id>")
@door("support.read")
@blueprint.response(200, schemas.SupportSchema)
def shown(support_id: Any) -> Any:
    """One support: where it stands, its dates, the next meeting and the connections."""
    with here().writing() as unit:
        seen = asking.see(unit, str(support_id))
    return support_answer(seen, here().vault.ring(seen.tokens()))


@blueprint.post("/<uuid:support_id>/start")
@door("support.start")
@blueprint.arguments(schemas.StartSchema)
@blueprint.response(200, schemas.SupportSchema)
def start(given: dict[str, Any], support_id: Any) -> Any:
    """Begin a support today with the end date the pair agreed."""
    return _seen_after(str(support_id), starting.start, **given)


@blueprint.post("/<uuid:support_id>/meetings")
@door("meeting.plan")
@blueprint.arguments(schemas.MeetingSchema)
@blueprint.response(201, schemas.PlannedSchema)
def plan(given: dict[str, Any], support_id: Any) -> Any:
    """Plan when and how the pair meets next. Send an `Idempotency-Key` to be able to try again."""
    answer = _made("plan", partial(meeting.plan_meeting, support_id=str(support_id), **given))
    return {**answer.body, "starts_at": datetime.fromisoformat(answer.body["starts_at"])}


@blueprint.post("/<uuid:support_id>/contacts")
@door("contact.record")
@blueprint.arguments(schemas.ContactSchema)
@blueprint.response(201, schemas.RecordedSchema)
def contact(given: dict[str, Any], support_id: Any) -> Any:
    """Record a contact: `kind` and `mode`, nothing else is needed. `Idempotency-Key` is required."""
    keys = partial(changing.notes_ring, here(), str(support_id)) if given["note"] else None
    work = partial(meeting.record_contact, support_id=str(support_id), asked=given)
    answer = _made("contact", work, keys, needs_key=True)
    return {**answer.body, "held_on": date.fromisoformat(answer.body["held_on"])}


@blueprint.post("/<uuid:support_id>/connections")
@door("connection.keep")
@blueprint.arguments(schemas.ConnectionSchema)
@blueprint.response(201, schemas.ConnectionRowSchema)
def connection(given: dict[str, Any], support_id: Any) -> Any:
    """Keep a role, group or place the person would like. Send an `Idempotency-Key` to be able to try again."""
    keys = partial(changing.notes_ring, here(), str(support_id))
    answer = _made("connection", partial(connecting.find_connection, support_id=str(support_id), **given), keys)
    return {**answer.body, "moved_on": date.fromisoformat(answer.body["moved_on"])}


@blueprint.post("/<uuid:support_id>/connections/<uuid:connection_id>/moves")
@door("connection.keep")
@blueprint.arguments(schemas.MoveSchema)
@blueprint.response(201, schemas.ConnectionRowSchema)
def move(given: dict[str, str], support_id: Any, connection_id: Any) -> Any:
    """Move a connection on: found, tried, going, going without the peer; or let it go."""
    with here().writing() as unit:
        return connecting.move_connection(unit, str(support_id), str(connection_id), given["state"])


@blueprint.post("/<uuid:support_id>/pause")
@door("support.pause")
@blueprint.arguments(schemas.PauseSchema)
@blueprint.response(200, schemas.SupportSchema)
def pause(given: dict[str, Any], support_id: Any) -> Any:
    """Let a support rest. No reason is asked."""
    return _seen_after(str(support_id), ending.pause, **given)


@blueprint.post("/<uuid:support_id>/resumption")
@door("support.pause")
@blueprint.response(200, schemas.SupportSchema)
def resume(support_id: Any) -> Any:
    """Go on after a rest."""
    return _seen_after(str(support_id), ending.resume)


@blueprint.post("/<uuid:support_id>/ending")
@door("support.end")
@blueprint.arguments(schemas.EndingSchema)
@blueprint.response(200, schemas.SupportSchema)
def end(given: dict[str, Any], support_id: Any) -> Any:
    """End a support: how, and agreed by whom. `outcome` says which connections are alive, or honestly "None yet"."""
    return _seen_after(str(support_id), ending.end, **given)


@blueprint.post("/<uuid:support_id>/worries")
@door("worry.raise")
@blueprint.arguments(schemas.WorrySchema)
@blueprint.response(201, schemas.RaisedSchema)
def worry(given: dict[str, Any], support_id: Any) -> Any:
    """Say that you are worried. With level 4 call 999 first. Send an `Idempotency-Key` to be able to try again."""
    asked = worrying.read_worry(here(), g.who, str(support_id), given)
    keys = partial(worrying.worry_ring, here(), asked)
    answer = _made("worry", partial(worrying.raise_worry, worry=asked), keys)
    return {**answer.body, "says": worrying.SAYS[given["level"]]}


def _made(
    what: str, work: Callable[[Unit], Answer], keys: Callable[[], Ring] | None = None, *, needs_key: bool = False
) -> Answer:
    """Makes one new thing; the same Idempotency-Key gives the first answer again, and without one it is made anew."""
    keys = keys or partial(Ring, {})
    if needs_key or "Idempotency-Key" in request.headers:
        return answered_once(
            here(), door=f"support.{what}", asker=g.who.id, key=idempotency_key(),
            body=request.path.encode() + request.get_data(), keys=keys, work=work,
        )  # fmt: skip
    with here().writing(keys()) as unit:
        return work(unit)
