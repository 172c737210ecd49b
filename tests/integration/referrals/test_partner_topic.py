"""A partner's topic as a door: an encrypted referral is taken in and acknowledged, all else is answered and passed.

Here on the embedded log, where a partner's system is a few lines; on Kafka, with passwords, access lists and a client
of another make, in test_partners_on_kafka.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis import jwe
from services.referrals import domain, schemas
from tests.builders import a_referral
from tests.integration.referrals.conftest import Referrals
from tests.integration.referrals.letters import ACKNOWLEDGED, OURS, REFUSED, THEIRS, Letters


@pytest.fixture
def letters(room: Referrals) -> Letters:
    return Letters(room)


# ---- taken in


def test_an_encrypted_referral_is_taken_in_and_acknowledged(letters: Letters) -> None:
    message_id = letters.send(a_referral(hopes="To have company on the hard days"))
    (told,) = letters.answers()
    room = letters.room
    assert (told["type"], told["specversion"], told["content-type"]) == (ACKNOWLEDGED, "1.0", "application/json")
    assert told["data"]["answers"] == message_id
    assert told["data"]["receipt_id"] == told["id"]
    kept = room.kept(told["data"]["referral_id"])
    assert (kept.partner_id, kept.door, kept.state) == (room.partner_id, "topic", "received")
    assert kept.reference == told["data"]["reference"]
    assert room.opened(kept.notes)["hopes"] == "To have company on the hard days"
    assert room.facts("referral.received")[0]["door"] == "topic"
    assert [row.partner_id for row in room.audited(action="referral.send")] == [room.partner_id]


def test_an_acknowledgement_says_what_is_missing_and_when_someone_will_have_read_it(letters: Letters) -> None:
    letters.send(a_referral(person={"postcode": ""}))
    told = letters.answer()["data"]
    assert told["incomplete"] == ["postcode"]
    # Two working days after a Monday morning.
    assert told["reply_due_at"].startswith("2026-03-04T10:00:00")
    assert set(told) == {
        "answers", "receipt_id", "referral_id", "reference", "received_at", "reply_due_at", "incomplete",
    }  # fmt: skip


def test_the_trace_a_message_came_with_goes_on(letters: Letters) -> None:
    trace = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    letters.send(traceparent=trace)
    letters.carry()
    assert letters.room.headers("referral.received")[0]["ce_traceparent"] == trace


# ---- who it is from


def test_a_forged_partner_in_the_message_has_no_effect(letters: Letters) -> None:
    room = letters.room
    letters.send(source=f"/{THEIRS}", partnerid=room.other_id, subject=room.other_id)
    told = letters.answer()
    assert room.kept(told["data"]["referral_id"]).partner_id == room.partner_id
    assert letters.outbound(THEIRS) == []
    # A partner named in the body is no field of a referral, so the whole is refused; the other is never asked.
    letters.send({**a_referral(), "partner_id": room.other_id})
    assert letters.answer()["data"]["rule"] == "ReferralRefused"
    assert letters.outbound(THEIRS) == []
    assert room.count() == 1


def test_each_partner_is_told_of_its_own_messages_alone(letters: Letters) -> None:
    ours, theirs = letters.send(), letters.send(code=THEIRS)
    assert [one["data"]["answers"] for one in letters.answers()] == [ours]
    assert [one["data"]["answers"] for one in letters.outbound(THEIRS)] == [theirs]
    assert {row.partner_id for row in letters.room.audited(action="referral.send")} == {
        letters.room.partner_id, letters.room.other_id,
    }  # fmt: skip


def test_a_topic_of_a_partner_nobody_told_us_of_waits_until_somebody_does(letters: Letters) -> None:
    letters.bus.make_topics(["partner.hearv.inbound", "partner.hearv.outbound"], 1)
    message_id = letters.send(code="hearv")
    letters.carry()
    assert letters.room.count() == 0
    letters.room.a_partner("Hearvale Friends")
    assert [one["data"]["answers"] for one in letters.answers("hearv")] == [message_id]


def test_a_suspended_partner_is_told_so_and_taken_again_once_it_is_resumed(letters: Letters) -> None:
    room = letters.room
    room.suspend(room.partner_id)
    message_id = letters.send()
    told = letters.answer()
    assert (told["type"], told["data"]["answers"], told["data"]["rule"]) == (REFUSED, message_id, "PartnerSuspended")
    assert room.count() == 0
    room.resume(room.partner_id)
    letters.send(id=message_id)
    assert letters.answer()["type"] == ACKNOWLEDGED


def test_whatever_a_suspended_partner_sends_it_is_told_of_its_suspension(letters: Letters) -> None:
    letters.send(id="taken-in")
    letters.carry()
    letters.room.suspend(letters.room.partner_id)
    letters.put(b"in clear")
    letters.send(id="taken-in")
    letters.send(type="no.such.v1")
    assert [one["data"].get("rule") for one in letters.answers()] == [None, *["PartnerSuspended"] * 3]


def test_under_a_lapsed_agreement_nobody_new_is_taken_and_what_was_taken_is_acknowledged_again(
    letters: Letters,
) -> None:
    letters.send(id="taken-in")
    first = letters.answer()
    letters.room.lapse(letters.room.partner_id)
    letters.send(id="taken-in")
    letters.send(id="somebody-new")
    again, refused = letters.answers()[1:]
    assert again["data"] == first["data"]
    assert (refused["type"], refused["data"]["rule"]) == (REFUSED, "AgreementLapsed")
    assert letters.room.count() == 1
    letters.room.sign(letters.room.partner_id)
    letters.send(id="somebody-new")
    assert letters.answers()[-1]["type"] == ACKNOWLEDGED


# ---- repeats


def test_the_same_message_again_makes_nothing_and_is_acknowledged_with_the_same_id(letters: Letters) -> None:
    body = letters.sealed()
    letters.put(body, "one-and-only")
    first = letters.answer()
    letters.room.clock.advance(days=30)
    letters.put(body, "one-and-only")
    second = letters.answers()[-1]
    assert (second["id"], second["data"]) == (first["id"], first["data"])
    assert len(letters.outbound()) == 2
    assert letters.room.count() == 1


def test_encrypted_anew_and_written_in_another_order_it_is_still_the_same(letters: Letters) -> None:
    referral = a_referral()
    letters.send(referral, "one-and-only")
    turned = json.dumps(dict(reversed(referral.items())), indent=2).encode()
    letters.send(turned, "one-and-only")
    first, second = letters.answers()
    assert second["id"] == first["id"]
    assert letters.room.count() == 1


def test_a_repeat_is_acknowledged_also_when_the_rules_have_changed_since(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stricter(*_given: Any, **_more: Any) -> Any:
        raise domain.ReferralRefused()

    letters.send(referral := a_referral(), "one-and-only")
    first = letters.answer()
    monkeypatch.setattr(schemas, "read_referral", stricter)
    letters.send(referral, "one-and-only")
    assert letters.answer()["data"] == first["data"]
    letters.send(referral)
    assert letters.answer()["type"] == REFUSED


def test_the_same_id_with_another_body_is_refused_and_changes_nothing(letters: Letters) -> None:
    letters.send(id="one-and-only")
    letters.send(a_referral(person={"name": "Somebody Else"}), "one-and-only")
    told = letters.answers()[-1]
    assert (told["data"]["answers"], told["data"]["rule"]) == ("one-and-only", "KeyReused")
    assert "came before with another body" in told["data"]["says"]
    assert letters.room.count() == 1


def test_another_partner_may_use_the_same_id(letters: Letters) -> None:
    letters.send(id="one-and-only")
    letters.send(a_referral(person={"name": "Somebody Else"}), "one-and-only", THEIRS)
    letters.carry()
    assert letters.room.count() == 2


def test_what_was_refused_leaves_its_id_free(letters: Letters) -> None:
    letters.send(a_referral(consent={"given": False}), "one-and-only")
    assert letters.answer()["type"] == REFUSED
    letters.send(id="one-and-only")
    assert letters.answer()["type"] == ACKNOWLEDGED


# ---- bad messages


def bad_ones(letters: Letters) -> dict[str, tuple[bytes, dict[str, str | None]]]:
    """Bodies and envelopes that must not be taken in, by the rule that refuses them."""
    other = jwe.public_of(jwe.new_key("of nobody"))
    large = letters.sealed(b"[" + b" " * 200_000 + b"]")
    assert len(large) > 256 * 1024
    return {
        "NotEncrypted": (json.dumps(a_referral()).encode(), {}),
        "NotOpened": (jwe.seal(b"{}", other), {}),
        "MessageEmpty": (b"", {}),
        "MessageTooLarge": (large, {}),
        "NotStrictJson": (letters.sealed(b"hello"), {}),
        "ReferralRefused": (letters.sealed([1, 2]), {}),
        "TypeNotTaken": (letters.sealed(), {"type": "referral.received.v1"}),
        "EnvelopeFaulty": (letters.sealed(), {"specversion": "0.3", "source": None}),
    }


def test_every_bad_message_is_answered_with_its_rule_and_none_blocks_the_good_one_behind_it(letters: Letters) -> None:
    bad = bad_ones(letters)
    good = a_referral()
    for rule, (body, envelope) in bad.items():
        letters.put(body, f"bad-{rule}", OURS, **envelope)
        letters.send({**good, "your_reference": rule}, f"good-{rule}")
    told = letters.answers()
    assert [one["data"]["answers"] for one in told] == [f"{kind}-{rule}" for rule in bad for kind in ("bad", "good")]
    for place, (rule, refused, taken) in enumerate(zip(bad, told[::2], told[1::2], strict=True)):
        assert (refused["type"], refused["data"]["rule"], refused["data"]["offset"]) == (REFUSED, rule, place * 2)
        assert refused["data"]["says"]
        assert taken["type"] == ACKNOWLEDGED
    assert letters.room.count() == len(bad)
    assert [row.rule for row in letters.room.audited(outcome="refused")] == list(bad)


def test_a_message_without_an_id_that_can_be_kept_is_answered_by_its_place(letters: Letters) -> None:
    ids = [None, "with space", "x" * 101, "ünicode"]
    for message_id in ids:
        letters.put(letters.sealed(), message_id)
    told = [one["data"] for one in letters.answers()]
    assert [(one["answers"], one["offset"], one["rule"]) for one in told] == [
        (None, place, "EnvelopeFaulty") for place in range(len(ids))
    ]
    assert {fault["where"] for one in told for fault in one["faults"]} == {"id"}


def test_every_fault_of_a_referral_is_told_at_once_in_plain_words(letters: Letters) -> None:
    letters.send(a_referral(person={"name": "", "nhs_number": "", "email": "nobody"}, consent={"given": False}))
    told = letters.answer()["data"]
    assert {fault["where"]: fault["says"] for fault in told["faults"]} == {
        "person.name": "Enter a name or an NHS number. One of them is needed.",
        "person.email": "Enter an email address, such as name@example.org.",
        "consent.given": "Ask the person first. A referral needs their consent.",
    }


def test_what_fails_in_a_way_nobody_expected_is_told_and_passed(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.referrals.actions import receiving

    real, failing = receiving.receive_referral, {"on": True}

    def broken(*given: Any, **more: Any) -> Any:
        if failing["on"]:
            raise ZeroDivisionError("of somebody's name")
        return real(*given, **more)

    monkeypatch.setattr(receiving, "receive_referral", broken)
    letters.send(id="unlucky-1")
    told = letters.answer()
    assert (told["data"]["rule"], told["data"]["answers"]) == ("Unexpected", "unlucky-1")
    assert "somebody" not in json.dumps(told)
    failing["on"] = False
    letters.send(id="unlucky-1")
    assert letters.answer()["type"] == ACKNOWLEDGED


# ---- what is counted


def counted(letters: Letters, name: str, **labels: str) -> float:
    return letters.room["referrals"].registry.get_sample_value(name, labels or None) or 0.0


def test_messages_are_counted_by_what_became_of_them_and_one_in_clear_rings_an_alarm(letters: Letters) -> None:
    body = letters.sealed()
    letters.put(body, "good-1")
    letters.put(body, "good-1")
    letters.put(b'{"person": {}}')
    letters.put(b"...")
    letters.carry()
    name = "beenthere_referrals_partner_messages_total"
    for outcome, count in {"acknowledged": 1, "repeated": 1, "refused": 2}.items():
        assert counted(letters, name, door="topic", outcome=outcome) == count
    assert counted(letters, "beenthere_referrals_partner_messages_in_clear_total") == 2


def test_the_age_of_what_is_not_published_yet_shows_while_the_topic_takes_nothing(letters: Letters) -> None:
    letters.send()
    letters.exchange.outbound.sweep()
    letters.exchange.inbound.step(0)
    letters.room.clock.advance(minutes=3)
    assert counted(letters, "beenthere_referrals_partner_unsent_seconds") == 180
    letters.carry()
    assert counted(letters, "beenthere_referrals_partner_unsent_seconds") == 0


def test_who_has_no_topic_keeps_nothing_unsent(letters: Letters) -> None:
    letters.room.a_partner("Hearvale Friends")
    letters.carry()
    assert counted(letters, "beenthere_referrals_partner_unsent_seconds") == 0
