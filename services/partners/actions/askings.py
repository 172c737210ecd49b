"""Two people: what one asks is kept until another confirms or refuses it, or its days are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from chassis.unit import Unit
from services.partners import store
from services.partners.domain import askings as rules


def ask(
    unit: Unit, what: str, partner_id: str, about_id: str, details: Mapping[str, Any], words: str
) -> dict[str, Any]:
    """Keeps what somebody asks; gives it as it is shown. Refuses what is asked already (AlreadyAsked).

    `details` says what will be done; `words` why, in their own words.
    """
    asking_id, ends_at = unit.ids.new(), unit.now + timedelta(days=unit.policy.asking_days)
    same = f"{what}/{about_id}/{details.get('role', '')}"
    row = {
        "asking_id": asking_id, "partner_id": partner_id, "what": what, "about_id": about_id,
        "details": dict(details), "words": words, "asked_by": unit.who.id, "asked_at": unit.now, "ends_at": ends_at,
        "state": rules.ASKED, "open_for": same,
    }  # fmt: skip
    _let_old_go(unit, partner_id, same)
    if not store.add_asking(unit, **row):
        raise rules.AlreadyAsked()
    unit.note("asking.ask", subject=about_id, record=asking_id)
    return row


def _let_old_go(unit: Unit, partner_id: str, same: str) -> None:
    # What ran out a moment ago, and the routine has not seen yet, keeps nobody from asking again.
    for row in store.askings_over(unit.scope, unit, rules.ASKED):
        if (row.partner_id, row.open_for) == (partner_id, same):
            run_out(unit, row)


def one(unit: Unit, partner_id: str, asking_id: str) -> Any:
    """One asking within reach."""
    return store.asking(unit.scope, unit, partner_id, asking_id)


def listed(unit: Unit, partner_id: str | None = None) -> Sequence[Any]:
    """What waits for a second person, of one partner or of all within reach; NotFound for a partner outside it."""
    if partner_id is not None:
        store.partner(unit.scope, unit, partner_id)
    return store.askings_open(unit.scope, unit, rules.ASKED, partner_id)


def settle(unit: Unit, row: Any, state: str) -> bool:
    """Confirms or refuses an asking; False when the same person did so before, and nothing is done again."""
    asking = rules.Asking(row.about_id, row.asked_by, row.ends_at, row.state, row.settled_by)
    if not rules.settle(asking, unit.who.id, state, unit.now):
        return False
    if not store.change_asking(unit, row, state=state, settled_by=unit.who.id, settled_at=unit.now, open_for=None):
        raise rules.AskingOver()
    done = "asking.confirm" if state == rules.CONFIRMED else "asking.refuse"
    unit.note(done, subject=row.about_id, record=row.asking_id)
    return True


def run_out(unit: Unit, row: Any) -> bool:
    """Lets go of an asking nobody settled in time; false when somebody was faster."""
    if not store.change_asking(unit, row, state=rules.RAN_OUT, settled_at=unit.now, open_for=None):
        return False
    unit.note("asking.run_out", subject=row.about_id, record=row.asking_id)
    return True
