"""What a partner is told repeats nothing it sent but its own ids: an outbound topic lies in clear at the broker.

A made-up word stands in every text, name and header of messages of every kind; it is found where it is sealed and
opened, and nowhere else.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis import jwe
from chassis.boundary import NETWORK
from tests.builders import a_referral
from tests.integration.referrals.conftest import Referrals
from tests.integration.referrals.letters import FEED, Letters
from tests.integration.referrals.test_canary import CANARY, a_canary


def hostile(letters: Letters) -> list[bytes]:
    """Bodies that are refused, with the word wherever something might repeat it."""
    whole = a_canary()
    odd: list[Any] = [
        {**whole, CANARY: CANARY},
        {**whole, "person": {**whole["person"], CANARY: {"deeper": CANARY}, f"{CANARY}.{CANARY}": 1}},
        {**whole, "needs": {"themes": [CANARY], "area": CANARY, "times": [{CANARY: 1}]}},
        {**whole, "needs": CANARY},
        {**whole, "person": [CANARY]},
        {**whole, "consent": {"given": CANARY, "given_on": CANARY}},
        {**whole, "safety": {"must_not_be_told": [CANARY]}},
        {**whole, "person": {"name": CANARY, "email": CANARY, "phone": CANARY, "nhs_number": CANARY}},
        {**whole, "hopes": f"{CANARY}\u202e"},
        {**whole, "person": {**whole["person"], "0": CANARY, "1.2": CANARY}},
        [CANARY],
        CANARY,
    ]
    bodies = [json.dumps(one).encode() for one in odd]
    bodies += [
        f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(),
        f'{{"person": "{CANARY}'.encode(),
        f'{{"hopes": "{CANARY}\\ud800"}}'.encode(),
        f"{CANARY}".encode(),
        f'{{"hopes": {"[" * 40}"{CANARY}"{"]" * 40}}}'.encode(),
    ]
    return bodies


@pytest.fixture
def letters(room: Referrals) -> Letters:
    return Letters(room)


def test_no_answer_log_line_or_metric_repeats_what_a_message_said(told: Any, letters: Letters) -> None:
    room = letters.room
    bodies = hostile(letters)
    for body in bodies:
        letters.put(letters.sealed(body))
    letters.put(json.dumps(a_canary()).encode())
    letters.put(f"{CANARY}.{CANARY}.{CANARY}.{CANARY}.{CANARY}".encode())
    letters.put(jwe.seal(CANARY.encode(), {**letters.key(), "kid": CANARY}))
    letters.send(a_canary(), source=f"/{CANARY}", subject=CANARY, traceparent=CANARY)
    letters.send(a_canary(), type=CANARY, source=CANARY, specversion=CANARY)
    letters.send(a_canary(), "one-and-only")
    letters.send({**a_canary(), "hopes": "Others"}, "one-and-only")
    said = letters.answers()
    refused = [one for one in said if one["type"] == "message.refused.v1"]
    assert len(refused) == len(bodies) + 5
    assert len(said) == len(bodies) + 7
    feed = room.system.api("GET", FEED).text
    metrics = room.as_nobody().api("GET", "/metrics").text
    for text in (json.dumps(said), feed, metrics, told.getvalue()):
        assert text
        assert CANARY not in text
    # The word was there to be found: the referral that was taken in holds it, sealed, and opens with it.
    taken = next(one for one in said if one["type"] == "message.acknowledged.v1")
    assert CANARY in json.dumps(room.opened(room.kept(taken["data"]["referral_id"]).contact))


def test_a_name_only_the_sender_knows_is_told_by_its_place_alone(letters: Letters) -> None:
    letters.send({**a_referral(), "person": {**a_referral()["person"], "Jordan Whitfield": "x"}, "Whitfield": 1})
    faults = letters.answer()["data"]["faults"]
    unknown = "A name in here is not known. Take it out, or check its spelling."
    assert faults == [{"where": "person", "says": unknown}, {"where": "", "says": unknown}]


def test_only_sealed_text_of_a_message_is_kept(letters: Letters) -> None:
    letters.send(a_canary())
    letters.put(json.dumps(a_canary()).encode())
    letters.carry()
    database = letters.room["referrals"].database
    with database.reading(NETWORK) as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        rows = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables}  # noqa: S608
    assert rows["outbound"]
    for name, found in rows.items():
        assert CANARY not in repr(found), name
