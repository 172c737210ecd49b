"""The shapes of what the support room takes in and gives out; the same schemas read the API and the forms."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from marshmallow import ValidationError, fields, validate

from chassis.web.fields import Day, Moment, OneOf, OpaqueId, Strict, Tick, Words
from contracts import worries
from contracts.support import AGREED_BY, CONNECTION_STATES, CONTACT_KINDS, CONTACT_MODES, ENDINGS, PAUSED_BY

CONNECTION_KINDS = ("role", "group", "place")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::00)?\s*(am|pm)?", re.IGNORECASE)


class TimeOfDay(fields.String):
    """A time of day in London, as people write it: `14:30`, `2:30pm`, `2pm`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        found = _TIME.fullmatch(str(super()._deserialize(value, attr, data, **rest)).strip())
        hour, minute, half = found.groups() if found else ("99", None, None)
        number = int(hour)
        if half:
            number = number % 12 + (12 if half.lower() == "pm" else 0) if 1 <= number <= 12 else 99
        elif minute is None:
            number = 99
        if number > 23 or int(minute or 0) > 59:
            raise ValidationError("Enter a time, such as 2:30pm or 14:30.")
        return time(number, int(minute or 0))


class StartSchema(Strict):
    """The end date the pair agreed; left out, it is the network's usual time from today."""

    agreed_end_on = Day(load_default=None, allow_none=True)


class StartFormSchema(Strict):
    """The end date as the form asks it."""

    agreed_end_on = Day(required=True)


class MeetingSchema(Strict):
    """When and how the pair meets; where stays with them."""

    starts_at = Moment(required=True, error_messages={"required": "Enter a date and time."})
    mode = OneOf(CONTACT_MODES, required=True)


class MeetingFormSchema(Strict):
    """The same meeting as a form asks it."""

    on = Day(required=True)
    at = TimeOfDay(required=True, error_messages={"required": "Enter a time, such as 2:30pm."})
    mode = OneOf(CONTACT_MODES, required=True)


class PlannedSchema(Strict):
    """A planned meeting."""

    meeting_id = fields.String()
    starts_at = Moment()
    mode = fields.String()


class ContactSchema(Strict):
    """Two taps, `kind` and `mode`. All else may be left out: the day is the meeting's or today, the note is private."""

    kind = OneOf(CONTACT_KINDS, required=True)
    mode = OneOf(CONTACT_MODES, required=True)
    held_on = Day(load_default=None, allow_none=True)
    meeting_id = OpaqueId(load_default=None, allow_none=True)
    note = Words(most=4000, lines=True, load_default="")


class RecordedSchema(Strict):
    """A contact as it was recorded."""

    contact_id = fields.String()
    kind = fields.String()
    mode = fields.String()
    held_on = fields.Date()
    meeting_id = fields.String(allow_none=True)


class ConnectionSchema(Strict):
    """A role, group or place the person would like in their life."""

    kind = OneOf(CONNECTION_KINDS, required=True)
    what = Words(most=200, least=1, required=True)


class MoveSchema(Strict):
    """How far a connection has come."""

    state = OneOf(CONNECTION_STATES, required=True)


class ConnectionRowSchema(Strict):
    """A connection as the API gives it; its words only to the pair, and only with one support."""

    connection_id = fields.String()
    kind = fields.String()
    state = fields.String()
    moved_on = fields.Date()
    what = fields.String()


class PauseSchema(Strict):
    """Who asked for the rest; left out, it is whoever says so. No reason is asked."""

    paused_by = OneOf(PAUSED_BY, load_default=None, allow_none=True)


class EndingSchema(Strict):
    """How support ends, who agreed, and whether the person wants to come back; a swap always does."""

    ending = OneOf(ENDINGS, required=True)
    agreed_by = OneOf(AGREED_BY, required=True)
    wants_return = Tick(load_default=None, allow_none=True)


class ChangeSchema(Strict):
    """What the person wants: someone else with their place kept, or to stop."""

    want = OneOf(("someone_else", "stop"), required=True)


class WorrySchema(Strict):
    """How soon someone should answer (1 can wait, 4 is now), about whom, and words if there are any."""

    level = fields.Integer(
        required=True,
        strict=True,
        validate=validate.OneOf(worries.LEVELS, error="Choose one of the answers."),
        error_messages={"required": "Choose one.", "invalid": "Choose one of the answers."},
    )
    about = OneOf(worries.ABOUT, load_default="person")
    words = Words(most=4000, lines=True, load_default="")


class RaisedSchema(Strict):
    """A worry as it was taken in; `says` is what to do now."""

    worry_id = fields.String()
    level = fields.Integer()
    says = fields.String()


class SupportSchema(Strict):
    """One support and where it stands; nothing in it counts contacts."""

    support_id = fields.String()
    match_id = fields.String()
    referral_id = fields.String()
    person_id = fields.String()
    peer_id = fields.String()
    partner_id = fields.String()
    state = fields.String()
    stage = fields.String()
    agreed_at = Moment()
    started_on = fields.Date(allow_none=True)
    midpoint_on = fields.Date(allow_none=True)
    agreed_end_on = fields.Date(allow_none=True)
    is_overrun = fields.Boolean()
    paused_by = fields.String(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    ending = fields.String(allow_none=True)
    agreed_by = fields.String(allow_none=True)
    wants_return = fields.Boolean(allow_none=True)
    next_meeting = fields.Nested(PlannedSchema, allow_none=True)
    connections = fields.List(fields.Nested(ConnectionRowSchema))
    outcome = fields.String(allow_none=True)
