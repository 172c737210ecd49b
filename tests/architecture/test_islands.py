"""Each service starts alone: the contracts, the chassis and that one room are all it needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from contracts.addresses import SERVICES
from tests.architecture.the_code import ROOT

# One process brings the libraries in and forks one child for each island, because eight cold starts take ten seconds.
# -S keeps out what the checkout put on Python's path, so that of ours only what was copied can be found.
START = """
import json, os, sys, traceback

sys.path.insert(0, sys.argv[1])
import alembic.command, cryptography.hazmat.primitives.ciphers.aead, flask_smorest, nhsuk_frontend_jinja, sqlalchemy
import sqlalchemy.dialects.sqlite, structlog, waitress.server, werkzeug.test, webargs.flaskparser


def start(place, room):
    sys.path.insert(0, place)
    from importlib import import_module
    from pathlib import Path
    from chassis.serve import share
    from chassis.settings import Settings

    settings = Settings(data=Path(place) / "var", demo=True)
    shared = share(settings)
    service = import_module(f"services.{room}.app").create(settings, shared)
    answer = werkzeug.test.Client(service.app).get(f"/ops/{room}/ready")
    service.close()
    shared.bus.close()
    others = {name.split(".")[1] for name in sys.modules if name.startswith("services.")} - {room}
    return f"{answer.status_code} {answer.get_json()['ready']} {sorted(others)}"


for place, room in json.loads(sys.argv[2]):
    reads, writes = os.pipe()
    if os.fork() == 0:
        try:
            said = start(place, room)
        except BaseException:
            said = traceback.format_exc()[-800:]
        os.write(writes, said.encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as given:
        print(json.dumps(given.read()), file=sys.__stdout__, flush=True)
"""


def an_island(place: Path, room: str) -> Path:
    """A folder with what one service is made of."""
    for folder in ("contracts", "chassis", f"services/{room}"):
        shutil.copytree(ROOT / folder, place / folder)
    return place


def start(*islands: tuple[Path, str]) -> list[str]:
    """Starts each service in a process of its own; gives what each answered, or the end of what went wrong."""
    given = json.dumps([(str(place), room) for place, room in islands])
    done = subprocess.run(
        [sys.executable, "-S", "-c", START, sysconfig.get_paths()["purelib"], given],
        capture_output=True, text=True, check=False, cwd=islands[0][0], env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('"')]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each service answered when it was alone, and referrals once more leaning on another."""
    islands = [(an_island(tmp_path_factory.mktemp(room), room), room) for room in SERVICES]
    leaning = an_island(tmp_path_factory.mktemp("leaning"), "referrals")
    app = leaning / "services" / "referrals" / "app.py"
    app.write_text(app.read_text() + "\nfrom services.matching import domain\n")
    return dict(zip((*SERVICES, "leaning"), start(*islands, (leaning, "referrals")), strict=True))


@pytest.mark.parametrize("room", SERVICES)
def test_a_service_starts_with_the_others_folders_absent(answers: dict[str, str], room: str) -> None:
    assert answers[room] == "200 True []"


def test_a_service_that_leans_on_another_does_not_start(answers: dict[str, str]) -> None:
    assert "No module named 'services.matching'" in answers["leaning"]
