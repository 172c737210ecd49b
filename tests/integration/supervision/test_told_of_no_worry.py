"""What is opened for a worry is on record, and nobody whom it is about learns of it by fact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.tables import facts


def told(room: Any) -> list[str]:
    """What this room stated of whose record was seen."""
    with room["supervision"].reading() as unit:
        query = sa.select(facts.c.body).where(facts.c.type == "record.seen.v1")
        return list(unit.connection.execute(query).scalars())


def test_opening_and_listing_worries_is_on_record_and_told_to_nobody(room: Any, staff: dict[str, Any]) -> None:
    person = room.a_person("Jordan")
    worry = room.a_worry(3, about_id=person)
    owner = staff["safeguarding_lead"]
    for path in ("/worries", f"/worries/{worry.worry_id}"):
        assert owner.page(path).status_code == 200
    assert owner.api("GET", "/api/v1/concerns").status_code == 200
    assert {row.subject for row in room.audited("person.listed", owner)} == {person}
    assert {row.subject for row in room.audited("worry.open", owner)} == {person}
    assert told(room) == []


def test_a_look_at_a_team_is_told(room: Any) -> None:
    # The control: this room does tell of looks that are not for a worry.
    peer = room.a_peer()
    lead = room.as_("network_lead")
    assert lead.api("GET", "/api/v1/supervision/team").status_code == 200
    (body,) = told(room)
    assert peer.who.id in body
    assert [row.subject for row in room.audited("peer.listed", lead)] == [peer.who.id]
