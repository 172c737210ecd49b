"""What is set aside is listed with its cause; what one person asks another confirms, and then it is done, once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.events import askings as asking_rows
from chassis.settings import SettingsFaulty
from chassis.tables import asked_of, askings, audit, given_up, inbox, parked, waiting
from tests.integration.chassis.aside import AMINA, BILAL, CHLOE, STREAM, Keeper, embedded, noted, parks
from tests.integration.chassis.conftest import a_service

# ---- two people, on both carriers


def test_what_one_asks_another_confirms_and_the_stream_goes_on_in_order(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    parks(world, "bad", "then", "last")
    asking_id = amina.asks("try-again", STREAM, 1)
    assert len(world.rows(parked)) == 1
    world.failing = set()
    assert bilal.confirms(asking_id).status_code == 303
    world.hear(lambda: len(world.seen()) == 3)
    assert world.seen() == ["bad", "then", "last"]
    assert world.rows(parked) == world.rows(waiting) == []
    assert noted(world, "parked.ask") == [(AMINA, "p1", asking_id)]
    assert noted(world, "parked.confirm") == [(BILAL, None, asking_id)]
    assert noted(world, "parked.tried_again") == [(BILAL, "p1", f"{STREAM}@1")]


def test_a_fact_given_up_is_left_out_and_on_record_and_the_stream_goes_on(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    parks(world, "bad", "then", "last")
    asking_id = amina.asks("give-up", STREAM, 1, reason="was_wrong")
    bilal.confirms(asking_id)
    assert [row.number for row in world.rows(waiting)] == [2, 3]
    world.hear(lambda: len(world.seen()) == 2)
    assert world.seen() == ["then", "last"]
    assert world.rows(parked) == world.rows(waiting) == []
    kept = world.rows(given_up)
    assert [(row.stream, row.number, row.type, row.reason, row.asking_id) for row in kept] == [
        (STREAM, 1, "partner.joined.v1", "ValueError", asking_id)
    ]
    assert b'"name":"bad"' in bytes(kept[0].body)
    asked = world.rows(askings)
    assert [(row.asked_by, row.settled_by, row.state, row.reason) for row in asked] == [
        (AMINA, BILAL, "confirmed", "was_wrong")
    ]
    assert noted(world, "parked.given_up") == [(BILAL, "p1", f"{STREAM}@1")]
    # Come again, it is a repeat like any other.
    world.publish("partners", *world.messages())
    world.hear_all()
    assert world.seen() == ["then", "last"]
    assert world.rows(parked) == []


def test_of_two_at_once_one_asks_and_one_confirms(
    world: Any, amina: Keeper, bilal: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where the database lets both read before either writes, both do.
    read = asking_rows.asking
    both_read = threading.Barrier(2)

    def read_together(*given: Any) -> Any:
        row = read(*given)
        with suppress(threading.BrokenBarrierError):
            both_read.wait(0.3)
        return row

    parks(world, "bad")
    chloe = Keeper(world.hearer, "network_lead", account_id=CHLOE)
    assert at_once(amina.sends, chloe.sends, "give-up", STREAM, 1) == [303, 409]
    assert len(world.rows(askings)) == len(world.rows(asked_of)) == 1
    (asking,) = world.rows(askings)
    monkeypatch.setattr(asking_rows, "asking", read_together)
    others = [keeper for keeper in (amina, bilal, chloe) if keeper.account_id != asking.asked_by]
    assert at_once(others[0].confirms, others[1].confirms, asking.asking_id) == [303, 409]
    assert len(world.rows(given_up)) == len(noted(world, "parked.given_up")) == len(noted(world, "parked.confirm")) == 1
    assert [row.number for row in world.rows(inbox) if row.stream == STREAM] == [1]


def at_once(one: Callable[..., TestResponse], another: Callable[..., TestResponse], *given: Any) -> list[int]:
    """Does two things at the same moment; gives how both were answered, the lower status first."""
    together = threading.Barrier(2)

    def does(what: Callable[..., TestResponse]) -> int:
        together.wait()
        return what(*given).status_code

    with ThreadPoolExecutor(2) as two:
        return sorted(two.map(does, (one, another)))


def test_too_many_set_aside_stop_the_consumer_until_people_have_settled_enough(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    names = [f"bad {number}" for number in range(25)]
    world.failing = set(names)
    for number, name in enumerate(names):
        world.joins(f"p{number}", name)
    world.send()
    world.hear(lambda: world.hearer.listener.stopped)
    ready = world.hearer.app.test_client().get("/ops/matching/ready")
    assert ready.status_code == 503
    roles = ready.get_json()["roles"]
    assert [role for role, parts in roles.items() if not all(parts.values())] == ["listen"]
    assert roles["listen"]["listening"] is False
    world.hearer.roles = ("web",)
    assert world.hearer.app.test_client().get("/ops/matching/ready").status_code == 200
    assert "This room has stopped hearing" in amina.page().text
    # One made anew does not forget that it was too much, and what comes meanwhile is left where it is.
    world.hearer.listener.close()
    ear = world.hearer.listener = world.hearer._listener()
    world.joins("p99", "meanwhile")
    world.send()
    for _look in range(3):
        ear.step(0.1)
    assert ear.stopped
    assert world.seen() == []
    # Somebody tries one alone; stopped or not, it is tried.
    world.failing = set()
    bilal.confirms(amina.asks("try-again", "partners/partner/p7", 1))
    world.hear(lambda: world.seen() == ["bad 7"])
    assert ear.stopped
    # Then all that stopped alike; nobody starts anything by hand.
    bilal.confirms(amina.asks("try-again", "partners/partner/p3", 1, alike="all"))
    assert world.rows(parked) == []
    world.hear(lambda: len(world.seen()) == 26)
    assert not ear.stopped
    assert "This room has stopped hearing" not in amina.page().text
    assert len(world.rows(askings)) == 2


# ---- who may, and what is refused


@embedded
def test_whoever_asked_can_neither_confirm_nor_refuse(world: Any, amina: Keeper) -> None:
    parks(world, "bad")
    asking_id = amina.asks("try-again", STREAM, 1)
    for answer in (amina.confirms(asking_id), amina.refuses(asking_id)):
        assert answer.status_code == 409
        assert "You asked for this yourself, so somebody else must confirm or refuse it." in answer.text
    assert [row.state for row in world.rows(askings)] == ["asked"]
    assert len(world.rows(parked)) == 1
    refused = [(row.who_id, row.rule) for row in world.rows(audit) if row.outcome == "refused"]
    assert refused == [(AMINA, "OwnAsking")] * 2
    assert "Confirm" not in amina.page(f"/asked/{asking_id}").text


@embedded
def test_what_was_refused_is_not_done_and_can_be_asked_anew(world: Any, amina: Keeper, bilal: Keeper) -> None:
    parks(world, "bad")
    first = amina.asks("give-up", STREAM, 1)
    assert bilal.refuses(first).status_code == 303
    assert len(world.rows(parked)) == 1
    assert world.rows(given_up) == []
    assert noted(world, "parked.refuse") == [(BILAL, None, first)]
    assert bilal.confirms(first).status_code == 409
    assert bilal.refuses(first).status_code == 303
    second = bilal.asks("try-again", STREAM, 1)
    assert second != first
    assert amina.confirms(second).status_code == 303


@embedded
def test_what_nobody_settled_in_time_is_over(world: Any, amina: Keeper, bilal: Keeper) -> None:
    parks(world, "bad")
    first = amina.asks("give-up", STREAM, 1)
    world.clock.advance(days=7)
    assert "asked too long ago" in bilal.confirms(first).text
    assert "Nobody settled this in time" in bilal.page(f"/asked/{first}").text
    assert len(world.rows(parked)) == 1
    second = bilal.asks("give-up", STREAM, 1)
    assert {row.asking_id: row.state for row in world.rows(askings)} == {first: "ran_out", second: "asked"}
    assert noted(world, "parked.ran_out") == [(BILAL, None, first)]


@embedded
def test_a_network_sets_for_itself_how_long_an_asking_is_open(world: Any) -> None:
    settings = replace(world.settings, policy={"carrying": {"asking_days": 2}})
    world.hearer.close()
    world.hearer = a_service("matching", settings, world.shared, world.reactions())
    parks(world, "bad")
    Keeper(world.hearer, "network_lead", account_id=AMINA).asks("try-again", STREAM, 1)
    (row,) = world.rows(askings)
    assert row.ends_at - row.asked_at == timedelta(days=2)
    with pytest.raises(SettingsFaulty, match="asking_weeks is not a number of this policy"):
        a_service("matching", replace(settings, policy={"carrying": {"asking_weeks": 2}}), world.shared, {})


@embedded
def test_what_somebody_asked_about_leads_everybody_there(world: Any, amina: Keeper, bilal: Keeper) -> None:
    parks(world, "bad")
    first = amina.asks("try-again", STREAM, 1)
    assert amina.asks("try-again", STREAM, 1) == first
    there = bilal.page("/ask/give-up", on=STREAM, number=1)
    assert (there.status_code, there.headers["Location"].rpartition("/")[2]) == (303, first)
    answer = bilal.sends("give-up", STREAM, 1)
    assert answer.status_code == 409
    assert "Somebody has already asked" in answer.text
    assert len(world.rows(askings)) == 1


@embedded
def test_only_those_who_run_the_network_see_or_do_any_of_it(world: Any, amina: Keeper) -> None:
    parks(world, "bad")
    asking_id = amina.asks("try-again", STREAM, 1)
    pages = ["", "/waiting", "/unreadable", f"/stream?on={STREAM}", "/asked", f"/asked/{asking_id}"]
    for role in ("coordinator", "peer", "supervisor", "partner_lead", "referrer", "commissioner", "privacy_officer"):
        other = Keeper(world.hearer, role, account_id=CHLOE)
        for path in pages:
            answer = other.page(path)
            assert answer.status_code == 403
            assert STREAM not in answer.text
        assert other.sends("give-up", STREAM, 1).status_code == 403
        assert other.confirms(asking_id).status_code == 403
        assert other.refuses(asking_id).status_code == 403
    nobody = Keeper(world.hearer, account_id=CHLOE)
    assert [nobody.page(path).status_code for path in pages] == [303] * len(pages)
    assert nobody.confirms(asking_id).status_code == 401
    assert [row.state for row in world.rows(askings)] == ["asked"]


FAULTS = (
    ({"reason": ""}, "Choose one."),
    ({"reason": "because"}, "Choose one of the answers."),
    ({"words": "short"}, "Use 10 characters or more."),
    ({"words": "x" * 301}, "Use 300 characters or fewer."),
    ({"words": "She rang from 01632 960 001 about it."}, "Leave out telephone and NHS numbers"),
    ({"words": "What came of 999 000 0018 is wrong."}, "Leave out telephone and NHS numbers"),
    ({"words": "What came of 999.000.0018 is wrong."}, "Leave out telephone and NHS numbers"),
    ({"words": "She rang from (01632) 960.001 about it."}, "Leave out telephone and NHS numbers"),
    ({"words": "Ask somebody@example.com about it."}, "Leave out telephone and NHS numbers"),
    ({"words": "The one who lives in ZZ1 1AA is wrong."}, "Leave out telephone and NHS numbers"),
    ({"fences": ""}, "Choose one."),
)


@embedded
def test_a_form_filled_in_badly_says_so_beside_the_field(world: Any, amina: Keeper) -> None:
    parks(world, "bad")
    for fields, says in FAULTS:
        answer = amina.sends("give-up", STREAM, 1, **fields)
        assert answer.status_code == 422
        assert says in answer.text
        assert f'href="#{next(iter(fields))}' in answer.text
    assert world.rows(askings) == []


@embedded
def test_words_with_a_date_and_a_number_or_two_are_taken(world: Any, amina: Keeper) -> None:
    parks(world, "bad")
    asking_id = amina.asks("give-up", STREAM, 1, words="Mended at 14:30 on 25.11.2026, 1.4.2; 12 streams were so.")
    assert "12 streams were so" in amina.page(f"/asked/{asking_id}").text


@embedded
def test_a_form_that_came_too_late_is_told_so_and_an_odd_place_is_one_of_nothing(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    parks(world, "bad")
    form = amina.page("/ask/give-up", on=STREAM, number=1)
    assert form.status_code == 200
    bilal.confirms(amina.asks("give-up", STREAM, 1))
    for late in (amina.sends("give-up", STREAM, 1), amina.page("/stream", on=STREAM)):
        assert late.status_code == 404
        assert "somebody may have settled it meanwhile" in late.text
    for on in ("partners/\u00b2", f"partners/{'9' * 30}", "partners/-1", "/", "0"):
        answer = amina.page("/ask/put-away", on=on, number=4)
        assert (answer.status_code, "This is not set aside" in answer.text) == (404, True), on


@embedded
def test_facts_are_given_up_one_at_a_time_whatever_a_form_says(world: Any, amina: Keeper, bilal: Keeper) -> None:
    world.failing = {"one", "two"}
    world.joins("p1", "one")
    world.joins("p2", "two")
    world.hear_all()
    assert "For how many?" in amina.page("/ask/try-again", on=STREAM, number=1).text
    assert "For how many?" not in amina.page("/ask/give-up", on=STREAM, number=1).text
    for alike in ("all", "one"):
        answer = amina.sends("give-up", STREAM, 1, alike=alike)
        assert answer.status_code == (422 if alike == "all" else 303)
    (row,) = world.rows(asked_of)
    assert row.stream == STREAM
    bilal.confirms(row.asking_id)
    assert [one.stream for one in world.rows(parked)] == ["partners/partner/p2"]
