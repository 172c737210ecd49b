"""The audit trail on both databases: sealed in order, told hourly, looked through by a command; no row, no showing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from chassis.access import Principal, service_scope
from chassis.audit import chain, heads, reading, sealing
from chassis.audit.heads import Signer
from chassis.audit.verifying import ALTERED, MISSING, SWAPPED, verify
from chassis.boundary import NETWORK
from chassis.clock import HandClock, SystemClock
from chassis.database import Database
from chassis.errors import AuditNotWritten
from chassis.ids import SeededIds
from chassis.migrate import CHASSIS, bring_up
from chassis.serve import share
from chassis.service import Service
from chassis.settings import secret_from
from chassis.tables import audit, audit_heads, facts, second_askings
from services.__main__ import main
from services.support.app import create
from tests.builders import MORNING, a_house, a_settings
from tests.parts.postgres import as_owner

ROOM = "support"
WHO = Principal("account", "5d8f3b1e-6f0c-4c55-9a51-6b1f1f6f2a11", None, frozenset({"coordinator", "network_lead"}))


class Trail:
    """One room that only keeps an audit trail."""

    def __init__(self, data: Path, url: str = "", **changes: Any) -> None:
        self.data, self.url = data, url
        self.clock, self.ids = HandClock(MORNING), SeededIds(11)
        self.settings = a_settings(data, database_url=url, **changes)
        self.shared = share(self.settings, clock=self.clock, ids=self.ids)
        self.service: Service = create(self.settings, self.shared)
        self.database: Database = self.service.database

    def note(self, count: int, action: str = "support.pause") -> None:
        """Puts some things on record, a transaction each."""
        for _ in range(count):
            self.clock.advance(seconds=1)
            with self.service.writing() as unit:
                replace(unit, who=WHO).note(action, subject=self.ids.new(), record=self.ids.new())

    def gives_back(self) -> None:
        """Draws a number for a row, and ends without it."""
        with suppress(RuntimeError), self.service.writing() as unit:
            unit.note("support.pause")
            unit.gathering.write()
            raise RuntimeError

    def rows(self) -> list[Any]:
        with self.database.reading(NETWORK) as connection:
            return list(connection.execute(sa.select(audit).order_by(audit.c.sequence)))

    def change(self, statement: Any) -> None:
        """Does what somebody with the database's own rights could."""
        owner = Database(as_owner(self.url.replace("{service}", ROOM))) if self.url else self.database
        with owner.writing(NETWORK) as connection:
            connection.execute(statement)
        if owner is not self.database:
            owner.close()

    def beside(self) -> Database:
        """The same database as another process has it."""
        return Database(self.database.url.render_as_string(hide_password=False))

    def bad(self) -> Any:
        return verify(ROOM, reading.sealed_rows(self.database)).bad

    def close(self) -> None:
        self.service.close()
        self.shared.bus.close()
        self.shared.keys.database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def trail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trail]:
    url = request.getfixturevalue("postgres").of(ROOM) if request.param == "postgres" else ""
    made = Trail(tmp_path / "var", url)
    yield made
    made.close()


# ---- sealing


def test_rows_are_sealed_in_order_without_a_gap_and_verify(trail: Trail) -> None:
    trail.note(3)
    trail.gives_back()
    trail.note(2)
    assert [row.place for row in trail.rows()] == [None] * 5
    assert reading.unsealed_count(trail.database) == 5
    assert trail.service.seal_audit() == 5
    rows = trail.rows()
    assert [row.place for row in rows] == [1, 2, 3, 4, 5]
    assert [row.sequence for row in rows] == sorted(row.sequence for row in rows)
    before = chain.first(ROOM)
    for row in rows:
        assert row.hash == chain.hash_of(before, row._mapping)
        before = row.hash
    trail.note(1)
    assert trail.service.seal_audit() == 1
    assert trail.service.seal_audit() == 0
    assert trail.bad() is None
    assert reading.unsealed_count(trail.database) == 0


def test_what_is_committed_after_higher_numbers_were_sealed_comes_after_them(postgres: Any, tmp_path: Path) -> None:
    trail = Trail(tmp_path / "var", postgres.of(ROOM))
    slow = trail.beside()
    with slow.writing(NETWORK) as connection:
        row = {
            "at": MORNING, "who_kind": "account", "who_id": "slow", "roles": "", "action": "support.pause",
            "outcome": "done", "request_id": "r", "correlation_id": "r",
        }  # fmt: skip
        connection.execute(sa.insert(audit), row)
        trail.note(2)
        assert trail.service.seal_audit() == 2
    assert trail.service.seal_audit() == 1
    assert [(row.who_id == "slow", row.place) for row in trail.rows()] == [(True, 3), (False, 1), (False, 2)]
    assert trail.bad() is None
    slow.close()
    trail.close()


def test_two_processes_that_seal_at_once_seal_each_row_once(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 7)
    monkeypatch.setattr(sealing, "_OPEN", sealing._OPEN.limit(7))
    trail.note(60)
    other = trail.beside()
    begun, done, failed = threading.Barrier(2), [], []

    def work(database: Database) -> None:
        begun.wait(10)
        try:
            done.append(sealing.seal(database, ROOM))
        except Exception as trouble:  # noqa: BLE001 - told below
            failed.append(trouble)

    threads = [threading.Thread(target=work, args=(database,)) for database in (trail.database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    other.close()
    assert all(isinstance(trouble, sealing.SealedMeanwhile) for trouble in failed)
    trail.service.seal_audit()
    assert [row.place for row in trail.rows()] == list(range(1, 61))
    assert trail.bad() is None


def test_rows_another_sealer_took_meanwhile_are_left_as_they_are(trail: Trail) -> None:
    trail.note(2)
    rows = trail.rows()
    trail.service.seal_audit()
    sealed = [{"sequence": row.sequence, "place": 100 + row.sequence, "hash": "0"} for row in rows]
    with trail.database.writing(NETWORK) as connection:
        assert sealing._write(connection, sealed) == 0
    assert [row.place for row in trail.rows()] == [1, 2]


def test_what_cannot_be_put_on_record_is_not_done(trail: Trail) -> None:
    trail.change(sa.text("ALTER TABLE audit RENAME TO audit_elsewhere"))
    with pytest.raises(AuditNotWritten), trail.service.writing() as unit:
        unit.note("support.pause")
    trail.change(sa.text("ALTER TABLE audit_elsewhere RENAME TO audit"))
    trail.note(1)
    assert len(trail.rows()) == 1


# ---- what was done to a row


def holding(one: dict[str, Any], other: dict[str, Any]) -> Any:
    """Writes into one row what another holds, but for its number and its seal."""
    values = {name: other[name] for name in other if name not in ("sequence", "place", "hash")}
    return sa.update(audit).where(audit.c.sequence == one["sequence"]).values(**values)


def test_each_of_forty_rows_altered_deleted_or_swapped_in_the_database_is_named(trail: Trail) -> None:
    trail.note(40)
    trail.service.seal_audit()
    kept = [dict(row._mapping) for row in trail.rows()]
    for number in range(0, 40, 3):
        row, after = kept[number], kept[min(number + 1, 39)]
        this = sa.update(audit).where(audit.c.sequence == row["sequence"])
        trail.change(this.values(at=row["at"] + timedelta(microseconds=1)))
        assert (trail.bad().place, trail.bad().what) == (number + 1, ALTERED)
        trail.change(this.values(at=row["at"]))
        assert trail.bad() is None
        if number == 39:
            continue
        trail.change(sa.delete(audit).where(audit.c.sequence == row["sequence"]))
        assert (trail.bad().place, trail.bad().what) == (number + 1, MISSING)
        trail.change(sa.insert(audit).values(**row))
        for one, other in ((row, after), (after, row)):
            trail.change(holding(one, other))
        assert (trail.bad().place, trail.bad().what) == (number + 1, SWAPPED)
        for one in (row, after):
            trail.change(holding(one, one))
        assert trail.bad() is None


def test_the_same_rows_have_the_same_hashes_on_both_databases(postgres: Any, tmp_path: Path) -> None:
    hashes = []
    for url in ("", postgres.of(ROOM)):
        trail = Trail(tmp_path / (url[:8] or "sqlite"), url)
        trail.clock.advance(microseconds=123456)
        trail.note(5)
        trail.service.seal_audit()
        rows = trail.rows()
        hashes.append([(row.sequence, row.at, row.who_id, row.subject, row.hash) for row in rows])
        trail.close()
    assert hashes[0] == hashes[1]


# ---- heads


def test_a_head_is_signed_and_stated_every_hour_and_added_to_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    trail = Trail(tmp_path / "var", audit_heads=outside)
    assert trail.service.publish_audit_head() == 0
    trail.note(3)
    for minutes, expected in ((0, 1), (59, 1), (1, 2), (30, 2), (30, 3)):
        trail.clock.advance(minutes=minutes)
        trail.service.tick()
        assert len(reading.own_heads(trail.database, ROOM)) == expected, minutes
    own, filed = reading.own_heads(trail.database, ROOM), heads.read_folder(outside, ROOM)
    assert filed == own
    assert {head.place for head in own} == {3}
    key = Signer(secret_from(trail.settings.audit_key_path))
    assert trail.settings.audit_key_path.stat().st_mode & 0o777 == 0o600
    assert verify(ROOM, reading.sealed_rows(trail.database), own, [key.public_key]).bad is None
    with trail.database.reading(NETWORK) as connection:
        stated = connection.execute(sa.select(facts.c.body).where(facts.c.type == "audit.head_published.v1")).scalars()
        bodies = [json.loads(body) for body in stated]
    assert [body["hash"] for body in bodies] == [head.hash for head in own]
    trail.close()


def test_a_folder_that_cannot_be_written_holds_up_nothing_and_gets_its_heads_later(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    trail = Trail(tmp_path / "var", audit_heads=outside)
    trail.note(1)
    outside.rename(tmp_path / "away")
    trail.service.tick()
    assert trail.bad() is None
    assert len(reading.own_heads(trail.database, ROOM)) == 1
    (tmp_path / "away").rename(outside)
    trail.service.tick()
    assert heads.read_folder(outside, ROOM) == reading.own_heads(trail.database, ROOM)
    trail.close()


# ---- the command


def command(*given: str) -> Result:
    """`beenthere audit …` as somebody types it."""
    return CliRunner().invoke(main, ["audit", *given], catch_exceptions=False)


@pytest.fixture
def stopped(tmp_path: Path) -> Trail:
    """A stopped house with a trail of six sealed rows, of which a folder outside has a head; the key lies in it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    from services.home.app import create as home

    trail = Trail(tmp_path / "var", audit_heads=outside)
    home(trail.settings, trail.shared).close()
    trail.note(6)
    trail.service.tick()
    trail.close()
    return trail


def test_the_command_says_how_many_rows_are_as_they_were_sealed(stopped: Trail, tmp_path: Path) -> None:
    done = command("verify", "--service", ROOM, "--data", str(stopped.data), "--heads", str(tmp_path / "outside"))
    assert done.output == "support: rows 6, heads 1, not yet sealed 0, as sealed\n"
    assert done.exit_code == 0


def test_the_command_names_the_first_bad_row_and_ends_with_one(stopped: Trail) -> None:
    stopped.change(sa.update(audit).where(audit.c.place == 4).values(who_id="somebody else"))
    stopped.database.close()
    done = command("verify", "--service", ROOM, "--data", str(stopped.data))
    assert "BAD: row 4 (sequence 4) was altered" in done.output
    assert done.exit_code == 1


def test_the_command_finds_a_tail_that_was_cut_off_with_the_rooms_own_heads(stopped: Trail, tmp_path: Path) -> None:
    stopped.change(sa.delete(audit).where(audit.c.place > 4))
    stopped.change(sa.delete(audit_heads))
    stopped.database.close()
    blind = command("verify", "--service", ROOM, "--data", str(stopped.data))
    assert (blind.exit_code, "rows 4" in blind.output) == (0, True)
    done = command("verify", "--service", ROOM, "--data", str(stopped.data), "--heads", str(tmp_path / "outside"))
    assert "BAD: row 4 (sequence 4) is the last, and a published head knows of rows after it" in done.output
    assert done.exit_code == 1


def test_heads_that_home_heard_find_it_too_beside_a_running_house(tmp_path: Path) -> None:
    made = a_house(tmp_path / "var", "home", ROOM)
    for _ in range(3):
        with made[ROOM].writing() as unit:
            unit.note("support.pause", subject=made.ids.new())
    made.house.tick()
    made.quiet()
    well = command("verify", "--service", ROOM, "--data", str(tmp_path / "var"))
    assert (well.output, well.exit_code) == ("support: rows 3, heads 1, not yet sealed 0, as sealed\n", 0)
    with made[ROOM].database.writing(NETWORK) as connection:
        connection.execute(sa.delete(audit).where(audit.c.place > 2))
        connection.execute(sa.delete(audit_heads))
    done = command("verify", "--data", str(tmp_path / "var"), "--service", ROOM)
    assert "BAD: row 2 (sequence 2) is the last" in done.output
    assert done.exit_code == 1
    made.close()


def test_a_folder_that_holds_no_house_is_said_plainly(tmp_path: Path) -> None:
    done = command("verify", "--data", str(tmp_path))
    assert "holds no records of home" in done.output
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def wanted_by_two(data: Path, subject: str) -> str:
    """Two people want all on record of somebody handed out, as the referrals room keeps it; gives the asking's id."""
    database, now, asking_id = Database(f"sqlite:///{data}/referrals.sqlite"), SystemClock().now(), WHO.id
    bring_up(database, CHASSIS)
    row = {
        "asking_id": asking_id, "partner_id": WHO.id, "what": "handing_out", "about_id": subject, "details": {},
        "words": "", "asked_by": "one", "asked_at": now, "ends_at": now + timedelta(days=7), "state": "confirmed",
        "settled_by": "another", "settled_at": now,
    }  # fmt: skip
    with database.writing(NETWORK) as connection:
        connection.execute(sa.insert(second_askings), row)
    database.close()
    return asking_id


def test_an_export_of_one_subject_is_fhir_and_is_on_record_itself(stopped: Trail) -> None:
    subject = stopped.rows()[2].subject
    officer = "5d8f3b1e-6f0c-4c55-9a51-6b1f1f6f2a12"
    stopped.database.close()
    export = ("export", "--service", ROOM, "--data", str(stopped.data), "--subject", subject, "--as", officer)
    asking = wanted_by_two(stopped.data, subject)
    assert command(*export, "--asking", officer).exit_code == 2
    done = command(*export, "--asking", asking)
    assert command(*export, "--asking", asking).exit_code == 2
    found = json.loads(done.output)
    assert (found["resourceType"], found["type"], len(found["entry"])) == ("Bundle", "collection", 2)
    actions = [entry["resource"]["subtype"][0]["code"] for entry in found["entry"]]
    assert actions == ["audit.export", "support.pause"]
    event = found["entry"][1]["resource"]
    assert event["resourceType"] == "AuditEvent"
    assert event["agent"][0]["who"]["identifier"]["value"] == f"urn:uuid:{WHO.id}"
    assert event["agent"][0]["requestor"] is True
    assert event["entity"][0]["what"]["identifier"]["value"] == f"urn:uuid:{subject}"
    assert event["recorded"].endswith("Z")
    assert {"type", "recorded", "agent", "source"} <= event.keys()
    assert "observer" in event["source"]


def test_rows_about_somebody_are_found_sealed_or_not_and_by_an_index_once_they_are(trail: Trail) -> None:
    trail.note(4)
    whose = trail.rows()[1]

    def found() -> list[int]:
        with trail.database.reading(NETWORK) as connection:
            return [row["sequence"] for row in reading.rows_of_subject(service_scope(ROOM), connection, whose.subject)]

    assert found() == [whose.sequence]
    assert trail.service.seal_audit() == 4
    assert found() == [whose.sequence]
    if trail.database.is_sqlite:
        rows = reading.about(whose.subject)
        plan = sa.select(rows).compile(trail.database.engine, compile_kwargs={"literal_binds": True})
        with trail.database.reading(NETWORK) as connection:
            asked = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plan}").all()
        assert any("audit_by_subject (subject=?)" in row.detail for row in asked)
