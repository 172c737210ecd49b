"""A system shows who it is, by a statement it signed or by its API key, and gets a pass of ten minutes."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from chassis.access import Principal
from chassis.errors import Malformed
from chassis.unit import Unit
from chassis.web import strict_json
from contracts.roles import SYSTEM
from services.partners import store
from services.partners.actions.organisations import standing, today
from services.partners.actions.sessions import hashed, whole
from services.partners.actions.systems import key_of, system_stream
from services.partners.domain import oauth, systems
from services.partners.domain.oauth import TokenRefused
from services.partners.domain.sessions import TooManyTries, check_tries

# Compared with when there is no such key, so that an unknown one takes as long as a known one.
_NOBODY = hashed("nobody has this key")


@dataclass(frozen=True)
class Asked:
    """Who asks for a pass, by what they sent: a statement or a key, perhaps their id, and where from."""

    statement: str
    secret: str
    system_id: str
    address: str


@dataclass(frozen=True)
class Known:
    """What is known of whoever asks: which system, whether it may sign in, its algorithm, its keys by their id."""

    system_id: str
    may: bool
    algorithm: str | None
    keys: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Shown:
    """A system that has shown who it is: by which key, and for a statement its number and until when that counts."""

    system_id: str
    key: str
    number: str | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Given:
    """Whose pass is minted now, and until when it may be good at most."""

    who: Principal
    until: datetime | None


# ---- a signed statement


@dataclass(frozen=True)
class Statement:
    """A signed statement as it was sent, taken apart; nothing of it is believed yet."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    who: str


def read_statement(text: str) -> Statement:
    """Takes a statement apart, strictly; refuses what is none. Only who it says it is of is looked at."""
    oauth.check_shape(text)
    header, claims = (_part(part) for part in text.split(".")[:2])
    return Statement(text, header, claims, oauth.who_of(claims))


def _part(part: str) -> Mapping[str, Any]:
    try:
        found = strict_json.read(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (Malformed, binascii.Error, ValueError, RecursionError):
        raise TokenRefused("Malformed") from None
    if not isinstance(found, dict):
        raise TokenRefused("Malformed")
    return found


def check_statement(statement: Statement, known: Known | None, audience: str, now: datetime) -> Shown:
    """Who a statement shows, when it is signed by a key that was registered and says what was agreed.

    `audience` is the one address of our token door. Whether its number was used, and whether the system may sign in
    now, is seen in the transaction that uses the number up.
    """
    if known is None or known.algorithm is None:
        raise TokenRefused("WhoUnknown")
    key_id = oauth.check_header(statement.header, known.algorithm)
    parts = known.keys.get(key_id)
    if parts is None:
        raise TokenRefused("KeyUnknown")
    try:
        jws.deserialize_compact(statement.text, key_of(parts), algorithms=[known.algorithm])
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("SignatureWrong") from None
    number, ends = oauth.check_claims(statement.claims, audience, int(now.timestamp()))
    return Shown(known.system_id, key_id, number, datetime.fromtimestamp(ends, UTC))


# ---- in the records


def check_how_often(unit: Unit, counted: Mapping[str, int]) -> None:
    """Refuses one more try after so many that failed lately; `counted` is what tries are counted by, and the most."""
    since = unit.now - timedelta(minutes=unit.policy.failed_tries_minutes)
    for of, most in counted.items():
        try:
            check_tries(store.failed_tries_since(whole(unit), unit, of, since), most)
        except TooManyTries:
            raise TokenRefused("TooManyTries") from None


def named_by(unit: Unit, asked: Asked, statement: Statement | None) -> str | None:
    """The system a try names, whether it shows that it is that one or not; None when there is none such."""
    if statement is not None:
        return statement.who if store.system_by_id(whole(unit), unit, statement.who) is not None else None
    parts = systems.parts_of(asked.secret)
    row = store.api_key_by_prefix(whole(unit), unit, parts[0]) if parts else None
    return None if row is None else str(row.system_id)


def look(unit: Unit, system_id: str, address: str) -> Known | None:
    """What is known of a system before its statement is checked outside the transaction; None for no such system."""
    row = store.system_by_id(whole(unit), unit, system_id)
    if row is None:
        return None
    rows = store.public_keys_of(whole(unit), unit, system_id)
    return Known(system_id, _may(unit, row, address), row.algorithm, {one.key_id: one.public for one in rows})


def _may(unit: Unit, row: Any, address: str) -> bool:
    partner = store.partner(whole(unit), unit, row.partner_id)
    return systems.may_sign_in(row.state, standing(partner), today(unit)) and systems.is_from(address, row.networks)


def system_of_secret(unit: Unit, secret: str, address: str) -> Shown:
    """Who an API key shows; one answer for whatever is wrong with it, so that nobody learns which part was right."""
    parts = systems.parts_of(secret)
    row = store.api_key_by_prefix(whole(unit), unit, parts[0]) if parts else None
    is_right = hmac.compare_digest(hashed(parts[1] if parts else ""), row.hash if row else _NOBODY)
    if row is None or not is_right or not systems.is_good(systems.ApiKey(row.ends_at, row.revoked_at), unit.now):
        raise TokenRefused("SecretWrong")
    known = look(unit, row.system_id, address)
    if known is None or not known.may:
        raise TokenRefused("SecretWrong")
    return Shown(row.system_id, row.prefix)


def give(unit: Unit, shown: Shown, address: str) -> Given:
    """Uses up the number of a statement, by adding it alone, and says whose pass to mint once this is committed.

    Looks again at what may have changed since: a key revoked, a system closed or a partner suspended meanwhile.
    """
    # Before the key is looked at: a key revoked after this makes the pass worth nothing, by its own number.
    place = unit.at(system_stream(shown.system_id))
    known = look(unit, shown.system_id, address)
    row = store.system_by_id(whole(unit), unit, shown.system_id)
    if known is None or not known.may:
        raise TokenRefused("Held")
    until = None
    if shown.number is not None and shown.until is not None:
        if shown.key not in known.keys:
            raise TokenRefused("KeyUnknown")
        # A minute longer than it is good: another process's clock may be behind.
        kept = shown.until + timedelta(minutes=1)
        if not store.use_number(unit, shown.system_id, hashed(shown.number), kept):
            raise TokenRefused("NumberUsed")
    else:
        if not store.note_use(unit, shown.key):
            raise TokenRefused("SecretWrong")
        until = store.api_key_by_prefix(whole(unit), unit, shown.key).ends_at
    unit.note("token.give", subject=shown.system_id)
    who = Principal(
        "system", shown.system_id, row.partner_id, frozenset({SYSTEM}),
        standing=int(place.rpartition("@")[2]) if place else 0,
    )  # fmt: skip
    return Given(who, until)


def came_in(unit: Unit, counted: str) -> None:
    """What failed before is forgotten: this system got its pass from this address."""
    store.forget_failed_tries(unit, counted)


def count_failure(unit: Unit, counted: Mapping[str, int], system_id: str | None, refused: TokenRefused) -> None:
    """Counts a try that failed, and keeps who was named and which rule refused."""
    store.add_failed_tries(unit, list(counted))
    unit.note("token.give", subject=system_id, outcome="refused", rule=refused.rule)
