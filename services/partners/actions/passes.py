"""Minting passes: this room alone holds keys that sign; each lives a month, and every room is told its public half."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import OKPKey

from chassis import passes
from chassis.access import Principal, service_scope
from chassis.held import keep_key
from chassis.unit import Unit
from contracts.partners import KeyPublished
from services.partners import store

CLASS = "pass_key"
# A key just made signs nothing yet, where an older one can: every room must have heard of it first.
_HEARD_AFTER = timedelta(minutes=2)
# How long a key at hand is used before it is looked at again.
_AT_HAND = timedelta(minutes=1)


class Minter:
    """Mints the passes of one process; `house` is the running service."""

    def __init__(self, house: Any) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._at_hand: tuple[OKPKey, datetime] | None = None

    def mint(
        self, who: Principal, *, called: str | None = None, until: datetime | None = None,
        rests_at: datetime | None = None,
    ) -> str:  # fmt: skip
        """The pass of `who`, not good beyond `until`, the end of their session; at `rests_at` it ends by itself."""
        now = self._house.clock.now()
        return passes.mint(self._key(now), who, now, called=called, until=until, rests_at=rests_at)

    def renew_key(self) -> int:
        """Makes the next key when the newest has signed for a month; gives how many were made."""
        with self._house.reading(scope=service_scope(self._house.name)) as unit:
            newest = store.newest_signing_key(unit.scope, unit)
            signs = timedelta(days=unit.policy.pass_key_signs_days)
        if newest is not None and self._house.clock.now() - newest.made_at < signs - timedelta(days=1):
            return 0
        return int(self._make(newest.number + 1 if newest else 1))

    def _key(self, now: datetime) -> OKPKey:
        with self._lock:
            if self._at_hand is None or now - self._at_hand[1] > _AT_HAND:
                self._at_hand = (self._look(), now)
            return self._at_hand[0]

    def _look(self) -> OKPKey:
        rows = self._living()
        if not rows:
            # The first, or the next of a house that stood still until every key had ended.
            self.renew_key()
            rows = self._living()
        now = self._house.clock.now()
        chosen = next((row for row in rows if now - row.made_at >= _HEARD_AFTER), rows[-1])
        private = self._house.vault.ring([chosen.private]).open(chosen.private)
        return passes.read_key(private)

    def _living(self) -> Any:
        with self._house.reading(scope=service_scope(self._house.name)) as unit:
            return store.signing_keys_living(unit.scope, unit)

    def _make(self, number: int) -> bool:
        key, owner_id = passes.new_key(), self._house.ids.new()
        ring = self._house.vault.make(owner_id, [CLASS])
        with self._house.writing(ring, scope=service_scope(self._house.name)) as unit:
            return publish(unit, number, key, owner_id)


def publish(unit: Unit, number: int, key: OKPKey, owner_id: str) -> bool:
    """Keeps a key and tells every room its public half; false when another process made the one of this number."""
    ends_at = unit.now + timedelta(days=unit.policy.pass_key_believed_days)
    key_id = str(key.kid)
    private = unit.ring.seal(owner_id, CLASS, passes.private_half(key))
    row = {"number": number, "key_id": key_id, "private": private, "made_at": unit.now, "ends_at": ends_at}
    if not store.add_signing_key(unit, **row):
        return False
    public = json.dumps(passes.public_half(key), separators=(",", ":"))
    keep_key(unit.connection, key_id, public, unit.now, ends_at)
    unit.state(f"partners/key/{key_id}", KeyPublished(key_id=key_id, public=public, ends_at=ends_at))
    unit.note("key.publish", record=key_id)
    return True
