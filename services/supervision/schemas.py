"""The shapes of what supervision takes in and gives out; the same schemas read the API and the forms."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate

from chassis.web.fields import Day, Moment, OneOf, OpaqueId, Strict, Words
from chassis.working_days import LONDON
from contracts.supervision import CLOSE_CODES, MISSED_BY, SESSION_KINDS
from contracts.worries import ABOUT, LEVELS

from .domain.sessions import BECAUSE

MOST_WORDS = 4000


class StandingSchema(Strict):
    """What new matches need of a peer; what is left out is not known."""

    conduct_accepted_on = Day(load_default=None, allow_none=True)
    check_valid_until = Day(load_default=None, allow_none=True)
    training_valid_until = Day(load_default=None, allow_none=True)


class PlanSchema(Strict):
    """A time for a session."""

    starts_at = Moment(required=True, error_messages={"required": "Enter a date and a time."})
    kind = OneOf(SESSION_KINDS, load_default="line")


class PlanFormSchema(Strict):
    """The same as a form asks it: a day and a time of day in London."""

    on = Day(required=True)
    at = fields.Time(
        format="%H:%M",
        required=True,
        error_messages={"required": "Enter a time.", "invalid": "Enter a time of day, such as 14:30."},
    )
    kind = OneOf(SESSION_KINDS, load_default="line")

    @pre_load
    def with_dots_too(self, asked: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        """A time may be written as 9:30 or 9.30."""
        text = asked.get("at")
        return {**asked, "at": text.replace(".", ":")} if isinstance(text, str) else asked

    @post_load
    def as_moment(self, given: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        """Joins day and time to one moment."""
        at: time = given["at"]
        return {"starts_at": datetime.combine(given["on"], at, LONDON), "kind": given["kind"]}


class MissedSchema(Strict):
    """Because of whom a session did not take place."""

    missed_by = OneOf(MISSED_BY, required=True)


class DeclineSchema(Strict):
    """Why an offered time is not taken; no more is asked."""

    because = OneOf(BECAUSE, required=True)


class SessionSchema(Strict):
    """One session."""

    session_id = fields.String()
    peer_id = fields.String()
    supervisor_id = fields.String()
    kind = fields.String()
    starts_at = Moment()
    due_at = Moment()
    state = fields.String()
    supervisor_confirmed_at = Moment(allow_none=True)
    peer_confirmed_at = Moment(allow_none=True)


class PeerRowSchema(Strict):
    """One peer of a team: where they stand, and when their next supervision is due."""

    peer_id = fields.String()
    partner_id = fields.String()
    supervisor_id = fields.String(allow_none=True)
    standing = fields.String()
    next_due_at = Moment(allow_none=True)
    is_overdue = fields.Boolean()
    planned = fields.List(fields.Nested(SessionSchema))


class PeerSchema(PeerRowSchema):
    """One peer with what new matches need of them, and what of it is lacking now."""

    conduct_accepted_on = fields.Date(allow_none=True)
    check_valid_until = fields.Date(allow_none=True)
    training_valid_until = fields.Date(allow_none=True)
    lacking = fields.List(fields.String())


# ---- worries


def _level() -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.OneOf(LEVELS, error="Choose one of the answers."),
        error_messages={"required": "Choose one.", "invalid": "Choose one of the answers."},
    )


def _words() -> Words:
    says = "Write what worries you. A few words are enough."
    return Words(most=MOST_WORDS, least=1, lines=True, required=True, error_messages={"required": says})


class ConcernSchema(Strict):
    """A worry as somebody raises it; whom it is about may stay unsaid."""

    level = _level()
    about = OneOf(ABOUT, required=True)
    about_id = OpaqueId(load_default=None, allow_none=True)
    words = _words()


class ConcernFormSchema(Strict):
    """The same as a form asks it: what and whom it is about in one choice, `peer/<id>` or `peer/`."""

    level = _level()
    whom = fields.String(required=True, error_messages={"required": "Choose one."})
    words = _words()

    @post_load
    def split(self, given: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        """Splits the choice into what and whom."""
        about, _, about_id = given.pop("whom").partition("/")
        try:
            known = ConcernSchema(only=("about", "about_id")).load({"about": about, "about_id": about_id or None})
        except ValidationError:
            raise ValidationError("Choose one of the answers.", "whom") from None
        return {**given, **known}


class HandOnSchema(Strict):
    """Who owns the worry next."""

    owner_id = OpaqueId(required=True)


class CloseSchema(Strict):
    """How a worry came to its end."""

    code = OneOf(CLOSE_CODES, required=True)


class ReceiptSchema(Strict):
    """What whoever raised a worry is told: it is in hand, and by when somebody answers."""

    concern_id = fields.String()
    level = fields.Integer()
    raised_at = Moment()
    acknowledge_by = Moment()
    says = fields.String()


class ConcernRowSchema(Strict):
    """One worry without its words."""

    concern_id = fields.String()
    level = fields.Integer()
    about = fields.String()
    about_id = fields.String(allow_none=True)
    raised_by = fields.String()
    raised_at = Moment()
    state = fields.String()
    owner_id = fields.String(allow_none=True)
    acknowledge_by = Moment()
    is_late = fields.Boolean()
    acknowledged_at = Moment(allow_none=True)


class OpenedConcernSchema(ConcernRowSchema):
    """One worry as its owner opens it; without words when whoever they are about was forgotten."""

    words = fields.String(allow_none=True)
