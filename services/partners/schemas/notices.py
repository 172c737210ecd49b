"""The shapes of how somebody is reached, and of what is said about a message that did not arrive."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from chassis.web.fields import OneOf, Strict, Words
from contracts.notices import CHANNELS, SETTLED_HOW
from services.partners.schemas import Email
from services.partners.ways.mail import is_address

CHANNEL_WORDS = {"email": "E-mail", "sms": "Text message"}
STATE_WORDS = {
    "waiting": "Waits", "held": "Waits for quiet hours to end", "sending": "On its way", "sent": "Sent",
    "failed": "Not sent", "unknown": "Not known",
}  # fmt: skip
_PHONE = re.compile(r"\+?[0-9]{7,15}")


def _check_writable(text: str) -> None:
    if text and not is_address(text):
        raise ValidationError("Enter an e-mail address in plain letters, such as sam@example.org.")


class Phone(Words):
    """A telephone number; spaces, brackets and hyphens are let go."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(most=30, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = re.sub(r"[ ()-]", "", super()._deserialize(value, attr, data, **rest))
        if text and not _PHONE.fullmatch(text):
            raise ValidationError("Enter a telephone number, such as 07700 900 123.")
        return text


class ReachSchema(Strict):
    """How somebody is reached themselves: addresses, which way first, and the hours in which nothing is sent."""

    email = Email(load_default="", validate=_check_writable)
    phone = Phone(load_default="")
    channel = OneOf(CHANNELS, required=True)
    quiet_from = fields.Integer(required=True, strict=True, validate=validate.Range(0, 23, error="Choose an hour."))
    quiet_until = fields.Integer(required=True, strict=True, validate=validate.Range(0, 23, error="Choose an hour."))
    is_discreet = fields.Boolean(load_default=False)


class SettleSchema(Strict):
    """What was done about a message that did not arrive."""

    how = OneOf(SETTLED_HOW, required=True)
