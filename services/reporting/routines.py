"""What the reporting room does because time passed: periods open, fill, and are published once all of them is known."""

from __future__ import annotations

from chassis.unit import Unit

from .actions import drawing, severing
from .domain.periods import OPEN
from .store import release


def open_periods(unit: Unit) -> int:
    """Opens the month, the quarter and the year that began, and earlier ones of which something is counted."""
    return drawing.open_periods(unit)


def publish_reports(unit: Unit) -> int:
    """Publishes each period that has ended, once everything stated up to its end is counted; earliest first."""
    covers_until = release.covers_until(unit.scope, unit)
    if covers_until is None:
        return 0
    rows = release.periods_listed(unit.scope, unit, state=OPEN)
    ready = [row for row in rows if drawing.may_publish(row.ends_on, covers_until, unit.policy.settle_minutes)]
    if not ready:
        return 0
    looked = drawing.look(unit, covers_until)
    for row in sorted(ready, key=lambda one: (one.ends_on, one.period_id)):
        drawing.publish_report(unit, row, looked)
    return len(ready)


def draw_open_periods(unit: Unit) -> int:
    """Draws the periods still open as far as they go; those nothing was added to only say how far they reach now."""
    covers_until = release.covers_until(unit.scope, unit)
    if covers_until is None:
        return 0
    rows = release.periods_listed(unit.scope, unit, state=OPEN)
    stand = drawing.stand_now(unit)
    changed = [row for row in rows if drawing.has_changed(unit, row, stand)]
    for row in set(rows) - set(changed):
        release.change_open(unit, row.period_id, covers_until=covers_until)
    if changed:
        looked = drawing.look(unit, covers_until)
        for row in changed:
            drawing.draw_so_far(unit, row, looked, stand)
    return len(changed)


def sever_the_forgotten(unit: Unit) -> int:
    """Severs whoever was forgotten days ago from what was counted of them, though something never ended."""
    return severing.sever_the_rest(unit, unit.policy.sever_after_days)


ROUTINES = {
    "open_periods": open_periods,
    "publish_reports": publish_reports,
    "draw_open_periods": draw_open_periods,
    "sever_the_forgotten": sever_the_forgotten,
}
