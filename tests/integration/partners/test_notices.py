"""Notices from the asking to what became of them: once each, held at night, tried again, and never silent about it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.access import service_scope
from chassis.tables import audit, facts
from services.partners.domain.notices import NO_ANSWER, NOT_NOW, REFUSED
from services.partners.store.tables import accounts
from tests.integration.partners.post import ASHA, PHONE, Post, a_post


def to_the_next(post: Post, hour: int) -> None:
    """Moves to the next time it is this hour: it is March before the clocks change, London and UTC agree."""
    now = post.clock.now()
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    post.clock.move_to(then if then >= now else then + timedelta(days=1))
    assert post.clock.now() < datetime(2026, 3, 29, tzinfo=UTC)


def at_eleven_at_night(post: Post) -> None:
    to_the_next(post, 23)


@pytest.fixture(scope="module")
def house_post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    made = a_post(tmp_path_factory.mktemp("post"))
    yield made
    made.house.close()


@pytest.fixture
def post(house_post: Post) -> Post:
    """The one post of these tests, with nothing on its way."""
    to_the_next(house_post, 10)
    for way in (house_post.mail, house_post.texts):
        way.says, way.letters, way.does = [], [], lambda: None
    house_post.reach()
    return house_post


@pytest.fixture(params=["sqlite", "postgres"])
def post_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    made = a_post(tmp_path, **changes)
    yield made
    made.house.close()


def test_a_notice_goes_once_however_often_it_is_asked_for_and_looked_for(post_on_each: Post) -> None:
    post = post_on_each
    notice_id = post.ask("once")
    assert post.ask("once") == notice_id
    post.send()
    post.ask("once")
    post.send()
    post.tick()
    assert [letter.to for letter in post.mail.letters] == [ASHA]
    assert (post.state(notice_id), post.says(notice_id)) == ("sent", ["sent"])


def test_nothing_goes_before_its_time(post: Post) -> None:
    notice_id = post.ask("later", due_at=post.clock.now() + timedelta(hours=2))
    post.send()
    assert post.state(notice_id) == "waiting"
    post.clock.advance(hours=2)
    post.send()
    assert post.state(notice_id) == "sent"


def test_at_night_a_notice_is_held_until_eight_and_says_so_once(post_on_each: Post) -> None:
    post = post_on_each
    at_eleven_at_night(post)
    notice_id = post.ask("at night")
    post.send()
    assert (post.state(notice_id), post.mail.letters) == ("held", [])
    [held] = post.facts("notice.held")
    assert held["until"] == "2026-03-03T08:00:00Z"
    post.clock.advance(hours=8, minutes=59, seconds=59)
    post.send()
    assert post.mail.letters == []
    post.clock.advance(seconds=1)
    post.send()
    assert post.says(notice_id) == ["held", "sent"]


@pytest.mark.parametrize(("template", "reason"), [("urgent_worry", "urgent_worry"), ("worry", "on_duty")])
def test_a_worry_that_cannot_wait_and_whoever_is_on_duty_are_told_at_night(
    post: Post, template: str, reason: str
) -> None:
    at_eleven_at_night(post)
    held, goes = post.ask(f"held beside {reason}"), post.ask(f"goes {reason}", template=template, reason=reason)
    post.send()
    assert (post.state(held), post.state(goes)) == ("held", "sent")
    post.clock.advance(hours=9)
    post.send()


def test_what_cannot_wait_goes_before_what_waited_longer(post: Post) -> None:
    post.ask("first asked", due_at=post.clock.now() - timedelta(hours=1))
    post.ask("asked last", template="urgent_worry", reason="urgent_worry")
    post.send()
    assert [letter.subject.split(": ")[1] for letter in post.mail.letters] == [
        "something needs you now",
        "a question is waiting for you",
    ]


def test_somebodys_own_quiet_hours_and_way_hold(post: Post) -> None:
    post.reach(channel="sms", quiet_from="9", quiet_until="11", is_discreet="yes")
    notice_id = post.ask("own hours")
    post.send()
    assert post.state(notice_id) == "held"
    post.clock.advance(hours=1)
    post.send()
    [text] = post.texts.letters
    assert (text.to, post.mail.letters) == (PHONE, [])
    assert "Been There" not in text.text
    assert text.is_discreet


def test_what_was_not_taken_is_tried_again_and_at_last_fails(post_on_each: Post) -> None:
    post = post_on_each
    post.mail.says = [NOT_NOW] * 6
    notice_id = post.ask("in vain")
    post.send()
    for tries, minutes in enumerate((1, 4, 16, 64, 256), 1):
        post.clock.advance(minutes=minutes, seconds=-1)
        post.send()
        assert (len(post.mail.letters), post.state(notice_id)) == (tries, "waiting")
        post.clock.advance(seconds=1)
        post.send()
        assert len(post.mail.letters) == tries + 1
    assert (post.state(notice_id), post.row(notice_id).code) == ("failed", "gave_up")
    assert post.says(notice_id) == ["failed"]


def test_a_refused_address_is_not_tried_again_and_the_other_way_is(post: Post) -> None:
    post.mail.says, post.texts.says = [REFUSED], [REFUSED]
    notice_id = post.ask("both refused")
    post.send()
    post.send()
    post.send()
    assert (len(post.mail.letters), len(post.texts.letters)) == (1, 1)
    assert (post.state(notice_id), post.row(notice_id).code) == ("failed", "refused")


# ---- nobody knows


def test_without_an_answer_nobody_knows_and_it_is_never_sent_again_by_itself(post: Post) -> None:
    post.mail.says = [NO_ANSWER]
    notice_id = post.ask("no answer")
    for _ in range(3):
        post.send()
        post.tick()
        post.clock.advance(hours=1)
    assert (len(post.mail.letters), post.state(notice_id), post.says(notice_id)) == (1, "unknown", ["unknown"])


class Killed(BaseException):
    """The process ends here."""


def _be_killed() -> None:
    raise Killed


def test_a_process_killed_between_sending_and_writing_down_leaves_what_nobody_knows(post_on_each: Post) -> None:
    post = post_on_each
    post.mail.does = _be_killed
    notice_id = post.ask("killed")
    with pytest.raises(Killed):
        post.send()
    post.mail.does = lambda: None
    assert post.state(notice_id) == "sending"
    # whoever starts afterwards leaves it alone while it may still be under way
    post.tick()
    assert (post.state(notice_id), len(post.mail.letters)) == ("sending", 1)
    post.clock.advance(minutes=5)
    post.tick()
    post.tick()
    assert (post.state(notice_id), post.says(notice_id), len(post.mail.letters)) == ("unknown", ["unknown"], 1)


def test_killed_in_the_same_place_a_worry_that_cannot_wait_is_sent_again(post: Post) -> None:
    post.mail.does = _be_killed
    notice_id = post.ask("killed in a worry", template="urgent_worry", reason="urgent_worry")
    with pytest.raises(Killed):
        post.send()
    post.mail.does = lambda: None
    post.clock.advance(minutes=5)
    post.tick()
    post.clock.advance(minutes=1)
    post.tick()
    assert (post.state(notice_id), len(post.mail.letters)) == ("sent", 2)
    # each try has the same key, by which a mailbox or a gateway may drop the second
    assert len({letter.key for letter in post.mail.letters}) == 1


def test_an_answer_that_comes_after_it_was_given_up_changes_nothing(post: Post) -> None:
    notice_id = post.ask("late answer")

    def others_give_up() -> None:
        post.clock.advance(minutes=5)
        with post.room.writing(scope=service_scope("partners")) as unit:
            post.room.parts.routines["tell_of_stuck_notices"](unit)

    post.mail.does = others_give_up
    post.send()
    assert (post.state(notice_id), post.says(notice_id)) == ("unknown", ["unknown"])


def test_two_who_look_at_the_same_moment_send_one(post: Post) -> None:
    notice_id = post.ask("two look")

    def another_looks() -> None:
        post.mail.does = lambda: None
        post.send()

    post.mail.does = another_looks
    post.send()
    assert (len(post.mail.letters), post.says(notice_id)) == (1, ["sent"])


def test_a_way_that_is_away_is_left_alone_for_a_round_and_the_other_goes_on(post: Post) -> None:
    post.room.app.extensions["notices"].send_due()
    with_phone = post.account("supervisor", called="Sam")
    sam = post.house.as_("supervisor", partner_id=post.partner_id, id=with_phone)
    sam.form(
        "/partners/how-we-reach-you",
        {"phone": "07700 900 456", "channel": "sms", "quiet_from": "21", "quiet_until": "8", "is_discreet": "no"},
    )
    asked = [post.ask(f"away {number}") for number in range(5)] + [post.ask("by text", to=with_phone)]
    post.mail.says = [NOT_NOW] * 5
    sender = post.room.app.extensions["notices"]
    one_by_one = type(sender)(_Alone(post.room), sender.ways)
    one_by_one.send_due()
    assert len(post.mail.letters) == 2
    assert [post.state(one) for one in asked] == ["waiting"] * 5 + ["sent"]
    post.mail.says = []
    post.clock.advance(minutes=1)
    post.send()
    assert {post.state(one) for one in asked} == {"sent"}


class _Alone:
    """A room that is no demo, for whoever asks only that."""

    def __init__(self, room: Any) -> None:
        from dataclasses import replace

        self._room, self.settings = room, replace(room.settings, demo=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room, name)


# ---- to whom nothing goes


def test_nothing_is_sent_to_nobody_to_a_closed_account_or_without_an_address(post_on_each: Post) -> None:
    post = post_on_each
    closed = post.account("referrer", called="Closed", email="closed@example.org")
    at = f"/partners/{post.partner_id}/accounts/{closed}/closure"
    assert post.network.form(at, {"close": "yes"}).status_code == 303
    forgotten = post.account("referrer", called="Gone", email="gone@example.org")
    post.house.forget_keys_of(forgotten)
    broken = post.account("referrer", called="Broken", email="broken@example.org")
    with post.room.database.writing("network") as connection:
        # somebody else's address under their name opens nothing
        theirs = sa.select(accounts.c.contact).where(accounts.c.account_id == post.asha_id).scalar_subquery()
        connection.execute(sa.update(accounts).where(accounts.c.account_id == broken).values(contact=theirs))
    asked = {
        post.ask("to a broken address", to=broken): "no_address",
        post.ask("to nobody", to="00000000-0000-4000-8000-000000000000"): "not_known",
        post.ask("to a closed one", to=closed): "account_closed",
        post.ask("to one forgotten", to=forgotten): "no_address",
    }
    sender = post.room.app.extensions["notices"]
    type(sender)(_Alone(post.room), sender.ways).send_due()
    assert {one: post.row(one).code for one in asked} == asked
    assert {post.state(one) for one in asked} == {"failed"}
    assert post.mail.letters == []


def test_where_nothing_is_set_up_it_fails_and_says_so(post: Post) -> None:
    sender = post.room.app.extensions["notices"]
    notice_id = post.ask("not set up")
    type(sender)(post.room, {}).send_due()
    assert (post.state(notice_id), post.row(notice_id).code) == ("failed", "not_set_up")


def test_a_lead_has_one_sent_again_that_failed_and_says_what_was_done_about_another(post_on_each: Post) -> None:
    post, lead = post_on_each, post_on_each.lead_of(post_on_each.partner_id)
    post.mail.says = [REFUSED, REFUSED]
    asked = [post.ask("first"), post.ask("second")]
    post.send()
    for notice_id, how in zip(asked, ("sent_again", "told_otherwise"), strict=True):
        assert lead.form(f"/partners/notices/{notice_id}/settlement", {"how": how}).status_code == 303
    post.send()
    assert [post.says(one) for one in asked] == [["failed", "settled", "sent"], ["failed", "settled"]]
    assert "Asha" not in lead.page("/partners/notices").text
    assert len(post.mail.letters) == 3


# ---- no address anywhere


def test_no_address_stands_in_a_fact_an_audit_row_a_log_line_or_a_metric(told: io.StringIO, tmp_path: Path) -> None:
    post = a_post(tmp_path)
    post.reach()
    for says in ([], [REFUSED], [NO_ANSWER]):
        post.mail.says = list(says)
        post.ask(f"traced {says}")
        post.send()
    post.texts.says = [NOT_NOW]
    post.tick()
    post.network.page("/partners/notices")
    with post.room.reading(scope=service_scope("partners")) as unit:
        rows = [str(tuple(row)) for table in (facts, audit) for row in unit.connection.execute(sa.select(table))]
        kept = unit.connection.execute(sa.text("SELECT * FROM reaches")).all()
    metrics = post.house.as_nobody()._client.get("/metrics").text
    everything = "\n".join([*rows, told.getvalue(), metrics, str(kept)])
    assert "notice.unknown" in everything
    assert 'beenthere_notices{state="sent"}' in metrics
    assert "answered" in told.getvalue()
    for word in (ASHA, "asha", PHONE, "07700"):
        assert word not in everything.lower()
    post.house.close()
