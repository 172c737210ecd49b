"""The shapes of partners and accounts; the same schemas read the API and the forms."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.fields import Day, Moment, OneOf, SomeOf, Strict, Words
from contracts.needs import AREAS
from contracts.partners import KINDS
from contracts.roles import ROLES

from . import domain

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
    state = OneOf(domain.STATES)
    joined_on = Day()
    agreement = fields.Nested(AgreementSchema)


class OpenSchema(Strict):
    """Whoever gets an account: what they want to be called, and what they may do.

    `name` and `postcode` become marks (contracts/marks.py), and are not kept.
    """

    called = Words(least=1, most=60, required=True)
    name = Words(most=120, load_default="")
    postcode = Words(most=10, load_default="")
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
