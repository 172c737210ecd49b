"""The key partners encrypt to: one is published, it is renewed, and what was on its way still opens."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals import store
from services.referrals.partner_topic import keys
from tests.integration.referrals.conftest import Referrals
from tests.integration.referrals.letters import ACKNOWLEDGED, Letters


@pytest.fixture
def letters(room: Referrals) -> Letters:
    return Letters(room)


def kept(letters: Letters) -> list[Any]:
    with letters.room["referrals"].reading() as unit:
        return list(store.published(unit.scope, unit))


def days(letters: Letters, count: int) -> None:
    letters.room.clock.advance(days=count)
    keys.renew(letters.room["referrals"])


def test_anyone_may_read_the_key_and_it_holds_no_secret(letters: Letters) -> None:
    key = letters.key()
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["crv"], key["alg"], key["use"]) == ("P-256", "ECDH-ES", "enc")
    assert letters.key() == key


def test_the_private_half_is_kept_sealed(letters: Letters) -> None:
    letters.key()
    (row,) = kept(letters)
    assert row.private.startswith("s1.partner_key~")
    assert "d" not in row.public
    assert letters.room["referrals"].vault.ring([row.private]).open(row.private, field=row.kid)["d"]


def test_a_new_key_is_published_after_thirty_days_and_what_was_encrypted_to_the_old_one_still_opens(
    letters: Letters,
) -> None:
    old = letters.key()
    on_its_way = letters.sealed()
    days(letters, 29)
    assert letters.key() == old
    days(letters, 1)
    new = letters.key()
    assert new["kid"] != old["kid"]
    days(letters, 13)
    letters.put(on_its_way)
    assert letters.answer()["type"] == ACKNOWLEDGED


def test_fourteen_days_after_its_successor_a_key_is_destroyed(letters: Letters) -> None:
    old = letters.sealed()
    days(letters, 30)
    days(letters, 14)
    assert [row.number for row in kept(letters)] == [2]
    letters.put(old)
    assert letters.answer()["data"]["rule"] == "NotOpened"
    letters.send()
    assert letters.answer()["type"] == ACKNOWLEDGED
    assert [row.action for row in letters.room.audited(outcome="done") if row.action.startswith("partner_key")] == [
        "partner_key.publish", "partner_key.publish", "partner_key.destroy",
    ]  # fmt: skip


def test_two_who_make_a_key_at_once_publish_one(letters: Letters) -> None:
    house = letters.room["referrals"]
    keys._make(house, 1)
    keys._make(house, 1)
    assert len(kept(letters)) == 1
    assert len(letters.room.audited(action="partner_key.publish")) == 1
    letters.send()
    assert letters.answer()["type"] == ACKNOWLEDGED
