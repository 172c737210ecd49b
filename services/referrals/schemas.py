"""The shapes of a referral: one canonical schema serves the web form, the API, and what the FHIR door translates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.errors import Fault
from chassis.web.api import faults_in
from chassis.web.fields import UNKNOWN_NAME, Day, Moment, OneOf, OpaqueId, SomeOf, Strict, Tick, Words
from contracts import needs
from contracts.links import MOST_LETTERS
from contracts.referrals import DECLINE_REASONS, DECLINED_BY, GLASS_REASONS, LOOK_OUTCOMES

from . import domain
from .domain import glass, two_people

CHANNELS = {
    "phone": "A phone call",
    "text": "A text message",
    "email": "Email",
    "post": "A letter",
    "through_referrer": "Through whoever refers them",
}
GIVEN_BY = {"person": "The person themselves", "authority": "Someone with legal authority to decide for them"}
HOW_GIVEN = {"in_person": "In person", "by_phone": "By phone", "in_writing": "In writing"}


class NhsNumber(fields.String):
    """Ten digits; spaces and hyphens are taken out. Whether it is a real number is the domain's to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        text = re.sub(r"[ \-\u00a0]", "", str(super()._deserialize(value, attr, data, **rest)))
        if text and not re.fullmatch(r"[0-9]{10}", text):
            raise ValidationError("An NHS number has 10 digits, such as 485 777 3456.")
        return text or None


class Email(Words):
    """An email address, as far as its shape goes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if text:
            validate.Email(error="Enter an email address, such as name@example.org.")(text)
        return text


class Phone(Words):
    """A phone number: digits, spaces, brackets, a leading plus."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if text and not re.fullmatch(r"\+?[0-9 ()\-]{5,25}", text):
            raise ValidationError("Enter a phone number, such as 01632 960 001.")
        return text


class PersonSchema(Strict):
    """Who the person is and how they are reached."""

    name = Words(most=200, load_default="")
    called = Words(most=60, load_default="")
    birth_date = Day(load_default=None, allow_none=True)
    nhs_number = NhsNumber(load_default=None, allow_none=True)
    phone = Phone(most=30, load_default="")
    email = Email(most=200, load_default="")
    address = Words(most=400, lines=True, load_default="")
    postcode = Words(most=10, load_default="")
    gp_code = Words(most=8, load_default="")


class ContactSchema(Strict):
    """How the person may safely be contacted."""

    channel = OneOf(("", *CHANNELS), load_default="")
    safe_to_leave_message = Tick(load_default=False)
    discreet = Tick(load_default=False)


class NeedsSchema(Strict):
    """What a match has to fit."""

    area = OneOf(("", *needs.AREAS), load_default="")
    language = OneOf(tuple(needs.LANGUAGES), load_default="en")
    other_languages = SomeOf(needs.LANGUAGES, load_default=list)
    interpreter = Tick(load_default=False)
    times = SomeOf(needs.TIMES, load_default=list)
    mode = OneOf(needs.MODES, load_default="any")
    peer_gender = OneOf(needs.PEER_GENDERS, load_default="")
    themes = SomeOf(needs.THEMES, most=needs.MOST_THEMES, load_default=list)


class EquitySchema(Strict):
    """Coarse group codes, kept apart from the person."""

    ethnicity = OneOf(needs.ETHNICITIES, load_default="unknown")
    gender = OneOf(needs.GENDERS, load_default="unknown")


class SafetySchema(Strict):
    """What must be known to keep everyone safe."""

    present_danger = Tick(load_default=False)
    note = Words(most=2000, lines=True, load_default="")
    must_not_be_told = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=20))


class ConsentSchema(Strict):
    """That the person agreed, who said so and how."""

    given = Tick(load_default=False)
    given_by = OneOf(("", *GIVEN_BY), load_default="")
    how = OneOf(("", *HOW_GIVEN), load_default="")
    given_on = Day(load_default=None, allow_none=True)


class ReferrerSchema(Strict):
    """Who sends the referral."""

    name = Words(most=200, load_default="")
    role = Words(most=120, load_default="")
    phone = Phone(most=30, load_default="")
    email = Email(most=200, load_default="")


def _part(schema: type[Strict]) -> fields.Nested:
    return fields.Nested(schema, load_default=lambda: schema().load({}))


class ReferralSchema(Strict):
    """A referral as a partner sends it; what is left out is "not yet known"."""

    strengths = Words(most=2000, lines=True, load_default="")
    hopes = Words(most=2000, lines=True, load_default="")
    why_peer_support = Words(most=4000, lines=True, load_default="")
    person = fields.Nested(PersonSchema, required=True, error_messages={"required": "Say who the person is."})
    contact = _part(ContactSchema)
    needs = _part(NeedsSchema)
    safety = _part(SafetySchema)
    consent = fields.Nested(
        ConsentSchema, required=True, error_messages={"required": "Record the person's consent. A referral needs it."}
    )
    equity = _part(EquitySchema)
    referrer = _part(ReferrerSchema)
    your_reference = Words(most=60, load_default="")

    @post_load
    def as_text(self, asked: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        """Ids leave as text."""
        asked["safety"]["must_not_be_told"] = [str(one) for one in asked["safety"]["must_not_be_told"]]
        return asked


def read_referral(sent: Any, *, today: date, test_numbers_allowed: bool) -> dict[str, Any]:
    """Gives the canonical referral in `sent`, by whichever door it came.

    Refuses (ReferralRefused) with every fault at once: what cannot be read, and which hard rules the rest breaks.
    """
    faults: list[Fault] = []
    unread: list[str] = []
    try:
        asked: dict[str, Any] = ReferralSchema().load(sent)
    except ValidationError as error:
        faults = faults_in(error.messages)
        unread = [fault.where for fault in faults if fault.says != UNKNOWN_NAME]
        asked = _with_groups(error.valid_data)
    faults += domain.faults_in(asked, today=today, test_numbers_allowed=test_numbers_allowed, unread=unread)
    if faults:
        raise domain.ReferralRefused(faults=tuple(sorted(faults, key=_place)))
    return asked


def _place(fault: Fault) -> tuple[int, ...]:
    """Where a fault's field stands in the referral, so that faults are told in the order of the form."""
    place: list[int] = []
    found: Schema | None = ReferralSchema()
    for name in fault.where.split("."):
        known = list(found.fields) if found else []
        place.append(known.index(name) if name in known else len(known))
        field = found.fields.get(name) if found else None
        found = field.schema if isinstance(field, fields.Nested) else None
    return tuple(place)


def _with_groups(read: Any) -> dict[str, Any]:
    """What could be read of a faulty referral, with every group there."""
    whole = dict(read) if isinstance(read, Mapping) else {}
    return {**whole, **{name: whole.get(name) or {} for name in ("person", "contact", "consent", "referrer")}}


class ReceiptSchema(Strict):
    """What the sender gets back."""

    referral_id = fields.String()
    reference = fields.String()
    state = fields.String()
    stage = fields.String()
    received_at = Moment()
    reply_due_at = Moment(allow_none=True)
    incomplete = fields.List(fields.String())


class ReferralRowSchema(ReceiptSchema):
    """One referral in a list or on its own, as far as whoever asks may see it."""

    partner_id = fields.String()
    door = fields.String()
    person_id = fields.String()


class PageQuery(Strict):
    """Which part of a list."""

    state = OneOf(("", *domain.STAGES), load_default="")
    page = fields.Integer(
        load_default=1,
        validate=validate.Range(min=1, max=100_000, error="Enter a page number, 1 or more."),
        error_messages={"invalid": "Enter a page number, 1 or more."},
    )


class SearchSchema(Strict):
    """What somebody is looked for by: an NHS number, or a phone number, or a surname and a postcode."""

    nhs_number = NhsNumber(load_default=None, allow_none=True)
    phone = Phone(most=30, load_default="")
    surname = Words(most=200, load_default="")
    postcode = Words(most=10, load_default="")


class BackSchema(Strict):
    """The referral a button stood on."""

    back = OpaqueId(load_default="")


class WordSchema(Strict):
    """The word a person chose for their private link."""

    word = Words(least=1, most=MOST_LETTERS, required=True)


class WordFormSchema(WordSchema, BackSchema):
    """The same, on the screen of a referral."""


class LinkSchema(Strict):
    """A private link that was made; it is shown once."""

    link = fields.String()
    ends_at = Moment()
    asks_for_word = fields.Boolean()


class ProtectionSchema(BackSchema):
    """Whether a person is protected from now on; nothing is lifted by saying nothing."""

    protect = Tick(required=True, error_messages={"required": "Say whether this person is to be protected."})


class DeclineSchema(Strict):
    """Why a referral does not go on, as codes."""

    declined_by = OneOf(DECLINED_BY, required=True, error_messages={"required": "Say who decided."})
    reason = OneOf(DECLINE_REASONS, required=True, error_messages={"required": "Say why it does not go on."})


class LookSchema(Strict):
    """What a privacy officer found of a look that was flagged."""

    outcome = OneOf(LOOK_OUTCOMES, required=True, error_messages={"required": "Say what you found."})


class GlassSchema(Strict):
    """Why somebody opens what keeps a person safe without working with them."""

    reason = OneOf(GLASS_REASONS, required=True, error_messages={"required": "Choose why."})
    words = Words(most=glass.MOST_WORDS, least=glass.LEAST_WORDS, lines=True, required=True)


class ForgettingSchema(Strict):
    """Why a person is to be forgotten, as a code."""

    reason = OneOf(two_people.REASONS[two_people.FORGETTING], required=True)


class AskingSchema(Strict):
    """What takes two people: what is asked, and why; the same form for each kind."""

    what = OneOf(two_people.REASONS, required=True, error_messages={"required": "Say what you ask for."})
    reason = OneOf(
        tuple(dict.fromkeys(code for known in two_people.REASONS.values() for code in known)), required=True,
        error_messages={"required": "Say why."},
    )  # fmt: skip


class ConfirmationSchema(Schema):
    """What somebody asked and another settles."""

    asking_id = fields.String()
    what = fields.String()
    person_id = fields.String()
    reason = fields.String()
    asked_at = Moment()
    ends_at = Moment()
    state = fields.String()


class BirthDateSchema(Strict):
    """The date of birth a referral came without."""

    birth_date = Day(required=True)
