"""What the partners room does because time passed: sessions end, agreements lapse and begin, and old rows go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.parts import Chore, Routine
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import notices, organisations, sessions, settling

# Days a session that ended is kept; the audit keeps for good who signed in and when.
_KEPT_DAYS = 1


def end_sessions_that_are_over(unit: Unit) -> int:
    """Ends what rested or lasted too long; every room is told of each."""
    return sessions.end_over(unit)


def tell_of_agreements(unit: Unit) -> int:
    """States the day after the last agreement of a partner ended that it lapsed, and when one that waited begins."""
    rows = store.partners_between_agreements(unit.scope, unit)
    return sum(organisations.state_whether_covered(unit, row) for row in rows)


def let_askings_run_out(unit: Unit) -> int:
    """Lets go of what was asked and nobody settled in its days."""
    return settling.let_run_out(unit)


def let_old_rows_go(unit: Unit) -> int:
    """Lets go of sessions, failed tries, numbers of signed statements and begun sign-ins that count no more."""
    kept = timedelta(minutes=max(unit.policy.failed_tries_minutes, unit.policy.link_rests_minutes))
    gone = store.drop_old_sessions(unit, unit.now - timedelta(days=_KEPT_DAYS))
    gone += store.drop_used_numbers(unit, unit.now) + store.drop_what_ran_out(unit)
    at_links = unit.now - timedelta(days=unit.policy.link_tries_days)
    return gone + store.drop_failed_tries(unit, unit.now - kept, at_links_before=at_links)


def tell_of_stuck_notices(unit: Unit) -> int:
    """Says that nobody knows of each notice whose handing over never came to an end."""
    return notices.tell_of_stuck(unit)


ROUTINES: dict[str, Routine] = {
    "end_sessions_that_are_over": end_sessions_that_are_over,
    "tell_of_agreements": tell_of_agreements,
    "let_askings_run_out": let_askings_run_out,
    "let_old_rows_go": let_old_rows_go,
    "tell_of_stuck_notices": tell_of_stuck_notices,
}


def renew_signing_key(service: Any) -> int:
    """Makes the next key of passes when it is time."""
    made: int = service.app.extensions["minter"].renew_key()
    return made


def send_notices(service: Any) -> int:
    """Sends the notices that are due, each handed over outside any transaction."""
    done: int = service.app.extensions["notices"].send_due()
    return done


CHORES: dict[str, Chore] = {"renew_signing_key": renew_signing_key, "send_notices": send_notices}
