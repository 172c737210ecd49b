"""What takes two people here: a person forgotten for good, and all on record about one handed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis import second, told
from chassis.access import service_scope
from chassis.errors import Fault, Invalid
from chassis.unit import Unit
from contracts.confirmations import ConfirmationAsked, ConfirmationSettled
from services.referrals import domain, store
from services.referrals.actions import forgetting
from services.referrals.domain import two_people as rules


def _nothing(_unit: Unit, _about_id: str) -> None:
    """What is handed out is fetched by whoever runs the service, once this is confirmed (chassis/audit_command.py)."""


# what: what confirming it does
DOES: Mapping[str, Callable[[Unit, str], None]] = {
    rules.FORGETTING: forgetting.forget_person,
    rules.HANDING_OUT: _nothing,
}


def ask(unit: Unit, what: str, person_id: str, reason: str) -> Any | None:
    """Asks for what takes two people; gives the asking, or None where the person is forgotten already.

    The same asked again by the same person is the first asking. Refuses a reason that is not listed, and what somebody
    else asked (AlreadyAsked).
    """
    if reason not in rules.REASONS[what]:
        raise Invalid(faults=(Fault("reason", f"Choose one of: {', '.join(rules.REASONS[what])}."),))
    row = _whose(unit, what, person_id)
    if what == rules.FORGETTING and row.consent_state == domain.FORGOTTEN:
        return None
    before = second.about(unit.scope, unit, what, person_id, second.ASKED)
    if before is not None and before.asked_by == unit.who.id and before.ends_at > unit.now:
        return before._mapping
    days = unit.policy.asking_days
    asked = second.ask(unit, what, row.partner_id, person_id, {"reason": reason}, days=days, let_go=_state_ran_out)
    fact = ConfirmationAsked(asking_id=asked["asking_id"], kind=what, asked_at=unit.now, ends_at=asked["ends_at"])
    unit.state(_stream(asked["asking_id"]), fact)
    return asked


def may_ask(unit: Unit, about_id: str) -> None:
    """Refuses (NotFound) whoever is not there for whoever knocks."""
    _whose(unit, rules.HANDING_OUT, about_id)


def _whose(unit: Unit, what: str, about_id: str) -> Any:
    """The person, also one who is forgotten, unless they named whoever knocks; what is on record is a peer's too."""
    if what == rules.HANDING_OUT:
        account = store.marks_of_account(service_scope(unit.service), unit, about_id)
        if account is not None:
            return account
    return _person(unit, about_id)


def _person(unit: Unit, person_id: str) -> Any:
    if not told.has_forgotten(unit, person_id):
        return store.person(unit.scope, unit, person_id)
    return store.person_forgotten(unit.scope, unit, person_id)


def one(unit: Unit, asking_id: str) -> Any:
    """One asking; NotFound when it is about somebody who named whoever knocks."""
    row = second.one(unit.scope, unit, asking_id)
    _whose(unit, row.what, row.about_id)
    return row


def listed(unit: Unit) -> list[Any]:
    """What waits for a second person, without what is about somebody who named whoever knocks."""
    rows = second.listed(unit.scope, unit)
    hidden = store.people_kept_from(unit.scope, unit, [row.about_id for row in rows])
    return [row for row in rows if row.about_id not in hidden]


def confirm(unit: Unit, asking_id: str) -> Any:
    """Confirms what another asked, and does it; twice does it once. Gives the asking."""
    row = one(unit, asking_id)
    if second.settle(unit, row, second.CONFIRMED):
        DOES[row.what](unit, row.about_id)
        _state(unit, row, second.CONFIRMED)
    return row


def refuse(unit: Unit, asking_id: str) -> None:
    """Refuses what another asked: nothing of it is done."""
    row = one(unit, asking_id)
    if second.settle(unit, row, second.REFUSED):
        _state(unit, row, second.REFUSED)


def let_run_out(unit: Unit) -> int:
    """Lets go of every asking nobody settled in time."""
    done = 0
    for row in second.over(unit.scope, unit):
        if second.run_out(unit, row):
            _state_ran_out(unit, row)
            done += 1
    return done


def _state(unit: Unit, row: Any, ending: str) -> None:
    fact = ConfirmationSettled(asking_id=row.asking_id, kind=row.what, ending=ending, settled_at=unit.now)
    unit.state(_stream(row.asking_id), fact)


def _state_ran_out(unit: Unit, row: Any) -> None:
    _state(unit, row, second.RAN_OUT)


def _stream(asking_id: str) -> str:
    return f"referrals/confirmation/{asking_id}"
