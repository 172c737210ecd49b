"""What the pages of a room list: cause, age, what is behind; urgent first; and nothing of anybody."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from prometheus_client import generate_latest

from chassis.events.bus import Message
from chassis.tables import facts, outbox, waiting
from chassis.unit import Unit
from contracts.partners import PartnerSuspended
from contracts.worries import WorryRaised
from tests.integration.chassis.aside import AMINA, STREAM, WORDS, Keeper, embedded, rows_of, words_of
from tests.integration.chassis.conftest import a_service

GAUGES = ("beenthere_facts_oldest_parked", "beenthere_facts_parked_streams", "beenthere_facts_parked_urgent")


@embedded
def test_a_stream_set_aside_is_listed_with_its_cause_and_what_is_behind_it(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    assert "Nothing is set aside in this room." in amina.page().text
    world.failing = {"bad"}
    for name in ("good", "bad", "then", "last"):
        world.joins("p1", name)
    world.hear_all()
    world.clock.advance(hours=3)
    row = [STREAM, "2", "partner.joined.v1", "This room failed at it (ValueError)", "3 hours", "1", "2"]
    assert rows_of(amina.page())[1:] == [row]
    text = amina.page("/stream", on=STREAM).text
    assert "conftest.py:" in text
    bilal.confirms(amina.asks("try-again", STREAM, 2))
    world.hear_all()
    assert rows_of(amina.page())[1:] == [[*row[:4], "just now", "2", "2"]]
    assert amina.page("/stream", on="partners/partner/p2").status_code == 404
    assert amina.page("/ask/give-up", on=STREAM, number=1).status_code == 404


@embedded
def test_a_stream_that_waits_says_for_what_and_goes_on_by_itself(world: Any, amina: Keeper) -> None:
    assert "No stream waits for another." in amina.page("/waiting").text
    place = world.joins("p1", "needed")
    world.declines("r1", requires=[place])
    world.declines("r1")
    world.failing = {"bad"}
    while world.referrals.relay.sweep():
        pass
    world.hear(lambda: len(world.rows(waiting)) == 2)
    world.clock.advance(minutes=1)
    assert rows_of(amina.page("/waiting"))[1:] == [["referrals/referral/r1", "1", STREAM, "1", "0", "1 minute", "2"]]
    assert "Nothing is set aside" in amina.page().text
    world.hear_all()
    assert rows_of(amina.page("/waiting")) == []


@embedded
def test_long_lists_come_page_by_page_the_oldest_first(world: Any, amina: Keeper, bilal: Keeper) -> None:
    world.failing = {f"bad {number}" for number in range(15)}
    world.joins("p99", "good")
    for number in range(15):
        world.joins(f"p{number:02}", f"bad {number}")
        world.publish("partners", Message(f"partners/partner/p{number}", [], b"no fact"))
        world.publish("partners", Message(f"partners/partner/p{number}", [], b"no fact either"))
        world.hear_all()
        world.clock.advance(minutes=1)
    first, second, beyond = (amina.page("/unreadable", page=number) for number in (1, 2, 99))
    assert [len(rows_of(answer)) - 1 for answer in (first, second, beyond)] == [25, 5, 5]
    assert rows_of(first)[1][5] == "15 minutes"
    assert rows_of(second)[-1][5] == "1 minute"
    assert [row[0] for row in rows_of(amina.page())[1:]] == [f"partners/partner/p{number:02}" for number in range(15)]
    topic, partition, place = rows_of(first)[1][:3]
    asked = bilal.asks("put-away", f"{topic}/{partition}", int(place), alike="all", reason="not_ours")
    amina.confirms(asked)
    left = {row[0] for row in rows_of(amina.page("/unreadable"))[1:]}
    assert left <= {topic}
    assert rows_of(amina.page("/unreadable")) == []


# ---- urgent, and never fenced


@embedded
def test_what_is_urgent_is_listed_first_and_counted_and_a_worry_fences_nobody(world: Any) -> None:
    def fails(_unit: Unit, _fact: Any) -> None:
        raise ValueError("this reaction cannot do it")

    world.hearer.close()
    reactions = {**world.reactions(), PartnerSuspended: fails, WorryRaised: fails}
    world.hearer = a_service("matching", world.settings, world.shared, reactions)
    amina = Keeper(world.hearer, "network_lead", account_id=AMINA)
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.hear_all()
    world.clock.advance(hours=1)
    world.suspends("p2")
    ring = world.referrals.vault.make("w1", ["worry"])
    worry = WorryRaised(
        worry_id="w1", about="person", about_id="x1", raised_by="staff", raised_by_id=AMINA, level=3,
        raised_at=world.clock.now(), words=ring.seal("w1", "worry", "They cannot sleep."),
    )  # fmt: skip
    with world.referrals.writing() as unit:
        unit.state("referrals/worry/w1", worry)
    world.hear_all()
    listed = rows_of(amina.page())[1:]
    assert [row[0] for row in listed] == ["partners/partner/p2 Urgent", "referrals/worry/w1 Urgent", STREAM]
    assert [line for line in _metrics(world) if line.startswith(GAUGES)] == [
        'beenthere_facts_oldest_parked_seconds{service="matching"} 3600.0',
        'beenthere_facts_parked_streams{service="matching"} 3.0',
        'beenthere_facts_parked_urgent{service="matching"} 2.0',
    ]
    with world.hearer.reading() as unit:
        assert unit.braked("w1") == unit.braked("x1") == frozenset()
        assert unit.braked("p2") == {"fenced", "partner_suspended"}
        assert unit.braked("p1") == {"fenced"}
    assert "Afterwards, is whoever" not in amina.page("/ask/give-up", on="referrals/worry/w1", number=1).text
    assert amina.sends("give-up", "referrals/worry/w1", 1, fences="").status_code == 303


def _metrics(world: Any) -> list[str]:
    lines = generate_latest(world.hearer.registry).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


# ---- nothing of anybody


@embedded
def test_no_page_line_metric_or_fact_holds_a_body_a_raw_byte_or_the_words_of_a_reason(
    log: Any, world: Any, amina: Keeper, bilal: Keeper
) -> None:
    canary = "Kanarienvogel"
    world.failing = {canary}
    world.joins("p1", canary)
    world.joins("p1", f"{canary} behind")
    world.declines("r1", requires=[f"{STREAM}@2"])
    world.publish("partners", Message(f"partners/partner/{canary.lower()}", [], canary.encode()))
    world.publish("partners", Message("partners/partner/p9", [(canary, canary.encode())], canary.encode()))
    world.hear_all()
    record = rows_of(amina.page("/unreadable"))[1]
    on, place = f"{record[0]}/{record[1]}", int(record[2])
    forms = [amina.page("/ask/put-away", on=on, number=place)]
    forms += [amina.page(f"/ask/{what}", on=STREAM, number=1) for what in ("try-again", "give-up")]
    asked = [amina.asks("put-away", on, place), amina.asks("give-up", STREAM, 1, fences="yes")]
    pages = [
        amina.page(path) for path in ("", "/waiting", "/unreadable", "/asked", *(f"/asked/{one}" for one in asked))
    ]
    pages += [amina.page("/stream", on=STREAM), bilal.page(f"/asked/{asked[1]}")]
    for asking_id in asked:
        pages.append(bilal.confirms(asking_id))
        pages.append(bilal.page(f"/asked/{asking_id}"))
    pages += [amina.page(), *forms]
    assert [page.status_code for page in pages if page.status_code not in {200, 303}] == []
    assert canary.lower() not in words_of(pages).lower()
    assert WORDS in pages[-5].text
    told = "\n".join([*map(str, log()), *_metrics(world)])
    assert "parked.ask" in told
    assert canary.lower() not in told.lower()
    assert WORDS not in told
    for service in (world.hearer, world.partners, world.referrals):
        assert WORDS not in str([world.rows(table, service) for table in (facts, outbox)])
    with world.hearer.reading() as unit:
        words = unit.connection.execute(sa.text("SELECT words FROM askings")).scalars().all()
    assert words == [WORDS, WORDS]
