"""The twin over HTTP: the same message, the same answers, in one feed that may be waited at."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import answers
from chassis.web.waiting import WEB_THREADS
from services.referrals import store
from services.referrals.partner_topic.cursor import cursor
from services.referrals.store.tables import referrals
from tests.builders import a_referral
from tests.integration.referrals.conftest import Referrals, a_room
from tests.integration.referrals.letters import ACKNOWLEDGED, FEED, REFUSED, SENT, Letters

PATIENCE_SECONDS = 20
STRUCTURED = "application/cloudevents+json"


@pytest.fixture(scope="module")
def open_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Referrals]:
    made = a_room(tmp_path_factory.mktemp("room"))
    yield made
    made.close()


class Twin:
    """A partner of its own for each test, in one room, by its pass."""

    def __init__(self, room: Referrals) -> None:
        self.room = room
        self.partner_id = room.a_partner(f"p{room.ids.new()[:4]} Friends")
        self.system = room.as_system(self.partner_id)

    def event(self, data: Any = None, id: str = "", **changes: Any) -> dict[str, Any]:
        """A message in its JSON form; what is None is left out."""
        whole = {
            "specversion": "1.0", "id": id or self.room.ids.new(), "source": "/a/partner", "type": SENT,
            "data": a_referral() if data is None else data, **changes,
        }  # fmt: skip
        return {name: value for name, value in whole.items() if value is not None}

    def post(self, event: Any, by: Any = None) -> Any:
        """Posts a message in its JSON form, or bytes as if they were one."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.room.knock(FEED, body, STRUCTURED, by=by or self.system)

    def read(self, after: str = "", wait: int = 0, by: Any = None) -> Any:
        asked = f"{FEED}?wait={wait}" + (f"&after={after}" if after else "")
        return (by or self.system).api("GET", asked)

    def told(self, after: str = "") -> list[dict[str, Any]]:
        answer = self.read(after)
        assert answer.status_code == 200, answer.get_json()
        found: list[dict[str, Any]] = answer.get_json()["messages"]
        return found


@pytest.fixture
def twin(open_room: Referrals) -> Twin:
    return Twin(open_room)


# ---- sending


def test_a_posted_message_is_taken_in_and_answered_as_the_feed_will_say_it(twin: Twin) -> None:
    event = twin.event()
    answer = twin.post(event)
    assert (answer.status_code, answer.content_type) == (201, STRUCTURED)
    told = answer.get_json()
    assert (told["type"], told["data"]["answers"]) == (ACKNOWLEDGED, event["id"])
    kept = twin.room.kept(told["data"]["referral_id"])
    assert (kept.partner_id, kept.sender_id, kept.door) == (twin.partner_id, twin.system.who.id, "events")
    assert twin.told() == [told]


def test_a_message_may_come_with_its_envelope_in_headers(twin: Twin) -> None:
    headers = {"ce_specversion": "1.0", "ce_id": "in-headers", "ce_source": "/a/partner", "ce_type": SENT}
    answer = twin.system.api("POST", FEED, a_referral(), **headers)
    assert answer.status_code == 201
    assert twin.told()[0]["data"]["answers"] == "in-headers"


def test_a_repeat_is_answered_200_with_the_same_receipt_whichever_way_it_comes(twin: Twin) -> None:
    referral = a_referral()
    first = twin.post(twin.event(referral, "one-and-only")).get_json()
    headers = {"ce_specversion": "1.0", "ce_id": "one-and-only", "ce_source": "/else", "ce_type": SENT}
    again = twin.system.api("POST", FEED, dict(reversed(referral.items())), **headers)
    assert again.status_code == 200
    assert (again.get_json()["id"], again.get_json()["data"]) == (first["id"], first["data"])
    assert [one["id"] for one in twin.told()] == [first["id"]] * 2


def test_by_topic_and_by_twin_one_message_is_one_referral_and_both_ways_tell_the_same(room: Referrals) -> None:
    letters, twin = Letters(room), Twin(room)
    twin.system, referral = room.system, a_referral()
    message_id = letters.send(referral)
    letters.carry()
    assert twin.post(twin.event(referral, message_id)).status_code == 200
    letters.put(b"in clear")
    on_topic = letters.answers()
    in_feed = twin.told()
    assert room.count() == 1
    assert [(one["id"], one["type"], one["time"], one["data"]) for one in on_topic] == [
        (one["id"], one["type"], one["time"], one["data"]) for one in in_feed
    ]
    assert len(in_feed) == 3


def test_what_was_taken_in_after_the_copy_that_was_put_back_makes_no_second_referral(twin: Twin) -> None:
    event = twin.event()
    first = twin.post(event).get_json()["data"]["referral_id"]
    before = twin.room.count()
    # As after an older copy: its facts were read back, and neither row nor answer of it are there.
    with twin.room["referrals"].writing() as unit:
        unit.connection.execute(sa.delete(referrals).where(referrals.c.referral_id == first))
        unit.connection.execute(sa.delete(answers).where(answers.c.record == first))
    again = twin.post(event)
    assert (again.status_code, again.get_json()["rule"]) == (409, "TakenBefore")
    told = twin.told()[-1]
    assert (told["type"], told["data"]["answers"], told["data"]["rule"]) == (REFUSED, event["id"], "TakenBefore")
    assert twin.room.count() == before - 1
    # Another sending of the same words is another referral, as ever.
    assert twin.post({**event, "id": twin.room.ids.new()}).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "rule"),
    [
        ({"type": "referral.received.v1"}, 422, "TypeNotTaken"),
        ({"specversion": "0.3"}, 422, "EnvelopeFaulty"),
        ({"source": None}, 422, "EnvelopeFaulty"),
        ({"data": []}, 422, "ReferralRefused"),
        ({"data": "x" * (257 * 1024)}, 413, "MessageTooLarge"),
        ({"data": {**a_referral(), "consent": {"given": False}}}, 422, "ReferralRefused"),
    ],
)
def test_a_bad_message_is_refused_by_its_rule_and_told_in_the_feed(
    twin: Twin, changes: dict[str, Any], status: int, rule: str
) -> None:
    answer = twin.post(twin.event(**changes))
    assert (answer.status_code, answer.get_json()["rule"]) == (status, rule)
    (told,) = twin.told()
    assert (told["type"], told["data"]["rule"]) == (REFUSED, rule)


@pytest.mark.parametrize(
    ("body", "rule"), [(b"", "MessageEmpty"), (b"{", "NotStrictJson"), (b'{"id": 1, "id": 2}', "NotStrictJson")]
)
def test_what_is_no_event_at_all_is_told_too(twin: Twin, body: bytes, rule: str) -> None:
    assert twin.post(body).get_json()["rule"] == rule
    assert [one["data"]["rule"] for one in twin.told()] == [rule]


def test_a_body_without_data_has_nothing_to_take_in(twin: Twin) -> None:
    event = twin.event()
    del event["data"]
    assert twin.post(event).get_json()["rule"] == "MessageEmpty"


def test_a_batch_is_not_taken(twin: Twin) -> None:
    answer = twin.room.knock(FEED, b"[]", "application/cloudevents-batch+json", by=twin.system)
    assert answer.status_code == 415
    assert twin.told() == []


def test_a_message_of_which_another_was_taken_in_under_its_id_changes_nothing(twin: Twin) -> None:
    twin.post(twin.event(id="one-and-only"))
    answer = twin.post(twin.event({**a_referral(), "hopes": "Others"}, "one-and-only"))
    assert (answer.status_code, answer.get_json()["rule"]) == (422, "KeyReused")
    assert answer.get_json()["detail"].startswith("A message with this id came before with another body")


def test_a_forged_partner_in_the_message_has_no_effect(twin: Twin) -> None:
    other = Twin(twin.room)
    answer = twin.post(twin.event(source=f"/{other.partner_id}", partnerid=other.partner_id))
    assert twin.room.kept(answer.get_json()["data"]["referral_id"]).partner_id == twin.partner_id
    assert other.told() == []


@pytest.mark.parametrize("role", ["referrer", "partner_lead", "coordinator", "network_lead", "peer"])
def test_only_a_partners_own_system_sends_and_reads(twin: Twin, role: str) -> None:
    somebody = twin.room.as_(role, partner_id=twin.partner_id)
    assert twin.post(twin.event(), by=somebody).status_code == 403
    assert twin.read(by=somebody).status_code == 403


def test_nobody_sends_or_reads_without_a_pass(twin: Twin) -> None:
    nobody = twin.room.as_nobody()
    assert nobody.api("POST", FEED, {}).status_code == 401
    assert nobody.api("GET", FEED).status_code == 401


def test_a_suspended_partner_neither_sends_nor_reads(twin: Twin) -> None:
    twin.post(twin.event())
    twin.room.suspend(twin.partner_id)
    assert twin.post(twin.event()).get_json()["rule"] == "PartnerSuspended"
    assert twin.read().status_code == 403
    twin.room.resume(twin.partner_id)
    # The answer was the refusal; nothing was taken that the feed would have to tell of.
    assert [one["type"] for one in twin.told()] == [ACKNOWLEDGED]


def test_under_a_lapsed_agreement_nobody_new_is_taken_and_the_feed_goes_on(twin: Twin) -> None:
    twin.post(twin.event())
    twin.room.lapse(twin.partner_id)
    assert twin.post(twin.event()).get_json()["rule"] == "AgreementLapsed"
    assert [one["type"] for one in twin.told()] == [ACKNOWLEDGED, REFUSED]


# ---- the feed


def test_the_feed_goes_on_from_where_it_was_left(twin: Twin) -> None:
    sent = [twin.event() for _ in range(3)]
    twin.post(sent[0])
    first = twin.read().get_json()
    assert [one["data"]["answers"] for one in first["messages"]] == [sent[0]["id"]]
    for event in sent[1:]:
        twin.post(event)
    then = twin.read(first["after"]).get_json()
    assert [one["data"]["answers"] for one in then["messages"]] == [event["id"] for event in sent[1:]]
    assert twin.read(then["after"]).get_json() == {"messages": [], "after": then["after"]}
    # Nothing is used up: from the beginning it is all there.
    assert len(twin.told()) == 3


def test_a_long_feed_comes_in_pages_of_a_hundred_without_a_gap(twin: Twin) -> None:
    for number in range(130):
        twin.post(twin.event([], f"bad-{number}"))
    first = twin.read().get_json()
    then = twin.read(first["after"]).get_json()
    assert (len(first["messages"]), len(then["messages"])) == (100, 30)
    told = [one["data"]["answers"] for one in first["messages"] + then["messages"]]
    assert told == [f"bad-{number}" for number in range(130)]


def test_a_partner_reads_its_own_feed_alone(twin: Twin) -> None:
    other = Twin(twin.room)
    other.post(other.event())
    assert twin.told() == []
    assert len(other.told()) == 1


@pytest.mark.parametrize("after", ["nonsense", "MS4yLjM", "ÿ", "1", "9" * 300])
def test_a_cursor_that_was_never_given_is_refused(twin: Twin, after: str) -> None:
    answer = twin.read(after)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "after"


def test_another_partners_cursor_is_refused(twin: Twin) -> None:
    theirs = Twin(twin.room).read().get_json()["after"]
    assert twin.read(theirs).get_json()["rule"] == "CursorUnknown"


def test_a_cursor_that_was_changed_by_hand_is_refused(twin: Twin) -> None:
    twin.post(twin.event())
    mark, sign, number = base64.urlsafe_b64decode(f"{cursor(twin.partner_id, 1)}==").decode().split(".")
    turned = sign[::-1]
    assert turned != sign
    for parts in ((mark, turned, number), ("2", sign, number), (mark, sign, "-1"), (mark, sign, "one"), (mark, sign)):
        by_hand = base64.urlsafe_b64encode(".".join(parts).encode()).decode().rstrip("=")
        assert twin.read(by_hand).get_json()["rule"] == "CursorUnknown", parts
    assert twin.read(cursor(twin.partner_id, 1)).status_code == 200


def test_a_cursor_of_records_that_an_older_copy_took_the_place_of_is_refused(twin: Twin) -> None:
    """What is told next would have numbers its reader believes to have read."""
    twin.post(twin.event())
    read = twin.read().get_json()["after"]
    assert twin.read(read).status_code == 200
    with twin.room["referrals"].writing() as unit:
        for table in (store.outbound, store.outbound_ends):
            unit.connection.execute(sa.delete(table).where(table.c.partner_id == twin.partner_id))
    assert twin.read(read).get_json()["rule"] == "CursorUnknown"
    assert twin.read().get_json()["messages"] == []


@pytest.mark.parametrize("wait", ["-1", "21", "1.5", "soon"])
def test_a_wait_of_more_than_twenty_seconds_or_of_none_is_refused_in_plain_words(twin: Twin, wait: str) -> None:
    answer = twin.system.api("GET", f"{FEED}?wait={wait}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["detail"] == "Enter whole seconds to wait, 0 to 20."


class Waiting:
    """A request that waits at the feed, in a thread of its own."""

    def __init__(self, twin: Twin, after: str = "") -> None:
        self._answers: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._answers.append(twin.read(after, 20)))
        self._thread.start()

    def answer(self) -> Any:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "still waiting"
        return self._answers[0]


def places_taken(room: Referrals) -> int:
    return int(WEB_THREADS // 4 - room["referrals"].waits._places._value)


def until_waiting(room: Referrals, count: int) -> None:
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while places_taken(room) != count:
        assert time.monotonic() < ends, "not in time"
        pause.wait(0.005)


def test_whoever_waits_is_answered_as_soon_as_there_is_something(twin: Twin) -> None:
    waiting = Waiting(twin)
    until_waiting(twin.room, 1)
    began = time.monotonic()
    event = twin.event()
    twin.post(event)
    assert [one["data"]["answers"] for one in waiting.answer().get_json()["messages"]] == [event["id"]]
    assert time.monotonic() - began < PATIENCE_SECONDS / 2


def test_what_another_partner_is_told_ends_nobodys_wait(twin: Twin) -> None:
    other = Twin(twin.room)
    waiting = Waiting(twin)
    until_waiting(twin.room, 1)
    other.post(other.event())
    assert places_taken(twin.room) == 1
    twin.post(twin.event())
    assert len(waiting.answer().get_json()["messages"]) == 1


def test_when_a_quarter_of_the_threads_wait_the_next_is_answered_at_once_and_told_when_to_come_again(
    twin: Twin,
) -> None:
    many = [Waiting(twin) for _ in range(WEB_THREADS // 4)]
    until_waiting(twin.room, WEB_THREADS // 4)
    began = time.monotonic()
    answer = twin.read(wait=20)
    assert time.monotonic() - began < 5
    assert (answer.status_code, answer.get_json()["messages"]) == (200, [])
    assert int(answer.headers["Retry-After"]) > 0
    # Whoever has something to read is given it, whoever else waits.
    other = Twin(twin.room)
    other.post(other.event())
    assert len(other.read(wait=20).get_json()["messages"]) == 1
    twin.post(twin.event())
    for waiting in many:
        answer = waiting.answer()
        assert len(answer.get_json()["messages"]) == 1
        assert "Retry-After" not in answer.headers
    assert places_taken(twin.room) == 0


def test_a_suspension_ends_a_wait(twin: Twin) -> None:
    waiting = Waiting(twin)
    until_waiting(twin.room, 1)
    twin.room.suspend(twin.partner_id)
    twin.room["referrals"].waits.ring()
    assert waiting.answer().status_code == 403


def test_a_stop_lets_whoever_waits_go_at_once(tmp_path: Path) -> None:
    room = a_room(tmp_path)
    twin = Twin(room)
    waiting = Waiting(twin)
    until_waiting(room, 1)
    room.house.shared.waits.leave()
    answer = waiting.answer()
    assert (answer.status_code, answer.get_json()["messages"]) == (200, [])
    room.close()


# ---- the document


def test_the_document_tells_of_the_feed_and_of_sending(twin: Twin) -> None:
    paths = twin.room.as_nobody().api("GET", "/openapi/referrals.json").get_json()["paths"]
    assert set(paths[FEED]) >= {"get", "post"}
    assert STRUCTURED in paths[FEED]["post"]["requestBody"]["content"]
    assert {one["name"] for one in paths[FEED]["get"]["parameters"]} == {"after", "wait"}
    assert "get" in paths[f"{FEED}/keys"]
