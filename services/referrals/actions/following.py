"""How a referral follows what other rooms state: its stages, the way back to waiting, and its end."""

from __future__ import annotations

from chassis.errors import Retry
from chassis.unit import Unit
from services.referrals import domain, store
from services.referrals.actions import changing


def follow_stage(unit: Unit, referral_id: str, what: str) -> None:
    """Moves a referral along with what another room stated; a move that no longer fits is left alone.

    A referral that ended here meanwhile (a withdrawal crossing a match) stays ended.
    """
    row = store.referral(unit.scope, unit, referral_id)
    if domain.may_move(row.state, what):
        try:
            changing.save(unit, row, domain.move(changing.standing(row), what))
        except domain.ChangedMeanwhile:
            raise Retry() from None


def close_referral(unit: Unit, referral_id: str) -> None:
    """Closes a referral whose support ended."""
    row = store.referral(unit.scope, unit, referral_id)
    if domain.may_move(row.state, "close"):
        try:
            changing.end(unit, row, "close", "support_ended")
        except domain.ChangedMeanwhile:
            raise Retry() from None
