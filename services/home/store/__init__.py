"""The home tables and the questions asked of them; every read says on whose behalf first."""

from __future__ import annotations

from .of_facts import count_one, counts_heard, heard_until, keep_in_timeline, timeline_of
from .of_people import (
    accounts,
    begin_journey,
    begin_thread,
    change_journey,
    change_thread,
    forget_person,
    journey,
    keep_name,
    keep_partner,
    name,
    open_steps,
    partners_named,
    people,
    referral_of,
    restrictions_on,
)
from .of_supervision import due, end_session, is_planned, keep_due, keep_session, meet_due, session
from .of_work import (
    close_about,
    close_work,
    count_open,
    open_since,
    open_work,
    renew_work,
    who_has_work,
    work_open,
)
from .tables import PROJECTIONS, metadata

__all__ = [
    "PROJECTIONS",
    "accounts",
    "begin_journey",
    "begin_thread",
    "change_journey",
    "change_thread",
    "close_about",
    "close_work",
    "count_one",
    "count_open",
    "counts_heard",
    "due",
    "end_session",
    "forget_person",
    "heard_until",
    "is_planned",
    "journey",
    "keep_due",
    "keep_in_timeline",
    "keep_name",
    "keep_partner",
    "keep_session",
    "meet_due",
    "metadata",
    "name",
    "open_since",
    "open_steps",
    "open_work",
    "partners_named",
    "people",
    "referral_of",
    "renew_work",
    "restrictions_on",
    "session",
    "timeline_of",
    "who_has_work",
    "work_open",
]
