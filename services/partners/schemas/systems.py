"""The shapes of systems, of their keys, and of what is asked about them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.errors import Malformed
from chassis.web import strict_json
from chassis.web.fields import Day, Moment, OneOf, Strict, Words
from contracts.partners import WAYS
from services.partners.domain import systems

WAY_WORDS = {"signing_keys": "Keys of its own, which sign", "api_key": "An API key, which we make"}


class KeySet(fields.Dict):
    """A JSON Web Key Set: as JSON of the request, or as the text somebody pasted into a form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        if isinstance(value, str):
            try:
                value = strict_json.read(value.encode("utf-8", "surrogatepass"))
            except Malformed as fault:
                raise ValidationError(f"This is not a key set. {fault.says}") from None
        if not isinstance(value, dict):
            raise ValidationError('Paste a key set as JSON: {"keys": [...]}.')
        return value


class Networks(fields.List[str]):
    """Addresses and networks: a list, or the lines of a form."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(Words(most=50), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> list[Any]:
        given = value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else value
        lines = given.replace(",", "\n").split("\n") if isinstance(given, str) else value
        return super()._deserialize(lines, attr, data, **rest)


class Days(fields.Integer):
    """A number of days, or none for what the network holds to be right."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(
            strict=True, load_default=None, allow_none=True,
            validate=validate.Range(1, 10_000, error="Enter a number of days."), **rest,
        )  # fmt: skip


class NetworksSchema(Strict):
    """From which addresses a system may sign in; none listed means any."""

    networks = Networks(load_default=list)


class RegisterSchema(NetworksSchema):
    """A system to be registered: what for, how it signs in, and from where; `words` tell the second person why."""

    name = Words(least=1, most=60, required=True)
    purpose = Words(least=1, most=300, required=True)
    way = OneOf(WAYS, required=True)
    jwks = KeySet(load_default=None, allow_none=True)
    days = Days()
    words = Words(most=300, load_default="")

    @validates_schema
    def check_way(self, asked: dict[str, Any], **_rest: Any) -> None:
        """Keys belong to the one way, and a number of days to the other."""
        if asked.get("way") == "signing_keys" and not asked.get("jwks"):
            raise ValidationError("Paste the public keys of this system.", "jwks")
        if asked.get("way") == "api_key" and asked.get("jwks"):
            raise ValidationError("An API key is made by us. Leave this empty.", "jwks")
        if asked.get("way") == "signing_keys" and asked.get("days") is not None:
            raise ValidationError("Keys of its own last until they are revoked. Leave this empty.", "days")


class KeysSchema(Strict):
    """Public keys that are to be added; `words` tell the second person why."""

    words = Words(most=300, load_default="")
    jwks = KeySet(required=True, error_messages={"required": "Paste the public key."})


class ApiKeySchema(Strict):
    """An API key that is asked for; `words` tell the second person why."""

    days = Days()
    words = Words(most=300, load_default="")


class RevokeSchema(Strict):
    """The key that is revoked: its `kid`, or its prefix."""

    key = Words(least=1, most=100, required=True)


class KeyShownSchema(Strict):
    """A key of a system by what names it: a public key's `kid`, or an API key's prefix with its end and last use."""

    key = fields.String()
    since = Moment()
    ends_at = Moment(allow_none=True)
    used_on = Day(allow_none=True)


class SystemSchema(Strict):
    """A system as the API gives it."""

    system_id = fields.String()
    partner_id = fields.String()
    name = fields.String()
    purpose = fields.String()
    way = OneOf(WAYS)
    algorithm = fields.String(allow_none=True)
    networks = fields.List(fields.String())
    state = OneOf(systems.STATES)
    registered_at = Moment()
    keys = fields.List(fields.Nested(KeyShownSchema))


class FetchedSchema(SystemSchema):
    """A system, and the API key that was made for it, given once."""

    api_key = fields.String()


class TokenSchema(Strict):
    """A pass for a system, and how many seconds it lives."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()


class PrintSchema(Strict):
    """A public key that is asked for: its `kid`, and its RFC 7638 thumbprint, by which two people compare it."""

    key = fields.String()
    print = fields.String()


class SystemAskedSchema(Strict):
    """The system that an asking is about, and what it would get."""

    name = fields.String()
    purpose = fields.String()
    way = OneOf(WAYS)
    networks = fields.List(fields.String())
    keys = fields.List(fields.Nested(PrintSchema))
    days = fields.Integer(allow_none=True)
