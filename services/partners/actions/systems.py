"""Partners' systems are registered, get keys and lose them, are closed and opened again.

What registers a system or gives it a key is asked by one person and confirmed by another (system_askings.py); what
takes away is one person's, at once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey, RSAKey

from chassis.errors import Fault, NotFound
from chassis.ids import new_secret, new_token
from chassis.unit import Unit
from contracts.partners import SystemDisabled, SystemKeyRevoked, SystemRegistered, SystemRestored
from services.partners import store
from services.partners.actions.organisations import standing, stream, today
from services.partners.actions.sessions import hashed
from services.partners.domain import systems as rules


@dataclass(frozen=True)
class NewApiKey:
    """An API key just made: the prefix that names it, and the secret that is shown once."""

    prefix: str
    secret: str

    @property
    def text(self) -> str:
        """The key as its system is given it."""
        return rules.api_key_text(self.prefix, self.secret)


def new_api_key() -> NewApiKey:
    """A new API key: 50 bits that name it, and a secret of 256 bits."""
    return NewApiKey(base64.b32encode(new_secret(10)).decode().lower()[:10], new_token())


def derived_api_key(secret: str, name: str) -> NewApiKey:
    """The API key that the same secret and name always give; for made-up partners only."""
    made = hashlib.blake2b(name.encode(), key=hashlib.sha256(secret.encode()).digest(), digest_size=64).digest()
    prefix = base64.b32encode(made[32:42]).decode().lower()[:10]
    return NewApiKey(prefix, base64.urlsafe_b64encode(made[:32]).rstrip(b"=").decode())


def system_stream(system_id: str) -> str:
    """The stream of one system's facts."""
    return f"partners/system/{system_id}"


def key_of(parts: Mapping[str, str]) -> RSAKey | OKPKey:
    """The public key made of the parts that are kept."""
    kind: Any = RSAKey if parts["kty"] == "RSA" else OKPKey
    found: RSAKey | OKPKey = kind.import_key(dict(parts))
    return found


# ---- registering


def check_registering(unit: Unit, partner_id: str, asked: Mapping[str, Any]) -> tuple[list[str], list[rules.PublicKey]]:
    """The addresses and public keys of a system that may be registered now.

    Refuses one of a partner that may send nothing now, keys that are not fit, and addresses that are none.
    """
    row = store.partner(unit.scope, unit, partner_id)
    rules.check_may_register(
        standing(row), today=today(unit), most=unit.policy.most_systems,
        system_count=store.systems_count(unit.scope, unit, partner_id),
    )  # fmt: skip
    networks = rules.networks_of(asked["networks"])
    return networks, [] if asked["way"] == rules.API_KEY else _checked(asked["jwks"])


def register(unit: Unit, partner_id: str, system_id: str, asked: Mapping[str, Any], *, by: str) -> None:
    """Registers a system of a partner, with its public keys or with no key yet; refuses as `check_registering`.

    `asked` is what RegisterSchema loaded, `by` whoever asked for it.
    """
    networks, public = check_registering(unit, partner_id, asked)
    store.add_system(
        unit, system_id=system_id, partner_id=partner_id, name=asked["name"], purpose=asked["purpose"],
        way=asked["way"], algorithm=public[0].algorithm if public else None, networks=networks, state=rules.ACTIVE,
        passes_from=0, registered_at=unit.now, registered_by=by,
    )  # fmt: skip
    if public:
        _keep_public(unit, system_id, public, by)
    fact = SystemRegistered(system_id=system_id, partner_id=partner_id, way=asked["way"], registered_at=unit.now)
    unit.state(system_stream(system_id), fact, requires=[unit.at(stream(partner_id))])
    unit.note("system.register", subject=system_id, record=system_id)


def _checked(key_set: Any) -> list[rules.PublicKey]:
    found = rules.keys_of(key_set)
    for key in found:
        try:
            key_of(key.parts)
        except (JoseError, ValueError, TypeError):
            says = "One of these keys cannot be read. Make a new pair and paste its public half."
            raise rules.KeysRefused(faults=(Fault("jwks", says),)) from None
    return found


def _keep_public(unit: Unit, system_id: str, keys: Sequence[rules.PublicKey], by: str) -> None:
    store.add_public_keys(unit, [
        {
            "system_id": system_id, "key_id": key.key_id, "public": dict(key.parts), "added_at": unit.now,
            "added_by": by, "revoked_at": None,
        }
        for key in keys
    ])  # fmt: skip


# ---- seeing


def see(unit: Unit, partner_id: str, system_id: str) -> dict[str, Any]:
    """One system with the keys that are good, by what names them."""
    return _told(unit, store.system(unit.scope, unit, partner_id, system_id))


def see_all(unit: Unit, partner_id: str) -> list[dict[str, Any]]:
    """A partner's systems; NotFound for a partner that is not there or not within reach."""
    store.partner(unit.scope, unit, partner_id)
    return [_told(unit, row) for row in store.systems_listed(unit.scope, unit, partner_id)]


def _told(unit: Unit, row: Any) -> dict[str, Any]:
    names = ("system_id", "partner_id", "name", "purpose", "way", "algorithm", "networks", "state", "registered_at")
    keys = store.keys_listed(unit.scope, unit, row.system_id)
    return {**{name: getattr(row, name) for name in names}, "keys": keys}


# ---- keys


def check_adding(unit: Unit, partner_id: str, system_id: str, key_set: Any) -> tuple[Any, list[rules.PublicKey]]:
    """A system and the public keys it may get now; refuses keys that are not fit, of another kind, or one too many."""
    row = store.system(unit.scope, unit, partner_id, system_id)
    new = _checked(key_set)
    living = store.public_keys_of(unit.scope, unit, system_id)
    rules.check_may_add(row.state, row.way, rules.SIGNING_KEYS, len(living), len(new))
    if {key.key_id for key in new} & store.key_ids_of(unit.scope, unit, system_id):
        raise rules.KeyIdUsed()
    if new[0].algorithm != row.algorithm:
        says = f"This system signs with {row.algorithm}. Its next key is of the same kind."
        raise rules.KeysRefused(faults=(Fault("jwks", says),))
    return row, new


def add_keys(unit: Unit, partner_id: str, system_id: str, key_set: Any, *, by: str) -> None:
    """Adds public keys to a system, so that the next is known before the one in use ends."""
    _, new = check_adding(unit, partner_id, system_id, key_set)
    _keep_public(unit, system_id, new, by)
    unit.note("system.add_key", subject=system_id, record=system_id)


def days_of(unit: Unit, days: int | None) -> int:
    """How many days an API key lasts that was asked for; refuses more than the network lets one last."""
    days = unit.policy.api_key_days if days is None else days
    rules.check_days(days, unit.policy.longest_api_key_days)
    return days


def check_may_get_api_key(unit: Unit, partner_id: str, system_id: str) -> Any:
    """A system that may get an API key now; refuses one that is closed, signs in another way, or has two."""
    row = store.system(unit.scope, unit, partner_id, system_id)
    living = [key for key in store.api_keys_of(unit.scope, unit, system_id) if key.ends_at > unit.now]
    rules.check_may_add(row.state, row.way, rules.API_KEY, len(living), 1)
    return row


def add_api_key(unit: Unit, system_id: str, api_key: NewApiKey, days: int | None) -> None:
    """Gives a system an API key; the one before stays good until it is revoked or runs out."""
    if not store.add_api_key(
        unit, prefix=api_key.prefix, system_id=system_id, hash=hashed(api_key.secret), made_at=unit.now,
        made_by=unit.who.id, ends_at=unit.now + timedelta(days=days_of(unit, days)),
    ):  # fmt: skip
        raise rules.TooManyKeys("Try again: this key could not be made.")
    unit.note("system.add_key", subject=system_id, record=system_id)


def revoke_key(unit: Unit, partner_id: str, system_id: str, name: str) -> None:
    """Revokes the key of this id or prefix at once; no pass given before is good any more, in any room.

    NotFound when the system has no such key; one that was revoked before is none.
    """
    row = store.system(unit.scope, unit, partner_id, system_id)
    if not store.revoke_key(unit, system_id, name):
        raise NotFound()
    place = unit.state(system_stream(system_id), SystemKeyRevoked(system_id=system_id, revoked_at=unit.now))
    store.change_system(unit, row, passes_from=int(place.rpartition("@")[2]))
    unit.note("system.revoke_key", subject=system_id, record=system_id)


def limit_to(unit: Unit, partner_id: str, system_id: str, networks: Sequence[str]) -> None:
    """Says from which addresses a system may sign in; none listed means any."""
    row = store.system(unit.scope, unit, partner_id, system_id)
    store.change_system(unit, row, networks=rules.networks_of(networks))
    unit.note("system.limit", subject=system_id, record=system_id)


# ---- closing


def close(unit: Unit, partner_id: str, system_id: str) -> None:
    """Closes a system: a brake in every room. Closing again changes nothing."""
    row = store.system(unit.scope, unit, partner_id, system_id)
    if row.state == rules.ACTIVE and store.change_system(unit, row, state=rules.CLOSED):
        unit.state(system_stream(system_id), SystemDisabled(system_id=system_id, disabled_at=unit.now))
        unit.note("system.close", subject=system_id, record=system_id)


def reopen(unit: Unit, partner_id: str, system_id: str) -> None:
    """Opens a closed system again. Opening again changes nothing."""
    row = store.system(unit.scope, unit, partner_id, system_id)
    if row.state == rules.CLOSED and store.change_system(unit, row, state=rules.ACTIVE):
        unit.state(system_stream(system_id), SystemRestored(system_id=system_id, restored_at=unit.now))
        unit.note("system.reopen", subject=system_id, record=system_id)
