"""The one made-up story that the golden samples tell: each fact as the room that owns it would state it.

Everyone in it is made up. Its sealed texts are sealed under one key that everybody may know, so that what is inside a
sample is kept too: a hearer that could no longer read last year's `needs` would be seen.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.access import service_scope, the_service
from chassis.database import Database
from chassis.events.bus import Message
from chassis.events.envelope import as_bytes
from chassis.events.shapes import FieldShape, shape_of
from chassis.ids import DerivedIds
from chassis.migrate import CHASSIS, bring_up
from chassis.rows import Gathering
from chassis.sealing import Ring
from chassis.tables import facts as facts_table
from chassis.unit import Thread, Unit
from contracts.needs import CONSENT_SCOPE

BEGINS = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
# Opens every sealed text of the samples; it keeps nothing secret and opens nothing else.
SAMPLE_KEY = hashlib.sha256(b"the key of the golden samples").digest()

# In the order it happens: the fact, whose stream it stands on, and the field that names it.
STORY: tuple[tuple[str, str, str], ...] = (
    ("key.published", "partners/key", "key_id"),
    ("partner.joined", "partners/partner", "partner_id"),
    ("agreement.signed", "partners/partner", "partner_id"),
    ("agreement.lapsed", "partners/partner", "partner_id"),
    ("agreement.began", "partners/partner", "partner_id"),
    ("setup.asked", "partners/partner", "partner_id"),
    ("setup.answered", "partners/partner", "partner_id"),
    ("account.opened", "partners/account", "account_id"),
    ("account.disabled", "partners/account", "account_id"),
    ("account.restored", "partners/account", "account_id"),
    ("role.granted", "partners/account", "account_id"),
    ("role.ended", "partners/account", "account_id"),
    ("conduct.published", "partners/conduct", "conduct_id"),
    ("conduct.accepted", "partners/account", "account_id"),
    ("items.handed_over", "partners/account", "from_id"),
    ("peer.joined", "matching/peer", "peer_id"),
    ("capacity.stated", "matching/peer", "peer_id"),
    ("supervision.due", "supervision/peer", "peer_id"),
    ("peer.cleared", "supervision/peer", "peer_id"),
    ("period.opened", "reporting/period", "period_id"),
    ("consent.given", "referrals/person", "person_id"),
    ("referral.received", "referrals/referral", "referral_id"),
    ("referral.overdue", "referrals/referral", "referral_id"),
    ("referral.acknowledged", "referrals/referral", "referral_id"),
    ("referral.accepted", "referrals/referral", "referral_id"),
    ("record.seen", "matching/seen", "by_id"),
    ("budget.spent", "matching/seen", "by_id"),
    ("look.flagged", "referrals/look", "look_id"),
    ("look.settled", "referrals/look", "look_id"),
    ("word.chosen", "referrals/person", "person_id"),
    ("link.minted", "referrals/person", "person_id"),
    ("link.revoked", "referrals/person", "person_id"),
    ("glass.broken", "referrals/glass", "glass_id"),
    ("glass.seen_to", "referrals/glass", "glass_id"),
    ("confirmation.asked", "referrals/confirmation", "asking_id"),
    ("confirmation.settled", "referrals/confirmation", "asking_id"),
    ("audit.head_published", "referrals/audit", "key_id"),
    ("equity.stated", "referrals/equity", "reporting_id"),
    ("person.protected", "referrals/person", "person_id"),
    ("person.unprotected", "referrals/person", "person_id"),
    ("match.proposed", "matching/match", "match_id"),
    ("match.answered", "matching/match", "match_id"),
    ("match.stalled", "matching/match", "match_id"),
    ("taster.held", "matching/match", "match_id"),
    ("match.agreed", "matching/match", "match_id"),
    ("support.started", "support/support", "support_id"),
    ("meeting.planned", "support/support", "support_id"),
    ("contact.recorded", "support/support", "support_id"),
    ("connection.moved", "support/support", "support_id"),
    ("support.paused", "support/support", "support_id"),
    ("support.resumed", "support/support", "support_id"),
    ("supervision.planned", "supervision/session", "session_id"),
    ("supervision.held", "supervision/session", "session_id"),
    ("supervision.missed", "supervision/session", "session_id"),
    ("supervision.overdue", "supervision/peer", "peer_id"),
    ("worry.raised", "support/worry", "worry_id"),
    ("concern.raised", "supervision/concern", "concern_id"),
    ("concern.acknowledged", "supervision/concern", "concern_id"),
    ("concern.handed_on", "supervision/concern", "concern_id"),
    ("concern.escalated", "supervision/concern", "concern_id"),
    ("concern.closed", "supervision/concern", "concern_id"),
    ("notice.asked", "supervision/notice", "notice_id"),
    ("notice.held", "partners/notice", "notice_id"),
    ("notice.sent", "partners/notice", "notice_id"),
    ("notice.failed", "partners/notice", "notice_id"),
    ("notice.unknown", "partners/notice", "notice_id"),
    ("notice.settled", "partners/notice", "notice_id"),
    ("support.ended", "support/support", "support_id"),
    ("match.released", "matching/match", "match_id"),
    ("peer.paused", "matching/peer", "peer_id"),
    ("peer.resumed", "matching/peer", "peer_id"),
    ("peer.held_back", "supervision/peer", "peer_id"),
    ("referral.closed", "referrals/referral", "referral_id"),
    ("referral.declined", "referrals/referral", "referral_id"),
    ("consent.withdrawn", "referrals/person", "person_id"),
    ("person.forgotten", "referrals/person", "person_id"),
    ("partner.suspended", "partners/partner", "partner_id"),
    ("partner.resumed", "partners/partner", "partner_id"),
    ("report.published", "reporting/period", "period_id"),
    ("system.registered", "partners/system", "system_id"),
    ("system.key_revoked", "partners/system", "system_id"),
    ("system.disabled", "partners/system", "system_id"),
    ("system.restored", "partners/system", "system_id"),
)

# What stands in a field where its name and type do not say enough; `fact:field` before `field`.
SAID: Mapping[str, Any] = {
    "code": "kindred",
    "name": "Kindred Voices",
    "kind": "voluntary",
    "area": "north",
    "age_band": "35-44",
    "ethnicity": "unknown",
    "gender": "woman",
    "roles": ("peer",),
    "record.seen:roles": ("coordinator",),
    "budget.spent:roles": ("coordinator",),
    "role.granted:role": "supervisor",
    "role.granted:roles": ("peer", "supervisor"),
    "role.ended:role": "supervisor",
    "room": "referrals",
    "told_role": "coordinator",
    "scope": CONSENT_SCOPE,
    "wording_version": "1",
    "link.minted:hash": hashlib.sha256(b"the token of a link nobody has").hexdigest(),
    "places": 2,
    "level": 2,
    "raised_by": "peer",
    "contacts_made_count": 8,
    "connections_alive_count": 1,
    # The public half of a key whose private half nobody keeps.
    "key.published:key_id": "xxupmn-Hd3TEJ0QEJb6w9ZyQI_dPCRTCOxgoxUW6B_Y",
    "key.published:public": '{"kty":"OKP","crv":"Ed25519","x":"QEw1xwNUOBHegPE4P0gbe0aEqd90w-fFUurtoX7XEII"}',
}
# What is inside the sealed texts, by class.
SEALED: Mapping[str, Any] = {
    "called": "Sam",
    "needs": {
        "area": "north", "language": "en", "other_languages": [], "interpreter": False, "times": ["weekend"],
        "mode": "any", "peer_gender": "", "age_band": "35-44", "themes": ["depression", "hospital"],
    },
    "safety": {"conflicts": [], "note_code": "none"},
    "worry": "A made-up worry.",
    "link_word": "0c5f4b7a9d2e4f6180a1b2c3d4e5f607",
}  # fmt: skip
# Fields that name somebody or something told of under another name too.
SAME_AS: Mapping[str, str] = {
    "peer_ids": "peer_id",
    "about_id": "person_id",
    "subject_ids": "person_id",
    "by_id": "coordinator_id",
    "raised_by_id": "peer_id",
    "by_account_id": "coordinator_id",
    "owner_id": "supervisor_id",
    "from_id": "first_owner_id",
    "concern_id": "worry_id",
    "account_id": "peer_id",
    "recipient_id": "supervisor_id",
}


def an_id(name: str) -> str:
    """The opaque id that a field of this name has all through the story."""
    return DerivedIds(f"golden/{SAME_AS.get(name, name)}").new()


def tell(facts: Mapping[str, Any]) -> dict[str, Message]:
    """Each of these facts as its owner states it, told in the story's order; a fact the story leaves out is refused."""
    told = {type_: _place(type_) for type_ in facts}
    missing = sorted(type_ for type_, place in told.items() if place is None)
    if missing:
        raise SystemExit(f"say in deploy/golden_story.py where in the story these stand: {', '.join(missing)}")
    order = sorted(facts, key=lambda type_: (told[type_], facts[type_].FACT.version))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/story.sqlite")
        bring_up(database, CHASSIS)
        with database.writing() as connection:
            for type_ in order:
                gathering = Gathering(connection)
                _state(gathering, facts[type_], told[type_] or 0)
                gathering.write()
            rows = connection.execute(sa.select(facts_table)).all()
        database.close()
    return {row.type: Message(row.stream, as_bytes(json.loads(row.headers)), row.body.encode()) for row in rows}


def _place(type_: str) -> int | None:
    names = [name for name, _, _ in STORY]
    name = type_.rpartition(".v")[0]
    return names.index(name) if name in names else None


def _state(gathering: Gathering, kind: Any, place: int) -> None:
    _, beginning, named_by = STORY[place]
    owner = beginning.partition("/")[0]
    now = BEGINS + timedelta(minutes=place)
    seed = f"golden/{kind.FACT.type}"
    trace = hashlib.sha256(seed.encode()).hexdigest()
    ids = DerivedIds(seed)
    unit = Unit(
        gathering=gathering, service=owner, who=the_service(owner), scope=service_scope(owner), now=now, ids=ids,
        thread=Thread(ids.new(), ids.new(), traceparent=f"00-{trace[:32]}-{trace[32:48]}-01"),
    )  # fmt: skip
    fact = kind(**{shape.name: _value(kind, shape, now) for shape in shape_of(kind)})
    person = f"referrals/person/{an_id('person_id')}"
    stream = f"{beginning}/{getattr(fact, named_by)}"
    needs_person = hasattr(fact, "person_id") and stream != person
    unit.state(stream, fact, requires=[f"{person}@1"] if needs_person else [])


def _value(kind: Any, shape: FieldShape, now: datetime) -> Any:
    one = _one(kind, shape, now)
    return (one,) if shape.is_many and not isinstance(one, tuple) else one


def _one(kind: Any, shape: FieldShape, now: datetime) -> Any:
    if shape.sealed_class:
        return _sealed(kind, shape.sealed_class)
    said = SAID.get(f"{kind.FACT.name}:{shape.name}", SAID.get(shape.name))
    if said is not None and (not shape.codes or said in shape.codes):
        return said
    if shape.codes:
        return shape.codes[0]
    if shape.name.endswith(("_id", "_ids")):
        return an_id(shape.name)
    later = timedelta(days=90 if shape.name.endswith(("ends_on", "end_on", "expires_on")) else 3)
    is_to_come = shape.name.endswith(
        ("due_at", "answer_by", "acknowledge_by", "starts_at", "ends_at", "ends_on", "end_on", "expires_on")
    )
    moment = now + later if is_to_come else now
    plain: dict[type, Any] = {int: 1, float: 0.5, bool: False, date: moment.date(), datetime: moment}
    return plain.get(shape.holds, shape.name.replace("_", " "))


def _sealed(kind: Any, sealed_class: str) -> str:
    """A sealed text of the class, about the person where the fact has one, else about the peer."""
    has_person = any(shape.name == "person_id" for shape in shape_of(kind))
    whose = an_id("person_id" if has_person or sealed_class == "worry" else "peer_id")
    inside = an_id("reporting_id") if sealed_class == "reporting" else SEALED.get(sealed_class, "Made up.")
    return Ring({(whose, sealed_class): SAMPLE_KEY}).seal(whose, sealed_class, inside)
