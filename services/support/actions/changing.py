"""What every verb needs: who speaks, the support they may change now, and how a change is saved and stated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from chassis import working_days
from chassis.access import Principal
from chassis.errors import NotFound
from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Unit
from contracts.notices import NoticeAsked
from services.support import domain, store

NOTES_CLASS = "support_notes"


def day_of(moment: datetime) -> date:
    """The day of a moment in London."""
    return moment.astimezone(working_days.LONDON).date()


def side_of(row: Any, who: Principal) -> str:
    """Which side of a support someone is on: the person, the peer, or the network."""
    if who.id == row.person_id:
        return domain.PERSON
    return domain.PEER if who.id == row.peer_id else domain.NETWORK


def load(unit: Unit, support_id: str, what: str) -> Any:
    """The support someone wants to change, if it is shown to them and may make this move now."""
    row = store.support(unit.scope, unit, support_id, to_change=True)
    if not domain.may_see(side_of(row, unit.who), row.state, unit.braked(row.person_id)):
        raise NotFound()
    domain.check_move(row.state, what)
    return row


def save(unit: Unit, row: Any, **columns: Any) -> None:
    """Saves a change of a support that still stands where it stood."""
    if not store.change(unit, row.support_id, row.state, **columns):
        raise domain.ChangedMeanwhile()


def state(unit: Unit, row: Any, fact: Any) -> None:
    """States a fact of a support; hearers apply it only after the person's latest consent and referral facts."""
    unit.state(f"support/support/{row.support_id}", fact, requires=places(unit, row))


def tell_peer(unit: Unit, row: Any, template: str) -> None:
    """Asks that the peer is told that something changed, unless it was they who changed it."""
    if side_of(row, unit.who) == domain.PEER:
        return
    notice_id = unit.ids.new()
    fact = NoticeAsked(
        notice_id=notice_id, recipient_id=row.peer_id, template=template, due_at=unit.now, reason="support"
    )
    unit.state(f"support/notice/{notice_id}", fact)


def places(unit: Unit, row: Any) -> Sequence[str | None]:
    """The places of what a fact of this support is built on."""
    return [unit.at(f"referrals/person/{row.person_id}"), unit.at(f"referrals/referral/{row.referral_id}")]


def notes_ring(house: Service, support_id: str) -> Ring:
    """The key that seals words of one support, fetched before a transaction writes."""
    with house.reading() as unit:
        row = store.support(unit.scope, unit, support_id)
    return house.vault.make(row.person_id, [NOTES_CLASS])
