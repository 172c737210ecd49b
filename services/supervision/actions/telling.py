"""What supervision asks to be sent: that something waits here for a peer or for whoever owns a worry."""

from __future__ import annotations

from chassis.unit import Unit
from contracts.notices import ON_DUTY, URGENT_WORRY, NoticeAsked
from services.supervision.domain import concerns as rules


def tell(unit: Unit, recipient_id: str, template: str, reason: str) -> None:
    """Asks that somebody is told now that something waits for them here."""
    notice_id = unit.ids.new()
    fact = NoticeAsked(
        notice_id=notice_id, recipient_id=recipient_id, template=template, due_at=unit.now, reason=reason
    )
    unit.state(f"supervision/notice/{notice_id}", fact)


def tell_owner(unit: Unit, owner_id: str | None, level: int, rung: int) -> None:
    """Asks that whoever owns a worry now is told; levels 2 to 4, and whoever is on duty, wait for no quiet hours."""
    if owner_id is None:
        return
    if rules.level_of(level) > 1:
        tell(unit, owner_id, URGENT_WORRY, URGENT_WORRY)
    else:
        tell(unit, owner_id, "worry", ON_DUTY if rules.is_on_duty(rung) else "worry")
