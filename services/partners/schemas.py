"""The shapes of partners and accounts; the same schemas read the API and the forms."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.errors import Invalid
from chassis.web.api import faults_in
from chassis.web.fields import Day, Moment, OneOf, OpaqueId, SomeOf, Strict, Words
from contracts.needs import AREAS
from contracts.partners import KINDS
from contracts.roles import ROLES

from .domain import organisations

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;.\"]+")
KIND_WORDS = {"nhs_body": "NHS body", "voluntary": "Voluntary organisation"}


class AgreementSchema(Strict):
    """The span of days a data-sharing agreement covers, first and last day."""

    starts_on = Day(required=True)
    ends_on = Day(required=True)


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
    """Whoever gets an account: what they want to be called, and what they may do."""

    called = Words(least=1, most=60, required=True)
    email = Email(load_default="")
    roles = SomeOf(
        ROLES,
        required=True,
        validate=validate.Length(min=1, error="Choose one role or more."),
        error_messages={"required": "Choose one role or more."},
    )


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

    code = Words(least=6, most=20, required=True, error_messages={"required": "Enter the code your app shows."})


class PasswordSchema(Strict):
    """A password somebody chooses."""

    password = Password(required=True)


class BecomeSchema(Strict):
    """Whom one chose to be in a demo."""

    kind = OneOf(("account", "person"), required=True)
    id = OpaqueId(required=True)
    # Sealed; only the people's page of the demo knows what a made-up person wants to be called.
    called = fields.String(load_default=None, validate=validate.Length(max=1000))
