"""How we reach you, messages that did not arrive, and the demo's outbox: who sees what, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.partners.domain.notices import NO_ANSWER, REFUSED
from tests.integration.partners.post import ASHA, PHONE, REACH, Post, a_post

LIST, OWN = "/partners/notices", "/partners/how-we-reach-you"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    post = a_post(tmp_path_factory.mktemp("post"))
    yield post
    post.house.close()


@pytest.fixture
def post(made: Post) -> Post:
    for way in (made.mail, made.texts):
        way.says, way.letters = [], []
    return made


def failed(post: Post, name: str, says: str = REFUSED, **more: Any) -> str:
    """A notice that did not arrive."""
    post.mail.says = [says]
    notice_id = post.ask(name, **more)
    post.send()
    assert post.state(notice_id) in {"failed", "unknown"}
    return notice_id


# ---- one's own page


def test_somebody_sees_what_holds_until_they_say_otherwise_and_then_what_they_said(post: Post) -> None:
    sam_id = post.account("supervisor", called="Sam", email="sam@example.org")
    sam = post.house.as_("supervisor", partner_id=post.partner_id, id=sam_id)
    page = sam.page(OWN)
    assert page.status_code == 200
    assert 'value="sam@example.org"' in page.text
    assert '<option value="21" selected>' in page.text
    assert '<option value="8" selected>' in page.text
    saved = sam.form(OWN, {**REACH, "email": "other@example.org", "phone": "07700 900 456", "quiet_from": "23"})
    assert (saved.status_code, saved.headers["Location"]) == (303, f"{OWN}?saved=yes")
    page = sam.page(OWN)
    assert 'value="other@example.org"' in page.text
    assert 'value="07700900456"' in page.text
    assert '<option value="23" selected>' in page.text
    # nobody else's page shows it, and what they sign in with is as it was
    assert "other@example.org" not in post.as_asha().page(OWN).text
    assert "other@example.org" not in post.network.page(f"/partners/{post.partner_id}/accounts/{sam_id}").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "sms", "phone": ""}, "channel"), ({"channel": "email", "email": ""}, "channel"),
        ({"channel": "post"}, "channel"), ({"email": "no address"}, "email"), ({"phone": "call me"}, "phone"),
        ({"email": "asha@example.org\nBcc: b@c.example"}, "email"), ({"email": "m\u00fcller@example.org"}, "email"),
        ({"quiet_from": "24"}, "quiet_from"), ({"quiet_until": "-1"}, "quiet_until"),
        ({"quiet_from": ""}, "quiet_from"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(post: Post, changes: dict[str, str], field: str) -> None:
    refused = post.as_asha().form(OWN, {**REACH, **changes})
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text or f"{field}-error" in refused.text


def test_a_person_who_is_supported_is_reached_by_another_room(post: Post) -> None:
    assert post.house.as_person("00000000-0000-4000-8000-000000000001").page(OWN).status_code == 403


# ---- what did not arrive


def test_the_lead_of_their_organisation_and_the_network_see_whom_to_tell_and_never_what_it_was(post: Post) -> None:
    notice_id = failed(post, "shown", template="urgent_worry", reason="on_duty")
    lead = post.lead_of(post.partner_id)
    for who in (lead, post.network, post.second):
        page = who.page(LIST)
        assert page.status_code == 200
        assert f"{LIST}/{notice_id}/settlement" in page.text
        assert "Asha" in page.text
        assert "Their address was refused." in page.text
        main = page.text.partition("<main")[2].partition("</main")[0].lower()
        for word in ("worry", "urgent", "duty", ASHA, PHONE):
            assert word not in main
    other = post.house.as_("partner_lead", partner_id=post.joined(code="others", ods_code="RZ902", name="Others"))
    assert "Asha" not in other.page(LIST).text
    assert other.form(f"{LIST}/{notice_id}/settlement", {"how": "no_need"}).status_code == 404
    assert post.state(notice_id) == "failed"
    assert lead.form(f"{LIST}/{notice_id}/settlement", {"how": "told_otherwise"}).status_code == 303
    assert notice_id not in lead.page(LIST).text
    assert lead.form(f"{LIST}/{notice_id}/settlement", {"how": "told_otherwise"}).status_code == 409
    assert post.says(notice_id) == ["failed", "settled"]


def test_a_peer_on_the_list_is_put_on_record(post: Post) -> None:
    failed(post, "on record")
    post.house.as_("administrator", id="11111111-1111-4111-8111-111111111111").page(LIST)
    with post.room.reading() as unit:
        rows = unit.connection.exec_driver_sql(
            "SELECT action FROM audit WHERE who_id = '11111111-1111-4111-8111-111111111111'"
        ).all()
    assert ("peer.listed",) in [tuple(row) for row in rows]


def test_what_nobody_knows_says_so_and_somebody_may_send_it_again(post: Post) -> None:
    notice_id = failed(post, "again", NO_ANSWER)
    page = post.network.page(LIST).text
    assert "We do not know whether it arrived." in page
    assert "Ask them whether they have seen it" in page
    assert post.network.form(f"{LIST}/{notice_id}/settlement", {"how": "sent_again"}).status_code == 303
    post.send()
    assert (len(post.mail.letters), post.says(notice_id)) == (2, ["unknown", "settled", "sent"])


@pytest.mark.parametrize("role", ["peer", "supervisor", "coordinator", "referrer", "commissioner", "privacy_officer"])
def test_nobody_else_sees_the_list(post: Post, role: str) -> None:
    assert post.house.as_(role, partner_id=post.partner_id).page(LIST).status_code == 403


# ---- the demo's outbox


def test_the_outbox_shows_what_would_have_been_sent_in_a_demo_alone(post: Post, tmp_path: Path) -> None:
    post.reach()
    post.ask("in the outbox")
    post.send()
    shown = post.house.as_nobody().page("/outbox")
    assert shown.status_code == 200
    for words in (ASHA, "Been There: a question is waiting for you", "saying no is just as fine", "Sent"):
        assert words in shown.text
    post.reach(channel="sms", is_discreet="yes")
    post.ask("in the outbox as a text", template="meeting", reason="support")
    post.send()
    shown = post.house.as_nobody().page("/outbox")
    assert PHONE in shown.text
    assert "A message is waiting for you. Please sign in at the usual place." in shown.text
    # what a demo has no address of is written to one that nobody has
    nobody = post.account("referrer", called="No address")
    post.ask("to a made-up address", to=nobody)
    post.room.tick()
    assert "@people.example" in post.house.as_nobody().page("/outbox").text


def test_outside_a_demo_there_is_no_outbox(tmp_path: Path) -> None:
    post = a_post(tmp_path, demo=False)
    post.ask("not shown")
    post.send()
    assert post.mail.letters
    for who in (post.house.as_nobody(), post.network, post.as_asha()):
        answer = who.page("/outbox")
        assert answer.status_code == 404
        assert ASHA not in answer.text
    post.house.close()
