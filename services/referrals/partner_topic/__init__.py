"""The partner topics door: messages by Kafka, encrypted, or by their twin over HTTP; each is answered the same way."""

from __future__ import annotations

from services.referrals.partner_topic.exchange import Exchange, open_exchange
from services.referrals.partner_topic.twin import blueprint

__all__ = ["Exchange", "blueprint", "open_exchange"]
