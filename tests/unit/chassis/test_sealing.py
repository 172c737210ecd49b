"""Sealed text opens with its own key, for its own human being and class, and never otherwise."""

from __future__ import annotations

import pytest

from chassis.ids import new_secret
from chassis.sealing import REDACTED, KeyNotPrepared, Ring, TokenBroken, is_token, read_token

OWNER, OTHER = "0f6d3b52-0000-4000-8000-000000000001", "0f6d3b52-0000-4000-8000-000000000002"


@pytest.fixture
def ring() -> Ring:
    return Ring({(OWNER, "called"): new_secret(), (OWNER, "contact"): new_secret(), (OTHER, "called"): new_secret()})


@pytest.mark.parametrize("value", ["Zoë 🌱", "", {"phone": "01632 960 001", "safe": True}, ["a", 1, None]])
def test_what_was_sealed_opens_as_it_was(ring: Ring, value: object) -> None:
    token = ring.seal(OWNER, "contact", value)
    assert ring.open(token, owner_id=OWNER) == value


def test_the_token_shows_nothing_of_the_text_and_never_repeats_itself(ring: Ring) -> None:
    first, second = ring.seal(OWNER, "called", "Jordan"), ring.seal(OWNER, "called", "Jordan")
    assert first != second
    assert "Jordan" not in first
    assert is_token(first, "called")
    assert not is_token(first, "contact")
    assert not is_token("Jordan", "called")


def test_a_token_of_somebody_else_is_refused_where_the_owner_is_known(ring: Ring) -> None:
    token = ring.seal(OTHER, "called", "Sam")
    with pytest.raises(TokenBroken):
        ring.open(token, owner_id=OWNER)


def test_a_token_moved_to_another_human_being_or_class_does_not_open(ring: Ring) -> None:
    token = ring.seal(OWNER, "called", "Jordan")
    for moved in (token.replace(OWNER, OTHER), token.replace(".called.", ".contact.")):
        with pytest.raises(TokenBroken):
            ring.open(moved)


def test_every_changed_character_is_noticed(ring: Ring) -> None:
    token = ring.seal(OWNER, "called", "Jordan")
    start = len(token) - len(token.rpartition(".")[2])
    refused = 0
    for place in range(start, len(token) - 1):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(TokenBroken):
            ring.open(changed)
        refused += 1
    assert refused > 40


def test_a_key_that_is_gone_gives_redacted_and_no_error() -> None:
    made = Ring({(OWNER, "called"): new_secret()})
    token = made.seal(OWNER, "called", "Jordan")
    after = Ring({(OWNER, "called"): None})
    assert after.open(token) is REDACTED
    assert not after.open(token)
    assert after.open_text(token) == "forgotten"


def test_a_key_nobody_prepared_is_a_fault_of_ours_and_says_so(ring: Ring) -> None:
    with pytest.raises(KeyNotPrepared):
        ring.seal(OWNER, "needs", "x")
    with pytest.raises(KeyNotPrepared):
        Ring({}).open(ring.seal(OWNER, "called", "x"))


@pytest.mark.parametrize("text", ["", "Jordan", "s1.called.x", "s2.called.x.AAAA", "s1.a.b.c.d", "s1.called.x.*"])
def test_text_that_is_no_token_is_refused(text: str) -> None:
    ring = Ring({("x", "called"): new_secret()})
    with pytest.raises(TokenBroken):
        read_token(text)
    with pytest.raises(TokenBroken):
        ring.open(text)


def test_a_text_moved_to_another_field_of_its_class_does_not_open() -> None:
    ring = Ring({("x", "support_notes"): new_secret()})
    note = ring.seal("x", "support_notes", "mine alone", field="note")
    assert ring.open(note, field="note") == "mine alone"
    for field in ("what", ""):
        with pytest.raises(TokenBroken):
            ring.open(note, field=field)
    renamed = note.replace("support_notes~note", "support_notes~what")
    with pytest.raises(TokenBroken):
        ring.open(renamed, field="what")
