"""`beenthere events parked`: it lists and asks beside a running house, marked as such, and can never confirm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.events.commands import events
from chassis.events.parked_command import parked as command
from chassis.tables import askings, audit, parked
from tests.integration.chassis.aside import AMINA, BILAL, STREAM, WORDS, Keeper, embedded, noted, parks

ASKS = ("--stream", STREAM, "--as", AMINA, "--reason", "other", "--words", WORDS)


def run(world: Any, *given: str, service: str = "matching") -> Result:
    """Runs the command on the world's records, by whichever way they are reached."""
    url = world.settings.database_url
    where = ("--database-url", url) if url else ("--data", str(world.settings.data))
    return CliRunner().invoke(events, ["parked", given[0], "--service", service, *where, *given[1:]])


def test_what_the_command_line_asks_another_confirms_on_the_page(world: Any, amina: Keeper, bilal: Keeper) -> None:
    parks(world, "bad", "then")
    listed = run(world, "list").output
    assert f"{STREAM} at 1, partner.joined.v1: ValueError (conftest.py:" in listed
    assert "behind it 1" in listed
    asked = run(world, "ask-replay", *ASKS)
    assert asked.exit_code == 0, asked.output
    (row,) = world.rows(askings)
    assert (row.asked_by, row.asked_from, row.what, row.words) == (AMINA, "command", "try_again", WORDS)
    assert row.asking_id in asked.output
    assert f"{row.asking_id}: try_again {STREAM}" in run(world, "list").output
    asks = [one for one in world.rows(audit) if one.action == "parked.ask"]
    assert [(one.who_kind, one.who_id, one.record) for one in asks] == [("command", AMINA, row.asking_id)]
    assert amina.confirms(row.asking_id).status_code == 409
    assert "from the command line" in bilal.page(f"/asked/{row.asking_id}").text
    assert "does not prove who asked" in bilal.page(f"/asked/{row.asking_id}").text
    world.failing = set()
    bilal.confirms(row.asking_id)
    world.hear(lambda: world.seen() == ["bad", "then"])
    assert "matching: set aside 0\nwaiting 0\nnot readable 0\nto be confirmed 0\n" in run(world, "list").output


@embedded
def test_giving_up_is_asked_for_and_never_done_here(world: Any, bilal: Keeper) -> None:
    assert set(command.commands) == {"list", "ask-replay", "ask-give-up"}
    parks(world, "bad", "then")
    asked = run(world, "ask-give-up", *ASKS, "--afterwards", "hidden")
    assert asked.exit_code == 0, asked.output
    assert len(world.rows(parked)) == 1
    again = run(world, "ask-give-up", *ASKS[:3], BILAL, *ASKS[4:], "--afterwards", "shown")
    assert (again.exit_code, "Somebody has already asked" in again.output) == (2, True)
    (row,) = world.rows(askings)
    bilal.confirms(row.asking_id)
    assert [one[0] for one in noted(world, "parked.given_up")] == [BILAL]
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == {"fenced"}


@embedded
def test_all_that_stopped_alike_are_asked_about_at_once(world: Any) -> None:
    world.failing = {"one", "two", "three"}
    for number, name in enumerate(("one", "two", "three"), 1):
        world.joins(f"p{number}", name)
    world.hear_all()
    assert run(world, "ask-replay", *ASKS, "--alike").exit_code == 0
    assert "and 2 more" in run(world, "list").output


REFUSED = (
    (("--stream", "partners/partner/p2"), "There is no such stream set aside"),
    (("--as", "amina"), "Give the id of an account"),
    (("--words", "too few"), "--words: Use 10 to 300 characters."),
    (("--words", " " * 20), "--words: Use 10 to 300 characters."),
    (("--words", "It is mended\x1b[31m this morning."), "--words: This holds characters that are not text."),
    (("--words", "Ring 01632 960 001 about it."), "--words: Leave out telephone"),
    (("--reason", "because"), "'because' is not one of"),
)


@embedded
def test_what_cannot_be_asked_is_refused_in_plain_words(world: Any) -> None:
    parks(world, "bad")
    for given, says in REFUSED:
        refused = run(world, "ask-replay", *ASKS, *given)
        assert refused.exit_code == 2
        assert says in refused.output
    assert world.rows(askings) == []


@embedded
def test_a_service_that_has_no_records_there_is_not_made(world: Any) -> None:
    for name in ("supervision", "../matching", "keys"):
        refused = run(world, "list", service=name)
        assert refused.exit_code == 2
        assert f"There are no records of {name} here" in refused.output
    assert not (world.settings.data / "supervision.sqlite").exists()


NO_RECORDS = "There are no records of matching here"
NO_ADDRESS = (
    ("nonsense", "BEENTHERE_DATABASE_URL must begin with"),
    ("postgresql+psycopg://one:secret@nowhere:port/{service}", "The address of the database cannot be read."),
    ("sqlite:///{folder}/nowhere/{service}.sqlite", NO_RECORDS),
    ("sqlite:///{folder}/notes.txt", NO_RECORDS),
)


@pytest.mark.parametrize(("address", "says"), NO_ADDRESS)
def test_an_address_that_leads_to_no_records_is_said_in_plain_words(tmp_path: Path, address: str, says: str) -> None:
    (tmp_path / "notes.txt").write_text("nothing but words, and more of them than a database begins with\n" * 50)
    given = ("--service", "matching", "--database-url", address.replace("{folder}", str(tmp_path)))
    refused = CliRunner().invoke(events, ["parked", "list", *given])
    assert (refused.exit_code, says in refused.output) == (2, True), refused.output
    assert "secret" not in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
