"""The same facts give the same pages on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from contracts import matching, referrals, supervision, support
from tests.integration.home.conftest import Hall

_OF_ONE_REQUEST = re.compile(
    r'nonce="[^"]*"|name="form_token" value="[^"]*"'
    r'|<span class="bt-prose">[^<]*</span>|\.[\w-]{40,}\.[\w-]+|s1\.called\.[\w.-]+'
)


def lived(hall: Hall) -> dict[str, Any]:
    """Some days of the network; gives what each page says then."""
    asha, ben, meera = (hall.an_account(called, role) for called, role in
                        (("Asha", "peer"), ("Ben", "peer"), ("Meera", "supervisor")))  # fmt: skip
    hall.join(asha)
    late, hidden, gone = hall.a_person("Late"), hall.a_person("Hidden"), hall.a_person("Gone")
    hall.protect(hidden)
    hall.withdraw(gone)
    first, second, third = hall.waiting("First"), hall.waiting("Second"), hall.waiting("Third")
    hall.clock.advance(days=3)
    hall.of_referral(late, referrals.ReferralOverdue, step="acknowledgement", due_at=hall.now, told_role="network_lead")
    match = hall.agreed(first, asha)
    support_id = hall.start(match, first, asha, days=20)
    hall.of_pair(
        support.MeetingPlanned, support_id, first, asha, meeting_id=hall.ids.new(), mode="phone",
        starts_at=hall.now + timedelta(days=1),
    )  # fmt: skip
    offered = hall.propose(second, asha, ben)
    hall.answer(offered, second, ben, "peer", "could")
    hall.of_match(offered, matching.MatchStalled(
        match_id=offered, referral_id=second.referral_id, person_id=second.person_id, step="person_choice",
        due_at=hall.now - timedelta(hours=1),
    ))  # fmt: skip
    hall.release(hall.propose(third, ben), third, "hold_lapsed")
    hall.owe(asha, meera, 2)
    session_id = hall.plan(ben, meera, 1, due=9)
    hall.a_worry(meera, asha)
    hall.tell("supervision", "session", session_id, supervision.SupervisionHeld(
        session_id=session_id, peer_id=ben.who.id, supervisor_id=meera.who.id, kind="line", held_at=hall.now,
    ))  # fmt: skip
    callers = (hall.coordinator, hall.lead, asha, ben, meera, first.own, second.own, hidden.own)
    pages = [*((caller, "/work") for caller in callers), (hall.coordinator, f"/timelines/{first.referral_id}")]
    pages += [(hall.lead, path) for path in ("/events", "/services", "/demo", "/demo?show=people")]
    said = {f"{caller.who.id} {path}": _OF_ONE_REQUEST.sub("", caller.page(path).text) for caller, path in pages}
    return {**said, "seen": [row[:2] for row in hall.audited("person.listed")]}


def test_every_page_says_the_same_on_both_databases(hall: Hall, hall_on_postgres: Hall) -> None:
    here, there = lived(hall), lived(hall_on_postgres)
    assert there == here
    # Ben waits for an answer of somebody else, and nothing stands on the page of a protected person.
    assert sum("nhsuk-task-list__item" in text for text in here.values()) == 6
    assert len(here["seen"]) > 5
