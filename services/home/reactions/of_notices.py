"""What notices bring to a list: one that did not arrive, or nobody knows, is seen to by a human being."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.notices import NoticeFailed, NoticeSettled, NoticeUnknown
from contracts.roles import NETWORK_LEAD, PARTNER_LEAD
from services.home import store
from services.home.actions import hearing

_KIND = "reach_reader"


def on_notice_not_arrived(unit: Unit, fact: NoticeFailed | NoticeUnknown) -> None:
    """The lead of the reader's organisation makes sure they hear of it, and the network lead where that is nobody."""
    roles = (PARTNER_LEAD, NETWORK_LEAD) if fact.partner_id else (NETWORK_LEAD,)
    for role in roles:
        store.renew_work(
            unit, _KIND, fact.notice_id, whose=role, role=role, about_id=fact.recipient_id,
            partner_id=fact.partner_id if role == PARTNER_LEAD else None, since=hearing.stated_at(unit),
        )  # fmt: skip


def on_notice_settled(unit: Unit, fact: NoticeSettled) -> None:
    """Somebody saw to it."""
    hearing.close(unit, fact.notice_id, _KIND)


DOES: Mapping[type, Reaction] = {
    NoticeFailed: on_notice_not_arrived,
    NoticeUnknown: on_notice_not_arrived,
    NoticeSettled: on_notice_settled,
}
