"""The shapes of messages and of the feed, at the HTTP door."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.web.fields import Moment, Strict, Words
from services.referrals.partner_topic.message import SENT

WAIT_SECONDS = 20
_WAIT = f"Enter whole seconds to wait, 0 to {WAIT_SECONDS}."


class SentSchema(Schema):
    """A referral as a CloudEvent in its JSON form; who it is from is the pass, whatever `source` says."""

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.String(required=True, validate=validate.Length(min=1, max=100))
    source = fields.String(required=True, validate=validate.Length(min=1, max=300))
    type = fields.String(required=True, validate=validate.Equal(SENT))
    datacontenttype = fields.String()
    data = fields.Dict(required=True, metadata={"description": "The referral, as POST /api/v1/referrals takes it."})


class ToldSchema(Schema):
    """What a partner is told, as a CloudEvent: message.acknowledged.v1 or message.refused.v1."""

    specversion = fields.String()
    id = fields.String()
    source = fields.String()
    type = fields.String()
    time = Moment()
    datacontenttype = fields.String()
    data = fields.Dict()


class FeedSchema(Schema):
    """Messages in order, and from where to read on."""

    messages = fields.List(fields.Nested(ToldSchema))
    after = fields.String()


class FeedQuery(Strict):
    """From where to read, and how long to wait when there is nothing yet."""

    after = Words(most=200, load_default="")
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=WAIT_SECONDS, error=_WAIT),
        error_messages={"invalid": _WAIT},
    )


class KeysSchema(Schema):
    """A JSON Web Key Set."""

    keys = fields.List(fields.Dict())
