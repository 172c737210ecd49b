"""What partners, the network lead and commissioners have to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from contracts import partners, reporting
from services.home.store.tables import names
from tests.builders import SETUP, Caller
from tests.integration.home.conftest import Hall

ANSWERED: Any = {name: tuple(answer) if isinstance(answer, list) else answer for name, answer in SETUP.items()
            if name != "posts"} | {"post_kinds": ("paid",)}  # fmt: skip


def test_a_new_peer_is_welcomed_by_their_own_partner_and_then_says_what_they_take(hall: Hall) -> None:
    peer = hall.an_account("Asha", "peer")
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    theirs = hall.as_("partner_lead", partner_id=hall.a_partner("Harbour Lights"))
    assert [(line.says, line.href) for line in hall.work_of(ours)] == [("Welcome Asha as a peer", "/peers/joining")]
    assert hall.work_of(theirs) == []
    hall.join(peer)
    assert hall.work_of(ours) == []
    assert [line.href for line in hall.work_of(peer)] == ["/peers/me"]


def test_a_suspended_partner_sees_nothing(hall: Hall) -> None:
    hall.an_account("Asha", "peer")
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    fact = partners.PartnerSuspended(partner_id=hall.partner_id, suspended_at=hall.now)
    hall.tell("partners", "partner", hall.partner_id, fact)
    assert hall.work_of(ours) == []
    lifted = partners.PartnerResumed(partner_id=hall.partner_id, resumed_at=hall.now)
    hall.tell("partners", "partner", hall.partner_id, lifted)
    assert len(hall.work_of(ours)) == 1


def test_an_agreement_is_renewed_before_it_ends(hall: Hall) -> None:
    def sign(days: int) -> None:
        hall.tell("partners", "partner", hall.partner_id, partners.AgreementSigned(
            partner_id=hall.partner_id, agreement_id=hall.ids.new(), starts_on=hall.now.date(),
            ends_on=hall.now.date() + timedelta(days=days),
        ))  # fmt: skip

    sign(100)
    assert hall.work_of(hall.lead) == []
    hall.clock.advance(days=50)
    (line,) = hall.work_of(hall.lead)
    assert (line.says, line.hint) == ("Renew the agreement with Kindred Voices", "Ends on 10 June 2026")
    sign(365)
    assert hall.work_of(hall.lead) == []


def test_the_lead_of_a_partner_answers_what_it_is_asked_first(hall: Hall) -> None:
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    theirs = hall.as_("partner_lead", partner_id=hall.a_partner("Harbour Lights"))
    asked = partners.SetupAsked(partner_id=hall.partner_id, version=1, asked_on=hall.now.date())
    hall.tell("partners", "partner", hall.partner_id, asked)
    (line,) = hall.work_of(ours)
    assert line.href == f"/partners/{hall.partner_id}/questions"
    assert hall.work_of(theirs) == []
    hall.tell("partners", "partner", hall.partner_id, partners.SetupAnswered(
        partner_id=hall.partner_id, version=1, answered_on=hall.now.date(), **ANSWERED,
    ))  # fmt: skip
    assert hall.work_of(ours) == []


def test_peers_and_supervisors_read_each_version_of_the_conduct_and_nobody_else_does(hall: Hall) -> None:
    def publish(version: int) -> str:
        conduct_id = hall.ids.new()
        hall.tell("partners", "conduct", "network", partners.ConductPublished(
            conduct_id=conduct_id, version=version, published_on=hall.now.date(), in_force_on=hall.now.date(),
        ))  # fmt: skip
        return conduct_id

    def of_conduct(caller: Caller) -> int:
        return len([line for line in hall.work_of(caller) if line.href == "/partners/conduct"])

    early, lead = hall.an_account("Asha", "peer"), hall.an_account("Lee", "coordinator")
    assert of_conduct(early) == 0
    first = publish(1)
    late = hall.an_account("Femi", "supervisor")
    assert [of_conduct(one) for one in (early, late, lead)] == [1, 1, 0]
    hall.tell("partners", "account", early.who.id, partners.ConductAccepted(
        account_id=early.who.id, conduct_id=first, version=1, accepted_on=hall.now.date(),
    ))  # fmt: skip
    assert [of_conduct(one) for one in (early, late)] == [0, 1]
    publish(2)
    assert [of_conduct(one) for one in (early, late)] == [1, 1]


def test_commissioners_see_the_newest_report_once(hall: Hall) -> None:
    commissioner = hall.as_("commissioner")
    assert hall.work_of(commissioner) == []
    for day in (0, 1):
        hall.clock.advance(days=day)
        report_id = hall.ids.new()
        hall.tell("reporting", "report", report_id, reporting.ReportPublished(
            period_id=hall.ids.new(), report_id=report_id, covers_until=hall.now, published_at=hall.now,
        ))  # fmt: skip
    (line,) = hall.work_of(commissioner)
    assert (line.says, line.href, line.hint) == ("Read the newest report", "/reports", "Published on 3 March 2026")


def test_whoever_became_a_peer_is_welcomed_and_what_somebody_is_follows_their_roles(hall: Hall) -> None:
    somebody = hall.an_account("Asha", "referrer")
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    assert hall.work_of(ours) == []
    account_id = somebody.who.id
    ring = hall["partners"].vault.make(account_id, ["called"])
    hall.tell("partners", "account", account_id, partners.RoleGranted(
        account_id=account_id, partner_id=hall.partner_id, called=ring.seal(account_id, "called", "Asha"), role="peer",
        roles=("referrer", "peer"), granted_at=hall.now,
    ))  # fmt: skip
    assert len(hall.work_of(ours)) == 1
    hall.tell("partners", "account", account_id, partners.RoleEnded(
        account_id=account_id, partner_id=hall.partner_id, role="referrer", roles=("peer",), ended_at=hall.now,
    ))  # fmt: skip
    with hall["home"].reading() as unit:
        roles = unit.connection.execute(sa.select(names.c.roles).where(names.c.id == account_id)).scalar_one()
    assert roles == ["peer"]
