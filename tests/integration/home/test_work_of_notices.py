"""A message that did not arrive stands on two lists until somebody has seen to it; what it was about on none."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import notices
from tests.integration.home.conftest import Hall


def tell(hall: Hall, fact: Any) -> None:
    hall.tell("partners", "notice", fact.notice_id, fact)


def of(hall: Hall, caller: Any) -> list[tuple[str, str | None]]:
    return [(line.says, line.href) for line in hall.work_of(caller) if line.href == "/partners/notices"]


@pytest.mark.parametrize("kind", ["failed", "unknown"])
def test_the_lead_of_the_readers_organisation_and_the_network_lead_see_to_it(hall: Hall, kind: str) -> None:
    asha, notice_id = hall.an_account("Asha", "referrer"), hall.ids.new()
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    others = hall.as_("partner_lead", partner_id=hall.ids.new())
    at: dict[str, Any] = {"notice_id": notice_id, "recipient_id": asha.who.id}
    if kind == "failed":
        tell(hall, notices.NoticeFailed(**at, partner_id=hall.partner_id, code="refused", failed_at=hall.now))
    else:
        tell(hall, notices.NoticeUnknown(**at, partner_id=hall.partner_id, channel="email", unknown_at=hall.now))
    expected = [("A message to Asha did not arrive: make sure they hear of it", "/partners/notices")]
    assert [of(hall, one) for one in (ours, hall.lead, others, asha)] == [expected, expected, [], []]
    tell(hall, notices.NoticeSettled(**at, how="told_otherwise", settled_at=hall.now))
    assert [of(hall, one) for one in (ours, hall.lead)] == [[], []]


def test_one_that_fails_again_after_it_was_sent_again_is_there_again(hall: Hall) -> None:
    asha, notice_id = hall.an_account("Asha", "referrer"), hall.ids.new()
    at: dict[str, Any] = {"notice_id": notice_id, "recipient_id": asha.who.id}
    failed = {**at, "partner_id": hall.partner_id, "code": "gave_up"}
    tell(hall, notices.NoticeFailed(**failed, failed_at=hall.now))
    tell(hall, notices.NoticeSettled(**at, how="sent_again", settled_at=hall.now))
    assert of(hall, hall.lead) == []
    tell(hall, notices.NoticeFailed(**failed, failed_at=hall.now))
    assert len(of(hall, hall.lead)) == 1


def test_one_for_nobody_known_stands_with_the_network_lead_alone(hall: Hall) -> None:
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    tell(hall, notices.NoticeFailed(
        notice_id=hall.ids.new(), recipient_id=hall.ids.new(), partner_id=None, code="not_known", failed_at=hall.now,
    ))  # fmt: skip
    assert of(hall, ours) == []
    assert [says for says, _ in of(hall, hall.lead)] == [
        "A message did not arrive: make sure whoever it was for hears of it"
    ]


def test_what_was_sent_or_waits_asks_nothing_of_anybody(hall: Hall) -> None:
    asha = hall.an_account("Asha", "referrer")
    at: dict[str, Any] = {"notice_id": hall.ids.new(), "recipient_id": asha.who.id}
    tell(hall, notices.NoticeHeld(**at, until=hall.now, held_at=hall.now))
    tell(hall, notices.NoticeSent(**at, channel="email", sent_at=hall.now))
    assert of(hall, hall.lead) == []
