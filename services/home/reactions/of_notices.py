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
    at = {"about_id": fact.recipient_id, "since": hearing.stated_at(unit)}
    if fact.partner_id:
        store.renew_work(
            unit, _KIND, fact.notice_id, whose=PARTNER_LEAD, role=PARTNER_LEAD, partner_id=fact.partner_id, **at
        )
    store.renew_work(unit, _KIND, fact.notice_id, whose=NETWORK_LEAD, role=NETWORK_LEAD, **at)


def on_notice_settled(unit: Unit, fact: NoticeSettled) -> None:
    """Somebody saw to it."""
    hearing.close(unit, fact.notice_id, _KIND)


DOES: Mapping[type, Reaction] = {
    NoticeFailed: on_notice_not_arrived,
    NoticeUnknown: on_notice_not_arrived,
    NoticeSettled: on_notice_settled,
}
