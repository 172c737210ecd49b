"""Every room has the same few file names: whoever knows one room knows them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.addresses import SERVICES
from tests.architecture.the_code import ROOT

# The name of a file, or of the folder it grew into.
NEEDED = {
    "__init__", "__main__", "app", "pages", "reactions", "schemas", "actions", "domain", "policy", "store", "telemetry",
    "migrations", "templates",
}  # fmt: skip
ALLOWED = {"routes", "routines", "commands"}
# NHS messages, and messages of partners by topic, have shapes and errors of their own: each door is a file of its own.
# And one room asks somebody over HTTP: who signs people in; and hands messages over.
ALONE = {"referrals": {"fhir", "partner_topic"}, "partners": {"provider", "ways"}}


def names_in(room: Path) -> set[str]:
    """The names at the top of a room, without endings and what Python leaves behind."""
    return {path.name.removesuffix(".py") for path in room.iterdir() if path.name != "__pycache__"}


def odd_names(room: Path) -> set[str]:
    """Names at the top of a room that no room has."""
    return names_in(room) - NEEDED - ALLOWED - ALONE.get(room.name, set())


@pytest.mark.parametrize("room", SERVICES)
def test_a_room_has_the_files_every_room_has_and_no_other(room: str) -> None:
    folder = ROOT / "services" / room
    assert NEEDED - names_in(folder) == set()
    assert odd_names(folder) == set()


@pytest.mark.parametrize("room", SERVICES)
def test_a_rooms_templates_stand_under_its_own_name(room: str) -> None:
    assert [path.name for path in (ROOT / "services" / room / "templates").iterdir()] == [room]


@pytest.mark.parametrize("room", SERVICES)
def test_a_name_is_a_file_or_a_folder_never_both(room: str) -> None:
    folder = ROOT / "services" / room
    files = {path.stem for path in folder.glob("*.py")}
    assert files & {path.name for path in folder.iterdir() if path.is_dir()} == set()


@pytest.mark.parametrize("room", SERVICES)
def test_a_folder_in_a_room_is_a_package_and_tells_what_it_is(room: str) -> None:
    folders = [path for path in (ROOT / "services" / room).iterdir() if path.is_dir()]
    code = [path for path in folders if path.name not in {"migrations", "templates", "__pycache__"}]
    assert [path for path in code if not (path / "__init__.py").exists()] == []


def test_an_undeclared_name_is_seen(tmp_path: Path) -> None:
    room = tmp_path / "matching"
    room.mkdir()
    for name in ("store.py", "fhir.py", "letters.py", "notes.txt"):
        (room / name).touch()
    (room / "domain").mkdir()
    assert odd_names(room) == {"fhir", "letters", "notes.txt"}


def test_rooms_are_islands_without_a_package_around_them() -> None:
    assert not (ROOT / "services" / "__init__.py").exists()
    assert {path.name for path in (ROOT / "services").iterdir()} - {"__pycache__"} == {"__main__.py", *SERVICES}
