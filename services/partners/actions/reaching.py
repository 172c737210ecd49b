"""How somebody is reached: what they said themselves, else the address their account was opened with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.access import Scope, service_scope
from chassis.errors import NotFound
from chassis.ids import short_code
from chassis.sealing import Ring, TokenBroken
from chassis.unit import Unit
from services.partners import store
from services.partners.actions.accounts import account_if_there
from services.partners.actions.notices import Reader
from services.partners.domain import notices as rules
from services.partners.policy import Policy

CLASS = "staff_contact"
# What of this class an account was opened with has no field of its own.
_FIELD = "reach"


def whole(unit: Unit) -> Scope:
    """The room's own scope: whoever looks at the demo's outbox is nobody yet."""
    return service_scope(unit.service)


def of(unit: Unit, account_id: str) -> tuple[Any, Any]:
    """Somebody's account, and how they said they are reached; None for what there is not."""
    scope = whole(unit)
    try:
        return store.account(scope, unit, account_id), store.reach_of(scope, unit, account_id)
    except NotFound:
        return None, None


def token_of(account: Any, reach: Any) -> str | None:
    """The sealed addresses of somebody, or None when there are none."""
    if reach is not None:
        return str(reach.contact)
    return account.contact if account is not None else None


def read(policy: Policy, account: Any, reach: Any, ring: Ring, *, is_demo: bool = False) -> Reader:
    """Whoever a notice is for, opened. An address whose key was destroyed is none.

    Somebody of a demo who has no address is given one that nobody has.
    """
    addresses = _opened(account, reach, ring)
    if is_demo and account is not None and not addresses:
        addresses = {rules.EMAIL: f"{short_code(account.account_id).lower()}@people.example"}
    known = [way for way in (rules.EMAIL, rules.SMS) if addresses.get(way)]
    if reach is None:
        ways = rules.ways_in_order(rules.EMAIL, known)
        hours = (policy.quiet_from_hour, policy.quiet_until_hour)
    else:
        ways, hours = rules.ways_in_order(reach.channel, known), (reach.quiet_from, reach.quiet_until)
    state = account.state if account is not None else None
    return Reader(state, rules.Reach(ways, *hours), addresses, reach is not None and reach.is_discreet)


def _opened(account: Any, reach: Any, ring: Ring) -> Mapping[str, str]:
    token = token_of(account, reach)
    if token is None:
        return {}
    owner_id = reach.account_id if reach is not None else account.account_id
    try:
        found = ring.open(token, owner_id=owner_id, field=_FIELD if reach is not None else "")
    except TokenBroken:
        # One row that cannot be read holds nobody else's notices up; to this reader there is no address.
        return {}
    return found if isinstance(found, dict) else {}


def own(unit: Unit) -> tuple[Any, Any]:
    """The account of whoever asks, and how they said they are reached; None for what there is not."""
    return account_if_there(unit, unit.who.id), store.reach_of(unit.scope, unit, unit.who.id)


def change(unit: Unit, asked: Mapping[str, Any]) -> None:
    """Keeps how whoever asks is reached from now on. `asked` is ReachSchema, loaded; the ring seals for them.

    Refuses a way of being reached with nothing to reach it by. With what they sign in by it changes nothing.
    """
    rules.check_reach(asked["channel"], asked["email"], asked["phone"])
    own_id = unit.who.id
    addresses = {rules.EMAIL: asked["email"], rules.SMS: asked["phone"]}
    contact = unit.ring.seal(own_id, CLASS, addresses, field=_FIELD)
    kept = {name: asked[name] for name in ("channel", "quiet_from", "quiet_until", "is_discreet")}
    store.put_reach(unit, account_id=own_id, contact=contact, **kept)
    unit.note("reach.change", subject=own_id, record=own_id, kind="account")
