"""What the audit trails of the rooms tell: whose record was seen, how far each goes, and what is to be seen to."""

from __future__ import annotations

from collections.abc import Mapping

from chassis import told
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.records import AuditHeadPublished, RecordSeen
from contracts.referrals import GlassBroken, GlassSeenTo, LookFlagged, LookSettled
from contracts.roles import PRIVACY_OFFICER
from services.home import store
from services.home.actions import hearing


def on_record_seen(unit: Unit, fact: RecordSeen) -> None:
    """Keeps it for those whose records they are; who looked is told by role and partner alone."""
    there = [one for one in fact.subject_ids if not told.has_forgotten(unit, one)]
    if there:
        store.keep_seen(
            unit, there, seen_at=fact.seen_at.replace(second=0, microsecond=0), roles=" ".join(sorted(fact.roles)),
            partner_id=fact.partner_id or "", purpose=fact.purpose,
        )  # fmt: skip


def on_audit_head_published(unit: Unit, fact: AuditHeadPublished) -> None:
    """Keeps it where whoever alters that room's records cannot reach."""
    store.keep_head(
        unit, room=fact.room, published_at=fact.published_at, place=fact.place, sequence=fact.sequence, hash=fact.hash,
        key_id=fact.key_id, public_key=fact.public_key, signature=fact.signature,
    )  # fmt: skip


def on_look_flagged(unit: Unit, fact: LookFlagged) -> None:
    """A privacy officer sees to it, and nobody else learns of it."""
    store.open_work(unit, "see_to_look", fact.look_id, role=PRIVACY_OFFICER, since=fact.flagged_at)


def on_look_settled(unit: Unit, fact: LookSettled) -> None:
    """It was seen to."""
    hearing.close_one(unit, "see_to_look", fact.look_id)


def on_glass_broken(unit: Unit, fact: GlassBroken) -> None:
    """A privacy officer sees to it at once; who opened whose record is read in its own room."""
    store.open_work(unit, "see_to_glass", fact.glass_id, role=PRIVACY_OFFICER, since=fact.broken_at)


def on_glass_seen_to(unit: Unit, fact: GlassSeenTo) -> None:
    """It was seen to."""
    hearing.close_one(unit, "see_to_glass", fact.glass_id)


DOES: Mapping[type, Reaction] = {
    RecordSeen: on_record_seen,
    AuditHeadPublished: on_audit_head_published,
    LookFlagged: on_look_flagged,
    LookSettled: on_look_settled,
    GlassBroken: on_glass_broken,
    GlassSeenTo: on_glass_seen_to,
}
