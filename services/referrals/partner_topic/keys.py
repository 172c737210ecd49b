"""The keys partners encrypt to: made and renewed here, the private half sealed like personal text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis import jwe
from chassis.access import service_scope, the_service
from chassis.service import Service
from services.referrals import store

# Whose the private halves are, in the key store's words; no human being has this id.
_OWNER, _CLASS = "keys of the partner topics", "partner_key"


def published(house: Service) -> dict[str, Any]:
    """The key to encrypt to now, as it is published; made if there is none yet, and anew when it is old."""
    renew(house)
    newest: dict[str, Any] = dict(_rows(house)[0].public)
    return newest


def private(house: Service) -> dict[str, dict[str, Any]]:
    """The private keys by kid: the newest, and those before it that messages on their way may still be for."""
    rows = _rows(house)
    ring = house.vault.ring([row.private for row in rows])
    return {row.kid: key for row in rows if (key := ring.open(row.private, owner_id=_OWNER, field=row.kid))}


def renew(house: Service) -> None:
    """Makes a key when there is none or the newest is old, and takes those away that nothing can be for any more."""
    rows, now, policy = _rows(house), house.clock.now(), house.policy
    newest = rows[0] if rows else None
    if newest is None or now - newest.made_at >= timedelta(days=policy.partner_key_days):
        _make(house, newest.number + 1 if newest else 1)
    # A key is of use until the one after it has been there long enough.
    overlap = timedelta(days=policy.partner_key_overlap_days)
    successors = [row.number for row in rows if now - row.made_at >= overlap]
    if successors and max(successors) > rows[-1].number:
        with house.writing() as unit:
            gone = store.drop_keys(unit, max(successors))
            if gone:
                replace(unit, who=the_service(house.name)).note("partner_key.destroy")


def _make(house: Service, number: int) -> None:
    kid = house.ids.new()
    key = jwe.new_key(kid)
    ring = house.vault.make(_OWNER, [_CLASS])
    with house.writing() as unit:
        row = {
            "number": number,
            "kid": kid,
            "public": jwe.public_of(key),
            "private": ring.seal(_OWNER, _CLASS, key, field=kid),
            "made_at": unit.now,
        }
        # Whoever loses a race for a number finds the winner's key at the next look.
        if store.publish_key(unit, row):
            replace(unit, who=the_service(house.name)).note("partner_key.publish", record=kid)


def _rows(house: Service) -> Sequence[Any]:
    with house.reading() as unit:
        return store.published(service_scope(house.name), unit)
