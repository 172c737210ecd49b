"""What the referrals room does because time passed: nobody's referral is left unread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis import working_days
from chassis.clocks import claim
from chassis.unit import Unit
from contracts.referrals import ReferralOverdue
from contracts.roles import NETWORK_LEAD

from . import domain, store
from .actions import changing, forgetting, receiving, two_people, watching

_STEPS = (
    ("acknowledgement", domain.RECEIVED, "reply_due_at"),
    ("decision", domain.ACKNOWLEDGED, "decision_due_at"),
)


def escalate_overdue_referrals(unit: Unit) -> int:
    """Tells the coordinators' lead of every referral whose step ran past its time and its grace, once a step."""
    done = 0
    for step, state, column in _STEPS:
        for row in store.overdue(unit.scope, unit, state=state, column=column, before=unit.now):
            due_at = row._mapping[column]
            if unit.now <= working_days.after(due_at, unit.policy.grace_working_days):
                continue
            if claim(unit, f"overdue_{step}", row.referral_id):
                _tell(unit, row, step, due_at)
                done += 1
    return done


def state_codes_of_the_day(unit: Unit) -> int:
    """States the group codes of the days that are over, all at once and in the order of their random ids."""
    kept = store.codes_before(unit.scope, unit, changing.today(unit))
    return sum(receiving.state_codes(unit, row.reporting_id, row.codes) for row in kept)


def _tell(unit: Unit, row: Any, step: str, due_at: datetime) -> None:
    fact = ReferralOverdue(
        referral_id=row.referral_id, person_id=row.person_id, step=step, due_at=due_at, told_role=NETWORK_LEAD
    )
    changing.state(unit, row, fact)
    unit.note("referral.overdue", subject=row.person_id, record=row.referral_id)


def forget_again(unit: Unit) -> int:
    """Nobody who was forgotten comes back with an older copy of the records; done before the doors open, too."""
    return forgetting.forget_again(unit)


def let_askings_run_out(unit: Unit) -> int:
    """Lets go of what nobody confirmed or refused in time."""
    return two_people.let_run_out(unit)


def watch_looks(unit: Unit) -> int:
    """Asks a privacy officer about looks in this room that perhaps should not have been."""
    return watching.watch_own_looks(unit) + watching.watch_own_budgets(unit)


ROUTINES = {
    "escalate_overdue_referrals": escalate_overdue_referrals,
    "state_codes_of_the_day": state_codes_of_the_day,
    "watch_looks": watch_looks,
    "let_askings_run_out": let_askings_run_out,
}
CHORES = {"destroy_keys": forgetting.destroy_keys, "rotate_keys": forgetting.rotate_keys}
