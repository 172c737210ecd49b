"""What somebody reads of who has looked at their record: a role, an organisation, a purpose; never a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.records import PURPOSES
from contracts.roles import ROLES
from services.home.domain import record
from services.home.domain.record import SOMEBODY, Line, Look, line_of, ordered

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NAMES = {"k": "Kindred Voices"}


def test_a_look_reads_as_role_organisation_and_purpose() -> None:
    look = Look(("coordinator",), "k", "matching", AT)
    read = line_of(look, NAMES, is_peer=False, is_protected=False)
    assert read == Line("A coordinator", "Kindred Voices", "To find someone who has been there for you", AT)
    assert line_of(look, NAMES, is_peer=True, is_protected=False).purpose == "To see who could be a peer for someone"


def test_a_protected_person_reads_no_role_organisation_or_purpose() -> None:
    look = Look(("peer",), "k", "support", AT)
    assert line_of(look, NAMES, is_peer=False, is_protected=True) == Line(SOMEBODY, "", "", AT)


def test_what_has_no_word_is_told_without_one() -> None:
    assert line_of(Look((), "unknown", "x", AT), NAMES, is_peer=False, is_protected=False) == Line(
        SOMEBODY, "", "Another reason", AT
    )


def test_each_look_is_told_once_and_the_newest_first() -> None:
    early, late = Look(("peer",), "k", "support", AT), Look(("peer",), "k", "support", AT + timedelta(minutes=1))
    assert ordered([early, late, early]) == [late, early]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_purpose_has_words_for_a_person_and_for_a_peer(purpose: str) -> None:
    assert purpose in record.FOR_PERSON
    assert purpose in record.FOR_PEER


def test_every_role_has_a_word() -> None:
    assert set(record.ROLES) == set(ROLES)
