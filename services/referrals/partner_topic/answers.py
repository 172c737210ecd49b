"""What a partner is told: that its referral was taken in, or what is wrong with it; nothing it sent is repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from chassis.errors import Fault, Invalid, Refused
from chassis.web.fields import UNKNOWN_NAME
from services.referrals.schemas import ReferralSchema

ACKNOWLEDGED = "message.acknowledged.v1"
REFUSED = "message.refused.v1"
SOURCE = "/referrals"
# Of a receipt, what travels: ids, times, and the names of what is missing.
_RECEIPT = ("referral_id", "reference", "received_at", "reply_due_at", "incomplete")
# Rules whose own words could repeat what was sent, or speak of another door, and what is said here instead.
_WORDS = {
    "NotStrictJson": (
        "The body is not JSON that is read here: UTF-8, each name once in an object, at most 32 levels, no NUL, no "
        "lone surrogates, no NaN, no number beyond 2^53."
    ),
    "KeyReused": (
        "A message with this id came before with another body, and that one was taken in. Nothing was changed. Use a "
        "new id for a new referral."
    ),
}
_ENVELOPE = ("specversion", "id", "source", "type", "data", "datacontenttype")


def acknowledgement(receipt_id: str, message_id: str, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a referral that was taken in; told again it is the same to the letter."""
    return {"answers": message_id, "receipt_id": receipt_id, **{name: receipt[name] for name in _RECEIPT}}


def refusal(message_id: str, offset: int | None, refused: Refused) -> dict[str, Any]:
    """What is told of a message that was passed over: the rule, plain words, and every fault by the field's name."""
    faults = refused.faults if isinstance(refused, Invalid) else ()
    return {
        "answers": message_id or None,
        "offset": offset,
        "rule": refused.rule,
        "says": _WORDS.get(refused.rule, refused.says),
        "faults": [{"where": fault.where, "says": fault.says} for fault in without_echo(faults)],
    }


def failure(message_id: str, offset: int | None) -> dict[str, Any]:
    """What is told of a message that failed in a way nobody expected."""
    says = "Something went wrong on our side, and this message was not taken in. Send it again, or call the network."
    return {"answers": message_id or None, "offset": offset, "rule": "Unexpected", "says": says, "faults": []}


def without_echo(faults: Iterable[Fault]) -> list[Fault]:
    """The faults with no name in them that only the sender knows: such a name may be anybody's."""
    told = []
    for fault in faults:
        known = _known(fault.where)
        told.append(fault if known == fault.where else Fault(known, UNKNOWN_NAME))
    return list(dict.fromkeys(told))


def _known(where: str) -> str:
    """The part of a fault's place that the referral or the envelope names itself."""
    if where in _ENVELOPE:
        return where
    known: list[str] = []
    schema: Schema | None = ReferralSchema()
    for name in where.split(".") if where else []:
        field = schema.fields.get(name) if schema else None
        if field is None and not (known and name.isdigit() and len(name) < 4):
            break
        known.append(name)
        schema = field.schema if isinstance(field, fields.Nested) else None
    return ".".join(known)


def event(kind: str, message_id: str, told_at: datetime, data: Any) -> dict[str, Any]:
    """What is told as a CloudEvent in its JSON form, the same at the feed and, in headers, on the topic."""
    return {
        "specversion": "1.0",
        "id": message_id,
        "source": SOURCE,
        "type": kind,
        "time": told_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }


def event_of(row: Any) -> dict[str, Any]:
    """A kept message as a CloudEvent."""
    return event(row.type, row.message_id, row.stated_at, json.loads(row.data))
