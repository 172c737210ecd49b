"""What keeps everyone safe: who sees how much of it, and opening it all the same, with a reason and for a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from chassis.access import service_scope
from chassis.errors import NotFound
from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Unit
from contracts import roles
from contracts.referrals import GLASS_REASONS, GlassBroken, GlassSeenTo
from services.referrals import domain, store
from services.referrals.domain import glass as rules

# What a look through broken glass was for, whatever door it came by.
PURPOSE = "break_glass"
_CLASS, _FIELD = "notes", "glass"


def relations(unit: Unit, person_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """What whoever knocks has to do with each of these people now, as far as it counts in a role they have."""
    found = store.relations(unit.scope, unit, person_ids)
    return {one: rules.related(kinds, unit.who.roles, roles.RELATIONS) for one, kinds in found.items()}


def sight_of(unit: Unit, row: Any) -> rules.Sight:
    """How much of a person's record whoever knocks sees now."""
    return rules.sight(_found(unit, row), roles.GLASS, is_protected=row.is_protected)


def _found(unit: Unit, row: Any) -> frozenset[str]:
    return relations(unit, [row.person_id]).get(row.person_id, frozenset())


def show(unit: Unit, sight: rules.Sight, person_id: str, record: str, *, is_told: bool = True) -> None:
    """Puts on record that somebody's record is shown, and that it was through broken glass where it was."""
    if sight.is_broken:
        unit.purpose = PURPOSE
    unit.disclose(person_id, record=record, is_told=is_told)


def look(unit: Unit, person_id: str) -> tuple[Any, rules.Sight]:
    """The person whom whoever knocks works with, or opened all the same, and how much is seen; else NotFound."""
    row = _person(unit, person_id)
    found = _found(unit, row)
    sight = rules.sight(found, roles.GLASS, is_protected=row.is_protected)
    if unit.scope.reach == roles.OWN and not sight.safety:
        raise NotFound()
    # Nobody learns from it that a worry is about them (rules.md, Being looked at).
    show(unit, sight, person_id, row.referral_id, is_told=found != {roles.OWNS_WORRY})
    return row, sight


def ring_for(house: Service, person_id: str) -> Ring:
    """The key a reason is sealed with, fetched before any transaction writes; NotFound of whom nobody may open."""
    with house.reading() as unit:
        may_break(unit, person_id)
    return house.vault.make(person_id, (_CLASS,))


def may_break(unit: Unit, person_id: str) -> Any:
    """The person, where whoever knocks may break the glass; NotFound of oneself and whoever is not there for them."""
    row = _person(unit, person_id)
    mine = store.marks_of_account(service_scope(unit.service), unit, unit.who.id)
    if rules.is_oneself(mine.whole_mark if mine else None, row.whole_mark):
        raise NotFound()
    return row


def _person(unit: Unit, person_id: str) -> Any:
    """The person with their newest referral; nobody who took their consent back, and nobody kept from who knocks."""
    row = store.person_kept_safe(unit.scope, unit, person_id)
    if row.consent_state != domain.GIVEN:
        raise NotFound()
    return row


def break_glass(unit: Unit, person_id: str, reason: str, words: str) -> None:
    """Opens what keeps a person safe, for a time; the privacy officer is told. Twice opens it once.

    Refuses a reason that is not listed and words that are too few; the ring seals them.
    """
    may_break(unit, person_id)
    kept = rules.check_reason(reason, words, GLASS_REASONS)
    if store.glass_open(unit.scope, unit, person_id) is not None:
        return
    glass_id, until = unit.ids.new(), rules.ends_at(unit.now, unit.policy.glass_minutes)
    store.add_glass(unit, {
        "glass_id": glass_id, "person_id": person_id, "account_id": unit.who.id, "by_partner_id": unit.who.partner_id,
        "roles": " ".join(sorted(unit.who.roles)), "reason": reason,
        "words": unit.ring.seal(person_id, _CLASS, kept, field=_FIELD), "broken_at": unit.now, "ends_at": until,
        "ended_at": None, "state": rules.OPEN, "outcome": None, "seen_to_at": None, "seen_to_by": None,
    })  # fmt: skip
    fact = GlassBroken(
        glass_id=glass_id, person_id=person_id, account_id=unit.who.id, reason=reason, broken_at=unit.now, until=until
    )
    unit.state(f"referrals/glass/{glass_id}", fact)
    unit.note("glass.break", subject=person_id, kind="person", record=glass_id)


def end(unit: Unit, person_id: str) -> None:
    """Ends one's own opening before its time; without one nothing changes."""
    may_break(unit, person_id)
    row = store.glass_open(unit.scope, unit, person_id)
    if row is not None and store.change_glass(unit, row, ended_at=unit.now):
        unit.note("glass.end", subject=person_id, kind="person", record=row.glass_id)


def reason_of(row: Any, ring: Ring) -> Any:
    """Why somebody opened it, in their words; gone with the person who is forgotten."""
    return ring.open(row.words, owner_id=row.person_id, field=_FIELD) if row.words else None


def see_to(unit: Unit, glass_id: str, outcome: str) -> None:
    """A privacy officer says what came of an opening; refuses one of their own, and one somebody has seen to."""
    row = store.glass(unit.scope, unit, glass_id)
    rules.check_seeing_to(row.state, row.account_id, unit.who.id)
    seen = {"state": rules.SETTLED, "outcome": outcome, "seen_to_at": unit.now, "seen_to_by": unit.who.id}
    if not store.change_glass(unit, row, **seen):
        raise rules.OpeningSeenTo()
    fact = GlassSeenTo(glass_id=glass_id, outcome=outcome, seen_to_at=unit.now)
    unit.state(f"referrals/glass/{glass_id}", fact)
    unit.note("glass.see_to", subject=row.person_id, kind="person", record=glass_id)
