"""What reporting brings to a list: the newest report to read."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.reporting import ReportPublished
from contracts.roles import COMMISSIONER
from services.home import store


def on_report_published(unit: Unit, fact: ReportPublished) -> None:
    """Commissioners can read it; a newer one takes its place."""
    before = store.open_since(unit.scope, unit, "read_report", "newest")
    if before is not None and before > fact.published_at:
        return
    store.renew_work(unit, "read_report", "newest", role=COMMISSIONER, since=fact.published_at)


DOES: Mapping[type, Reaction] = {ReportPublished: on_report_published}
