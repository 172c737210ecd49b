"""Being somebody made up; the door to it is there in demo mode only."""

from __future__ import annotations

from chassis.sealing import is_token, read_token
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import sessions


def become(unit: Unit, kind: str, who_id: str, called: str | None, *, replaces: str) -> str:
    """Begins a session as a made-up account or person; NotFound for an account that is not there."""
    if called and not (is_token(called, "called") and read_token(called)[1] == who_id):
        called = None
    if kind == "account":
        store.account(sessions.whole(unit), unit, who_id)
    unit.note("demo.become", subject=who_id)
    return sessions.begin(unit, kind, who_id, replaces=replaces, called=called)
