"""What can be done with partners: each verb loads, asks the domain, saves, audits and states the fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from chassis.access import service_scope
from chassis.once import Answer
from chassis.unit import Unit
from chassis.working_days import LONDON
from contracts import marks
from contracts.partners import AccountOpened, AgreementSigned, PartnerJoined, PartnerResumed, PartnerSuspended
from contracts.roles import PEER

from . import domain, store


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
    unit.note("partner.join", record=partner_id)
    return Answer(201, as_kept({**row, "agreement": as_kept(asked["agreement"])}), partner_id)


def disclose_peers(unit: Unit, accounts: Iterable[Any]) -> None:
    """Puts on record that the peers among some accounts are shown in a list."""
    for row in accounts:
        if PEER in row.roles:
            unit.disclose(row.account_id, record=row.account_id, kind="peer", is_opened=False)


def open_account(
    unit: Unit, partner_id: str, account_id: str, called: str, roles: Sequence[str], name: str = "", postcode: str = ""
) -> Answer:
    """Opens an account at a partner; the unit's ring holds the new account's key of class `called`, and that of marks.

    Of `name` and `postcode` nothing is kept but marks, by which somebody too near to a record they open is known.

    Refuses a role that whoever opens it may not give, a suspended partner, and one whose agreement has ended.
    """
    row = store.partner(unit.scope, unit, partner_id)
    domain.check_may_open(standing(row), roles, is_network=is_network(unit), today=today(unit))
    token = unit.ring.seal(account_id, "called", called)
    store.add_account(
        unit, account_id=account_id, partner_id=partner_id, called=token, roles=list(roles), opened_at=unit.now,
        opened_by=unit.who.id,
    )  # fmt: skip
    fact = AccountOpened(
        account_id=account_id, partner_id=partner_id, called=token, roles=tuple(roles), opened_at=unit.now,
        **marks.marks_of(partial(unit.ring.mark, marks.OWNER, marks.CLASS), name, postcode)._asdict(),
    )  # fmt: skip
    unit.state(f"partners/account/{account_id}", fact, requires=[unit.at(stream(partner_id))])
    unit.note("account.open", subject=account_id, record=account_id)
    answer = {"account_id": account_id, "partner_id": partner_id, "roles": list(roles), "opened_at": unit.now}
    return Answer(201, as_kept(answer), account_id)


def suspend_partner(unit: Unit, partner_id: str) -> None:
    """Suspends a partner: a brake in every room, at once. Suspending again changes nothing."""
    row = store.partner(unit.scope, unit, partner_id)
    if domain.suspend(standing(row)) and store.change(unit, partner_id, row.state, state=domain.SUSPENDED):
        unit.state(stream(partner_id), PartnerSuspended(partner_id=partner_id, suspended_at=unit.now))
        unit.note("partner.suspend", record=partner_id)


def resume_partner(unit: Unit, partner_id: str) -> None:
    """Lets a suspended partner work again. Resuming again changes nothing."""
    row = store.partner(unit.scope, unit, partner_id)
    if domain.resume(standing(row)) and store.change(unit, partner_id, row.state, state=domain.ACTIVE):
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
    return domain.Partner(row.partner_id, row.state, row.ends_on)


def is_network(unit: Unit) -> bool:
    """Whether whoever knocks acts for the whole network here, and not for one partner."""
    return unit.scope.reach == "network"
