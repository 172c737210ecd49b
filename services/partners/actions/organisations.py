"""Organisations come in, sign agreements, are suspended and work again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chassis.access import service_scope
from chassis.once import Answer
from chassis.unit import Unit
from chassis.working_days import LONDON
from contracts import setup
from contracts.partners import (
    AgreementBegan,
    AgreementLapsed,
    AgreementSigned,
    PartnerJoined,
    PartnerResumed,
    PartnerSuspended,
    SetupAsked,
)
from services.partners import store
from services.partners.domain import organisations as domain


def stream(partner_id: str) -> str:
    """The stream of one partner's facts."""
    return f"partners/partner/{partner_id}"


def today(unit: Unit) -> date:
    """The day in London, which agreements go by."""
    return unit.now.astimezone(LONDON).date()


def as_kept(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as it is kept for a repeat: days and moments as text, which the door's schema reads again."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in answer.items()}


def join_network(unit: Unit, asked: Mapping[str, Any]) -> Answer:
    """Takes an organisation in with the agreement it signed; refuses a code that is taken.

    `asked` is what schemas.JoinSchema loaded.
    """
    domain.check_joining(asked, today=today(unit), longest_years=unit.policy.longest_agreement_years)
    partner_id, agreement_id = unit.ids.new(), unit.ids.new()
    row = {name: asked[name] for name in ("code", "name", "kind", "area", "ods_code")}
    row |= {"partner_id": partner_id, "state": domain.ACTIVE, "joined_on": today(unit)}
    if not store.add_partner(unit, row):
        whole = service_scope(unit.service)
        is_ods = bool(asked["ods_code"]) and store.has_ods_code(whole, unit, asked["ods_code"])
        raise domain.OdsCodeTaken() if is_ods else domain.CodeTaken()
    store.add_agreement(
        unit, agreement_id=agreement_id, partner_id=partner_id, signed_at=unit.now, **asked["agreement"]
    )
    joined = {name: row[name] for name in ("partner_id", "code", "name", "kind", "area", "joined_on")}
    unit.state(stream(partner_id), PartnerJoined(**joined))
    unit.state(
        stream(partner_id), AgreementSigned(partner_id=partner_id, agreement_id=agreement_id, **asked["agreement"])
    )
    unit.state(stream(partner_id), SetupAsked(partner_id=partner_id, version=setup.VERSION, asked_on=today(unit)))
    state_whether_covered(unit, store.partner(unit.scope, unit, partner_id))
    unit.note("partner.join", record=partner_id)
    return Answer(201, as_kept({**row, "agreement": as_kept(asked["agreement"])}), partner_id)


def sign_agreement(unit: Unit, partner_id: str, asked: Mapping[str, date]) -> Answer:
    """Keeps a further agreement of a partner; it counts from its first day. Refuses days that cannot be right.

    `asked` is what schemas.AgreementSchema loaded.
    """
    row = store.partner(unit.scope, unit, partner_id)
    domain.check_agreement(asked, today=today(unit), longest_years=unit.policy.longest_agreement_years)
    agreement_id = unit.ids.new()
    store.add_agreement(unit, agreement_id=agreement_id, partner_id=partner_id, signed_at=unit.now, **asked)
    unit.state(stream(partner_id), AgreementSigned(partner_id=partner_id, agreement_id=agreement_id, **asked))
    unit.note("agreement.sign", record=row.partner_id)
    state_whether_covered(unit, store.partner(unit.scope, unit, partner_id))
    return Answer(201, as_kept({"agreement_id": agreement_id, "partner_id": partner_id, **asked}), agreement_id)


def state_whether_covered(unit: Unit, row: Any) -> bool:
    """States that a partner's agreement lapsed, or that one began, where it was stated otherwise; true when it did."""
    day, partner_id = today(unit), row.partner_id
    is_covered = standing(row).is_covered(day)
    if is_covered == (row.lapsed_on is None) or not store.set_lapsed(unit, row, None if is_covered else day):
        return False
    if is_covered:
        fact: Any = AgreementBegan(partner_id=partner_id, agreement_id=row.agreement_id, began_on=day)
    else:
        fact = AgreementLapsed(partner_id=partner_id, lapsed_on=day)
    unit.state(stream(partner_id), fact)
    unit.note("agreement.begin" if is_covered else "agreement.lapse", record=partner_id)
    return True


def see_agreements(unit: Unit, partner_id: str) -> Sequence[Any]:
    """The agreements of a partner whoever asks may see, the newest first."""
    see_partner(unit, partner_id)
    return store.agreements_listed(unit.scope, unit, partner_id)


def suspend_partner(unit: Unit, partner_id: str) -> None:
    """Suspends a partner: a brake in every room, at once. Suspending again changes nothing."""
    row = store.partner(unit.scope, unit, partner_id)
    if domain.suspend(standing(row)) and store.change_partner(unit, partner_id, row.state, state=domain.SUSPENDED):
        unit.state(stream(partner_id), PartnerSuspended(partner_id=partner_id, suspended_at=unit.now))
        unit.note("partner.suspend", record=partner_id)


def resume_partner(unit: Unit, partner_id: str) -> None:
    """Lets a suspended partner work again. Resuming again changes nothing."""
    row = store.partner(unit.scope, unit, partner_id)
    if domain.resume(standing(row)) and store.change_partner(unit, partner_id, row.state, state=domain.ACTIVE):
        unit.state(stream(partner_id), PartnerResumed(partner_id=partner_id, resumed_at=unit.now))
        unit.note("partner.resume", record=partner_id)


def see_partner(unit: Unit, partner_id: str) -> Any:
    """One partner's row for whoever may look at it now; a suspended partner's own people may not."""
    row = store.partner(unit.scope, unit, partner_id)
    domain.check_may_look(standing(row), is_network=is_network(unit))
    return row


def see_partners(unit: Unit) -> Sequence[Any]:
    """The partners whoever asks may see."""
    rows = store.partners_listed(unit.scope, unit)
    for row in rows:
        domain.check_may_look(standing(row), is_network=is_network(unit))
    return rows


def standing(row: Any) -> domain.Partner:
    """Where a partner stands, as the rules see it."""
    return domain.Partner(row.partner_id, row.state, row.ends_on, row.starts_on)


def is_network(unit: Unit) -> bool:
    """Whether whoever knocks acts for the whole network here, and not for one partner."""
    return unit.scope.reach == "network"
