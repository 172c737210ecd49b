"""The shapes of what matching takes in and gives out; the same schemas read the API and the forms."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.web.fields import Moment, OneOf, OpaqueId, SomeOf, Strict, Tick
from contracts import needs
from contracts.matching import ANSWERS, HOW_ANSWERED, SIDES

from .domain import pair

# A coordinator records what they were told; the own pages are for peer and person themselves.
TOLD = tuple(how for how in HOW_ANSWERED if how != "own_page")
WAYS = {way: needs.MODES[way] for way in pair.WAYS}
AGE_BANDS = {code: words for code, words in needs.AGE_BANDS.items() if code != "unknown"}
# One entry for each theme at most.
MOST_ENTRIES = len(needs.THEMES)


class BoardQuery(Strict):
    """Which part of the board."""

    area = OneOf(("", *needs.AREAS), load_default="")


class WaitingSchema(Strict):
    """One person who waits: ids and days; no name, and no area when they are protected."""

    referral_id = fields.String()
    person_id = fields.String()
    partner_id = fields.String()
    received_at = Moment()
    waiting_days = fields.Integer()
    state = fields.String()
    area = fields.String()
    is_protected = fields.Boolean()
    match_id = fields.String(allow_none=True)


class ReasonSchema(Strict):
    """One reason, strong, some or little; never a number."""

    strength = OneOf(("strong", "some", "little"))
    says = fields.String()


class CardSchema(Strict):
    """One peer on a shortlist; `to_ask` are facts not known yet."""

    peer_id = fields.String()
    reasons = fields.List(fields.Nested(ReasonSchema))
    shares = fields.List(fields.String())
    to_ask = fields.List(fields.String())
    please = fields.String()


class ExcludedSchema(Strict):
    """How many peers one rule excludes."""

    rule = fields.String()
    says = fields.String()
    count = fields.Integer()


class ShortlistSchema(Strict):
    """Who could be offered, best first; who only after a question; and how many each rule excludes."""

    referral_id = fields.String()
    cards = fields.List(fields.Nested(CardSchema))
    ask_first = fields.List(fields.Nested(CardSchema))
    excluded = fields.List(fields.Nested(ExcludedSchema))
    more_count = fields.Integer()


class OfferFormSchema(Strict):
    """One to three peers; `has_asked` says that what was not known has been asked."""

    peer_ids = fields.List(
        OpaqueId(),
        required=True,
        validate=validate.Length(min=1, max=3, error="Choose one, two or three peers."),
        error_messages={"required": "Choose one, two or three peers."},
    )
    has_asked = Tick(load_default=False)

    @validates_schema
    def each_once(self, asked: dict[str, Any], **_rest: Any) -> None:
        """A peer is offered once."""
        if len(set(asked["peer_ids"])) != len(asked["peer_ids"]):
            raise ValidationError("The same peer stands twice. Choose each once.", "peer_ids")


class ProposalSchema(OfferFormSchema):
    """One to three peers for a person."""

    referral_id = OpaqueId(required=True)


class OptionSchema(Strict):
    """One peer of a match."""

    peer_id = fields.String()
    partner_id = fields.String()
    state = fields.String()
    answered_at = Moment(allow_none=True)
    how = fields.String(allow_none=True)
    hold_until = Moment(allow_none=True)
    code = fields.String(allow_none=True)


class MatchSchema(Strict):
    """One match and where it stands."""

    match_id = fields.String()
    referral_id = fields.String()
    person_id = fields.String()
    state = fields.String()
    proposed_at = Moment()
    answer_by = Moment()
    chosen_peer_id = fields.String(allow_none=True)
    taster_held_at = Moment(allow_none=True)
    person_says = fields.Boolean(allow_none=True)
    peer_says = fields.Boolean(allow_none=True)
    agreed_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    code = fields.String(allow_none=True)
    options = fields.List(fields.Nested(OptionSchema))


class AnswerSchema(Strict):
    """What one side said of one option, and how that is known."""

    peer_id = OpaqueId(required=True)
    side = OneOf(SIDES, required=True)
    answer = OneOf(ANSWERS, required=True)
    how = OneOf(TOLD, load_default="told_coordinator")


class AnswerFormSchema(Strict):
    """The same answer as a form asks it: side and answer in one choice."""

    peer_id = OpaqueId(required=True)
    said = OneOf(("peer could", "peer not_this_time", "person yes", "person not_this_time"), required=True)
    how = OneOf(TOLD, required=True)


class PeerChoiceSchema(Strict):
    """One peer."""

    peer_id = OpaqueId(required=True)


class TasterSchema(Strict):
    """That a taster was held; without a moment it was just now."""

    peer_id = OpaqueId(required=True)
    held_at = Moment(load_default=None, allow_none=True)


class AgreementSchema(Strict):
    """What both said after the taster, and how that is known."""

    person_yes = Tick(required=True, error_messages={"required": "Answer yes or no."})
    peer_yes = Tick(required=True, error_messages={"required": "Answer yes or no."})
    how = OneOf(TOLD, load_default="told_coordinator")


class JoinSchema(Strict):
    """The account that joins as a peer."""

    account_id = OpaqueId(required=True)


class LimitsSchema(Strict):
    """What a peer takes; what is left out is taken as nothing said."""

    places = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=99, error="Enter a number of places, 0 or more."),
        error_messages={"required": "Enter a number of places.", "invalid": "Enter a number of places, 0 or more."},
    )
    areas = SomeOf(needs.AREAS, load_default=list)
    modes = SomeOf(WAYS, load_default=list)
    times = SomeOf(needs.TIMES, load_default=list)
    languages = SomeOf(needs.LANGUAGES, load_default=list)
    age_bands = SomeOf(AGE_BANDS, load_default=list)
    gender = OneOf(needs.PEER_GENDERS, load_default="")
    topics_not_taken = SomeOf(needs.THEMES, load_default=list)


class EntrySchema(Strict):
    """One lived-experience entry and the level its peer chose for it."""

    theme = OneOf(needs.THEMES, required=True)
    level = OneOf(pair.LEVELS, required=True)


class ExperienceSchema(Strict):
    """All of a peer's lived-experience entries."""

    entries = fields.List(
        fields.Nested(EntrySchema),
        required=True,
        validate=validate.Length(max=MOST_ENTRIES, error="There are more entries than themes."),
        error_messages={"required": "Send your entries; an empty list takes all of them out."},
    )

    @validates_schema
    def each_once(self, asked: dict[str, Any], **_rest: Any) -> None:
        """A theme stands once."""
        themes = [entry["theme"] for entry in asked["entries"]]
        if len(set(themes)) != len(themes):
            raise ValidationError("The same theme stands twice. Choose one level for each.", "entries")


class PeerSchema(Strict):
    """A peer as others see them: no entry, no topic, no reason for a break."""

    peer_id = fields.String()
    partner_id = fields.String()
    availability = OneOf(("available", "full", "unavailable"))
    places = fields.Integer()
    areas = fields.List(fields.String())
    modes = fields.List(fields.String())
    times = fields.List(fields.String())
    languages = fields.List(fields.String())


class OwnPeerSchema(Strict):
    """A peer as they see themselves."""

    peer_id = fields.String()
    is_paused = fields.Boolean()
    limits = fields.Nested(LimitsSchema)
    entries = fields.List(fields.Nested(EntrySchema))
