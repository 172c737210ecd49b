"""How a support comes to be: both said yes, an end date is agreed, and only then it begins."""

from __future__ import annotations

from datetime import date

from chassis.access import service_scope
from chassis.unit import Unit
from contracts.matching import MatchAgreed
from contracts.support import SupportStarted
from services.support import domain, store
from services.support.actions import changing


def keep_agreed(unit: Unit, fact: MatchAgreed) -> None:
    """Keeps a match both agreed to as a support that waits for its end date; doing it again changes nothing."""
    is_gone = bool(unit.braked(fact.person_id) & domain.GONE_FOR_GOOD)
    store.add(
        unit,
        store.supports,
        support_id=unit.ids.new(),
        match_id=fact.match_id,
        referral_id=fact.referral_id,
        person_id=fact.person_id,
        peer_id=fact.peer_id,
        partner_id=fact.partner_id,
        state=domain.RELEASED if is_gone else domain.AGREED,
        agreed_at=fact.agreed_at,
    )


def let_go(unit: Unit, match_id: str) -> None:
    """Lets a support go that had not begun; one under way is not touched."""
    for support_id in store.ids_of(service_scope(unit.service), unit, match_id=match_id):
        store.change(unit, support_id, domain.AGREED, state=domain.RELEASED)


def start(unit: Unit, support_id: str, agreed_end_on: date | None = None) -> None:
    """Begins a support today, until the day the pair agreed; without a day given it is the network's usual time.

    Refuses a day that is not ahead, one too far, and a support that has begun or ended.
    """
    row = changing.load(unit, support_id, "start")
    term = domain.agree_term(
        changing.day_of(unit.now), agreed_end_on,
        usual_months=unit.policy.usual_months, most_months=unit.policy.most_months,
    )  # fmt: skip
    changing.save(
        unit,
        row,
        state=domain.ACTIVE,
        started_on=term.started_on,
        midpoint_on=term.midpoint_on,
        agreed_end_on=term.agreed_end_on,
    )
    fact = SupportStarted(
        support_id=support_id,
        match_id=row.match_id,
        referral_id=row.referral_id,
        person_id=row.person_id,
        peer_id=row.peer_id,
        started_on=term.started_on,
        agreed_end_on=term.agreed_end_on,
    )
    changing.state(unit, row, fact)
    unit.note("support.start", subject=row.person_id, record=support_id)
