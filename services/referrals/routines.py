"""What the referrals room does because time passed: nobody's referral is left unread."""

from __future__ import annotations

from chassis.clocks import claim
from chassis.unit import Unit
from contracts.referrals import ReferralOverdue

from . import domain, store


def escalate_overdue_referrals(unit: Unit) -> int:
    """Tells the coordinators' lead of every referral whose step ran past its time, once a step."""
    steps = (
        ("acknowledgement", domain.RECEIVED, "reply_due_at"),
        ("decision", domain.ACKNOWLEDGED, "decision_due_at"),
    )
    done = 0
    for step, state, column in steps:
        for row in store.overdue(unit.scope, unit, state=state, column=column, before=unit.now):
            if not claim(unit, f"overdue_{step}", row.referral_id):
                continue
            fact = ReferralOverdue(
                referral_id=row.referral_id,
                person_id=row.person_id,
                step=step,
                due_at=row._mapping[column],
                told_role="network_lead",
            )
            unit.state(f"referrals/referral/{row.referral_id}", fact)
            unit.note("referral.overdue", subject=row.person_id, record=row.referral_id)
            done += 1
    return done


ROUTINES = {"escalate_overdue_referrals": escalate_overdue_referrals}
