"""Facts of what takes two people: it was asked in a room, and settled; about whom stays in that room."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from contracts.fact import Code, fact

# What one person asks and another settles, by the room that keeps it.
AT_REFERRALS = ("forgetting", "handing_out")
AT_PARTNERS = ("open_account", "grant_role", "reset_factor", "register_system", "add_keys", "add_api_key")
KINDS = (*AT_REFERRALS, *AT_PARTNERS)
ENDINGS = ("confirmed", "refused", "ran_out")


@fact("confirmation.asked.v1", owner="any")
class ConfirmationAsked:
    """Somebody asked for what takes two people; `partner_id` is there where a lead of that partner may settle it."""

    asking_id: str
    kind: Annotated[str, Code(KINDS)]
    partner_id: str | None = None
    asked_at: datetime
    ends_at: datetime


@fact("confirmation.settled.v1", owner="any")
class ConfirmationSettled:
    """What takes two people was confirmed, refused, or asked too long ago."""

    asking_id: str
    kind: Annotated[str, Code(KINDS)]
    ending: Annotated[str, Code(ENDINGS)]
    settled_at: datetime


FACTS: tuple[type, ...] = (ConfirmationAsked, ConfirmationSettled)
