"""What waits for a second person stands on the lists of whoever may settle it, without a name, until it is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts import confirmations
from contracts.confirmations import ConfirmationAsked, ConfirmationSettled
from tests.integration.home.conftest import Hall
from tests.integration.home.lists import Line

SAYS = "Something waits for a second person: confirm or refuse it"
# By hand from docs/roles.md: who is told of an asking of each room, and of which partner's leads.
TOLD = {"referrals": {"privacy_officer", "network_lead"}, "partners": {"network_lead", "administrator", "our lead"}}


def asked(hall: Hall, room: str, kind: str, partner_id: str | None) -> str:
    asking_id = hall.ids.new()
    hall.tell(room, "confirmation", asking_id, ConfirmationAsked(
        asking_id=asking_id, kind=kind, partner_id=partner_id, asked_at=hall.now, ends_at=hall.now + timedelta(days=7),
    ))  # fmt: skip
    return asking_id


def lists(hall: Hall) -> dict[str, list[Line]]:
    callers = {
        role: hall.as_(role)
        for role in ("network_lead", "administrator", "privacy_officer", "coordinator", "safeguarding_lead")
    }
    callers["our lead"] = hall.as_("partner_lead", partner_id=hall.partner_id)
    callers["their lead"] = hall.as_("partner_lead", partner_id=hall.a_partner("Harbour Lights"))
    callers["our peer"] = hall.as_("peer", partner_id=hall.partner_id)
    return {name: hall.work_of(caller) for name, caller in callers.items()}


@pytest.mark.parametrize(("room", "kind"), [("referrals", "forgetting"), ("partners", "add_keys")])
def test_whoever_may_settle_it_is_told_until_it_is_settled(hall: Hall, room: str, kind: str) -> None:
    asking_id = asked(hall, room, kind, hall.partner_id if room == "partners" else None)
    found = lists(hall)
    assert {name for name, lines in found.items() if lines} == TOLD[room]
    places = {line.href for lines in found.values() for line in lines}
    assert places == {"/partners/askings" if room == "partners" else f"/referrals/confirmations/{asking_id}"}
    assert {line.says for lines in found.values() for line in lines} == {SAYS}
    hall.clock.advance(days=8)
    assert all(line.is_late for lines in lists(hall).values() for line in lines)
    fact = ConfirmationSettled(asking_id=asking_id, kind=kind, ending="ran_out", settled_at=hall.now)
    hall.tell(room, "confirmation", asking_id, fact)
    assert not any(lists(hall).values())


def test_a_lead_is_not_told_of_what_reaches_beyond_their_partner(hall: Hall) -> None:
    asked(hall, "partners", "grant_role", None)
    assert {name for name, lines in lists(hall).items() if lines} == {"network_lead", "administrator"}


def test_each_kind_is_of_one_room() -> None:
    assert not set(confirmations.AT_REFERRALS) & set(confirmations.AT_PARTNERS)
    assert len(confirmations.KINDS) == 8
