"""The code of conduct is published version by version, and accepted by peers and supervisors themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.once import Answer
from chassis.unit import Unit
from contracts.partners import ConductAccepted, ConductPublished
from services.partners import store
from services.partners.actions.accounts import account_stream
from services.partners.actions.organisations import as_kept, today
from services.partners.domain import conduct as rules


def stream(conduct_id: str) -> str:
    """The stream of one version."""
    return f"partners/conduct/{conduct_id}"


def newest(unit: Unit) -> Any:
    """The newest version, or None."""
    return next(iter(store.conduct_versions(unit.scope, unit)), None)


def publish(unit: Unit, words: str, in_force_on: date) -> Answer:
    """Publishes the next version; those before stay as they were. Refuses one in force too soon."""
    before = newest(unit)
    rules.check_publishing(
        in_force_on, today=today(unit), least_days=unit.policy.conduct_reading_days, is_first=before is None
    )
    row: dict[str, Any] = {
        "version": before.version + 1 if before else 1, "conduct_id": unit.ids.new(), "words": words,
        "published_on": today(unit), "in_force_on": in_force_on, "published_by": unit.who.id,
    }  # fmt: skip
    if not store.add_conduct(unit, **row):
        raise rules.PublishedMeanwhile()
    names = ("conduct_id", "version", "published_on", "in_force_on")
    unit.state(stream(row["conduct_id"]), ConductPublished(**{name: row[name] for name in names}))
    unit.note("conduct.publish", record=row["conduct_id"])
    return Answer(201, as_kept({name: row[name] for name in (*names, "words")}), row["conduct_id"])


def accept(unit: Unit, version: int) -> None:
    """Whoever asks accepts the newest version themselves; again changes nothing."""
    row = newest(unit)
    rules.check_accepting(version, row.version if row else 0)
    if not store.add_acceptance(unit, unit.who.id, version):
        return
    fact = ConductAccepted(
        account_id=unit.who.id, conduct_id=row.conduct_id, version=version, accepted_on=today(unit)
    )  # fmt: skip
    unit.state(account_stream(unit.who.id), fact, requires=[unit.at(stream(row.conduct_id))])
    unit.note("conduct.accept", subject=unit.who.id, record=row.conduct_id)


def accepted(unit: Unit) -> int:
    """The newest version whoever asks has accepted; 0 for none."""
    return store.accepted_version(unit.scope, unit, unit.who.id)
