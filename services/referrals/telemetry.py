"""The referrals room's own metrics, named once."""

from __future__ import annotations

REFERRALS_RECEIVED = "beenthere_referrals_received_total"
