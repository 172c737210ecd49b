"""Whoever was forgotten stays forgotten, whatever is put back from yesterday: keys, records, or all of it together.

Before each opening the control: yesterday's copy of the keys does open the words of the person, by yesterday's records.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis import tables
from chassis.boundary import NETWORK
from chassis.clock import HandClock
from chassis.events import reading_back
from chassis.granted import OwnerForgotten
from chassis.house import open_house
from chassis.ids import RandomIds
from chassis.keys import Keys
from chassis.ledger import Ledger, LedgerUnreadable
from chassis.master import FileMaster
from chassis.sealing import REDACTED, Ring, read_token
from chassis.settings import secret_from
from contracts.addresses import owner_of
from services.__main__ import ROOMS, main
from services.referrals.store import people
from tests.builders import MORNING, TestHouse, a_referral, a_settings, believing, forget_person

PARTNER = "00000000-0000-4000-8000-000000000001"
CANARY = "Goldammer Zaunkönig"
AT = "/api/v1/referrals"
OPENED = {name: ROOMS[name] for name in ("referrals", "home")}


class Place:
    """Where a house keeps what it has, on files or on PostgreSQL; each part can be put back as it was yesterday."""

    def __init__(self, folder: Path, postgres: Any = None) -> None:
        self.folder, self.postgres = folder, postgres
        self.data, self.older, self.ledger = folder / "var", folder / "older", folder / "apart" / "forgotten.ledger"
        self.urls: dict[str, str] = {}
        if postgres:
            rooms = postgres.of(*OPENED)
            self.urls = {"database_url": rooms, "keys_url": postgres.empty()}
        self._of = {name: self.urls["database_url"].replace("{service}", name) for name in OPENED} if postgres else {}

    def open(self, *rooms: str, ledger: Path | None = None) -> TestHouse:
        """The house as each start opens it: with ids that were never given before."""
        clock, ids = HandClock(MORNING), RandomIds()
        settings = a_settings(self.data, erasure_ledger=ledger or self.ledger, **self.urls)
        made = {name: OPENED[name] for name in rooms or OPENED}
        return TestHouse(open_house(settings, made, owner_of, **believing(clock=clock, ids=ids)), clock, ids)  # type: ignore[arg-type]

    def parts(self) -> tuple[str, ...]:
        return ("keys", "log", *OPENED)

    def keep(self) -> None:
        """Makes a copy of every part, as a nightly backup would."""
        self.older.mkdir()
        for part in self.parts():
            if url := self._url(part):
                self._copy(_name(url), f"{_name(url)}_older")
            else:
                shutil.copy(self.data / f"{part}.sqlite", self.older / f"{part}.sqlite")

    def put_back(self, *parts: str) -> None:
        """Puts parts back as they were; nothing of what came since is left of them."""
        for part in parts:
            self.empty(part)
            if url := self._url(part):
                self._copy(f"{_name(url)}_older", _name(url))
            else:
                shutil.copy(self.older / f"{part}.sqlite", self.data / f"{part}.sqlite")

    def empty(self, part: str) -> None:
        """Takes a part away."""
        if url := self._url(part):
            self.postgres.server.drop([_name(url)])
        for path in self.data.glob(f"{part}.sqlite*"):
            path.unlink()

    def run(self, monkeypatch: pytest.MonkeyPatch, *command: str) -> tuple[int, str]:
        """The command line, as whoever keeps this place running has set it."""
        given = {"BEENTHERE_ERASURE_LEDGER": str(self.ledger), "BEENTHERE_DEMO": "yes"}
        given |= {f"BEENTHERE_{name.upper()}": url for name, url in self.urls.items()}
        given["BEENTHERE_MASTER_KEY_FILE"] = str(self.data / "master.key")
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(main, [*command, "--data", str(self.data)])
        return done.exit_code, done.output

    def yesterdays_keys(self) -> str:
        return f"{self._url('keys')}_older" if self.postgres else f"sqlite:///{self.older}/keys.sqlite"

    def _url(self, part: str) -> str:
        return (self.urls.get("keys_url", "") if part == "keys" else self._of.get(part, "")) if self.postgres else ""

    def _copy(self, name: str, to: str) -> None:
        self.postgres.server.copy(name, to)
        self.postgres._made.append(to)


def _name(url: str) -> str:
    return str(sa.make_url(url).database)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, request.getfixturevalue("postgres") if request.param == "postgres" else None)


class Forgotten:
    """A person who was there yesterday, when all was copied, and is forgotten today; and one who stays."""

    def __init__(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        house = place.open()
        sent = [
            house.as_system(PARTNER).api(
                "POST",
                AT,
                a_referral(person={"name": name, "called": name}, hopes=name),
                Idempotency_Key=f"sent yesterday {len(name)}",
            )
            for name in (CANARY, "Jordan Okafor")
        ]
        self.referral_id, self.other_id = (one.get_json()["referral_id"] for one in sent)
        self.person_id = house.as_("coordinator").api("GET", f"{AT}/{self.referral_id}").get_json()["person_id"]
        house.quiet()
        self.token = self.row(house).called
        house.close()
        place.keep()
        code, said = place.run(monkeypatch, "keys", "backup", str(place.folder / "copies"))
        assert (code, said.endswith("good for 7 days; 0 older taken out\n")) == (0, True), said
        house = place.open()
        assert forget_person(house.as_("privacy_officer"), house.as_("network_lead"), self.person_id) == 204
        house.quiet()
        assert self.opens(house) is REDACTED
        house.close()
        assert self.opens_by(place, place.yesterdays_keys()) == CANARY

    def row(self, house: TestHouse) -> Any:
        """What referrals keeps of them, as it stands."""
        with house["referrals"].database.reading(NETWORK) as connection:
            return connection.execute(sa.select(people).where(people.c.person_id == self.person_id)).one()

    def opens(self, house: TestHouse) -> Any:
        """What their sealed text opens to in a room that may."""
        return house["referrals"].vault.ring([self.token]).open(self.token)

    def opens_by(self, place: Place, url: str) -> Any:
        """The control: what their text opens to by a copy of the keys, whatever the house would do."""
        store = Keys(url, FileMaster(secret_from(place.data / "master.key")), HandClock(MORNING))
        name, owner, _ = read_token(self.token)
        try:
            return Ring(store.fetch([(owner, name)])).open(self.token)
        finally:
            store.database.close()

    def stays_forgotten(self, house: TestHouse) -> None:
        """Nothing of theirs opens in any room and nothing is sealed for them; of somebody else it does."""
        for room in house.house.services.values():
            assert room.vault.ring([self.token]).open(self.token) is REDACTED, room.name
        for name in ("contact", "called"):
            with pytest.raises(OwnerForgotten):
                house["referrals"].vault.make(self.person_id, [name])
        assert house.as_("coordinator").api("GET", f"{AT}/{self.referral_id}").status_code in {404, 503}


@pytest.fixture
def forgotten(place: Place, monkeypatch: pytest.MonkeyPatch) -> Forgotten:
    return Forgotten(place, monkeypatch)


def nothing_is_set_aside(house: TestHouse) -> None:
    for service in house.house.services.values():
        with service.reading() as unit:
            assert unit.connection.execute(sa.select(tables.parked)).all() == [], service.name


def test_keys_of_yesterday_open_nothing_of_whoever_was_forgotten_since(place: Place, forgotten: Forgotten) -> None:
    url = place.urls.get("keys_url") or f"sqlite:///{place.data}/keys.sqlite"
    for ledger in (place.ledger, place.folder / "another.ledger"):
        place.put_back("keys")
        assert forgotten.opens_by(place, url) == CANARY
        # A room that may destroy no keys opens first: it lets nothing of theirs open, by what it knows itself.
        alone = place.open("home", ledger=ledger)
        assert alone["home"].vault.ring([forgotten.token]).open(forgotten.token) is REDACTED
        alone.close()
        assert (forgotten.opens_by(place, url) is REDACTED) is (ledger == place.ledger)
        house = place.open(ledger=ledger)
        forgotten.stays_forgotten(house)
        assert "Jordan" in house.as_("coordinator").page(f"/referrals/{forgotten.other_id}").text
        house.close()
        assert forgotten.opens_by(place, url) is REDACTED


def test_a_copy_made_by_the_command_is_put_back_without_whoever_was_forgotten(
    place: Place, forgotten: Forgotten, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy,) = (place.folder / "copies").iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    command = ("keys", "restore", str(copy))
    code, said = place.run(monkeypatch, *command)
    assert (code, "There are keys in this key store already" in said) == (2, True), said
    place.put_back("referrals")
    place.empty("keys")
    if place.postgres:
        place.postgres.server.make(None, _name(place.urls["keys_url"]))
    lines = place.ledger.read_bytes()
    place.ledger.unlink()
    code, said = place.run(monkeypatch, *command)
    assert (code, "There is no erasure ledger" in said) == (2, True), said
    place.ledger.write_bytes(lines)
    # Eight of each person and the two that marks are made with.
    assert place.run(monkeypatch, *command) == (0, "keys: 18 put back; 1 people on the ledger stay forgotten\n")
    url = place.urls.get("keys_url") or f"sqlite:///{place.data}/keys.sqlite"
    assert forgotten.opens_by(place, url) is REDACTED
    # The records of yesterday wait for a person; nobody sees them meanwhile, and afterwards they are empty.
    house = place.open()
    assert forgotten.row(house).called == forgotten.token
    forgotten.stays_forgotten(house)
    with house["referrals"].writing() as unit:
        assert reading_back.settle(unit.connection, house.ids.new(), unit.now) >= 1
    house.close()
    house = place.open()
    assert (forgotten.row(house).called, forgotten.row(house).consent_state) == ("", "forgotten")
    forgotten.stays_forgotten(house)
    assert "Jordan" in house.as_("coordinator").page(f"/referrals/{forgotten.other_id}").text
    house.quiet()
    nothing_is_set_aside(house)
    house.close()


def test_with_everything_of_yesterday_put_back_the_ledger_alone_remembers_and_every_room_is_told(
    place: Place, forgotten: Forgotten
) -> None:
    place.put_back(*place.parts())
    # The control: without the ledger nobody knows, and they are back.
    nobody_knows = place.open(ledger=place.folder / "another.ledger")
    assert CANARY in nobody_knows.as_("coordinator").page(f"/referrals/{forgotten.referral_id}").text
    nobody_knows.close()
    place.put_back(*place.parts())
    house = place.open()
    # Before anything was carried or any clock went: keys, rows and screens.
    assert (forgotten.row(house).called, forgotten.row(house).consent_state) == ("", "forgotten")
    forgotten.stays_forgotten(house)
    assert CANARY not in house.as_("coordinator").page("/referrals").text
    for room in house.house.services.values():
        with room.reading() as unit:
            assert "forgotten" in unit.braked(forgotten.person_id), room.name
    # And by the ordinary fact, which every room hears in its turn.
    house.quiet()
    for room in house.house.services.values():
        with room.database.reading(NETWORK) as connection:
            brake = sa.select(tables.brakes.c.number).where(tables.brakes.c.subject == forgotten.person_id)
            assert connection.execute(brake).scalar_one() == 2, room.name
    nothing_is_set_aside(house)
    house.close()


def test_a_ledger_that_was_altered_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    forgotten = Forgotten(place, monkeypatch)
    whole = place.ledger.read_bytes()
    place.ledger.write_bytes(whole.replace(b"2026", b"2027"))
    with pytest.raises(LedgerUnreadable):
        place.open()
    # A line that was being written as a process died was not acted on: it is passed over, and cut off by the next.
    place.ledger.write_bytes(whole + whole[:20])
    house = place.open()
    forgotten.stays_forgotten(house)
    house.close()
    Ledger(place.ledger).add("somebody else", MORNING)
    assert [one.owner_id for one in Ledger(place.ledger).read()] == [forgotten.person_id, "somebody else"]
