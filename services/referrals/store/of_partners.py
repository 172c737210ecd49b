"""What is kept of partners: their names and codes, what they are told, and the keys they encrypt to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit

from .tables import outbound, outbound_ends, outbound_sent, partners, published_keys, referrals


def put_partner(unit: Unit, partner_id: str, code: str, name: str, kind: str) -> None:
    """Keeps what a partner is called, and its code."""
    put(unit.connection, partners, {"partner_id": partner_id, "code": code, "name": name, "kind": kind})


def partner_names(scope: Scope, unit: Unit) -> dict[str, str]:
    """What each partner is called: to a partner its own name, to a person the names of those who referred them."""
    query = sa.select(partners.c.partner_id, partners.c.name)
    if scope.reach == "own":
        theirs = sa.select(referrals.c.partner_id).where(referrals.c.person_id == scope.own_id)
        query = query.where(partners.c.partner_id.in_(theirs))
    elif scope.reach != "network":
        query = query.where(partners.c.partner_id == (scope.partner_id or ""))
    return {partner_id: name for partner_id, name in unit.connection.execute(query)}


def partner_codes(scope: Scope, unit: Unit) -> dict[str, str]:
    """The id of each partner by its code; to a partner its own alone."""
    query = sa.select(partners.c.code, partners.c.partner_id)
    if scope.reach != "network":
        query = query.where(partners.c.partner_id == (scope.partner_id or ""))
    return {code: partner_id for code, partner_id in unit.connection.execute(query)}


# ---- what a partner is told

# The number is taken under the partner's own row: whoever sees one sees all before it (docs/decisions/0002).
_TAKE_NUMBER = sa.text(
    "INSERT INTO outbound_ends (partner_id, number) VALUES (:partner, 1)"
    " ON CONFLICT (partner_id) DO UPDATE SET number = outbound_ends.number + 1 RETURNING number"
)
_AFTER = (
    sa.select(outbound)
    .where(outbound.c.partner_id == sa.bindparam("partner"), outbound.c.number > sa.bindparam("after"))
    .order_by(outbound.c.number)
    .limit(sa.bindparam("most"))
)
_SENT = sa.select(outbound_sent.c.number).where(outbound_sent.c.partner_id == sa.bindparam("partner"))
_LOCK_SENT = _SENT.with_for_update(skip_locked=True)
_NOTE_SENT = sa.update(outbound_sent).where(
    outbound_sent.c.partner_id == sa.bindparam("partner"), outbound_sent.c.number < sa.bindparam("to")
)


def tell(unit: Unit, partner_id: str, *, message_id: str, type: str, data: Mapping[str, Any]) -> int:  # noqa: A002
    """Adds a message a partner will find on its outbound topic and at the feed; gives its number."""
    number = int(unit.connection.execute(_TAKE_NUMBER, {"partner": partner_id}).scalar_one())
    row = {
        "partner_id": partner_id,
        "number": number,
        "message_id": message_id,
        "type": type,
        "stated_at": unit.now,
        "data": json.dumps(data, separators=(",", ":")),
    }
    unit.connection.execute(sa.insert(outbound), row)
    return number


def told_after(scope: Scope, unit: Unit, number: int, most: int) -> Sequence[Any]:
    """What the partner who asks was told after a number, in order."""
    asked = {"partner": scope.partner_id or "", "after": number, "most": most}
    return unit.connection.execute(_AFTER, asked).all()


def told_until(scope: Scope, unit: Unit) -> int:
    """The number of the last message the partner who asks was told; 0 when there was none."""
    query = sa.select(outbound_ends.c.number).where(outbound_ends.c.partner_id == (scope.partner_id or ""))
    return int(unit.connection.execute(query).scalar() or 0)


def forget_told_ids(scope: Scope, unit: Unit, partner_id: str, referral_id: str) -> None:
    """Takes the sender's own id out of what a partner was told of a referral: who knows what they put in it."""
    if scope.reach != "network":
        return
    of_it = (outbound.c.partner_id == partner_id, outbound.c.data.contains(referral_id))
    for row in unit.connection.execute(sa.select(outbound).where(*of_it)).all():
        data = json.dumps({**json.loads(row.data), "answers": None}, separators=(",", ":"))
        this = sa.and_(outbound.c.partner_id == partner_id, outbound.c.number == row.number)
        unit.connection.execute(sa.update(outbound).where(this).values(data=data))


def unsent(scope: Scope, unit: Unit, partner_id: str, most: int) -> Sequence[Any] | None:
    """What a partner's topic is not known to hold yet, in order; None while another relay is at it.

    In a writing unit on PostgreSQL the partner's row stays locked until the transaction ends.
    """
    if scope.reach != "network":
        return None
    insert_or_ignore(unit.connection, outbound_sent, [{"partner_id": partner_id, "number": 0}])
    sent = unit.connection.execute(_LOCK_SENT, {"partner": partner_id}).scalar()
    if sent is None:
        return None
    return unit.connection.execute(_AFTER, {"partner": partner_id, "after": sent, "most": most}).all()


def note_sent(unit: Unit, partner_id: str, number: int) -> None:
    """Keeps up to which number a partner's topic holds what it was told; never goes back."""
    unit.connection.execute(_NOTE_SENT, {"partner": partner_id, "to": number, "number": number})


def with_unsent(scope: Scope, unit: Unit, partner_ids: Sequence[str]) -> list[str]:
    """Which of these partners were told something their topic is not known to hold."""
    if scope.reach != "network" or not partner_ids:
        return []
    query = (
        sa.select(outbound_ends.c.partner_id)
        .join_from(outbound_ends, outbound_sent, outbound_ends.c.partner_id == outbound_sent.c.partner_id, isouter=True)
        .where(
            outbound_ends.c.partner_id.in_(partner_ids),
            outbound_ends.c.number > sa.func.coalesce(outbound_sent.c.number, 0),
        )
        .order_by(outbound_ends.c.partner_id)
    )
    return list(unit.connection.execute(query).scalars())


def oldest_unsent(scope: Scope, unit: Unit, partner_ids: Sequence[str]) -> datetime | None:
    """When the oldest message was stated that one of these partners' topics is not known to hold."""
    if scope.reach != "network" or not partner_ids:
        return None
    query = (
        sa.select(sa.func.min(outbound.c.stated_at))
        .join_from(outbound, outbound_sent, outbound.c.partner_id == outbound_sent.c.partner_id, isouter=True)
        .where(
            outbound.c.partner_id.in_(partner_ids),
            outbound.c.number > sa.func.coalesce(outbound_sent.c.number, 0),
        )
    )
    found: datetime | None = unit.connection.execute(query).scalar()
    return found


# ---- the keys partners encrypt to


def published(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The keys that are published or were so lately, newest first; whoever asks sees the same, the public halves."""
    hidden = () if scope.reach == "network" else (published_keys.c.private,)
    columns = [column for column in published_keys.c if column not in hidden]
    return unit.connection.execute(sa.select(*columns).order_by(published_keys.c.number.desc())).all()


def publish_key(unit: Unit, row: Mapping[str, Any]) -> bool:
    """Adds a key; false when somebody was faster with that number."""
    return insert_or_ignore(unit.connection, published_keys, [row]) == 1


def drop_keys(unit: Unit, before: int) -> int:
    """Takes keys with numbers below this one away; what was encrypted to them opens no more."""
    return unit.connection.execute(sa.delete(published_keys).where(published_keys.c.number < before)).rowcount
