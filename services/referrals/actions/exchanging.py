"""What a partner is told about the messages it sends, kept in the transaction of what they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.unit import Unit
from services.referrals import store


def tell(unit: Unit, kind: str, message_id: str, data: Mapping[str, Any]) -> None:
    """Tells the partner who asks; a message told again keeps its id."""
    store.tell(unit, unit.who.partner_id or "", message_id=message_id, type=kind, data=data)


def note_refusal(unit: Unit, rule: str) -> None:
    """Writes the audit row of a message that was passed over."""
    unit.note("partner_message.send", outcome="refused", rule=rule)
