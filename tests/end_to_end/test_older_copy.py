"""A room put back from an older copy waits for a person; whoever was forgotten since stays forgotten."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner

from chassis import tables
from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import RandomIds
from chassis.keys import keys
from contracts.addresses import owner_of
from services.__main__ import ROOMS, main
from services.referrals.store import people
from tests.builders import MORNING, TestHouse, a_referral, a_settings, believing, forget_person

PARTNER, OFFICER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
AT = "/api/v1/referrals"


def opened(data: Path) -> TestHouse:
    """The house as each start opens it: with ids that were never given before."""
    clock, ids = HandClock(MORNING), RandomIds()
    return TestHouse(open_house(a_settings(data), ROOMS, owner_of, **believing(clock=clock, ids=ids)), clock, ids)  # type: ignore[arg-type]


def send(house: TestHouse, key: str) -> Any:
    answer = house.as_system(PARTNER).api("POST", AT, a_referral(), Idempotency_Key=key)
    assert answer.status_code in {201, 503}, answer.get_json()
    return answer


def run(*command: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(command))
    return done.exit_code, done.output


def person_of(house: TestHouse, referral_id: str) -> str:
    return str(house.as_("coordinator").api("GET", f"{AT}/{referral_id}").get_json()["person_id"])


def an_older_copy_put_back(tmp_path: Path, data: Path) -> tuple[str, str]:
    """A house whose referrals were put back from a copy; gives the referral and person of before, forgotten since."""
    house = opened(data)
    first = send(house, "before the copy").get_json()["referral_id"]
    person_id = person_of(house, first)
    house.quiet()
    house.close()
    shutil.copy(data / "referrals.sqlite", tmp_path / "older.sqlite")
    # An hour later: another referral, a decision, and the first person is forgotten.
    house = opened(data)
    second = send(house, "after the copy").get_json()["referral_id"]
    assert house.as_("coordinator").api("POST", f"{AT}/{second}/acknowledgement").status_code == 200
    officer = house.as_("privacy_officer", id=OFFICER)
    assert forget_person(officer, house.as_("network_lead"), person_id) == 204
    house.quiet()
    house.close()
    for path in data.glob("referrals.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "older.sqlite", data / "referrals.sqlite")
    return first, person_id


def check_it_waits(house: Any, first: str) -> None:
    # It notices: its doors stay closed for changes, in plain words, and nothing of it moves.
    ready = house.as_nobody().api("GET", "/ready")
    assert ready.status_code == 503
    roles = ready.get_json()["services"]
    assert {role["settled"] for role in roles["referrals"].values()} == {False}
    assert all("settled" not in role for name in roles if name != "referrals" for role in roles[name].values())
    refused = send(house, "while it waits")
    assert (refused.status_code, refused.get_json()["rule"]) == (503, "OlderCopy")
    assert int(refused.headers["Retry-After"]) > 0
    page = house.as_("coordinator").page("/referrals")
    assert page.status_code == 503
    assert "put back from an older copy" in page.text
    assert house.as_nobody().page("/help").status_code == 200  # the other rooms go on
    assert house["referrals"].tick() == 0
    # Whoever was forgotten is found by nobody, though their row came back with the copy: what shows somebody goes on
    # record, and nothing goes on record here until a person has settled what differs.
    shown = house.as_("coordinator").api("GET", f"{AT}/{first}")
    assert (shown.status_code, shown.get_json()["rule"]) == (503, "OlderCopy")


def a_person_settles(data: Path) -> None:
    # A person looks at what differs, and says so.
    command = ("events", "settle", "--service", "referrals", "--data", str(data))
    code, said = run(*command)
    types = ["consent.given.v1", "referral.received.v1", "referral.acknowledged.v1"]
    types += ["referral.closed.v1", "person.forgotten.v1", "confirmation.asked.v1", "confirmation.settled.v1"]
    assert code == 0
    assert sorted(line.split()[1] for line in said.splitlines()[:-1]) == sorted(types)
    assert said.splitlines()[-1] == "referrals: 7 facts to see to; then say so with --as"
    assert run(*command, "--as", OFFICER)[1].endswith("referrals: 7 facts settled; its doors are open\n")
    assert run(*command) == (0, "referrals: nothing differs\n")


def test_a_room_put_back_waits_for_a_person_and_nobody_forgotten_comes_back_with_it(tmp_path: Path) -> None:
    data = tmp_path / "var"
    first, person_id = an_older_copy_put_back(tmp_path, data)
    # Stating again before anybody looked would hide that it is one; nor is anything made of it again.
    for command in ("restate", "rebuild"):
        code, said = run("events", command, "--service", "referrals", "--data", str(data))
        assert (code, "put back from an older copy" in said) == (2, True), said
    house = opened(data)
    check_it_waits(house, first)
    house.close()
    a_person_settles(data)
    # It goes on: who was forgotten is emptied again, and nothing forks anywhere.
    house = opened(data)
    assert house.as_nobody().api("GET", "/ready").status_code == 200
    house.house.tick()
    with house["referrals"].reading() as unit:
        row = unit.connection.execute(sa.select(people).where(people.c.person_id == person_id)).one()
        settled = sa.select(tables.audit).where(tables.audit.c.action == "older_copy.settle")
        assert [one.who_id for one in unit.connection.execute(settled)] == [OFFICER]
    assert (row.called, row.contact, row.consent_state) == ("", "", "forgotten")
    # What was taken in after the copy is known as taken, though its records are not back: sent again it is no second.
    again = house.as_system(PARTNER).api("POST", AT, a_referral(), Idempotency_Key="after the copy")
    assert (again.status_code, again.get_json()["rule"]) == (409, "TakenBefore")
    with house.house.shared.keys.database.reading() as connection:
        of_them = sa.select(keys.c.wrapped).where(keys.c.owner_id == person_id)
        assert set(connection.execute(of_them).scalars()) == {None}
    third = send(house, "after all of it").get_json()["referral_id"]
    assert house.as_("coordinator").api("POST", f"{AT}/{third}/acknowledgement").status_code == 200
    house.quiet()
    for service in house.house.services.values():
        with service.reading() as unit:
            assert unit.connection.execute(sa.select(tables.parked)).all() == [], service.name
    house.close()


def test_the_command_rotates_the_keys_of_a_house(tmp_path: Path) -> None:
    data = tmp_path / "var"
    house = opened(data)
    referral = send(house, "before the rotation").get_json()["referral_id"]
    house.close()
    rotated = run("keys", "rotate", "--data", str(data))
    # The person's, and the two that marks are made with.
    assert rotated == (0, "keys: 10 wrapped anew, the epoch before is destroyed\n")
    house = opened(data)
    assert "Jordan" in house.as_("coordinator").page(f"/referrals/{referral}").text
    house.close()
    assert run("keys", "rotate", "--data", str(tmp_path))[0] == 2
