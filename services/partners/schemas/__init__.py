"""The shapes of partners and accounts; the same schemas read the API and the forms."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.errors import Invalid
from chassis.second import ASKED, CONFIRMED, DONE, RAN_OUT, REFUSED
from chassis.web.api import faults_in
from chassis.web.fields import Day, Moment, OneOf, OpaqueId, SomeOf, Strict, Tick, Words
from contracts import links, setup
from contracts.needs import AREAS
from contracts.partners import KINDS
from contracts.roles import ROLES
from services.partners.domain import askings as of_askings
from services.partners.domain import organisations
from services.partners.schemas.systems import SystemAskedSchema

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;.\"]+")
KIND_WORDS = {"nhs_body": "NHS body", "voluntary": "Voluntary organisation"}


class AgreementSchema(Strict):
    """The span of days a data-sharing agreement covers, first and last day."""

    starts_on = Day(required=True)
    ends_on = Day(required=True)


class SignedSchema(AgreementSchema):
    """An agreement as the API gives it."""

    agreement_id = fields.String()
    partner_id = fields.String()


class JoinSchema(Strict):
    """An organisation that joins, and the agreement it signed."""

    code = Words(least=1, most=40, required=True)
    name = Words(least=1, most=120, required=True)
    kind = OneOf(KINDS, required=True)
    area = OneOf(AREAS, required=True)
    ods_code = Words(most=8, load_default=None, allow_none=True)
    agreement = fields.Nested(
        AgreementSchema, required=True, error_messages={"required": "Enter the data-sharing agreement."}
    )

    @post_load
    def tidy(self, asked: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        """An ODS code is written in capitals; a blank one is none."""
        asked["ods_code"] = (asked["ods_code"] or "").upper() or None
        return asked


class PartnerSchema(Strict):
    """A partner as the API gives it."""

    partner_id = fields.String()
    code = fields.String()
    name = fields.String()
    kind = OneOf(KINDS)
    area = OneOf(AREAS)
    ods_code = fields.String(allow_none=True)
    state = OneOf(organisations.STATES)
    joined_on = Day()
    agreement = fields.Nested(AgreementSchema)


class Email(Words):
    """An e-mail address: something, an at sign, and a host with a dot; the rest is for the letter to find out."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(most=254, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if text and not _EMAIL.fullmatch(text):
            raise ValidationError("Enter an e-mail address, such as sam@example.org.")
        return text


class OpenSchema(Strict):
    """Whoever gets an account: what they want to be called, and what they may do.

    `name` and `postcode` become marks (contracts/marks.py), and are not kept; `words` tell the second person why.
    """

    called = Words(least=1, most=60, required=True)
    email = Email(load_default="")
    name = Words(most=120, load_default="")
    postcode = Words(most=10, load_default="")
    words = Words(most=300, load_default="")
    roles = SomeOf(
        ROLES,
        required=True,
        validate=validate.Length(min=1, error="Choose one role or more."),
        error_messages={"required": "Choose one role or more."},
    )


class LinkWordSchema(Strict):
    """The word somebody types who opens a private link."""

    word = Words(most=links.MOST_LETTERS, load_default="")


class PostSchema(Strict):
    """One kind of post for peers: what it is called, and on which terms."""

    title = Words(least=1, most=80, required=True)
    kind = OneOf(setup.POST_KINDS, required=True)
    band = Words(most=20, load_default="")
    hours = fields.Integer(required=True, validate=validate.Range(0, 60, error="Enter hours a week from 0 to 60."))
    contract = OneOf(setup.CONTRACTS, required=True)


class PostsSchema(Strict):
    """Up to three kinds of posts."""

    first = fields.Nested(PostSchema)
    second = fields.Nested(PostSchema)
    third = fields.Nested(PostSchema)


class SetupSchema(Strict):
    """The critical questions (contracts/setup.py), answered."""

    peer_role = OneOf(setup.PEER_ROLE, required=True)
    employer = OneOf(setup.EMPLOYERS, required=True)
    settings = SomeOf(setup.SETTINGS, required=True, validate=validate.Length(min=1, error="Choose one or more."))
    training = OneOf(setup.TRAINING, required=True)
    training_hours = fields.Integer(
        required=True, validate=validate.Range(0, 2000, error="Enter hours from 0 to 2,000."),
        error_messages={"required": "Enter a number; 0 for none.", "invalid": "Enter a whole number."},
    )  # fmt: skip
    career_steps = OneOf(setup.CAREER_STEPS, required=True)
    supervision = SomeOf(setup.SUPERVISION, required=True, validate=validate.Length(min=1, error="Choose one or more."))
    supervisors = OneOf(setup.SUPERVISORS, required=True)
    staff_stance = OneOf(setup.STAFF_STANCE, required=True)
    posts = fields.Nested(PostsSchema, load_default=dict)


class AnsweredSchema(Strict):
    """What a partner answered, as the API gives it; `number` counts its answers."""

    partner_id = fields.String()
    number = fields.Integer()
    answers = fields.Nested(SetupSchema)


class HandOverSchema(Strict):
    """Who takes everything over."""

    to_id = OpaqueId(required=True)


class PublishSchema(Strict):
    """A version of the code of conduct."""

    words = Words(least=20, most=20000, lines=True, required=True)
    in_force_on = Day(required=True)


class ConductSchema(Strict):
    """A version of the code of conduct as the API gives it."""

    conduct_id = fields.String()
    version = fields.Integer()
    words = fields.String()
    published_on = Day()
    in_force_on = Day()


class AcceptSchema(Strict):
    """The version somebody read."""

    version = fields.Integer(required=True, strict=False, validate=validate.Range(min=1, max=1_000_000))


class ResetSchema(Strict):
    """Why somebody needs another second factor; whoever confirms it reads this."""

    why = Words(least=1, most=300, required=True)


class RoleSchema(Strict):
    """A further role for somebody, and why."""

    role = OneOf(ROLES, required=True)
    words = Words(least=1, most=300, required=True)


class AskingSchema(Strict):
    """What waits for a second person, as the API gives it; about an account and its roles, or about a system."""

    asking_id = fields.String()
    partner_id = fields.String()
    account_id = fields.String(allow_none=True)
    what = OneOf(of_askings.KINDS)
    roles = fields.List(OneOf(ROLES))
    system_id = fields.String(allow_none=True)
    system = fields.Nested(SystemAskedSchema, allow_none=True)
    words = fields.String()
    state = OneOf((ASKED, CONFIRMED, REFUSED, RAN_OUT, DONE))
    asked_at = Moment()
    ends_at = Moment()


class AccountSchema(Strict):
    """An account as the API gives it: roles, and no name."""

    account_id = fields.String()
    partner_id = fields.String()
    roles = fields.List(OneOf(ROLES))
    opened_at = Moment()


def loaded(schema: Schema, body: dict[str, Any]) -> Any:
    """What a body says by a schema, for whoever asks from a command line; refuses (Invalid) with every fault."""
    try:
        return schema.load(body)
    except ValidationError as error:
        raise Invalid(faults=tuple(faults_in(error.messages))) from None


class Password(fields.String):
    """A password as it was typed: nothing is trimmed, and it is refused only for what is no text."""

    def __init__(self, **rest: Any) -> None:
        rest.setdefault("error_messages", {}).setdefault("required", "Enter your password.")
        super().__init__(**rest)
        # Far more than any password may have, so that the rule's own words are read for one that is a little too long.
        self.validators.append(validate.Length(min=1, max=1000, error="Enter a password of 12 to 128 characters."))


class SignInSchema(Strict):
    """Who somebody says they are, and what they know."""

    email = Words(least=1, most=254, required=True, error_messages={"required": "Enter your e-mail address."})
    password = Password(required=True)


class CodeSchema(Strict):
    """A code of the moment, or a recovery code."""

    code = Words(least=6, most=40, required=True, error_messages={"required": "Enter the code your app shows."})


class PasswordSchema(Strict):
    """A password somebody chooses."""

    password = Password(required=True)


class BecomeSchema(Strict):
    """Whom one chose to be in a demo."""

    kind = OneOf(("account", "person"), required=True)
    id = OpaqueId(required=True)
    # Sealed; only the people's page of the demo knows what a made-up person wants to be called.
    called = fields.String(load_default=None, validate=validate.Length(max=1000))


class SuspendSchema(Strict):
    """Whether a partner is suspended from now on; nothing is lifted by saying nothing."""

    suspend = Tick(required=True, error_messages={"required": "Say whether this partner is to be suspended."})


class CloseSchema(Strict):
    """Whether an account is closed from now on; nothing is opened by saying nothing."""

    close = Tick(required=True, error_messages={"required": "Say whether this account is to be closed."})
