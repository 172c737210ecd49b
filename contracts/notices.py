"""Facts of notices: a room asks that somebody is told to look in; whoever has their address says what became of it.

No fact holds what is written, an address or a link. What a notice says stands in files of the room that sends.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from contracts.fact import Code, fact

# What is written: each has its words in a file (services/partners/templates/partners/notices).
TEMPLATES = ("worry", "urgent_worry", "session", "offer", "chosen", "meeting", "ending")
# Why it is asked. The first two are held for no quiet hours: a worry at levels 2 to 4, and whoever is on duty.
URGENT_WORRY, ON_DUTY = "urgent_worry", "on_duty"
REASONS = (URGENT_WORRY, ON_DUTY, "worry", "session", "offer", "support")
CHANNELS = ("email", "sms")
# Nobody by this id; an account not open; nowhere to write to; no way to send set up; refused for good; tried in vain.
FAILED_CODES = ("not_known", "account_closed", "no_address", "not_set_up", "refused", "gave_up")
SETTLED_HOW = ("told_otherwise", "no_need", "sent_again")


@fact("notice.asked.v1", owner="any")
class NoticeAsked:
    """Somebody should hear that something waits for them here, from `due_at` on; once for each `notice_id`."""

    notice_id: str
    recipient_id: str
    template: Annotated[str, Code(TEMPLATES)]
    due_at: datetime
    reason: Annotated[str, Code(REASONS)]


@fact("notice.sent.v1", owner="any", public=True)
class NoticeSent:
    """A notice was handed over to whoever carries it, who took it."""

    notice_id: str
    recipient_id: str
    channel: Annotated[str, Code(CHANNELS)]
    sent_at: datetime


@fact("notice.held.v1", owner="any", public=True)
class NoticeHeld:
    """A notice waits until somebody's quiet hours end."""

    notice_id: str
    recipient_id: str
    until: datetime
    held_at: datetime


@fact("notice.failed.v1", owner="any")
class NoticeFailed:
    """A notice did not go and will not by itself; a human being sees to it."""

    notice_id: str
    recipient_id: str
    partner_id: str | None
    code: Annotated[str, Code(FAILED_CODES)]
    failed_at: datetime


@fact("notice.unknown.v1", owner="any")
class NoticeUnknown:
    """Nobody knows whether a notice went: it was handed over and no answer came. A human being sees to it."""

    notice_id: str
    recipient_id: str
    partner_id: str | None
    channel: Annotated[str, Code(CHANNELS)]
    unknown_at: datetime


@fact("notice.settled.v1", owner="any")
class NoticeSettled:
    """Somebody saw to a notice that failed or is unknown: they told them otherwise, or it is sent again."""

    notice_id: str
    recipient_id: str
    how: Annotated[str, Code(SETTLED_HOW)]
    settled_at: datetime


ASKED: tuple[type, ...] = (NoticeAsked,)
ANSWERS: tuple[type, ...] = (NoticeSent, NoticeHeld, NoticeFailed, NoticeUnknown, NoticeSettled)
FACTS: tuple[type, ...] = (*ASKED, *ANSWERS)
