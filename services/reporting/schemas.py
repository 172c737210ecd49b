"""The shapes of what reporting gives out; it takes nothing in."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.fields import Day, Moment, OneOf, Strict

from .domain import periods
from .domain.figures import MARKERS
from .domain.measures import THEMES

STATE_WORDS = {"open": "Still open", "ended": "Ended, not yet published", "published": "Published"}


class PeriodSchema(Strict):
    """One period; `covers_until` is up to when everything stated is in its figures."""

    period_id = fields.String()
    kind = OneOf(periods.KINDS)
    words = fields.String()
    starts_on = Day()
    ends_on = Day()
    state = OneOf(STATE_WORDS)
    covers_until = Moment(allow_none=True)
    drawn_at = Moment(allow_none=True)
    published_at = Moment(allow_none=True)
    report_id = fields.String(allow_none=True)


class PeriodsSchema(Strict):
    """The periods, newest first, and up to when everything stated is counted now."""

    covers_until = Moment(allow_none=True)
    periods = fields.List(fields.Nested(PeriodSchema))


class FigureSchema(Strict):
    """One figure as it may be seen: a rounded number, or the marker that stands in its place."""

    code = fields.String()
    theme = OneOf(THEMES)
    words = fields.String()
    unit = fields.String()
    area = fields.String()
    area_words = fields.String()
    value = fields.Raw(metadata={"oneOf": [{"type": "integer"}, {"type": "string", "enum": list(MARKERS)}]})
    out_of = fields.Integer(allow_none=True)
    rounded_to = fields.Integer()
    version = fields.Integer()


class ReportSchema(PeriodSchema):
    """One period's report with every figure; what each marker means stands under `markers`."""

    catalogue_version = fields.Integer(allow_none=True)
    rounded_to = fields.Integer()
    hidden_below = fields.Integer()
    markers = fields.Dict(keys=fields.String(), values=fields.String())
    figures = fields.List(fields.Nested(FigureSchema))


class MeasureSchema(Strict):
    """One line of the catalogue."""

    code = fields.String()
    theme = OneOf(THEMES)
    words = fields.String()
    unit = fields.String()
    numerator = fields.String()
    denominator = fields.String()
    exclusions = fields.String()
    note = fields.String()
    version = fields.Integer()
    source = fields.String()
    by_area = fields.Boolean()
    part_of = fields.String()
