"""What the partners room does because time passed: sessions that rest or last too long end, and old rows go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.parts import Chore, Routine
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import sessions

# Days a session that ended is kept; the audit keeps for good who signed in and when.
_KEPT_DAYS = 1


def end_sessions_that_are_over(unit: Unit) -> int:
    """Ends what rested or lasted too long; every room is told of each."""
    return sessions.end_over(unit)


def let_old_rows_go(unit: Unit) -> int:
    """Lets go of sessions, failed tries, numbers of signed statements and begun sign-ins that count no more."""
    kept = timedelta(minutes=unit.policy.failed_tries_minutes)
    gone = store.drop_old_sessions(unit, unit.now - timedelta(days=_KEPT_DAYS))
    gone += store.drop_used_numbers(unit, unit.now) + store.drop_what_ran_out(unit)
    return gone + store.drop_failed_tries(unit, unit.now - kept)


ROUTINES: dict[str, Routine] = {
    "end_sessions_that_are_over": end_sessions_that_are_over,
    "let_old_rows_go": let_old_rows_go,
}


def renew_signing_key(service: Any) -> int:
    """Makes the next key of passes when it is time."""
    made: int = service.app.extensions["minter"].renew_key()
    return made


CHORES: dict[str, Chore] = {"renew_signing_key": renew_signing_key}
