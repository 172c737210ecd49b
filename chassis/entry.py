"""Who may come in here now: the public keys a room was told of, and what holds somebody back although their pass lives.

Everything here is read from the room's own records and from what it hears; no other room is asked.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis import passes
from chassis.access import Principal
from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.errors import NotSignedIn, Park
from chassis.held import ACCOUNT, PARTNER, PASSES, HeldOn, keep_key, keys_heard
from chassis.passes import Pass
from chassis.unit import Unit
from chassis.watch import Watch

# Seconds for which an answer about one caller is kept: a brake takes effect within five (rules of sign-in).
_KEPT_SECONDS = 1.0
_MOST_KEPT = 10_000


class SessionEnded(NotSignedIn):
    """The session ended: by signing out, by rest, by its provider, or because the account was closed or changed."""

    says = "You have been signed out. Sign in again."


class KeyMisnamed(Park):
    """A public key came under a name that is not its own, or is no key at all."""

    says = "A published key does not fit its name. Nothing is signed in with it."


def learn_key(unit: Unit, fact: Any) -> None:
    """What every room does about a public key it is told of: passes signed by it are believed until its end.

    Parked is one whose name is not its own thumbprint.
    """
    try:
        key = passes.read_key(json.loads(fact.public))
    except (ValueError, KeyError, TypeError, JoseError):
        raise KeyMisnamed() from None
    if key.kid != fact.key_id:
        raise KeyMisnamed()
    keep_key(unit.connection, fact.key_id, fact.public, unit.now, fact.ends_at)


def the_brake_does_it(_unit: Unit, _fact: Any) -> None:
    """What a room does about a fact that holds somebody back, or lets them in again: its brake was set already."""


class Entry:
    """Reads passes for one room, and says who is held back."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        watch: Watch,
        held_on: HeldOn,
        known: Mapping[str, OKPKey],
    ) -> None:
        """`known` are keys of this process, believed without being told."""
        self._database, self._now, self._watch, self._held_on = database, now, watch, held_on
        self._known = known
        self._heard: dict[str, tuple[OKPKey, datetime]] = {}
        self._looked_at = float("-inf")
        self._held: dict[tuple[str, str | None, str | None], tuple[float, Mapping[str, int]]] = {}
        # Passes found right a moment ago, by their hash, with the key that signed each: a browser shows one many times.
        self._right: dict[bytes, tuple[Pass, str]] = {}

    def read(self, text: str) -> Pass:
        """What a pass says, when nothing holds its bearer back. Raises PassRefused or SessionEnded."""
        found = self._checked(text)
        held = self._holds_on(found.who)
        if ACCOUNT in held or held.get(PASSES, 0) > found.who.standing or self._watch.has_ended(found.who.session):
            raise SessionEnded()
        return found

    def _checked(self, text: str) -> Pass:
        """What a pass says; of the same text what was found before, while the pass and the key that signed it live."""
        now, seen = self._now(), hashlib.sha256(text.encode(errors="replace")).digest()
        kept = self._right.get(seen)
        if kept is not None and kept[0].issued_at <= now < kept[0].ends_at and self._key(kept[1]) is not None:
            return kept[0]
        by: list[str] = []

        def key_of(key_id: str) -> OKPKey | None:
            by.append(key_id)
            return self._key(key_id)

        found = passes.check(text, key_of, now)
        if len(self._right) >= _MOST_KEPT:
            self._right = {}
        self._right[seen] = (found, by[-1])
        return found

    def is_partner_held(self, who: Principal) -> bool:
        """Whether the organisation of whoever asks is held back."""
        return PARTNER in self._holds_on(who)

    def _key(self, key_id: str) -> OKPKey | None:
        if key_id in self._known:
            return self._known[key_id]
        if key_id not in self._heard and time.monotonic() - self._looked_at > _KEPT_SECONDS:
            self._look_for_keys()
        key, ends_at = self._heard.get(key_id, (None, None))
        return key if ends_at is not None and self._now() < ends_at else None

    def _look_for_keys(self) -> None:
        # A stream of passes with made-up keys must not become a stream of questions.
        self._looked_at = time.monotonic()
        with self._database.reading() as connection:
            rows = keys_heard(connection)
        self._heard = {row.key_id: (passes.read_key(json.loads(row.public)), row.ends_at) for row in rows}

    def forget_held(self) -> None:
        """Asks anew about everybody, and for keys: something was heard or changed here."""
        self._held, self._looked_at = {}, float("-inf")

    def _holds_on(self, who: Principal) -> Mapping[str, int]:
        if who.kind in {"nobody", "service"}:
            return {}
        # By session too: the end of one says nothing of another of the same human being.
        asked = (who.id, who.partner_id, who.session)
        kept_at, held = self._held.get(asked, (float("-inf"), {}))
        if time.monotonic() - kept_at > _KEPT_SECONDS:
            # What an organisation's state is, is looked up on the room's own behalf.
            with self._database.reading(NETWORK) as connection:
                held = self._held_on(connection, who)
            if len(self._held) >= _MOST_KEPT:
                self._held = {}
            self._held[asked] = (time.monotonic(), held)
        return held
