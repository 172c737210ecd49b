"""What matching asks to be sent to peers: that a question, or an answer, waits for them here."""

from __future__ import annotations

from chassis.unit import Unit
from contracts.notices import NoticeAsked


def tell(unit: Unit, peer_id: str, template: str) -> None:
    """Asks that a peer is told now that something about a match waits for them here."""
    notice_id = unit.ids.new()
    fact = NoticeAsked(notice_id=notice_id, recipient_id=peer_id, template=template, due_at=unit.now, reason="offer")
    unit.state(f"matching/notice/{notice_id}", fact)
