"""What the support room reads: a time as people write it, and a worry that needs no words."""

from __future__ import annotations

from datetime import date, time

import pytest
from marshmallow import ValidationError

from contracts import support, worries
from services.support import domain, schemas
from services.support.pages import wording


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("14:30", time(14, 30)), ("2:30pm", time(14, 30)), ("2.30 PM", time(14, 30)), ("2pm", time(14)),
        ("12am", time(0)), ("12pm", time(12)), ("09:05", time(9, 5)), ("14:30:00", time(14, 30)),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(typed: str, expected: time) -> None:
    read = schemas.MeetingFormSchema().load({"on": "2026-03-09", "at": typed, "mode": "phone"})
    assert read == {"on": date(2026, 3, 9), "at": expected, "mode": "phone"}


@pytest.mark.parametrize("typed", ["", "14", "25:00", "13pm", "0am", "14:60", "half past two"])
def test_what_is_no_time_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        schemas.MeetingFormSchema().load({"on": "2026-03-09", "at": typed, "mode": "phone"})
    assert refused.value.messages == {"at": ["Enter a time, such as 2:30pm or 14:30."]}


def test_after_a_meeting_only_two_answers_are_required() -> None:
    assert set(schemas.ContactSchema().validate({})) == {"kind", "mode"}
    assert schemas.ContactSchema().validate({"kind": "made", "mode": "phone"}) == {}


def test_a_worry_needs_only_how_soon() -> None:
    assert set(schemas.WorrySchema().validate({})) == {"level"}
    assert schemas.WorrySchema().load({"level": 4}) == {"level": 4, "about": "person", "words": ""}
    assert set(schemas.WorrySchema().validate({"level": 5})) == {"level"}


def test_each_side_is_asked_in_its_own_words() -> None:
    asked = {
        side: wording.lists(side, wording.names(side, "Jordan", "Asha", "Me"))["agreed_by"]
        for side in ("person", "peer", "network")
    }
    assert asked == {
        "person": {"both": "Both together", "person": "Me"},
        "peer": {"both": "Both together", "person": "Jordan", "peer": "Me"},
        "network": {"both": "Both together", "person": "Jordan", "peer": "Asha", "network": "The network"},
    }


def test_every_code_has_words_on_the_screens() -> None:
    assert set(wording.MODES) == set(support.CONTACT_MODES)
    assert set(wording.KINDS) == set(support.CONTACT_KINDS)
    assert set(wording.ENDINGS) == set(support.ENDINGS)
    told = wording.names("network", "Jordan", "Asha", "You")
    assert set(told) == set(support.AGREED_BY) == {*support.PAUSED_BY, "both"}
    assert set(wording.CONNECTION_STATES) == set(support.CONNECTION_STATES)
    assert set(wording.CONNECTION_MOVES) == {to for was in support.CONNECTION_STATES for to in domain.next_steps(was)}
    assert set(wording.LEVELS) == {str(level) for level in worries.LEVELS}
